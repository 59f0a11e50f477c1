/**
 * The generic walker over the fields of a request: `CODE/value` pieces between periods or line breaks, or bare values in the
 * order a key's table gives. It knows no key; the tables tell it everything.
 */
import { type CompiledField, type CompiledKey, type Lexicon, packCode } from '../lexicon.ts';
import { isMet, meet, noneMet, type Presence } from '../rules/presence.ts';
import { type CheckPlace, checkAsked, checkValue } from './check-value.ts';
import type { CleanText } from './clean-text.ts';
import { nearCodes } from './near-codes.ts';
import { skipBlanks } from './nlets-header.ts';
import { addByRule, addFault, addWarning, notesCountMax, type Report } from './rule-note.ts';

/** What the walker needs to know. */
export interface BodyContext {
  readonly clean: CleanText;
  readonly report: Report;
  readonly lexicon: Lexicon;
  /** Undefined for a key that is not known: then any field of the dictionary may stand. */
  readonly key: CompiledKey | undefined;
  /** The day it is, CCYYMMDD; undefined when the reader was not told. */
  readonly today: string | undefined;
}

/** Field code to its values in order. */
export type FieldValues = Record<string, string[]>;

/** The fields in the order they were met, and which of the key's own there are. */
export interface FieldsRead {
  readonly fields: FieldValues;
  readonly present: Presence;
}

const codeSizes = [3, 4, 7];
const noTags: readonly string[] = [];

/** The length of a field code with its slash at this place, or 0. It need not be a code of the dictionary. */
export function codeLengthAt(text: string, at: number): number {
  for (const size of codeSizes) {
    if (text.charCodeAt(at + size) !== 47) continue;
    for (let place = at; place < at + size; place += 1) {
      const code = text.charCodeAt(place);
      const isLetter = code >= 65 && code <= 90;
      if (!isLetter && (place === at || code < 48 || code > 57)) return 0;
    }
    return size;
  }
  return 0;
}

/** Resolves a field for a key; undeclared ones come from the dictionary. Undefined when the code is in neither. */
export function fieldFor(context: Pick<BodyContext, 'key' | 'lexicon'>, code: string): CompiledField | undefined {
  const declared = context.key?.fields.get(code);
  if (declared !== undefined) return declared;
  const row = context.lexicon.fields.get(code);
  if (row === undefined) return undefined;
  return context.lexicon.resolve(row, context.key?.tags ?? noTags);
}

/** True when a key takes any field of the dictionary: modifications, and keys whose fields no source names. */
export function takesAnyField(key: CompiledKey | undefined): boolean {
  return key === undefined || key.table.open === true || key.table.fields.length === 0;
}

/** The codes a sender may have meant: the key's own, or all when it takes any. */
export function knownCodes({ key, lexicon }: Pick<BodyContext, 'key' | 'lexicon'>): Iterable<string> {
  return key === undefined || takesAnyField(key) ? lexicon.fields.keys() : key.fields.keys();
}

interface Walk extends BodyContext {
  readonly fields: FieldValues;
  readonly present: Presence;
  readonly place: CheckPlace;
  readonly byCode: CompiledKey['byCode'] | undefined;
  readonly modifies: boolean;
  /** It asks of NCIC, III or a State, where several values widen the search (recalled). */
  readonly asks: boolean;
  readonly takesAny: boolean;
  /** The next line break and the next period at or after the place looked at, so that no stretch of text is searched twice. */
  nextBreak: number;
  nextDot: number;
}

function startWalk(context: BodyContext): Walk {
  const { clean, report, lexicon, key, today } = context;
  return {
    clean,
    report,
    lexicon,
    key,
    today,
    // Without a prototype, so that it is a plain table from the first field on and need not be rebuilt into one.
    fields: Object.create(null) as FieldValues,
    present: noneMet(),
    place: { report, lexicon, at: 0, today, offsetOf: clean.offsetOf },
    byCode: key?.byCode,
    modifies: isModification(key),
    asks: isSearch(key),
    takesAny: takesAnyField(key),
    nextBreak: -1,
    nextDot: -1,
  };
}

function breakAfter(walk: Walk, at: number): number {
  if (walk.nextBreak < at) {
    const found = walk.clean.text.indexOf('\n', at);
    walk.nextBreak = found < 0 ? walk.clean.text.length : found;
  }
  return walk.nextBreak;
}

function dotAfter(walk: Walk, at: number): number {
  if (walk.nextDot < at) {
    const found = walk.clean.text.indexOf('.', at);
    walk.nextDot = found < 0 ? walk.clean.text.length : found;
  }
  return walk.nextDot;
}

