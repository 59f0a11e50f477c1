/**
 * What a reply says. Any record block makes it HIT; it is NO RECORD only when every line is accounted for by a no-record or a
 * banner rule; any remainder makes it READ IT. Each verdict carries the places that caused it.
 */
import { type Fault, makeFault } from '../../faults/fault.ts';
import type { Lexicon } from '../lexicon.ts';
import type { Provenance, Reply, ReplyRecord } from '../message.ts';
import { isOfml } from '../ofml/ofml.ts';
import { type CleanText, cleanText } from '../request/clean-text.ts';
import { isNic } from '../rules/value-edits.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { bannerLines, isOnlyFields, lineAgrees, linesFrom, type TextLine } from './lines.ts';
import { type MfcRun, readMfcRuns } from './mfc-runs.ts';
import { type NoticeRow, noticeAt } from './notices.ts';
import { type RecordKind, recordKindOf, speaksAgainstArrest } from './record-kinds.ts';
import { baseReplyRules, type ReplyRule } from './reply-rules.ts';
import { readWrappedReply } from './wrapped-reply.ts';

type Evidence = Reply['evidence'][number];

interface ReplyReading {
  readonly clean: CleanText;
  readonly envelope: Envelope;
  readonly lines: readonly TextLine[];
  readonly lexicon: Lexicon;
  readonly rules: readonly ReplyRule[];
  readonly recordKinds: readonly RecordKind[];
}

const verifiedRecord = { name: 'record-block', provenance: 'verified' } as const;

function evidenceOf(
  reading: ReplyReading,
  place: { at: number; length: number },
  rule: Pick<ReplyRule, 'name' | 'provenance'>,
): Evidence {
  const offset = reading.clean.offsetOf(place.at);
  const end = reading.clean.offsetOf(place.at + Math.max(0, place.length - 1)) + 1;
  return { offset, length: end - offset, rule: rule.name, provenance: rule.provenance };
}

function valuesOf(runs: readonly MfcRun[]): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const run of runs) {
    const before = values[run.code];
    if (before === undefined) values[run.code] = [run.value];
    else before.push(run.value);
  }
  return values;
}

interface Block {
  readonly runs: readonly MfcRun[];
  /** Where the record begins and how long it is, in the clean text. */
  readonly at: number;
  readonly length: number;
  /** Where the prose in front of it begins. */
  readonly proseAt: number;
}

/** What the record is good for, from its literal and the prose around it. */
function standingOf(
  reading: ReplyReading,
  block: Block,
  literal: string,
): Pick<ReplyRecord, 'standing' | 'file' | 'restricted' | 'located' | 'caveat'> {
  const kind = recordKindOf(literal, reading.recordKinds);
  const prose = reading.clean.text.slice(block.proseAt, block.at + block.length);
  const against = speaksAgainstArrest(prose);
  const { offset, length } = evidenceOf(reading, { at: block.proseAt, length: prose.length }, verifiedRecord);
  const standing = kind?.standing ?? 'unknown';
  return {
    standing: against && standing === 'want' ? 'caution' : standing,
    ...(kind === undefined ? {} : { file: kind.file }),
    restricted: kind?.restricted ?? false,
    located: literal.startsWith('LOCATED '),
    ...(against ? { caveat: { offset, length } } : {}),
  };
}

function makeRecord(reading: ReplyReading, block: Block): ReplyRecord {
  const values = valuesOf(block.runs);
  const nic = values['NIC']?.find(isNic);
  const literal = values['MKE']?.[0] ?? '';
  const { offset, length } = evidenceOf(reading, block, verifiedRecord);
  return {
    literal,
    values,
    ...(nic === undefined ? {} : { nic }),
    ...(values['ORI']?.[0] === undefined ? {} : { ori: values['ORI'][0] }),
    ...(values['OCA']?.[0] === undefined ? {} : { oca: values['OCA'][0] }),
    ...standingOf(reading, block, literal),
    offset,
    length,
  };
}

/** Where a record ends: after its last value and a closing line, so that what follows is prose of the next one. */
function endOfBlock(text: string, last: MfcRun): number {
  const lineEnd = text.indexOf('\n', last.offset + last.length);
  if (lineEnd < 0) return text.length;
  const nextEnd = text.indexOf('\n', lineEnd + 1);
  const next = text.slice(lineEnd + 1, nextEnd < 0 ? text.length : nextEnd);
  if (!/^(?:IMMED |ORI IS )/.test(next)) return lineEnd;
  return nextEnd < 0 ? text.length : nextEnd;
}

