/**
 * Masking for everything that is not the record itself. It works by what may be shown, not by what must be hidden: only the head
 * of a message, field codes, and values whose very form proves them harmless come through; whatever else is there becomes stars.
 */

import { hasCode } from './code-tables.ts';
import { guessLineOf } from './guess-line.ts';
import type { CompiledField, Lexicon } from './lexicon.ts';
import type { Message } from './message.ts';
import { isOfml, readOfml, writeOfml } from './ofml/ofml.ts';
import { readMfcRuns } from './reply/mfc-runs.ts';
import { fieldFor } from './request/body.ts';
import { type CleanText, cleanText } from './request/clean-text.ts';
import { readNletsHeader } from './request/nlets-header.ts';
import { newReport } from './request/rule-note.ts';
import { isDate8 } from './rules/dates.ts';
import { isNic, isOri } from './rules/value-edits.ts';

/** What stands in place of a masked value; its length says nothing of the value's. */
export const maskMark = '****';

/** True for a value that may be shown: of a field that is not sensitive, and of a form that cannot hold anything else. */
function mayShow(field: CompiledField | undefined, value: string): boolean {
  if (field === undefined || field.row.sensitive) return false;
  if (field.row.code === 'NIC' || field.row.code === 'IMN') return isNic(value) || value === 'NONE';
  if (field.class === 'date') return isDate8(value);
  if (field.values !== undefined) return field.values.has(value);
  if (field.row.edits?.includes('ori')) return isPlainOri(value);
  return field.lookUp && hasCode(field.tables, value);
}

/** An ORI with a digit: nine letters may as well be somebody's name. */
function isPlainOri(word: string): boolean {
  return isOri(word) && /\d/.test(word);
}

/** Control data with letters and digits and no blank is a number of a program; anything else may name an officer. */
function isPlainControl(control: string): boolean {
  return /^(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{1,15}$/.test(control.trimEnd());
}

/** The control data of a header or the control field of Nlets, as it may be shown. */
export function maskControl(control: string): string {
  return control.trim() === '' || isPlainControl(control) ? control : maskMark;
}

const headerForm = /^[ \n]*([126T][LN]01)([^.\n]{0,15})([.\n]|$)/;
const keyForm = /[ \n]*([A-Z][A-Z0-9]{1,4}(?:-[A-Z])?)\./y;
const oriForm = /[ \n]*([A-Z]{2}[A-Z0-9]{7})(?:\.|(?=[ \n])|$)/y;

/** The head of a text as it may be shown, and how much of the text it is. */
interface ShownHead {
  readonly shown: string;
  readonly length: number;
}

/** An Nlets header when nothing in it is out of form and nothing in it could be a name. */
function nletsHead(clean: CleanText, lexicon: Lexicon): ShownHead | undefined {
  const report = newReport();
  const nlets = readNletsHeader(clean, report);
  if (nlets === undefined || report.faults.length > 0 || lexicon.keys.get(nlets.key) === undefined) return undefined;
  const oris = [nlets.ori, ...nlets.destinations.filter((one) => one.length === 9)];
  const isPlain = oris.every(isPlainOri) && isPlainControl(nlets.control ?? 'A1');
  return isPlain ? { shown: clean.text.slice(0, nlets.bodyAt), length: nlets.bodyAt } : undefined;
}

/** A header, a key that is known and an ORI, as far as they stand there. */
function shownHead(clean: CleanText, lexicon: Lexicon): ShownHead {
  const nlets = nletsHead(clean, lexicon);
  if (nlets !== undefined) return nlets;
  const { text } = clean;
  const header = headerForm.exec(text);
  const headerAt = header?.[0].length ?? 0;
  const shown = header === null ? '' : `${header[1]}${maskControl(header[2] ?? '')}${header[3]}`;
  const shownBy = (form: RegExp, at: number, mayBe: (word: string) => boolean): string => {
    form.lastIndex = at;
    const found = form.exec(text);
    return found?.[1] !== undefined && mayBe(found[1]) ? found[0] : '';
  };
  const key = shownBy(keyForm, headerAt, (word) => lexicon.keys.get(word) !== undefined);
  const ori = shownBy(oriForm, headerAt + key.length, isPlainOri);
  return { shown: `${shown}${key}${ori}`, length: headerAt + key.length + ori.length };
}

function isSeparator(code: number): boolean {
  return code === 46 || code === 32 || code === 10;
}

/** The blanks, line breaks and periods a text ends with. */
function separatorsAtEnd(raw: string): string {
  let at = raw.length;
  while (at > 0 && isSeparator(raw.charCodeAt(at - 1))) at -= 1;
  return raw.slice(at);
}

/** Each line that holds something as stars, so that a line is still where it was. */
function maskLines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (/[^.\s]/.test(line) ? maskMark : ''));
}

