/** Text to message: finds every fault at once, and gives the message when there is none. Linear in the length of the text. */
import type { FaultCode } from '../../faults/fault.ts';
import { guessLineOf } from '../guess-line.ts';
import type { CompiledKey, Lexicon } from '../lexicon.ts';
import type { Line, Message, ParseResult } from '../message.ts';
import { readMfcRuns } from '../reply/mfc-runs.ts';
import { checkTogether } from '../rules/cross-rules.ts';
import { type BodyContext, codeLengthAt, type FieldValues, readFields, readLeadingFields } from './body.ts';
import { checkDestinations, checkFreeText, checkHeader, checkOrigin, properLine } from './check-message.ts';
import { type CleanText, cleanText, messageCharsMax, warnOfCharacters } from './clean-text.ts';
import { type NcicHead, readNcicHead } from './ncic-header.ts';
import { type NletsHeader, readNletsHeader, skipBlanks } from './nlets-header.ts';
import { addFault, addWarning, newReport, type Report } from './rule-note.ts';

interface Reading {
  readonly clean: CleanText;
  readonly report: Report;
  readonly lexicon: Lexicon;
  readonly line: Line;
  /** True inside a bypass key, where a second bypass is refused. */
  readonly inside: boolean;
  readonly today: string | undefined;
}

const nowhere: readonly string[] = [];

function failed(report: Report): ParseResult {
  return { ok: false, faults: report.faults, warnings: report.warnings };
}

function finish(reading: Reading, message: Message): ParseResult {
  if (reading.report.faults.length > 0) return failed(reading.report);
  return { ok: true, message, warnings: reading.report.warnings };
}

/** Looks the key up; an unknown key, or one of another line, is a fault and the reading goes on to find the rest. */
function findKey(reading: Reading, key: string): CompiledKey | undefined {
  const found = reading.lexicon.keys.get(key);
  if (found !== undefined && found.table.line === reading.line) return found;
  const at = reading.clean.text.indexOf(key);
  const offset = reading.clean.offsetOf(Math.max(0, at));
  if (found === undefined) addFault(reading.report, 'KEY_UNKNOWN', { offset });
  else addFault(reading.report, 'KEY_OTHER_LINE', { offset, detail: properLine(found) });
  return found;
}

/** True when the body is text rather than fields: free-text keys, and Nlets keys whose fields no source names. */
export function hasFreeBody(key: CompiledKey | undefined): boolean {
  const table = key?.table;
  if (table === undefined) return false;
  return table.form === 'free-text' || (table.form === 'nlets' && table.fields.length === 0 && table.open !== true);
}

function warnUnchecked(context: BodyContext, fields: FieldValues, bodyAt: number): void {
  const table = context.key?.table;
  if (table === undefined || table.fields.length > 0) return;
  for (const _code in fields) {
    addWarning(context.report, 'KEY_FIELDS_UNKNOWN', { offset: context.clean.offsetOf(bodyAt) });
    return;
  }
}

const threeWords = /[^ \n][ \n]+[^ \n]+[ \n]+[^ \n]/;

/** True where prose stands in place of the fields: three words at least, and no piece that begins with a field of the key. */
function isProse({ key, clean }: BodyContext, bodyAt: number): boolean {
  if (key?.table.freeToo !== true || !threeWords.test(clean.text.slice(bodyAt))) return false;
  const piece = /(?:^|[.\n])[ \n]*([A-Z][A-Z0-9]{2})\//g;
  for (const [, code = ''] of clean.text.slice(bodyAt).matchAll(piece)) if (key.fields.has(code)) return false;
  return true;
}

/** True when the body is to be read as text with at most a few fields in front of it. */
function isFree(context: BodyContext, bodyAt: number): boolean {
  const { key, clean } = context;
  if (isProse(context, bodyAt)) {
    addWarning(context.report, 'BODY_AS_TEXT', { offset: clean.offsetOf(bodyAt) });
    return true;
  }
  if (!hasFreeBody(key)) return false;
  const startsWithField = codeLengthAt(clean.text, skipBlanks(clean.text, bodyAt)) > 0;
  return !(key?.table.form === 'nlets' && key.table.action === 'request' && startsWithField);
}

interface BodyRead {
  readonly fields: FieldValues;
  readonly text?: string;
}

function readBody(context: BodyContext, bodyAt: number, destinations: readonly string[]): BodyRead {
  const { key, clean, report } = context;
  if (!isFree(context, bodyAt)) {
    const { fields, present } = readFields(context, bodyAt);
    warnUnchecked(context, fields, bodyAt);
    const stretch = { clean, from: bodyAt, until: clean.text.length };
    if (key !== undefined) checkTogether(key, fields, { report, present, destinations, stretch });
    return { fields };
  }
  const { fields, present, textAt } = readLeadingFields(context, bodyAt);
  const stretch = { clean, from: bodyAt, until: textAt };
  const text = clean.text.slice(textAt).trimEnd();
  if (key !== undefined) {
    checkTogether(key, fields, { report, present, destinations, stretch });
    checkFreeText(key, text, { report, clean, at: textAt });
  }
  return text === '' ? { fields } : { fields, text };
}