function startsKnownField(walk: Walk, at: number, onlyDeclared: boolean): boolean {
  const size = codeLengthAt(walk.clean.text, at);
  if (size === 0) return false;
  const code = walk.clean.text.slice(at, at + size);
  if (walk.key?.fields.has(code)) return true;
  return !onlyDeclared && walk.lexicon.fields.has(code);
}

/** Where the value of a free-text field ends: only before a field that the key itself declares. */
function endOfFreeText(walk: Walk, from: number): number {
  const { text } = walk.clean;
  const separator = /[.\n]/g;
  separator.lastIndex = from;
  for (let found = separator.exec(text); found !== null; found = separator.exec(text)) {
    const next = skipBlanks(text, found.index + 1);
    if (next >= text.length || startsKnownField(walk, next, true)) return found.index;
    separator.lastIndex = Math.max(next, found.index + 1);
  }
  return text.length;
}

/** Where a value ends: at a period, or at a line break before another field. `code` is undefined when no dictionary has it. */
function endOfValue(walk: Walk, from: number, code: string | undefined): number {
  const { text } = walk.clean;
  const end = dotAfter(walk, from);
  let at = breakAfter(walk, from);
  while (at < end) {
    const next = skipBlanks(text, at + 1);
    if (next >= end || startsKnownField(walk, next, false)) return at;
    addFault(walk.report, 'VALUE_LINE_BREAK', { field: code, offset: walk.clean.offsetOf(at) });
    at = breakAfter(walk, next);
  }
  return end;
}

/** A blank field of an NCIC modification is recalled to delete the value, so it is kept. */
export function isModification(key: CompiledKey | undefined): boolean {
  return key?.table.action === 'modify' && key.table.line !== 'nlets';
}

/** The text between two places without the blanks around it. */
function cut(text: string, from: number, to: number): string {
  const value = text.slice(from, to);
  return text.charCodeAt(from) > 32 && text.charCodeAt(to - 1) > 32 ? value : value.trim();
}

/** The values a field has had so far; undefined when it has not been met. */
function valuesBefore(walk: Walk, field: CompiledField): string[] | undefined {
  return walk.present.beyond || isMet(walk.present, field.rank) ? walk.fields[field.code] : undefined;
}

/** Says that a field stands more often than it may. */
export function noteCount(field: CompiledField, place: CheckPlace): void {
  addByRule(place.report, 'VALUES_TOO_MANY', {
    provenance: 'recalled',
    source: field.row.source,
    field: field.code,
    offset: place.offsetOf?.(place.at),
    says: `At most ${field.countMax} values.`,
  });
}

/** Puts the value that stands at `walk.place` where it belongs, or says why it cannot. */
function takeValue(walk: Walk, field: CompiledField, value: string): void {
  if (value !== '') {
    const capitals = walk.clean.hasLowerCase ? value.toUpperCase() : value;
    if (walk.asks) checkAsked(field, capitals, walk.place);
    else checkValue(field, capitals, walk.place);
  } else if (walk.modifies) {
    addWarning(walk.report, 'FIELD_DELETED', {
      field: field.code,
      offset: walk.clean.offsetOf(walk.place.at),
      detail: '(Rule recalled.)',
    });
  } else {
    addWarning(walk.report, 'FIELD_BLANK', { field: field.code, offset: walk.clean.offsetOf(walk.place.at) });
    return;
  }
  const before = valuesBefore(walk, field);
  if (before === undefined) {
    walk.fields[field.code] = [value];
    meet(walk.present, field.rank);
  } else if (mayRepeat(walk.key, field)) {
    before.push(value);
    if (before.length === field.countMax + 1) noteCount(field, walk.place);
  } else addFault(walk.report, 'FIELD_TWICE', { field: field.code, offset: walk.clean.offsetOf(walk.place.at) });
}

/** A question to NCIC, III or a State, which may take several values of one field (recalled). */
export function isSearch(key: CompiledKey | undefined): boolean {
  const kind = key?.table.class;
  return (kind === 'inquiry' || kind === 'history') && key?.table.line !== 'nlets';
}

/** What names the one record that supplemental data are for. */
const naming: ReadonlySet<string> = new Set(['NIC', 'OCA', 'ORI', 'NAM']);

/** Supplemental data are further values of the same fields, as hits list them again and again (ncic.md, section 6.1). */
function isSupplement(key: CompiledKey | undefined, field: CompiledField): boolean {
  const action = key?.table.action;
  return (action === 'supplement' || action === 'cancel-supplement') && !naming.has(field.code);
}

/** A field may repeat when the dictionary says so, in supplemental data, or in a question, where it widens the search (recalled). */
export function mayRepeat(key: CompiledKey | undefined, field: CompiledField): boolean {
  return field.repeats || isSearch(key) || isSupplement(key, field);
}

