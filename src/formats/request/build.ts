/** Message to text: the exact characters that will leave, checked by the same rules that parsing checks. */
import { synonymOf } from '../code-tables.ts';
import type { CompiledField, CompiledKey, Lexicon } from '../lexicon.ts';
import type { BuildResult, Message, Stamps } from '../message.ts';
import { checkTogether } from '../rules/cross-rules.ts';
import { meet, noneMet } from '../rules/presence.ts';
import { isOri } from '../rules/value-edits.ts';
import {
  codeLengthAt,
  fieldFor,
  isModification,
  isSearch,
  knownCodes,
  mayRepeat,
  noteCount,
  takesAnyField,
} from './body.ts';
import { checkDestinations, checkFreeText, checkHeader, checkOrigin, properLine } from './check-message.ts';
import { type CheckPlace, checkAsked, checkValue } from './check-value.ts';
import { nearCodes } from './near-codes.ts';
import { hasFreeBody, parseWith } from './parse.ts';
import { addFault, addWarning, newReport, type Report } from './rule-note.ts';

interface Building {
  readonly message: Message;
  readonly key: CompiledKey;
  readonly lexicon: Lexicon;
  readonly report: Report;
  readonly place: CheckPlace;
}

/** One field with the values that are sent. */
interface Piece {
  readonly code: string;
  /** Its place in the key's table; undeclared fields stand behind all declared ones. */
  readonly rank: number;
  readonly values: readonly string[];
}

type Pieces = readonly Piece[];

const controlCharsCount = 10;
const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f]/;

const noValues: readonly string[] = [];

/** True when a value holds a period or a control character. */
function hasSeparator(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 32 || code === 46 || code === 127) return true;
  }
  return false;
}

/** The value as it is sent: capitals unless free text, the usual spelling of a code. */
function sentValue(field: CompiledField, value: string): string {
  const trimmed = value.trim();
  if (field.class === 'text') return trimmed;
  const capitals = trimmed.toUpperCase();
  return field.hasSynonyms ? (synonymOf(field.tables, capitals) ?? capitals) : capitals;
}

/** True when a value would be read as something else than one value: the guard against a field smuggled into another. */
function wouldSplit(key: CompiledKey, field: CompiledField, value: string): boolean {
  if (!field.toEnd) return hasSeparator(value);
  if (unprintable.test(value) || value.startsWith('.') || value.endsWith('.')) return true;
  const separator = /[.\n][ \n]*/g;
  for (let found = separator.exec(value); found !== null; found = separator.exec(value)) {
    const size = codeLengthAt(value, separator.lastIndex);
    if (size > 0 && key.fields.has(value.slice(separator.lastIndex, separator.lastIndex + size))) return true;
  }
  return false;
}

function buildValue(building: Building, field: CompiledField, value: string): string {
  const sent = sentValue(field, value);
  if (wouldSplit(building.key, field, sent)) addFault(building.report, 'VALUE_SEPARATOR', { field: field.code });
  if (sent !== '') {
    const check = isSearch(building.key) ? checkAsked : checkValue;
    check(field, field.class === 'text' ? sent.toUpperCase() : sent, building.place);
  }
  return sent;
}

/** Says that a code is in no dictionary: which of the message's fields it is, counted from 1, and what is near it. */
function noteUnknown(building: Building, code: string): void {
  const place = `It is field ${Object.keys(building.message.fields).indexOf(code) + 1} of those given.`;
  const detail = [place, nearCodes(knownCodes(building), code)].filter((one) => one !== undefined).join(' ');
  addFault(building.report, 'FIELD_UNKNOWN', { detail });
}

function buildPiece(building: Building, code: string, given: readonly string[]): Piece | undefined {
  const { key, report } = building;
  const field = fieldFor(building, code);
  if (field === undefined) {
    noteUnknown(building, code);
    return undefined;
  }
  if (field.use === undefined && !takesAnyField(key)) addWarning(report, 'FIELD_UNEXPECTED', { field: code });
  const values: string[] = [];
  for (const value of given) {
    const sent = buildValue(building, field, value);
    if (sent !== '' || isModification(key)) values.push(sent);
  }
  if (values.length > 1 && !mayRepeat(key, field)) addFault(report, 'FIELD_TWICE', { field: code });
  if (values.length > field.countMax) noteCount(field, building.place);
  return values.length === 0 ? undefined : { code, rank: field.rank, values };
}

