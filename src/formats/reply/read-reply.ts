/**
 * What a reply says. Any record block makes it HIT; it is NO RECORD only when every line is accounted for by a no-record or a
 * banner rule; any remainder makes it READ IT. Each verdict carries the places that caused it.
 */
import { type Fault, makeFault } from '../../faults/fault.ts';
import type { Lexicon } from '../lexicon.ts';
import type { Provenance, Reply, ReplyRecord } from '../message.ts';
import { type CleanText, cleanText } from '../request/clean-text.ts';
import { isNic } from '../rules/value-edits.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { bannerLines, isOnlyFields, lineAgrees, linesFrom, type TextLine } from './lines.ts';
import { type MfcRun, readMfcRuns } from './mfc-runs.ts';
import { baseReplyRules, type ReplyRule } from './reply-rules.ts';

type Evidence = Reply['evidence'][number];

interface ReplyReading {
  readonly clean: CleanText;
  readonly envelope: Envelope;
  readonly lines: readonly TextLine[];
  readonly lexicon: Lexicon;
  readonly rules: readonly ReplyRule[];
}

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

function makeRecord(
  reading: ReplyReading,
  runs: readonly MfcRun[],
  place: { at: number; length: number },
): ReplyRecord {
  const values = valuesOf(runs);
  const nic = values['NIC']?.find(isNic);
  const { offset, length } = evidenceOf(reading, place, { name: '', provenance: 'verified' });
  return {
    literal: values['MKE']?.[0] ?? '',
    values,
    ...(nic === undefined ? {} : { nic }),
    ...(values['ORI']?.[0] === undefined ? {} : { ori: values['ORI'][0] }),
    ...(values['OCA']?.[0] === undefined ? {} : { oca: values['OCA'][0] }),
    offset,
    length,
  };
}

/** Every `MKE/` block of the text; without one, the whole text is a block when it names a NIC. */
function readRecords(reading: ReplyReading): readonly ReplyRecord[] {
  const { clean, envelope, lexicon } = reading;
  const body = clean.text.slice(envelope.bodyAt).trimEnd();
  const runs = readMfcRuns(body, lexicon);
  const starts = runs.flatMap((run, index) => (run.code === 'MKE' ? [index] : []));
  if (starts.length === 0) {
    if (!runs.some((run) => run.code === 'NIC' && isNic(run.value))) return [];
    return [makeRecord(reading, runs, { at: envelope.bodyAt, length: body.length })];
  }
  return starts.map((start, nth) => {
    const next = starts[nth + 1];
    const at = runs[start]?.offset ?? 0;
    const end = next === undefined ? body.length : (runs[next]?.offset ?? body.length);
    const length = body.slice(at, end).trimEnd().length;
    return makeRecord(reading, runs.slice(start, next), { at: envelope.bodyAt + at, length });
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

const verifiedRecord = { name: 'record-block', provenance: 'verified' } as const;

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

function readNotice(reading: ReplyReading, line: TextLine, records: readonly ReplyRecord[]): Reply {
  const code = /^\$\.?([A-Z0-9]{1,4})/.exec(line.text.trimStart())?.[1] ?? '';
  // A delayed hit is a hit; the other notices only quote a record.
  if (code === 'H' && records.length > 0) return readHit(reading, records, 'notice');
  return {
    verdict: 'READ IT',
    kind: 'notice',
    ...readBySource(reading, []),
    records,
    evidence: [
      evidenceOf(
        reading,
        { at: line.at, length: line.text.length },
        { name: `notice-${code}`, provenance: 'verified' },
      ),
    ],
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

/** Reads a reply with the tables of a profile; `rules` stand before the common ones. Never throws, linear in the length. */
export function readReplyWith(
  text: string,
  given: { lexicon: Lexicon; rules?: readonly ReplyRule[] | undefined },
): Reply {
  const clean = cleanText(text);
  const envelope = readEnvelope(clean);
  const reading: ReplyReading = {
    clean,
    envelope,
    lines: linesFrom(clean.text, envelope.bodyAt),
    lexicon: given.lexicon,
    rules: [...(given.rules ?? []), ...baseReplyRules],
  };
  const byKey = readByKey(reading);
  if (byKey !== undefined) return byKey;
  const acknowledged = findAcknowledgement(reading);
  if (acknowledged !== undefined) return readAcknowledgement(reading, acknowledged);
  const records = readRecords(reading);
  const first = reading.lines[0];
  if (first !== undefined && /^ *\$\.?[A-Z0-9]/.test(first.text)) return readNotice(reading, first, records);
  const reject = reading.rules.find(
    (rule) => rule.kind === 'reject' && lineAgrees(first?.text ?? '', rule, reading.lexicon),
  );
  if (reject !== undefined) return readReject(reading, reject, records);
  return records.length > 0 ? readHit(reading, records, 'hit') : readRest(reading);
}
