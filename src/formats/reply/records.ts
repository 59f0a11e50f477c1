/** The records of a reply: one `MKE/` block each; without one, the whole text is a block when it names a NIC. */
import type { ReplyRecord } from '../message.ts';
import { type Account, evidenceOf, isAnyOutsideNoRecord, type ReplyReading } from './account.ts';
import { speaksAgainstArrest } from './caveats.ts';
import { type MfcRun, readMfcRuns } from './mfc-runs.ts';
import { kindByNic, kindOfRecord } from './record-kinds.ts';

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

/** True for a place on a line of words alone, or inside what a person wrote behind MIS: behind other codes they are no caution. */
function isProse(text: string, at: number, remarks: readonly MfcRun[]): boolean {
  if (remarks.some((run) => at >= run.offset && at < run.offset + run.length)) return true;
  const lineAt = text.lastIndexOf('\n', at) + 1;
  const lineEnd = text.indexOf('\n', at);
  return !text.slice(lineAt, lineEnd < 0 ? text.length : lineEnd).includes('/');
}

/** The words of caution and medical condition, on lines of their own, in MIS, or behind CMC as codes or words. */
function cautionsOf({ clean, envelope, lexicon }: ReplyReading, block: Block): string[] {
  const found = new Set<string>();
  for (const run of block.runs) {
    if (run.code === 'CMC') for (const words of lexicon.cautions.ofValue(run.value)) found.add(words);
  }
  const text = clean.text.slice(block.at, block.at + block.length);
  const said = lexicon.cautions.inText(text);
  if (said.length === 0) return [...found];
  const by = envelope.bodyAt - block.at;
  const remarks = block.runs
    .filter((run) => run.code === 'MIS' || run.code === 'CMC')
    .map((run) => ({ ...run, offset: run.offset + by }));
  for (const { words, at } of said) if (isProse(text, at, remarks)) found.add(words);
  return [...found];
}

/** True when only blanks stand between a place and the begin of its line. */
function beginsLine(text: string, at: number): boolean {
  let place = at;
  while (place > 0 && text.charCodeAt(place - 1) === 32) place -= 1;
  return place === 0 || text.charCodeAt(place - 1) === 10;
}

/**
 * The number of the record itself where others are named beside it: its own has the date of entry behind it, or at least begins a
 * line. Undefined when more than one does: a wrong number would ask another agency about another record.
 */
function ownNicOf({ clean, envelope }: ReplyReading, runs: readonly MfcRun[]): string | undefined {
  const found = runs.flatMap((run, nth) => {
    const nic = run.code === 'NIC' ? nicOf([run.value]) : undefined;
    if (nic === undefined) return [];
    const isFirst = beginsLine(clean.text, envelope.bodyAt + run.offset);
    return [{ nic, isFirst, isEntered: runs[nth + 1]?.code === 'DTE' }];
  });
  const [first] = found;
  if (first === undefined || found.every(({ nic }) => nic === first.nic)) return first?.nic;
  const entered = found.filter((one) => one.isEntered);
  const sure = entered.length > 0 ? entered : found.filter((one) => one.isFirst);
  return sure[0] !== undefined && sure.every(({ nic }) => nic === sure[0]?.nic) ? sure[0].nic : undefined;
}

type Standing = Pick<ReplyRecord, 'standing' | 'file' | 'restricted' | 'located' | 'caveat'>;

/** What the record is good for, from its literal, its NIC and the prose around it. */
function standingOf(
  reading: ReplyReading,
  block: Block,
  named: { literal: string; nic: string | undefined; nics: readonly string[] },
): Standing {
  const after = reading.clean.text.slice(block.at, block.at + block.length).split('\n', 2)[1] ?? '';
  const byLiteral = block.runs[0]?.code === 'MKE' ? kindOfRecord(named.literal, after, reading.recordKinds) : undefined;
  const byNic = named.nic === undefined ? undefined : kindByNic(named.nic);
  const isAnyRestricted = named.nics.some((nic) => kindByNic(nic)?.restricted === true);
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
    restricted: (byLiteral?.restricted ?? false) || isAnyRestricted,
    located: /\bLOCATED\b/.test(named.literal),
    ...(against ? { caveat: { offset, length } } : {}),
  };
}

function makeRecord(reading: ReplyReading, block: Block): ReplyRecord {
  const values = valuesOf(block.runs);
  const nic = ownNicOf(reading, block.runs);
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
    cautions: cautionsOf(reading, block),
    ...standingOf(reading, block, { literal, nic, nics: values['NIC'] ?? [] }),
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

/** How many line breaks stand between two lines of a stretch at least: a switch may lay a blank line behind every one. */
function spacingOf(text: string, from: number, end: number): number {
  const breaks = text
    .slice(from, end)
    .trim()
    .match(/\n[ \n]*/g) ?? ['\n'];
  return Math.min(...breaks.slice(0, 50).map((one) => one.split('\n').length - 1));
}

/** Where a paragraph ends that reaches beyond a record: a caveat laid right behind one may be meant for it. */
function endOfParagraph(text: string, from: number, { limit, spacing }: { limit: number; spacing: number }): number {
  let end = from;
  let blankAt = from;
  for (let blankLines = 0; end < limit; ) {
    const next = text.indexOf('\n', end + 1);
    const lineEnd = next < 0 ? text.length : next;
    const isBlank = text.slice(end, lineEnd).trim() === '';
    if (isBlank && blankLines === 0) blankAt = end;
    blankLines = isBlank ? blankLines + 1 : 0;
    if (blankLines >= spacing) return blankAt;
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
    // Behind the last record all that follows is its own.
    const proseEnd = end < limit ? endOfParagraph(body, end, { limit, spacing: spacingOf(body, at, end) }) : end;
    const block = { runs: own, at, length: end - at, proseAt, proseEnd };
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
