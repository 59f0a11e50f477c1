/**
 * What a reply says. Any record block makes it HIT; it is NO RECORD only when every line is accounted for by a no-record or a
 * banner rule; any remainder makes it READ IT. Each verdict carries the places that caused it.
 */
import { type Fault, makeFault } from '../../faults/fault.ts';
import type { Lexicon } from '../lexicon.ts';
import type { Provenance, Reply, ReplyRecord } from '../message.ts';
import { isOfml } from '../ofml/ofml.ts';
import { cleanText, inCapitals } from '../request/clean-text.ts';
import { isNic } from '../rules/value-edits.ts';
import {
  type Account,
  type AccountedLines,
  accountForLines,
  evidenceOf,
  evidenceOfAccount,
  type ReplyReading,
} from './account.ts';
import { readEnvelope } from './envelope.ts';
import { isOnlyFields, lineAgrees, linesFrom, type TextLine } from './lines.ts';
import { readMfcRuns } from './mfc-runs.ts';
import { noticeCodeAt, noticeOf } from './notices.ts';
import type { RecordKind } from './record-kinds.ts';
import { readRecords, recordRule } from './records.ts';
import { baseReplyRules, type ReplyRule } from './reply-rules.ts';
import { readWrappedReply } from './wrapped-reply.ts';

/** A reply laid out, its lines accounted for, and the records in it. */
export interface Laid {
  readonly reading: ReplyReading;
  readonly account: Account;
  /** The lines that are no banner. */
  readonly body: readonly TextLine[];
}

const acknowledgedFields = new Set([
  'NIC',
  'NAM',
  'OCA',
  'SER',
  'OAN',
  'LIC',
  'LIS',
  'VIN',
  'BHN',
  'REG',
  'TYP',
  'DOB',
]);
const acknowledgementLinesMax = 4;

/** The rule of an acknowledgement, when the whole text is one: a NIC and what the record is known by, nothing else. */
function findAcknowledgement({ reading, body }: Laid): ReplyRule | undefined {
  const [first, ...others] = body;
  if (first === undefined || body.length > acknowledgementLinesMax) return undefined;
  const rule = reading.rules.find(
    (one) => one.kind === 'acknowledgement' && lineAgrees(first.text, one, reading.lexicon),
  );
  if (rule === undefined || !others.every((line) => isOnlyFields(line.text, reading.lexicon))) return undefined;
  const runs = body.flatMap((line) => readMfcRuns(line.text, reading.lexicon));
  // Of two numbers it cannot be told which record was changed.
  const numbers = new Set(runs.flatMap((run) => (run.code === 'NIC' ? run.value : [])));
  return numbers.size <= 1 && runs.every((run) => acknowledgedFields.has(run.code)) ? rule : undefined;
}

function warningsFor(rules: readonly { provenance: Provenance }[]): readonly Fault[] {
  return rules.some((rule) => rule.provenance === 'recalled') ? [makeFault('REPLY_RULE_RECALLED')] : [];
}

const statusLinesMax = 10;

/** The number of an ER or SM: `.22.`, or the bare 0 of a broken structure. */
function statusNumber(reading: ReplyReading): number | undefined {
  for (const line of reading.lines.slice(0, statusLinesMax)) {
    const found = /^ *\.(\d{2})\.|^ *(0)[ .]/.exec(line.text);
    if (found !== null) return Number(found[1] ?? found[2]);
  }
  return undefined;
}

/** Keys whose body is a person's prose: a number quoted in it is no answer of a file, a whole record block is one to look at. */
const proseKeys = new Set(['AM', 'AML', 'AA', 'AQ', 'AR', 'LQ', 'LR', 'LE', 'HS', 'HSL', 'HR']);
const confirmationKeys = new Set(['YQ', 'YR', 'FYQ', 'FYR']);