/** Every `MKE/` block of the text; without one, the whole text is a block when it names a NIC. */
function readRecords(reading: ReplyReading): readonly ReplyRecord[] {
  const { clean, envelope, lexicon } = reading;
  const from = envelope.bodyAt;
  const body = clean.text.slice(from).trimEnd();
  const runs = readMfcRuns(body, lexicon);
  const starts = runs.flatMap((run, index) => (run.code === 'MKE' ? [index] : []));
  if (starts.length === 0) {
    if (!runs.some((run) => run.code === 'NIC' && isNic(run.value))) return [];
    return [makeRecord(reading, { runs, at: from, length: body.length, proseAt: from })];
  }
  let proseAt = from;
  return starts.map((start, nth) => {
    const own = runs.slice(start, starts[nth + 1]);
    const at = own[0]?.offset ?? 0;
    const last = own.at(-1);
    const isLastBlock = starts[nth + 1] === undefined;
    const end = isLastBlock || last === undefined ? body.length : endOfBlock(body, last);
    const block = { runs: own, at: from + at, length: end - at, proseAt };
    proseAt = from + end;
    return makeRecord(reading, block);
  });
}

interface Account {
  readonly evidence: readonly Evidence[];
  readonly rules: readonly ReplyRule[];
  /** True when no line is left over. */
  readonly complete: boolean;
}

