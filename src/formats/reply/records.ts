/** The records of a reply: one `MKE/` block each; without one, the whole text is a block when it names a NIC. */
import type { ReplyRecord } from '../message.ts';
import { type Account, evidenceOf, isAnyOutsideNoRecord, type ReplyReading } from './account.ts';
import { type MfcRun, readMfcRuns } from './mfc-runs.ts';
import { kindByNic, kindOfRecord, speaksAgainstArrest } from './record-kinds.ts';

/** The rule by which a record block makes a HIT: the layout is published (WI-PIF). */
export const recordRule = { name: 'record-block', provenance: 'verified' } as const;

interface Block {
  readonly runs: readonly MfcRun[];
  /** Where the record begins and how long it is, in the clean text. */
  readonly at: number;
  readonly length: number;
  /** Where the prose in front of it begins, and where the prose that may belong to it ends. */
  readonly proseAt: number;
  readonly proseEnd: number;
}

/** The NIC at the beginning of a value; what a switch lays behind it does not matter. */
function nicOf(values: readonly string[] | undefined): string | undefined {
  for (const value of values ?? []) {
    const found = /^[A-Z][0-9]{9}(?![A-Z0-9])/.exec(value);
    if (found !== null) return found[0];
  }
  return undefined;
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

/** An identifier ends where a wide gap or, for an ORI, anything else begins. */
function identifierOf(value: string | undefined, form: RegExp): string | undefined {
  const found = value === undefined ? undefined : form.exec(value)?.[0];
  return found === '' ? undefined : found;
}

/** The words of caution and medical condition that stand on lines of their own, or behind CMC as a code. */
function cautionsOf(reading: ReplyReading, block: Block, values: Readonly<Record<string, string[]>>): string[] {
  const table = reading.lexicon.tables.get('CMC')?.codes ?? {};
  const known = Object.values(table);
  const found = new Set((values['CMC'] ?? []).flatMap((value) => table[value.slice(0, 2)] ?? []));
  const text = reading.clean.text.slice(block.at, block.at + block.length);
  for (const line of text.split('\n')) {
    const words = line.includes('/') ? '' : line.trim();
    if (words !== '' && known.includes(words)) found.add(words);
  }
  return [...found];
}

type Standing = Pick<ReplyRecord, 'standing' | 'file' | 'restricted' | 'located' | 'caveat'>;

/** What the record is good for, from its literal, its NIC and the prose around it. */
function standingOf(
  reading: ReplyReading,
  block: Block,
  named: { literal: string; nic: string | undefined },
): Standing {
  const after = reading.clean.text.slice(block.at, block.at + block.length).split('\n', 2)[1] ?? '';
  const byLiteral = block.runs[0]?.code === 'MKE' ? kindOfRecord(named.literal, after, reading.recordKinds) : undefined;
  const byNic = named.nic === undefined ? undefined : kindByNic(named.nic);
  const kind = byLiteral ?? byNic;
  const prose = reading.clean.text.slice(block.proseAt, block.proseEnd);
  const against = speaksAgainstArrest(prose);
  const { offset, length } = evidenceOf(reading, { at: block.proseAt, length: prose.length }, recordRule);
  // Literal and number that contradict one another: nobody may take it for a want.
  const isDoubtful = byLiteral?.standing === 'want' && (byNic?.standing === 'caution' || byNic?.standing === 'welfare');
  const standing = isDoubtful ? 'unknown' : (kind?.standing ?? 'unknown');
  return {
    standing: against && standing === 'want' ? 'caution' : standing,
    ...(kind === undefined ? {} : { file: kind.file }),
    restricted: (byLiteral?.restricted ?? false) || (byNic?.restricted ?? false),
    located: named.literal.startsWith('LOCATED '),
    ...(against ? { caveat: { offset, length } } : {}),
  };
}

function makeRecord(reading: ReplyReading, block: Block): ReplyRecord {
  const values = valuesOf(block.runs);
  const nic = nicOf(values['NIC']);
  const ori = identifierOf(values['ORI']?.[0], /^[A-Z]{2}[A-Z0-9]{7}(?![A-Z0-9])/);
  const oca = identifierOf(values['OCA']?.[0], /^(?:(?! {2}).)*/);
  const literal = values['MKE']?.[0] ?? '';
  const { offset, length } = evidenceOf(reading, block, recordRule);
  return {
    literal,
    values,
    ...(nic === undefined ? {} : { nic }),
    ...(ori === undefined ? {} : { ori }),
    ...(oca === undefined ? {} : { oca }),
    names: [...(values['NAM'] ?? []), ...(values['AKA'] ?? [])],
    cautions: cautionsOf(reading, block, values),
    ...standingOf(reading, block, { literal, nic }),
    offset,
    length,
  };
}

/** Where a record ends: after its last value and its closing lines, so that what follows is prose of the next one. */
function endOfBlock(text: string, last: MfcRun): number {
  let end = text.indexOf('\n', last.offset + last.length);
  while (end >= 0) {
    const nextEnd = text.indexOf('\n', end + 1);
    const next = text.slice(end + 1, nextEnd < 0 ? text.length : nextEnd);
    if (!/^ *(?:IMMED |ORI IS )/.test(next)) return end;
    end = nextEnd;
  }
  return text.length;
}

/** Where a paragraph ends that reaches beyond a record: a caveat laid right behind one may be meant for it. */
function endOfParagraph(text: string, from: number, limit: number): number {
  let end = from;
  while (end < limit) {
    const next = text.indexOf('\n', end + 1);
    const lineEnd = next < 0 ? text.length : next;
    if (text.slice(end, lineEnd).trim() === '') return end;
    end = lineEnd;
  }
  return Math.min(end, limit);
}

/** Words at the top that speak of several records are meant for each of them. */
function speaksForAll(top: string): boolean {
  return /\b(?:RECORDS|THESE|ALL OF|EACH OF)\b/.test(top) && speaksAgainstArrest(top);
}

function blocksOf(body: string, runs: readonly MfcRun[], starts: readonly number[]): readonly Block[] {
  let proseAt = 0;
  return starts.map((start, nth) => {
    const nextStart = starts[nth + 1];
    const own = runs.slice(start, nextStart);
    const at = own[0]?.offset ?? 0;
    const last = own.at(-1);
    const limit = nextStart === undefined ? body.length : (runs[nextStart]?.offset ?? body.length);
    const end = nextStart === undefined || last === undefined ? body.length : Math.min(limit, endOfBlock(body, last));
    const block = { runs: own, at, length: end - at, proseAt, proseEnd: endOfParagraph(body, end, limit) };
    proseAt = end;
    return block;
  });
}

function shifted(block: Block, by: number): Block {
  return { ...block, at: block.at + by, proseAt: block.proseAt + by, proseEnd: block.proseEnd + by };
}

/** Every record of the text. A NIC in a line that says there is no record of it makes none. */
export function readRecords(reading: ReplyReading, account: Account): readonly ReplyRecord[] {
  const { clean, envelope, lexicon } = reading;
  const from = envelope.bodyAt;
  const body = clean.text.slice(from).trimEnd();
  const runs = readMfcRuns(body, lexicon);
  const starts = runs.flatMap((run, index) => (run.code === 'MKE' ? [index] : []));
  if (starts.length === 0) {
    const nics = runs.filter((run) => run.code === 'NIC' && nicOf([run.value]) !== undefined);
    if (nics.length === 0) return [];
    const places = nics.map((run) => from + run.offset);
    if (!isAnyOutsideNoRecord(reading, account, places)) return [];
    const whole = { runs, at: from, length: body.length, proseAt: from, proseEnd: from + body.length };
    return [makeRecord(reading, whole)];
  }
  const blocks = blocksOf(body, runs, starts).map((block) => shifted(block, from));
  const records = blocks.map((block) => makeRecord(reading, block));
  const top = body.slice(0, runs[starts[0] ?? 0]?.offset);
  if (records.length < 2 || !speaksForAll(top)) return records;
  const { offset, length } = evidenceOf(reading, { at: from, length: Math.max(1, top.trimEnd().length) }, recordRule);
  return records.map((one) => ({
    ...one,
    standing: one.standing === 'want' ? 'caution' : (one.standing ?? 'unknown'),
    caveat: one.caveat ?? { offset, length },
  }));
}
