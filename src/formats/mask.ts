/**
 * Masking for everything that is not the record itself. It works by what may be shown, not by what must be hidden: only the head
 * of a message, field codes, and values whose very form proves them harmless come through; whatever else is there becomes stars.
 */

import { hasCode } from './code-tables.ts';
import type { CompiledField, Lexicon } from './lexicon.ts';
import type { Message } from './message.ts';
import { fieldFor } from './request/body.ts';
import { type CleanText, cleanText } from './request/clean-text.ts';
import { readNletsHeader } from './request/nlets-header.ts';
import { newReport } from './request/rule-note.ts';
import { isDate8 } from './rules/dates.ts';
import { isNic, isOri } from './rules/value-edits.ts';

/** What stands in place of a masked value; its length says nothing of the value's. */
export const maskMark = '****';

const messageHead =
  /^[ \n]*(?:[126T][LN]01[A-Z0-9 ]{0,15}(?:\.|\n))?(?:[A-Z][A-Z0-9]{1,4}(?:-[A-Z])?\.)?(?:[A-Z]{2}[A-Z0-9]{7}(?:\.|(?=[ \n])|$))?/;
const fieldStart = /(?<![A-Z0-9])([A-Z][A-Z0-9]{2}|[A-Z]{4}|EXPIRES)\//g;

/** True for a value that may be shown: of a field that is not sensitive, and of a form that cannot hold anything else. */
function mayShow(field: CompiledField | undefined, value: string): boolean {
  if (field === undefined || field.row.sensitive) return false;
  if (field.row.code === 'NIC' || field.row.code === 'IMN') return isNic(value) || value === 'NONE';
  if (field.class === 'date') return isDate8(value);
  if (field.values !== undefined) return field.values.has(value);
  if (field.row.edits?.includes('ori')) return isOri(value);
  return field.lookUp && hasCode(field.tables, value);
}

/** How much of the text is head and may be shown: an Nlets header only when nothing in it is out of form. */
function headLength(clean: CleanText): number {
  const head = messageHead.exec(clean.text)?.[0].length ?? 0;
  const report = newReport();
  const nlets = readNletsHeader(clean, report);
  return nlets === undefined || report.faults.length > 0 ? head : Math.max(head, nlets.bodyAt);
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

function maskPiece(raw: string, field: CompiledField | undefined): string {
  const value = /^[^.\n]*/.exec(raw)?.[0].trim() ?? '';
  const shown = mayShow(field, value) ? value : maskMark;
  const rest = raw.slice(raw.search(/[.\n]|$/));
  const prose = /[^.\s]/.test(rest) ? ` ${maskMark}` : '';
  return `${shown}${prose}${separatorsAtEnd(raw)}`;
}

/** Masks a text of any kind. What it cannot place it hides. */
export function maskTextWith(text: string, lexicon: Lexicon): string {
  const clean = cleanText(text);
  const head = headLength(clean);
  const body = clean.text.slice(head);
  const out: string[] = [clean.text.slice(0, head)];
  let last = 0;
  let field: CompiledField | undefined;
  let inField = false;
  const flush = (end: number) => {
    const raw = body.slice(last, end);
    if (inField) out.push(maskPiece(raw, field));
    else if (raw.trim() === '' || raw.trim() === '.') out.push(raw);
    else out.push(`${/^[\s.]*/.exec(raw)?.[0] ?? ''}${maskMark}${separatorsAtEnd(raw)}`);
  };
  for (const found of body.matchAll(fieldStart)) {
    const code = found[1] ?? '';
    if (!lexicon.fields.has(code)) continue;
    flush(found.index);
    out.push(`${code}/`);
    field = fieldFor({ key: undefined, lexicon }, code);
    inField = true;
    last = found.index + code.length + 1;
  }
  flush(body.length);
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
  return { ...message, fields, ...(message.text === undefined ? {} : { text: maskMark }) };
}