/** Every field with its values, in the order of the key's table, then whatever else the message holds. */
function buildPieces(building: Building): { readonly pieces: Pieces; readonly dropped: boolean } {
  const pieces: Piece[] = [];
  const { fields } = building.message;
  let last = -1;
  let ordered = true;
  let dropped = false;
  for (const code of Object.keys(fields)) {
    const piece = buildPiece(building, code, fields[code] ?? noValues);
    if (piece === undefined) {
      dropped = true;
      continue;
    }
    pieces.push(piece);
    ordered &&= piece.rank >= last;
    last = piece.rank;
  }
  return { pieces: ordered ? pieces : pieces.sort((one, other) => one.rank - other.rank), dropped };
}

/** Values without codes, in the recalled order; undefined when a field has no known place or a value could be misread. */
function buildPositions(building: Building, pieces: Pieces): string | undefined {
  const order = building.key.table.positions?.order;
  if (order === undefined) return undefined;
  const values: Record<string, string> = {};
  for (const piece of pieces) {
    const value = piece.values[0] ?? '';
    if (!order.includes(piece.code) || piece.values.length > 1 || codeLengthAt(value, 0) > 0) return undefined;
    values[piece.code] = value;
  }
  if (values[order[0] ?? ''] === undefined) return undefined;
  if (building.key.table.positions?.provenance === 'recalled') addWarning(building.report, 'POSITION_RECALLED');
  const line = order.map((code) => values[code] ?? '');
  while (line.at(-1) === '') line.pop();
  return line.join('.');
}

/** `CODE/value` with periods between. */
function coded(pieces: Pieces): string {
  let text = '';
  for (const piece of pieces) {
    for (const value of piece.values) text += text === '' ? `${piece.code}/${value}` : `.${piece.code}/${value}`;
  }
  return text;
}

/** An Nlets body on the lines its table lays out; the last line ends without a period (NLETS N7). */
function buildNletsBody(key: CompiledKey, pieces: Pieces): string {
  const layout = key.table.layout;
  if (layout === undefined) return coded(pieces);
  const named = layout.flat();
  const lines = layout.map((codes) =>
    coded(pieces.filter(({ code }) => (codes.length === 0 ? !named.includes(code) : codes.includes(code)))),
  );
  return lines.filter((line) => line !== '').join('.\n');
}

/** A body of free text, with the fields that stand before it; text that would be read as a field is refused. */
function buildFreeBody(building: Building, pieces: Pieces, text: string): string {
  const { key, report } = building;
  const begin = text.trimStart();
  const size = codeLengthAt(begin, 0);
  const readsAsField = key.fields.has(begin.slice(0, size)) || key.table.form === 'nlets';
  if (size > 0 && readsAsField) addFault(report, 'VALUE_SEPARATOR');
  const fields = coded(pieces);
  return fields === '' ? text : `${fields}.\n${text}`;
}

function buildBody(building: Building): string {
  const { key, message, report } = building;
  const { pieces, dropped } = buildPieces(building);
  // The rules between fields see no blank ones.
  const fields = dropped ? Object.fromEntries(pieces.map((piece) => [piece.code, piece.values])) : message.fields;
  const present = noneMet();
  for (const piece of pieces) meet(present, piece.rank);
  const destinations = message.stamps === undefined ? message.destinations : [];
  checkTogether(key, fields, { report, present, destinations });
  const text = message.text?.trimEnd() ?? '';
  if (hasFreeBody(key)) checkFreeText(key, text, { report });
  if (text !== '' && unprintable.test(text)) addFault(report, 'VALUE_SEPARATOR');
  if (key.table.bypass === true) {
    if (!parseWith(text, { lexicon: building.lexicon, inside: true, today: building.place.today }).ok)
      addFault(report, 'BYPASS_UNREADABLE');
    return text;
  }
  if ((hasFreeBody(key) || key.table.freeToo === true) && text !== '') return buildFreeBody(building, pieces, text);
  if (text !== '') addFault(report, 'TEXT_UNUSED');
  if (key.table.form === 'nlets') return buildNletsBody(key, pieces);
  return buildPositions(building, pieces) ?? coded(pieces);
}