function parseNlets(reading: Reading): ParseResult {
  const head: NletsHeader | undefined = readNletsHeader(reading.clean, reading.report);
  if (head === undefined) return notAMessage(reading);
  const key = findKey(reading, head.key);
  const { clean, report, lexicon, today } = reading;
  if (key !== undefined) checkOrigin(key, head.ori, { report, clean });
  if (!head.delivered) {
    if (head.destinations.length === 0) {
      addFault(report, 'DESTINATION_MISSING', { offset: clean.offsetOf(head.addressAt) });
    } else if (key !== undefined) checkDestinations(key, head, { report, clean });
  }
  const body = readBody(
    { clean, report, lexicon, key, today },
    head.bodyAt,
    head.delivered ? nowhere : head.destinations,
  );
  return finish(reading, {
    line: reading.line,
    key: head.key,
    ...(head.control === undefined ? {} : { control: head.control }),
    ori: head.ori,
    destinations: head.destinations,
    ...body,
    ...(head.stamps === undefined ? {} : { stamps: head.stamps }),
  });
}

function parseNcic(reading: Reading): ParseResult {
  const { clean, report, lexicon, today } = reading;
  const head = readNcicHead(clean, report);
  if (head === undefined) return notAMessage(reading);
  const key = findKey(reading, head.key);
  checkHeader(key, head.header, report);
  const body =
    key?.table.bypass === true
      ? readInside(reading, head.bodyAt)
      : readBody({ clean, report, lexicon, key, today }, head.bodyAt, nowhere);
  return finish(reading, ncicMessage(reading.line, head, body));
}

/** The message of a head and a body. Most have a header and no text: they are written out whole, without laying parts together. */
function ncicMessage(line: Line, head: NcicHead, body: Pick<Message, 'fields' | 'text'>): Message {
  const { header, key, ori } = head;
  const { fields, text } = body;
  if (header !== undefined && text === undefined) return { line, key, header, ori, destinations: [], fields };
  const start = header === undefined ? { line, key } : { line, key, header };
  return { ...start, ori, destinations: [], fields, ...(text === undefined ? {} : { text }) };
}

/** The message inside a bypass key: it must itself be readable, and may not be another bypass. */
function readInside(reading: Reading, bodyAt: number): Pick<Message, 'fields' | 'text'> {
  const text = reading.clean.text.slice(bodyAt).trim();
  if (reading.inside || !parseWith(text, { lexicon: reading.lexicon, inside: true, today: reading.today }).ok) {
    addFault(reading.report, 'BYPASS_UNREADABLE', { offset: reading.clean.offsetOf(bodyAt) });
  }
  return { fields: {}, text };
}

/** A reply as a message: header, the ORI it is for, and every value by its code; the text stays whole. */
function parseReplyText(reading: Reading): ParseResult {
  const { text } = reading.clean;
  const found = /^[ \n]*(?:([126T][LN]01[^.\n]{0,60})\.?[ ]*\n)?[ \n]*(?:([A-Z]{2}[A-Z0-9]{7})[ ]*\n)?\n*/.exec(text);
  const fields: FieldValues = {};
  for (const run of readMfcRuns(text, reading.lexicon)) {
    const values = fields[run.code];
    if (values === undefined) fields[run.code] = [run.value];
    else values.push(run.value);
  }
  const body = text.slice(found?.[0].length ?? 0).trimEnd();
  return finish(reading, {
    line: 'reply',
    key: '',
    ...(found?.[1] === undefined ? {} : { header: found[1].trimEnd() }),
    ori: found?.[2] ?? '',
    destinations: [],
    fields,
    ...(body === '' ? {} : { text: body }),
  });
}

function refuse(code: FaultCode, detail?: string): ParseResult {
  const report = newReport();
  addFault(report, code, { offset: 0, detail });
  return failed(report);
}

/** Reads a text with the tables of a profile. Never throws; the time grows with the length of the text and no faster. */
export function parseWith(
  text: string,
  given: { line?: Line | undefined; lexicon: Lexicon; inside?: boolean; today?: string | undefined },
): ParseResult {
  if (text.length > messageCharsMax) return refuse('TEXT_TOO_LONG', `At most ${messageCharsMax} characters.`);
  const clean = cleanText(text);
  if (skipBlanks(clean.text, 0) >= clean.text.length) return refuse('TEXT_EMPTY');
  const line = given.line ?? guessLineOf(clean.text, given.lexicon);
  const { lexicon, today, inside = false } = given;
  const reading = { clean, report: newReport(), lexicon, line, inside, today };
  warnOfCharacters(text, clean, reading.report);
  if (line === 'reply') return given.line === 'reply' ? parseReplyText(reading) : notAMessage(reading);
  if (line === 'nlets' || (line === 'state' && isNletsShaped(reading))) return parseNlets(reading);
  return parseNcic(reading);
}

function isNletsShaped(reading: Reading): boolean {
  const key = /^[ \n]*([A-Z][A-Z0-9]{1,4})\./.exec(reading.clean.text.slice(0, 40))?.[1];
  return reading.lexicon.keys.get(key ?? '')?.table.form === 'nlets';
}

/** Values may be in small letters; header, key, ORI and field codes may not, and whoever wrote them so is told. */
function notAMessage({ report, clean }: Reading): ParseResult {
  const detail = clean.hasLowerCase ? 'Write header, key, ORI and field codes in capitals.' : undefined;
  addFault(report, 'NOT_A_MESSAGE', { offset: 0, detail });
  return failed(report);
}