/** Replies whose Nlets key alone says what they are. */
function readByKey(laid: Laid): Reply | undefined {
  const { reading } = laid;
  const key = reading.envelope.key ?? '';
  const common = { verdict: 'READ IT', source: 'NLETS', records: [], warnings: [] } as const;
  const evidence = [evidenceOf(reading, { at: 0, length: key.length }, { name: `key-${key}`, provenance: 'verified' })];
  if (confirmationKeys.has(key)) return { ...common, kind: 'confirmation', evidence };
  if (proseKeys.has(key)) {
    const notice = readNotice(laid, () => readRecords(reading, laid.account));
    if (notice !== undefined) return notice;
    const records = /(?<![A-Z0-9/])MKE\//.test(reading.clean.text) ? readRecords(reading, laid.account) : [];
    return records.length > 0 ? readHit(laid, records, 'other') : { ...common, kind: 'other', evidence };
  }
  if (key !== 'ER' && key !== 'SM') return undefined;
  const number = statusNumber(reading);
  const kind = key === 'ER' ? 'error' : 'status';
  return { ...common, kind, evidence, ...(number === undefined ? {} : { statusNumber: number }) };
}

/** Who answers: as the no-record wording says, else as a banner says, else by the header. */
function sourceOf({ reading, account }: Laid, given: readonly ReplyRule[] = []): Pick<Reply, 'source' | 'sources'> {
  const rules = [...given, ...account.rules];
  const negatives = [...new Set(rules.flatMap((rule) => (rule.kind === 'no-record' ? (rule.from ?? []) : [])))];
  const from = negatives[0] ?? rules.find((rule) => rule.from !== undefined)?.from ?? reading.envelope.source;
  return { ...(from === undefined ? {} : { source: from }), ...(negatives.length > 1 ? { sources: negatives } : {}) };
}

function onlyNic(records: readonly ReplyRecord[]): Pick<Reply, 'nic'> {
  const nic = records.length === 1 ? records[0]?.nic : undefined;
  return nic === undefined ? {} : { nic };
}

function readHit(laid: Laid, records: readonly ReplyRecord[], kind: Reply['kind']): Reply {
  return {
    verdict: 'HIT',
    kind,
    ...sourceOf(laid),
    records,
    ...onlyNic(records),
    evidence: records.map(({ offset, length }) => ({
      offset,
      length,
      rule: recordRule.name,
      provenance: recordRule.provenance,
    })),
    warnings: [],
  };
}

const bannerLinesMax = 6;

/**
 * The line that begins a `$.` notice: the first behind the known banners, or, of those an operator is told at once, one behind a few
 * lines of a State's own banner (ncic.md, section 6.2), since what stands behind fields is quoted.
 */
function noticeLine({ reading, body }: Laid): { line: TextLine; code: string; isFirst: boolean } | undefined {
  for (const [nth, line] of body.slice(0, bannerLinesMax).entries()) {
    const isFirst = nth === 0;
    const code = noticeCodeAt(line.text.toUpperCase());
    if (code !== undefined && (isFirst || noticeOf(code)?.handling === 'alarm')) return { line, code, isFirst };
    if (line.text.includes('/') || reading.envelope.key !== undefined) return undefined;
  }
  return undefined;
}

/** A `$.` notice, known or not. */
function readNotice(laid: Laid, recordsOf: () => readonly ReplyRecord[]): Reply | undefined {
  const begin = noticeLine(laid);
  if (begin === undefined) return undefined;
  const { line, code, isFirst } = begin;
  const records = recordsOf();
  // A delayed hit is a hit; the other notices only quote a record, where it is sure that they are notices.
  if (records.length > 0 && (code === 'H' || !isFirst)) return { ...readHit(laid, records, 'notice'), notice: code };
  const place = { at: line.at, length: line.text.length };
  return {
    verdict: 'READ IT',
    kind: 'notice',
    ...sourceOf(laid),
    records,
    ...onlyNic(records),
    notice: code,
    evidence: [evidenceOf(laid.reading, place, { name: `notice-${code}`, provenance: 'verified' })],
    warnings: [],
  };
}

