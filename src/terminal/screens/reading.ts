/** Scrolling of what is read: messages, cases and the help sheet. */
import { bodyRows } from '../form.ts';
import type { Line } from '../frame.ts';
import { type Model, type Screen, topOf, withTop } from '../model.ts';
import { caseLines } from './case-view.ts';
import { helpLines } from './help-view.ts';
import { messageLines } from './message-view.ts';

/** Rows of a reading screen below its title. */
export function readingRows(model: Model): number {
  return Math.max(1, bodyRows(model.size) - 1);
}

/** Every line of a reading screen; none for the others, and none before its content has come. */
export function readingLines(model: Model, screen: Screen): readonly Line[] {
  if (screen.kind === 'message') return messageLines(model, screen.id);
  if (screen.kind === 'case') return caseLines(model, screen.id);
  return screen.kind === 'help' ? helpLines(model) : [];
}

/** The screen on top moved by so many lines, never past its ends. */
export function scrolled(model: Model, by: number): Model {
  const screen = topOf(model);
  if (screen === undefined || !('top' in screen) || screen.kind === 'list') return model;
  const count = readingLines(model, screen).length;
  const top = Math.max(0, Math.min(screen.top + by, count - readingRows(model)));
  return top === screen.top ? model : withTop(model, { ...screen, top });
}