/** The field whose code stands at this place: three-letter codes of the key itself are found without making a string. */
function fieldAt(walk: Walk, at: number, size: number): CompiledField | undefined {
  const { text } = walk.clean;
  if (size === 3) {
    const declared = walk.byCode?.get(packCode(text, at));
    if (declared !== undefined) return declared;
  }
  return fieldFor(walk, text.slice(at, at + size));
}

/** Says that a code is in no dictionary by its place and what is near it; once the report is full nothing is looked for. */
function noteUnknown(walk: Walk, at: number, size: number): void {
  const isFull = walk.report.faults.length >= notesCountMax;
  const detail = isFull ? undefined : nearCodes(knownCodes(walk), walk.clean.text.slice(at, at + size));
  addFault(walk.report, 'FIELD_UNKNOWN', { offset: walk.clean.offsetOf(at), detail });
}

function readField(walk: Walk, at: number, size: number): number {
  const { text } = walk.clean;
  const valueAt = at + size + 1;
  const field = fieldAt(walk, at, size);
  if (field === undefined) {
    noteUnknown(walk, at, size);
    return endOfValue(walk, valueAt, undefined);
  }
  if (field.use === undefined && !walk.takesAny) {
    addWarning(walk.report, 'FIELD_UNEXPECTED', { field: field.code, offset: walk.clean.offsetOf(at) });
  }
  const end = field.toEnd ? endOfFreeText(walk, valueAt) : endOfValue(walk, valueAt, field.code);
  walk.place.at = valueAt;
  takeValue(walk, field, cut(text, valueAt, end));
  return end;
}

/** Skips to the next separator after text that belongs to no field. */
function skipPiece(walk: Walk, at: number): number {
  addFault(walk.report, 'PIECE_UNREADABLE', { offset: walk.clean.offsetOf(at) });
  return Math.min(dotAfter(walk, at), Math.max(at + 1, breakAfter(walk, at)));
}

/** Reads bare values in the order of the key's table, until a field code or the end. */
function readPositions(walk: Walk, from: number): number {
  const { text } = walk.clean;
  const positions = walk.key?.table.positions;
  if (positions === undefined) {
    addFault(walk.report, 'POSITION_UNKNOWN', { offset: walk.clean.offsetOf(from) });
    return text.length;
  }
  if (positions.provenance === 'recalled') {
    addWarning(walk.report, 'POSITION_RECALLED', { offset: walk.clean.offsetOf(from) });
  }
  let at = from;
  for (const code of positions.order) {
    if (at >= text.length || startsKnownField(walk, at, false)) break;
    const end = dotAfter(walk, at);
    const value = text.slice(at, end).trim();
    const field = fieldFor(walk, code);
    walk.place.at = at;
    if (field !== undefined && value !== '') takeValue(walk, field, value);
    at = end + 1;
  }
  return at;
}

function isBlankOrPeriod(code: number): boolean {
  return code === 46 || code === 32 || code === 10;
}

function skipSeparators(text: string, at: number): number {
  let place = at;
  while (place < text.length && isBlankOrPeriod(text.charCodeAt(place))) place += 1;
  return place;
}

/** Reads every field from `from` to the end of the text and checks each value by itself. */
export function readFields(context: BodyContext, from: number): FieldsRead {
  const walk = startWalk(context);
  const { text } = context.clean;
  let at = from;
  const first = skipBlanks(text, from);
  if (context.key?.table.form === 'positional' && first < text.length && !startsKnownField(walk, first, false)) {
    at = readPositions(walk, first);
  }
  for (at = skipSeparators(text, at); at < text.length; at = skipSeparators(text, at)) {
    const size = codeLengthAt(text, at);
    at = size === 0 ? skipPiece(walk, at) : readField(walk, at, size);
  }
  return walk;
}

/**
 * Reads the fields that stand before free text (AQ, AR): each declared field that begins a line or follows a period.
 * Gives the fields and where the text begins.
 */
export function readLeadingFields(context: BodyContext, from: number): FieldsRead & { textAt: number } {
  const walk = startWalk(context);
  const { text } = context.clean;
  let textAt = from;
  for (let at = skipBlanks(text, from); startsKnownField(walk, at, true); at = skipBlanks(text, textAt)) {
    const size = codeLengthAt(text, at);
    const valueAt = at + size + 1;
    const end = Math.min(dotAfter(walk, valueAt), breakAfter(walk, valueAt));
    const field = fieldFor(walk, text.slice(at, at + size));
    walk.place.at = valueAt;
    if (field !== undefined) takeValue(walk, field, cut(text, valueAt, end));
    textAt = text.charAt(end) === '.' ? end + 1 : end;
    if (text.charAt(textAt) === '\n') textAt += 1;
  }
  return { fields: walk.fields, present: walk.present, textAt };
}
