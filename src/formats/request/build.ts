/** Message to text: the exact characters that will leave, checked by the same rules that parsing checks. */
import { synonymOf } from '../code-tables.ts';
import type { CompiledField, CompiledKey, Lexicon } from '../lexicon.ts';
import type { BuildResult, Message, Stamps } from '../message.ts';
import { checkTogether } from '../rules/cross-rules.ts';
import { isOri } from '../rules/value-edits.ts';
import { codeLengthAt, fieldFor, mayRepeat } from './body.ts';
import { checkValue } from './check-value.ts';
import { checkDestinations, checkHeader, hasFreeBody, parseWith } from './parse.ts';
import { addByRule, addFault, addWarning, newReport, type Report } from './rule-note.ts';

interface Building {
  readonly message: Message;
  readonly key: CompiledKey;
  readonly lexicon: Lexicon;
  readonly report: Report;
}

interface Piece {
  readonly code: string;
  readonly text: string;
}

const controlCharsCount = 10;
const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f]/;

/** The value as it is sent: capitals unless free text, the usual spelling of a code. */
function sentValue(field: CompiledField, value: string): string {
  const trimmed = value.trim();
  const capitals = field.class === 'text' ? trimmed : trimmed.toUpperCase();
  return field.tables.length === 0 ? capitals : (synonymOf(field.tables, capitals) ?? capitals);
}

/** True when a value would be read as something else than one value: the guard against a field smuggled into another. */
function wouldSplit(building: Building, field: CompiledField, value: string): boolean {
  if (unprintable.test(value)) return true;
  if (!field.toEnd) return value.includes('.') || value.includes('\n');
  if (value.startsWith('.') || value.endsWith('.')) return true;
  const separator = /[.\n][ \n]*/g;
  for (let found = separator.exec(value); found !== null; found = separator.exec(value)) {
    const size = codeLengthAt(value, separator.lastIndex);
    if (size > 0 && building.key.fields.has(value.slice(separator.lastIndex, separator.lastIndex + size))) return true;
  }
  return false;
}

function buildValue(building: Building, field: CompiledField, value: string): string {
  const sent = sentValue(field, value);
  if (wouldSplit(building, field, sent)) addFault(building.report, 'VALUE_SEPARATOR', { field: field.code });
  if (sent !== '') checkValue(field, sent.toUpperCase(), { report: building.report, lexicon: building.lexicon });
  return sent;
}

function codesInOrder(building: Building): readonly string[] {
  const given = Object.keys(building.message.fields);
  const declared = building.key.table.fields.map((use) => use.code).filter((code) => given.includes(code));
  return [...declared, ...given.filter((code) => !building.key.fields.has(code))];
}

/** Every field with its values, in the order of the key's table, then whatever else the message holds. */
function buildPieces(building: Building): readonly Piece[] {
  const { message, key, report } = building;
  const keepsBlanks = key.table.action === 'modify' && key.table.line !== 'nlets';
  const pieces: Piece[] = [];
  for (const code of codesInOrder(building)) {
    const field = fieldFor(building, code);
    if (field === undefined) {
      addFault(report, 'FIELD_UNKNOWN', { field: code });
      continue;
    }
    if (field.use === undefined && key.table.fields.length > 0 && key.table.open !== true) {
      addWarning(report, 'FIELD_UNEXPECTED', { field: code });
    }
    const values = (message.fields[code] ?? []).map((value) => buildValue(building, field, value));
    const kept = keepsBlanks ? values : values.filter((value) => value !== '');
    if (kept.length > 1 && !mayRepeat(key, field)) addFault(report, 'FIELD_TWICE', { field: code });
    for (const value of kept) pieces.push({ code, text: value });
  }
  return pieces;
}

/** Values without codes, in the recalled order; undefined when a field has no known place or a value could be misread. */
function buildPositions(building: Building, pieces: readonly Piece[]): string | undefined {
  const order = building.key.table.positions?.order;
  if (order === undefined || pieces.length === 0) return undefined;
  const byCode = new Map(pieces.map((piece) => [piece.code, piece.text]));
  const placed = pieces.every((piece) => order.includes(piece.code) && codeLengthAt(piece.text, 0) === 0);
  if (!placed || byCode.size !== pieces.length || !byCode.has(order[0] ?? '')) return undefined;
  addWarning(building.report, 'POSITION_RECALLED');
  return order
    .map((code) => byCode.get(code) ?? '')
    .join('.')
    .replace(/\.+$/, '');
}

function coded(pieces: readonly Piece[]): string {
  return pieces.map((piece) => `${piece.code}/${piece.text}`).join('.');
}

/** An Nlets body on the lines its table lays out; the last line ends without a period (NLETS N7). */
function buildNletsBody(key: CompiledKey, pieces: readonly Piece[]): string {
  const layout = key.table.layout;
  if (layout === undefined) return coded(pieces);
  const named = new Set(layout.flat());
  const lines = layout.map((codes) =>
    codes.length === 0
      ? pieces.filter((piece) => !named.has(piece.code))
      : pieces.filter((piece) => codes.includes(piece.code)),
  );
  return lines
    .filter((line) => line.length > 0)
    .map(coded)
    .join('.\n');
}

function buildBody(building: Building): string {
  const { key, message, report } = building;
  const pieces = buildPieces(building);
  checkTogether(key, Object.fromEntries(pieces.map((piece) => [piece.code, [piece.text]])), report);
  const text = message.text?.trimEnd() ?? '';
  if (unprintable.test(text)) addFault(report, 'VALUE_SEPARATOR');
  if (key.table.bypass === true) {
    if (!parseWith(text, { lexicon: building.lexicon, inside: true }).ok) addFault(report, 'BYPASS_UNREADABLE');
    return text;
  }
  const nletsLike = key.table.form === 'nlets' || key.table.form === 'free-text';
  if (!nletsLike) return buildPositions(building, pieces) ?? coded(pieces);
  if (hasFreeBody(key) && text !== '') {
    const size = codeLengthAt(text.trimStart(), 0);
    const first = text.trimStart().slice(0, size);
    if (size > 0 && (key.fields.has(first) || key.table.action === 'request')) addFault(report, 'VALUE_SEPARATOR');
    return pieces.length === 0 ? text : `${coded(pieces)}.\n${text}`;
  }
  return buildNletsBody(key, pieces);
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
  if (message.stamps === undefined) checkDestinations(key, message.destinations, report);
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
export function buildWith(message: Message, lexicon: Lexicon): BuildResult {
  if (message.line === 'reply') return buildReply(message);
  const report = newReport();
  const key = lexicon.keys.get(message.key);
  if (key === undefined) {
    addFault(report, 'KEY_UNKNOWN');
    return { ok: false, faults: report.faults };
  }
  if (key.table.line !== message.line) addFault(report, 'KEY_OTHER_LINE');
  if (!isOri(message.ori)) addFault(report, 'ORI_SHAPE');
  const { onlyFrom } = key.table;
  if (onlyFrom !== undefined && message.ori !== onlyFrom) {
    addByRule(report, 'KEY_ORIGIN', { provenance: key.table.provenance, source: key.table.source });
  }
  const building = { message, key, lexicon, report };
  const nlets = message.line === 'nlets' || key.table.form === 'nlets';
  const text = nlets ? buildNlets(building) : buildNcic(building);
  return report.faults.length > 0
    ? { ok: false, faults: report.faults }
    : { ok: true, text, warnings: report.warnings };
}
