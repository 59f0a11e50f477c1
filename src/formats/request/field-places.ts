/**
 * Where fields stand in a text, and where one that is missing would stand. Looked for only when a rule between fields is broken, so
 * that a message in order does not pay for it.
 */
import type { CompiledKey } from '../lexicon.ts';
import type { Values } from '../message.ts';
import { codeLengthAt } from './body.ts';
import type { CleanText } from './clean-text.ts';
import { skipBlanks } from './nlets-header.ts';

/** The stretch of a text that holds the fields. */
export interface FieldStretch {
  readonly clean: CleanText;
  readonly from: number;
  readonly until: number;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 10;
}

/** True when only blanks stand between this place and a period, a line break or the begin of the stretch. */
function beginsPiece({ clean, from }: FieldStretch, at: number): boolean {
  let place = at;
  while (place > from && isBlank(clean.text.charCodeAt(place - 1))) {
    place -= 1;
    if (clean.text.charCodeAt(place) === 10) return true;
  }
  return place <= from || clean.text.charCodeAt(place - 1) === 46;
}

/** Where `CODE/` stands as a field; -1 when it does not. */
function codeAt(stretch: FieldStretch, code: string): number {
  const { clean, from, until } = stretch;
  const sought = `${code}/`;
  for (let at = clean.text.indexOf(sought, from); at >= 0 && at < until; at = clean.text.indexOf(sought, at + 1)) {
    if (beginsPiece(stretch, at)) return at;
  }
  return -1;
}

/** Where a value without its code stands, by the order of the key's table; -1 when the values have their codes. */
function positionAt({ clean, from, until }: FieldStretch, key: CompiledKey, code: string): number {
  const index = key.table.positions?.order.indexOf(code) ?? -1;
  if (index < 0 || codeLengthAt(clean.text, skipBlanks(clean.text, from)) > 0) return -1;
  let at = from;
  for (let count = 0; count < index; count += 1) {
    const dot = clean.text.indexOf('.', at);
    if (dot < 0 || dot >= until) return -1;
    at = dot + 1;
  }
  return at;
}

/** Where the value of a field begins, in characters of the original text; undefined when it stands nowhere. */
export function valuePlace(stretch: FieldStretch, key: CompiledKey, code: string): number | undefined {
  const at = codeAt(stretch, code);
  const place = at < 0 ? positionAt(stretch, key, code) : at + code.length + 1;
  return place < 0 ? undefined : stretch.clean.offsetOf(place);
}

/** Where a missing field would stand: before the first one there is that comes after it in the key's table, or at the end. */
export function missingPlace(
  stretch: FieldStretch,
  key: CompiledKey,
  { code, fields }: { readonly code: string; readonly fields: Values },
): number {
  const { clean, from, until } = stretch;
  const position = positionAt(stretch, key, code);
  if (position >= 0) return clean.offsetOf(position);
  let behind = false;
  for (const declared of key.fields.keys()) {
    const at = behind && fields[declared] !== undefined ? codeAt(stretch, declared) : -1;
    if (at >= 0) return clean.offsetOf(at);
    behind ||= declared === code;
  }
  return clean.offsetOf(from + clean.text.slice(from, until).trimEnd().length);
}