function readAcknowledgement(laid: Laid, rule: ReplyRule): Reply {
  const { reading, body } = laid;
  const nic = readMfcRuns(body[0]?.text ?? '', reading.lexicon).find(
    (run) => run.code === 'NIC' && isNic(run.value),
  )?.value;
  return {
    verdict: 'READ IT',
    kind: nic === undefined ? 'other' : 'acknowledgement',
    ...sourceOf(laid, [rule]),
    records: [],
    ...(nic === undefined ? {} : { nic }),
    evidence: body.map((line) => evidenceOf(reading, { at: line.at, length: line.text.length }, rule)),
    warnings: warningsFor([rule]),
  };
}

function readRest(laid: Laid): Reply {
  const { reading, account } = laid;
  const common = { ...sourceOf(laid), records: [], evidence: evidenceOfAccount(reading, account) };
  if (!account.isNoRecord) return { verdict: 'READ IT', kind: 'other', ...common, warnings: [] };
  return { verdict: 'NO RECORD', kind: 'no-record', ...common, warnings: warningsFor(account.rules) };
}

function readReject(laid: Laid, rule: ReplyRule, records: readonly ReplyRecord[]): Reply {
  if (records.length > 0) return { ...readHit(laid, records, 'reject'), warnings: warningsFor([rule]) };
  const line = laid.body[0];
  const place = { at: line?.at ?? 0, length: line?.text.length ?? 0 };
  return {
    verdict: 'READ IT',
    kind: 'reject',
    ...sourceOf(laid, [rule]),
    records: [],
    evidence: [evidenceOf(laid.reading, place, rule)],
    warnings: warningsFor([rule]),
  };
}

/** The tables to read by. */
export interface ReplyOptions {
  readonly lexicon: Lexicon;
  /** Tried before the common rules. */
  readonly rules?: readonly ReplyRule[] | undefined;
  /** Tried before the common kinds of record. */
  readonly recordKinds?: readonly RecordKind[] | undefined;
}

/**
 * Reads a reply with the tables of a profile; `rules` stand before the common ones. A reply inside markup gives what its text
 * gives, its places those of the markup. Never throws, linear in the length.
 */
export function readReplyWith(text: string, given: ReplyOptions): Reply {
  const wrapped = isOfml(text) ? readWrappedReply(text, (inner) => readReplyText(inner, given)) : undefined;
  return wrapped ?? readReplyText(text, given);
}

/** Lays a reply out: its envelope, its lines, and which rule accounts for each. */
export function layOutReply(text: string, given: ReplyOptions): Laid {
  const clean = cleanText(text);
  const envelope = readEnvelope(clean);
  // Rules of wording take a line as it was written; a record is one in small letters too.
  const lines = linesFrom(clean.text, envelope.bodyAt);
  const rules = given.rules === undefined ? baseReplyRules : [...given.rules, ...baseReplyRules];
  const folded = clean.hasLowerCase ? { ...clean, text: inCapitals(clean.text) } : clean;
  const reading = {
    clean: folded,
    envelope,
    lines,
    lexicon: given.lexicon,
    rules,
    recordKinds: given.recordKinds ?? [],
  };
  const account = accountForLines(reading);
  const hasBanner = account.rules.some((rule) => rule.kind === 'banner');
  const isBody = ({ rule }: AccountedLines) => rule?.kind !== 'banner';
  const body = hasBanner
    ? account.parts.filter(isBody).flatMap(({ first, count }) => lines.slice(first, first + count))
    : lines;
  return { reading, account, body };
}

function readReplyText(text: string, given: ReplyOptions): Reply {
  const laid = layOutReply(text, given);
  const { reading, account, body } = laid;
  const byKey = readByKey(laid);
  if (byKey !== undefined) return byKey;
  const acknowledged = findAcknowledgement(laid);
  if (acknowledged !== undefined) return readAcknowledgement(laid, acknowledged);
  const records = readRecords(reading, account);
  const notice = readNotice(laid, () => records);
  if (notice !== undefined) return notice;
  const first = body[0]?.text ?? '';
  const reject = reading.rules.find((rule) => rule.kind === 'reject' && lineAgrees(first, rule, reading.lexicon));
  if (reject !== undefined) return readReject(laid, reject, records);
  return records.length > 0 ? readHit(laid, records, 'hit') : readRest(laid);
}