function stampLine(stamp: Stamps['received']): string {
  return `${stamp.time} ${stamp.date} ${stamp.seq}`;
}

const stampParts = /^\d\d:\d\d \d\d\/\d\d\/\d{4} \d{5}$/;
const destinationForm = /^(?:[A-Z]{2}[A-Z0-9]{7}|[A-Z0-9]{2})$/;

function checkAddresses(building: Building): void {
  const { message, report, key } = building;
  if (message.destinations.some((one) => !destinationForm.test(one))) addFault(report, 'DESTINATION_SHAPE');
  if (message.destinations.length === 0) addFault(report, 'DESTINATION_MISSING');
  if (message.stamps === undefined) checkDestinations(key, message, { report });
  else if (message.destinations.length > 1) addFault(report, 'DESTINATION_COUNT', { detail: 'One when delivered.' });
}

/** The control field, padded with blanks on the right to its ten characters. */
function controlText(building: Building): string | undefined {
  const { control } = building.message;
  if (control === undefined) return undefined;
  if (control.length > controlCharsCount || /[.\n]/.test(control) || unprintable.test(control)) {
    addFault(building.report, 'CONTROL_SHAPE');
  }
  return `*${control.padEnd(controlCharsCount)}`;
}

function buildNlets(building: Building): string {
  const { message, report } = building;
  checkAddresses(building);
  const control = controlText(building);
  const body = buildBody(building);
  const { stamps } = message;
  if (stamps === undefined) {
    const middle = control === undefined ? '' : `${control}.`;
    return `${message.key}.${message.ori}.${message.destinations.join(',')}.${middle}TXT\n${body}`;
  }
  const lines = [stampLine(stamps.received), stampLine(stamps.sent)];
  if (lines.some((line) => !stampParts.test(line))) addFault(report, 'STAMP_SHAPE');
  const middle = control === undefined ? '' : `${control}\n`;
  return `${message.key}.${message.ori}\n${lines[0]}\n${lines[1]} ${message.destinations[0] ?? ''}\n${middle}TXT\n${body}`;
}

const headerForm = /^[126T][LN]01[^.\n]{0,60}$/;

function buildNcic(building: Building): string {
  const { message, key, report } = building;
  if (message.destinations.length > 0) addFault(report, 'DESTINATION_UNUSED');
  if (message.header !== undefined && (!headerForm.test(message.header) || unprintable.test(message.header))) {
    addFault(report, 'HEADER_SHAPE');
  }
  checkHeader(key, message.header, report);
  const header = message.header === undefined ? '' : `${message.header}.`;
  const body = buildBody(building);
  return body === '' ? `${header}${message.key}.${message.ori}` : `${header}${message.key}.${message.ori}.${body}`;
}

function buildReply(message: Message): BuildResult {
  const header = message.header === undefined ? '' : `${message.header}\n`;
  const ori = message.ori === '' ? '' : `${message.ori}\n\n`;
  return { ok: true, text: `${header}${ori}${message.text ?? ''}`, warnings: [] };
}

/** Builds the text of a message with the tables of a profile; all faults at once. */
export function buildWith(message: Message, lexicon: Lexicon, today?: string): BuildResult {
  if (message.line === 'reply') return buildReply(message);
  const report = newReport();
  const key = lexicon.keys.get(message.key);
  if (key === undefined) {
    addFault(report, 'KEY_UNKNOWN');
    return { ok: false, faults: report.faults };
  }
  if (key.table.line !== message.line) addFault(report, 'KEY_OTHER_LINE', { detail: properLine(key) });
  if (!isOri(message.ori)) addFault(report, 'ORI_SHAPE');
  checkOrigin(key, message.ori, { report });
  const building = { message, key, lexicon, report, place: { report, lexicon, at: 0, today, offsetOf: undefined } };
  const nlets = message.line === 'nlets' || key.table.form === 'nlets';
  const text = nlets ? buildNlets(building) : buildNcic(building);
  return report.faults.length > 0
    ? { ok: false, faults: report.faults }
    : { ok: true, text, warnings: report.warnings };
}
