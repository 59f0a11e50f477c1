/**
 * Reads what a client sent: NCIC and III requests behind a header, Nlets messages, and both behind a DMPP text prefix.
 * The switch reads envelopes and coded fields by itself, so that a mistake in hitline's own language cannot hide in its
 * simulator; only the order of positional fields is taken from the language's tables.
 */
import { parseMessage } from '../formats/language.ts';
import type { Values } from '../formats/message.ts';
import { hotFileWork } from './records/files.ts';

interface RequestBase {
  readonly key: string;
  /** The sender's ORI. */
  readonly ori: string;
  readonly fields: Values;
  /** The text as it came, control characters removed. */
  readonly text: string;
  /** `DAC.REFERENCE.USER-ID.` in front of the message on DMPP-like links; every answer carries it back. */
  readonly prefix: string;
}

export interface NcicRequest extends RequestBase {
  readonly kind: 'ncic';
  readonly family: 'hot-files' | 'iii';
  /** The header up to its first period, and the control data in it. */
  readonly header: string;
  readonly control: string;
  /** Codes of the fields the language finds wrong; the first is named in the reject. */
  readonly wrongFields: readonly string[];
  readonly wrong: boolean;
}

export interface NletsRequest extends RequestBase {
  readonly kind: 'nlets';
  readonly destinations: readonly string[];
  /** Exactly ten characters, without the asterisk. */
  readonly control?: string;
  readonly hasTxt: boolean;
  /** Everything after TXT. */
  readonly body: string;
}

export interface UnreadableRequest {
  readonly kind: 'unreadable';
  readonly text: string;
  readonly ori?: string;
}

export type SwitchRequest = NcicRequest | NletsRequest | UnreadableRequest;

const prefixPattern =
  /^([A-Z0-9]{1,11}\.[A-Z0-9]{0,10}\.[A-Z0-9]{0,30}\.)(?=[A-Z][A-Z0-9-]{1,5}\.[A-Z]{2}[A-Z0-9]{7}\.|[126T][LN]01)/;
const ncicPattern = /^([126T][LN]01[^.\n]{0,15})\.([A-Z][A-Z0-9-]{1,5})\.([A-Z]{2}[A-Z0-9]{7})(?:\.|$)/;
/** The same without a header, as a State switch may take it: only keys of NCIC and III are read so. */
const bareNcicPattern = /^()([A-Z][A-Z0-9-]{1,5})\.([A-Z]{2}[A-Z0-9]{7})(?:\.|$)/;
const nletsPattern = /^([A-Z][A-Z0-9]{1,4})\.([A-Z]{2}[A-Z0-9]{7})\.([A-Z0-9, ]*)(?:\.\*(.{10}))?(?:\.|(?=\n)|$)/;
const txtPattern = /^\s*TXT[\s.]*/;
const codedPattern = /(?:^|[.\n])\s*([A-Z]{3})\//g;

/** Keys of III: identity search, record request, and their maintenance checks. */
export const historyKeys: readonly string[] = ['QH', 'QR', 'ZI', 'ZR'];

function isFederalKey(key: string): boolean {
  return historyKeys.includes(key) || hotFileWork(key) !== undefined;
}

/** Longer texts and more fields are no message of this trade (ncic.md 1.2, nlets.md 1.5). */
const textCharsMax = 65_536;
const fieldsMax = 2_000;

/** Removes DEL and ETX and makes every line end a line feed (nlets.md 1.2). */
function plainText(text: string): string {
  return text
    .replace(/[\x03\x7f]/g, '')
    .replace(/\r\n?/g, '\n')
    .trim();
}

/**
 * Reads `PREFIX/value` elements: a period or a line end, a three-letter code and a slash begin one; REM runs to the end
 * (nlets.md 1.3). Trailing periods and white space are no part of a value.
 */
export function readCodedFields(body: string): Values {
  const fields: Record<string, string[]> = {};
  const marks = Array.from(body.matchAll(codedPattern), (mark) => mark);
  for (const [index, mark] of marks.slice(0, fieldsMax).entries()) {
    const code = mark[1] ?? '';
    const from = mark.index + mark[0].length;
    const until = code === 'REM' ? body.length : (marks[index + 1]?.index ?? body.length);
    fields[code] ??= [];
    fields[code].push(withoutEnd(body.slice(from, until)).replace(/\n/g, ' '));
    if (code === 'REM') break;
  }
  return fields;
}

/** Cuts periods and white space off the end; a loop, because a pattern would look at every run of blanks again and again. */
function withoutEnd(value: string): string {
  let end = value.length;
  while (end > 0 && '. \t\n'.includes(value[end - 1] ?? '')) end -= 1;
  return value.slice(0, end);
}

interface Found {
  readonly prefix: string;
  readonly match: RegExpExecArray;
  readonly today: string | undefined;
}

function readNcic(text: string, { prefix, match, today }: Found): NcicRequest {
  const [whole, header = '', key = '', ori = ''] = match;
  const body = text.slice(whole.length);
  const parsed = parseMessage(text, { today });
  const coded = readCodedFields(body);
  const known = parsed.ok || !parsed.faults.some((fault) => fault.code === 'KEY_UNKNOWN');
  const positional = Object.keys(coded).length === 0 && parsed.ok;
  const wrongFields = parsed.ok || !known ? [] : parsed.faults.flatMap((fault) => (fault.field ? [fault.field] : []));
  return {
    kind: 'ncic',
    family: header.startsWith('2') || historyKeys.includes(key) ? 'iii' : 'hot-files',
    header,
    control: header.slice(4),
    key,
    ori,
    fields: positional ? parsed.message.fields : coded,
    text,
    prefix,
    wrongFields,
    wrong: known && !parsed.ok,
  };
}

function readNlets(text: string, prefix: string, match: RegExpExecArray): NletsRequest {
  const [whole, key = '', ori = '', list = '', control] = match;
  const rest = text.slice(whole.length);
  const txt = txtPattern.exec(rest);
  // `DEST.TXT` with nothing between reads TXT as a part of the rest; a missing TXT leaves the body where it is.
  const body = txt === null ? rest : rest.slice(txt[0].length);
  return {
    kind: 'nlets',
    key,
    ori,
    destinations: list
      .split(/[, ]+/)
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    ...(control === undefined ? {} : { control }),
    hasTxt: txt !== null,
    body,
    fields: readCodedFields(body),
    text,
    prefix,
  };
}

/**
 * Reads one message. It never throws: what fits no form comes back as unreadable. `today` is CCYYMMDD; without it no date is found
 * to lie in the future.
 */
export function readRequest(received: string, today?: string): SwitchRequest {
  if (received.length > textCharsMax) return { kind: 'unreadable', text: '' };
  const whole = plainText(received);
  const prefix = prefixPattern.exec(whole)?.[1] ?? '';
  const text = whole.slice(prefix.length);
  const ncic = ncicPattern.exec(text);
  if (ncic !== null) return readNcic(text, { prefix, match: ncic, today });
  const bare = bareNcicPattern.exec(text);
  if (bare !== null && isFederalKey(bare[2] ?? '')) return readNcic(text, { prefix, match: bare, today });
  const nlets = nletsPattern.exec(text);
  if (nlets !== null) return readNlets(text, prefix, nlets);
  const ori = /\b[A-Z]{2}[A-Z0-9]{7}\b/.exec(text)?.[0];
  return ori === undefined ? { kind: 'unreadable', text } : { kind: 'unreadable', text, ori };
}