function maskProse(prose: string): string {
  const before = /^[\s.]*/.exec(prose)?.[0] ?? '';
  const after = before === prose ? '' : separatorsAtEnd(prose);
  return `${before}${maskLines(prose.slice(before.length, prose.length - after.length).split('\n')).join('\n')}${after}`;
}

function maskPiece(raw: string, field: CompiledField | undefined): string {
  const after = separatorsAtEnd(raw);
  const [first = '', ...others] = raw.slice(0, raw.length - after.length).split('\n');
  const value = /^[^.]*/.exec(first)?.[0].trim() ?? '';
  const shown = mayShow(field, value) ? value : maskMark;
  const prose = first.trim() === value ? '' : ` ${maskMark}`;
  return [`${shown}${prose}`, ...maskLines(others)].join('\n') + after;
}

/** One field of a text: its code and the stretch up to the next field. */
interface FieldStart {
  readonly code: string;
  readonly at: number;
}

const fieldForm = /(?<![A-Z0-9/])([A-Z][A-Z0-9]{2}|[A-Z]{4}|EXPIRES)\//g;

/** True where a request's field may begin: at its beginning and behind a period or a line end, blanks between. */
function isBehindSeparator(body: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && body.charCodeAt(before) === 32) before -= 1;
  return before < 0 || body.charAt(before) === '.' || body.charAt(before) === '\n';
}

/** Where fields begin: in a request behind separators only, in a reply as the reply reader finds them. */
function fieldStarts(body: string, isReply: boolean, lexicon: Lexicon): readonly FieldStart[] {
  if (isReply) return readMfcRuns(body, lexicon).map(({ code, offset }) => ({ code, at: offset }));
  const starts: FieldStart[] = [];
  for (const found of body.matchAll(fieldForm)) {
    const code = found[1] ?? '';
    if (lexicon.fields.has(code) && isBehindSeparator(body, found.index)) starts.push({ code, at: found.index });
  }
  return starts;
}

/** A message in markup is masked as a message, a reply in it as a text; markup that is broken shows nothing. */
function maskMarkup(text: string, lexicon: Lexicon): string {
  const read = readOfml(text, lexicon);
  if (!read.ok) return `<OFML>${maskMark}`;
  const header = { elements: [] };
  const { document } = read;
  return document.kind === 'response'
    ? writeOfml({ kind: 'response', header, text: maskPlain(document.text, lexicon), others: [] })
    : writeOfml({ kind: 'transaction', header, message: maskMessageWith(document.message, lexicon), others: [] });
}

/** Masks a text of any kind. What it cannot place it hides. */
export function maskTextWith(text: string, lexicon: Lexicon): string {
  return isOfml(text) ? maskMarkup(text, lexicon) : maskPlain(text, lexicon);
}

function maskPlain(text: string, lexicon: Lexicon): string {
  const clean = cleanText(text);
  const head = shownHead(clean, lexicon);
  const body = clean.text.slice(head.length);
  const out: string[] = [head.shown];
  const starts = fieldStarts(body, guessLineOf(clean.text, lexicon) === 'reply', lexicon);
  const prose = body.slice(0, starts[0]?.at ?? body.length);
  out.push(maskProse(prose));
  for (const [nth, { code, at }] of starts.entries()) {
    const raw = body.slice(at + code.length + 1, starts[nth + 1]?.at ?? body.length);
    out.push(`${code}/`, maskPiece(raw, fieldFor({ key: undefined, lexicon }, code)));
  }
  return out.join('');
}

/** The message with every value that may not be shown, and all free text, masked. */
export function maskMessageWith(message: Message, lexicon: Lexicon): Message {
  const key = lexicon.keys.get(message.key);
  const fields: Record<string, readonly string[]> = {};
  for (const [code, values] of Object.entries(message.fields)) {
    const field = fieldFor({ key, lexicon }, code);
    fields[code] = values.map((value) => (mayShow(field, value) ? value : maskMark));
  }
  const { header, control, text } = message;
  return {
    ...message,
    ...(header === undefined ? {} : { header: `${header.slice(0, 4)}${maskControl(header.slice(4))}` }),
    ...(control === undefined ? {} : { control: maskControl(control) }),
    destinations: message.destinations.map((one) => (one.length === 2 || isPlainOri(one) ? one : maskMark)),
    fields,
    ...(text === undefined ? {} : { text: maskMark }),
  };
}
