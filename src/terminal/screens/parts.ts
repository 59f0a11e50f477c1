/** Pieces that several screens are built of. */
import type { MessageRow, TimelineItem } from '../../console/contract.ts';
import { cut, exactLines, type Line, line, pictures, sheetLines, span, type Tone, wrap } from '../frame.ts';
import type { Model } from '../model.ts';
import { dateOf, stateOf, timeOf, toneOf, verdictOf } from '../words.ts';

/** A heading drawn across the screen. */
export function heading(text: string, width: number): Line {
  return [span(`── ${text} `, 'strong'), span('─'.repeat(Math.max(0, width - text.length - 4)), 'quiet')];
}

/** Wrapped words behind a label of fixed width; what a peer wrote in them is made harmless. */
export function labelled(
  label: string,
  text: string,
  options: { readonly width: number; readonly tone?: Tone },
): Line[] {
  const room = Math.max(10, options.width - 12);
  return wrap(pictures(text), room).map((part, at) => [
    span((at === 0 ? label : '').padEnd(12), 'quiet'),
    span(part, options.tone ?? 'plain'),
  ]);
}

/** The exact text between two rules, so that its beginning and its end are plain to see. */
export function exactBlock(title: string, text: string, width: number): Line[] {
  return [heading(title, width), ...exactLines(text, width).map((part) => line(part)), heading('END OF TEXT', width)];
}

/** A document between two rules; its line ends are not shown. */
export function sheetBlock(title: string, text: string, width: number): Line[] {
  return [heading(title, width), ...sheetLines(text, width).map((part) => line(part)), heading('END', width)];
}

/** What happened, when and by whom, oldest first. */
export function timeline(model: Model, items: readonly TimelineItem[], width: number): Line[] {
  if (items.length === 0) return [];
  return [
    heading('TIMELINE', width),
    ...items.map((item) =>
      line(
        cut(
          `${dateOf(model.face, item.atMs).slice(5)} ${timeOf(model.face, item.atMs)} ${pictures(item.what).padEnd(18)} ${pictures(item.actor)}  ${pictures(item.note)}`,
          width,
        ),
      ),
    ),
  ];
}

/** One message in one line: time, way, key, priority, the other end, state, what it says. */
export function messageSpans(model: Model, row: MessageRow): Line {
  const state = stateOf(row);
  const verdict = verdictOf(row.verdict);
  const people = [row.requester, row.operator, row.approver].map((one) => one ?? '–').join('>');
  const more = verdict === '' ? (row.direction === 'out' ? people : (row.reason ?? '')) : verdict;
  return [
    span(row.alarm ? '! ' : '  ', 'alarm'),
    span(`${timeOf(model.face, row.createdAtMs)} ${row.direction === 'in' ? 'from' : 'to  '} `),
    span(`${pictures(row.peerOri).padEnd(9)} `),
    span(`${pictures(row.key).padEnd(4)} `, 'strong'),
    span(
      `${row.priority === 'U' ? 'URGENT' : row.priority === 'R' ? 'routine' : ''}`.padEnd(8),
      row.priority === 'U' ? 'bad' : 'plain',
    ),
    span(`${state} `.padEnd(13), toneOf(state)),
    span(pictures(more), verdict === '' ? 'plain' : toneOf(verdict)),
  ];
}