/** Accounts for the lines by no-record and banner rules. */
function accountForLines(reading: ReplyReading): Account {
  const evidence: Evidence[] = [];
  const used: ReplyRule[] = [];
  const banners = reading.rules.filter((rule) => rule.kind === 'banner');
  const negatives = reading.rules.filter((rule) => rule.kind === 'no-record');
  for (let index = 0; index < reading.lines.length; ) {
    const line = reading.lines[index];
    if (line === undefined) break;
    let count = 0;
    let rule = banners.find((one) => {
      count = one.rest === 'nothing' ? bannerLines(reading.lines, index, one.starts) : 0;
      return count > 0 || lineAgrees(line.text, one, reading.lexicon);
    });
    rule ??= negatives.find((one) => lineAgrees(line.text, one, reading.lexicon));
    if (rule === undefined) return { evidence, rules: used, complete: false };
    evidence.push(evidenceOf(reading, { at: line.at, length: line.text.length }, rule));
    used.push(rule);
    index += Math.max(1, count);
  }
  return { evidence, rules: used, complete: used.some((rule) => rule.kind === 'no-record') };
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
function findAcknowledgement(reading: ReplyReading): ReplyRule | undefined {
  const [first, ...others] = reading.lines;
  if (first === undefined || reading.lines.length > acknowledgementLinesMax) return undefined;
  const rule = reading.rules.find(
    (one) => one.kind === 'acknowledgement' && lineAgrees(first.text, one, reading.lexicon),
  );
  if (rule === undefined || !others.every((line) => isOnlyFields(line.text, reading.lexicon))) return undefined;
  const runs = reading.lines.flatMap((line) => readMfcRuns(line.text, reading.lexicon));
  return runs.every((run) => acknowledgedFields.has(run.code)) ? rule : undefined;
}

function warningsFor(rules: readonly { provenance: Provenance }[]): readonly Fault[] {
  return rules.some((rule) => rule.provenance === 'recalled') ? [makeFault('REPLY_RULE_RECALLED')] : [];
}

function statusNumber(reading: ReplyReading): number | undefined {
  const found = /^[ ]*\.(\d{2})\.|^[ ]*(0)[ ]/.exec(reading.lines[0]?.text ?? '');
  return found === null ? undefined : Number(found[1] ?? found[2]);
}

/** Keys whose body is a person's prose: a record quoted in it is no answer of a file. */
const proseKeys = new Set(['AM', 'AML', 'AA', 'AQ', 'AR', 'LQ', 'LR', 'LE', 'HS', 'HSL', 'HR']);
const confirmationKeys = new Set(['YQ', 'YR', 'FYQ', 'FYR']);

/** Replies whose Nlets key alone says what they are. */
function readByKey(reading: ReplyReading): Reply | undefined {
  const key = reading.envelope.key ?? '';
  const common = { verdict: 'READ IT', source: 'NLETS', records: [], warnings: [] } as const;
  const evidence = [evidenceOf(reading, { at: 0, length: key.length }, { name: `key-${key}`, provenance: 'verified' })];
  if (confirmationKeys.has(key)) return { ...common, kind: 'confirmation', evidence };
  if (proseKeys.has(key)) return { ...common, kind: 'other', evidence };
  if (key !== 'ER' && key !== 'SM') return undefined;
  const number = statusNumber(reading);
  const kind = key === 'ER' ? 'error' : 'status';
  return { ...common, kind, evidence, ...(number === undefined ? {} : { statusNumber: number }) };
}

function readBySource(reading: ReplyReading, rules: readonly ReplyRule[]): Pick<Reply, 'source'> {
  const from = rules.find((rule) => rule.from !== undefined)?.from ?? reading.envelope.source;
  return from === undefined ? {} : { source: from };
}

function readHit(reading: ReplyReading, records: readonly ReplyRecord[], kind: Reply['kind']): Reply {
  const nic = records.length === 1 ? records[0]?.nic : undefined;
  const account = accountForLines(reading);
  return {
    verdict: 'HIT',
    kind,
    ...readBySource(reading, account.rules),
    records,
    ...(nic === undefined ? {} : { nic }),
    evidence: records.map((one) => ({
      offset: one.offset,
      length: one.length,
      rule: verifiedRecord.name,
      provenance: verifiedRecord.provenance,
    })),
    warnings: [],
  };
}

function readNotice(
  reading: ReplyReading,
  { line, row }: { line: TextLine; row: NoticeRow },
  records: readonly ReplyRecord[],
): Reply {
  // A delayed hit is a hit; the other notices only quote a record.
  if (row.code === 'H' && records.length > 0) return { ...readHit(reading, records, 'notice'), notice: row.code };
  const place = { at: line.at, length: line.text.length };
  return {
    verdict: 'READ IT',
    kind: 'notice',
    ...readBySource(reading, []),
    records,
    notice: row.code,
    evidence: [evidenceOf(reading, place, { name: `notice-${row.code}`, provenance: 'verified' })],
    warnings: [],
  };
}

function readAcknowledgement(reading: ReplyReading, rule: ReplyRule): Reply {
  const nic = readMfcRuns(reading.lines[0]?.text ?? '', reading.lexicon).find(
    (run) => run.code === 'NIC' && isNic(run.value),
  )?.value;
  return {
    verdict: 'READ IT',
    kind: nic === undefined ? 'other' : 'acknowledgement',
    ...readBySource(reading, [rule]),
    records: [],
    ...(nic === undefined ? {} : { nic }),
    evidence: reading.lines.map((line) => evidenceOf(reading, { at: line.at, length: line.text.length }, rule)),
    warnings: warningsFor([rule]),
  };
}

function readRest(reading: ReplyReading): Reply {
  const account = accountForLines(reading);
  if (account.complete) {
    return {
      verdict: 'NO RECORD',
      kind: 'no-record',
      ...readBySource(reading, account.rules),
      records: [],
      evidence: account.evidence,
      warnings: warningsFor(account.rules),
    };
  }
  return {
    verdict: 'READ IT',
    kind: 'other',
    ...readBySource(reading, account.rules),
    records: [],
    evidence: account.evidence,
    warnings: [],
  };
}

function readReject(reading: ReplyReading, rule: ReplyRule, records: readonly ReplyRecord[]): Reply {
  if (records.length > 0) return { ...readHit(reading, records, 'reject'), warnings: warningsFor([rule]) };
  const line = reading.lines[0];
  const place = { at: line?.at ?? 0, length: line?.text.length ?? 0 };
  return {
    verdict: 'READ IT',
    kind: 'reject',
    ...readBySource(reading, [rule]),
    records: [],
    evidence: [evidenceOf(reading, place, rule)],
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

function readReplyText(text: string, given: ReplyOptions): Reply {
  const clean = cleanText(text);
  const envelope = readEnvelope(clean);
  const reading: ReplyReading = {
    clean,
    envelope,
    lines: linesFrom(clean.text, envelope.bodyAt),
    lexicon: given.lexicon,
    rules: [...(given.rules ?? []), ...baseReplyRules],
    recordKinds: given.recordKinds ?? [],
  };
  const byKey = readByKey(reading);
  if (byKey !== undefined) return byKey;
  const acknowledged = findAcknowledgement(reading);
  if (acknowledged !== undefined) return readAcknowledgement(reading, acknowledged);
  const records = readRecords(reading);
  const first = reading.lines[0];
  const notice = first === undefined ? undefined : noticeAt(first.text);
  if (first !== undefined && notice !== undefined) {
    return readNotice(reading, { line: first, row: notice }, records);
  }
  const reject = reading.rules.find(
    (rule) => rule.kind === 'reject' && lineAgrees(first?.text ?? '', rule, reading.lexicon),
  );
  if (reject !== undefined) return readReject(reading, reject, records);
  return records.length > 0 ? readHit(reading, records, 'hit') : readRest(reading);
}
