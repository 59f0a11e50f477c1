/** What stands in each list and which row is marked. The mark stays on its row when new rows come above it. */
import type { AlarmView, CaseRow, MessageRow } from '../console/contract.ts';
import { bodyRows } from './form.ts';
import { type Box, type ListScreen, type Model, topOf } from './model.ts';

export type Row =
  | { readonly kind: 'message'; readonly id: string; readonly row: MessageRow }
  | { readonly kind: 'case'; readonly id: string; readonly row: CaseRow }
  | { readonly kind: 'alarm'; readonly id: string; readonly row: AlarmView };

/** The rows of a box, in the order shown. */
export function rowsOf(model: Model, box: Box): readonly Row[] {
  if (box === 'cases') return model.cases.map((row) => ({ kind: 'case', id: row.id, row }));
  if (box === 'alarms') return model.alarms.map((row) => ({ kind: 'alarm', id: row.id, row }));
  return model[box].map((row) => ({ kind: 'message', id: row.id, row }));
}

/** Rows of a list that fit below its two heading lines; alarms leave three for the whole text of the marked one. */
export function listRows(model: Model, box: Box): number {
  return Math.max(1, bodyRows(model.size) - (box === 'alarms' ? 5 : 2));
}

/** Where the mark is: on its row, or on the first when that row is gone. -1 for an empty list. */
export function markedIndex(screen: ListScreen, rows: readonly Row[]): number {
  if (rows.length === 0) return -1;
  const at = rows.findIndex((row) => row.id === screen.selectedId);
  return at === -1 ? 0 : at;
}

/** The list with its mark on row `index`, scrolled so that the mark is seen. */
export function markRow(model: Model, screen: ListScreen, index: number): ListScreen {
  const rows = rowsOf(model, screen.box);
  const at = Math.max(0, Math.min(rows.length - 1, index));
  const shown = listRows(model, screen.box);
  const top = Math.max(0, Math.min(screen.top, at, rows.length - shown), at - shown + 1);
  return { ...screen, selectedId: rows[at]?.id ?? null, top };
}

/** The row the person has marked in the list on top. */
export function markedRow(model: Model): Row | undefined {
  const screen = topOf(model);
  if (screen?.kind !== 'list') return undefined;
  const rows = rowsOf(model, screen.box);
  return rows[markedIndex(screen, rows)];
}

/** The message the keys act on: the marked one, or the one being read. */
export function messageAtHand(model: Model): MessageRow | undefined {
  const screen = topOf(model);
  if (screen?.kind === 'message') return model.messages[screen.id];
  const row = markedRow(model);
  return row?.kind === 'message' ? row.row : undefined;
}
