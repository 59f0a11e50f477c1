/** The records of the hot files as plain values, and every change that may be made to them. Pure. */
import type { Values } from '../../formats/message.ts';
import { type FieldSet, type HotFile, type HotFileName, hotFileNamed, type RecordAction } from './files.ts';

/** One synthetic record. `fields` holds neither ORI nor NIC: they are the record's own. */
export interface HotRecord {
  readonly file: HotFileName;
  readonly nic: string;
  /** The entering agency, which owns it. */
  readonly ori: string;
  /** The message key that entered it, which decides its literal. */
  readonly key: string;
  readonly fields: Values;
  readonly enteredAtMs: number;
  readonly updatedAtMs: number;
  readonly locate?: { readonly ori: string; readonly atMs: number; readonly fields: Values };
  /** Further values by their codes; queries find the record by them too. */
  readonly supplements?: Values;
  /** Added to a located record by its owner, who wants the person kept for him. */
  readonly detainer?: { readonly atMs: number; readonly fields: Values };
  /** Set once it was cleared or cancelled, or its time on file was over: no query finds it any more. */
  readonly purged?: { readonly by: 'clear' | 'cancel' | 'retention'; readonly atMs: number };
}

export interface HotRecords {
  readonly byNic: ReadonlyMap<string, HotRecord>;
  /** The six last digits the next NIC of a letter gets. */
  readonly nextNumber: Readonly<Record<string, number>>;
}

/** Why a change was refused; the wording stands in replies.ts. */
export type RecordRefusal =
  | { readonly why: 'on-file'; readonly record: HotRecord }
  | { readonly why: 'not-on-file' }
  | { readonly why: 'full' }
  | { readonly why: 'not-owner' }
  | { readonly why: 'already-located' | 'already-cleared' | 'already-canceled' }
  | { readonly why: 'supplement-on-file' | 'supplement-not-on-file' }
  | { readonly why: 'not-located' | 'detainer-on-file' | 'detainer-not-on-file' }
  | { readonly why: 'field'; readonly field: string };

export type RecordChange =
  | { readonly ok: true; readonly records: HotRecords; readonly record: HotRecord }
  | { readonly ok: false; readonly refusal: RecordRefusal };

/** An empty set of files. NICs are given from `letter` + 990000001 on: openly synthetic, and no check digit is pretended. */
export const noRecords: HotRecords = { byNic: new Map(), nextNumber: {} };

const nicPrefix = '990';

/** Puts records as loaded into the files and keeps later NICs clear of theirs. */
export function withRecords(records: HotRecords, loaded: readonly HotRecord[]): HotRecords {
  const byNic = new Map(records.byNic);
  const nextNumber: Record<string, number> = { ...records.nextNumber };
  for (const record of loaded) {
    byNic.set(record.nic, record);
    const letter = record.nic.slice(0, 1);
    const number = record.nic.startsWith(nicPrefix, 1) ? Number(record.nic.slice(4)) : 0;
    nextNumber[letter] = Math.max(nextNumber[letter] ?? 1, number + 1);
  }
  return { byNic, nextNumber };
}

/** A name for comparing: one space between words, none around the comma, upper case. */
function comparableName(name: string): string {
  return name
    .toUpperCase()
    .replace(/\s+/g, ' ')
    .replace(/\s*,\s*/g, ',')
    .trim();
}

/**
 * A gun serial for comparing: letter O is zero, and embedded letters (a run between two digits) do not count, so that
 * 369J257 finds 369257 and 369M257; prefix and suffix letters count (ncic.md 3.4, WI-QG and WACIC-4).
 */
function comparableSerial(serial: string): string {
  return serial
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[^A-Z0-9]/g, '')
    .replace(/(?<=\d)[A-Z]+(?=\d)/g, '');
}

function comparable(file: HotFile, code: string, value: string): string {
  if (code === 'NAM') return comparableName(value);
  if (code === 'SER' && file.name === 'gun') return comparableSerial(value);
  return value.toUpperCase().replace(/[\s-]/g, '');
}

/** The values of a record under a code: NAM takes in the aliases, ORI and NIC are the record's own. */
function recordValues(record: HotRecord, code: string): readonly string[] {
  if (code === 'ORI') return [record.ori];
  if (code === 'NIC') return [record.nic];
  const held = (one: string): readonly string[] => [
    ...(record.fields[one] ?? []),
    ...(record.supplements?.[one] ?? []),
  ];
  return code === 'NAM' ? [...held('NAM'), ...held('AKA')] : held(code);
}

function agrees(record: HotRecord, set: FieldSet, asked: Values): boolean {
  const file = hotFileNamed(record.file);
  return set.every((code) => {
    const wanted = (asked[code] ?? []).map((value) => comparable(file, code, value)).filter((value) => value !== '');
    const held = recordValues(record, code).map((value) => comparable(file, code, value));
    return wanted.length > 0 && wanted.some((value) => held.includes(value));
  });
}

/** How precise a set must be: of the sets whose fields were all asked for, only the longest count, so that LIC+LIS beats LIC. */
function usableSets(sets: readonly FieldSet[], asked: Values): readonly FieldSet[] {
  const given = sets.filter((set) => set.every((code) => (asked[code] ?? []).length > 0));
  return given.filter(
    (set) => !given.some((other) => other.length > set.length && set.every((code) => other.includes(code))),
  );
}

/**
 * The records of the named files that an inquiry finds, oldest NIC first. `asked` holds the inquiry's fields; ORI in it
 * is the ORI asked about, not the asker's.
 */
export function findRecords(records: HotRecords, files: readonly HotFile[], asked: Values): readonly HotRecord[] {
  const found: HotRecord[] = [];
  for (const file of files) {
    const sets = usableSets(file.foundBy, asked);
    if (sets.length === 0) continue;
    for (const record of records.byNic.values()) {
      if (record.file !== file.name || record.purged !== undefined) continue;
      if (sets.some((set) => agrees(record, set, asked))) found.push(record);
    }
  }
  return found.sort((a, b) => (a.file === b.file ? a.nic.localeCompare(b.nic) : 0));
}

/** True when an inquiry with these fields would have found this record: the delayed-hit search asks it. */
export function wouldFind(record: HotRecord, asked: Values): boolean {
  if (record.purged !== undefined) return false;
  return usableSets(hotFileNamed(record.file).foundBy, asked).some((set) => agrees(record, set, asked));
}

/** What an entry says. */
export interface EntryRequest {
  readonly file: HotFile;
  readonly key: string;
  readonly ori: string;
  readonly fields: Values;
  readonly nowMs: number;
}

/** Records the files hold at most, purged ones included. */
export const recordsMax = 100_000;

/** Enters a record: gives it the next NIC of its letter, or refuses a duplicate and shows the record that is there. */
export function enterRecord(records: HotRecords, entry: EntryRequest): RecordChange {
  if (records.byNic.size >= recordsMax) return { ok: false, refusal: { why: 'full' } };
  const asked: Values = { ...entry.fields, ORI: [entry.ori] };
  for (const record of records.byNic.values()) {
    if (record.file !== entry.file.name || record.purged !== undefined) continue;
    if (entry.file.sameBy.some((set) => agrees(record, set, asked))) {
      return { ok: false, refusal: { why: 'on-file', record } };
    }
  }
  const number = records.nextNumber[entry.file.letter] ?? 1;
  const nic = `${entry.file.letter}${nicPrefix}${String(number).padStart(6, '0')}`;
  const record: HotRecord = {
    file: entry.file.name,
    nic,
    ori: entry.ori,
    key: entry.key,
    fields: entry.fields,
    enteredAtMs: entry.nowMs,
    updatedAtMs: entry.nowMs,
  };
  return { ok: true, record, records: withRecords(records, [record]) };
}

/** What may be done to a record that is on file. */
export type ChangeAction = Exclude<RecordAction, 'enter' | 'query'>;

/** What a change says: which record, and what about it. */
export interface ChangeRequest {
  readonly action: ChangeAction;
  readonly file: HotFile;
  readonly ori: string;
  readonly fields: Values;
  readonly nowMs: number;
}

/** The fields that name the record in a change; none of them is a new value. */
const namingCodes: readonly string[] = ['NIC', 'OCA', 'NAM', 'SER', 'VIN', 'LIC', 'REG', 'BHN'];
/** In a supplement the numbers are new values, so only these name the record. */
const supplementNamingCodes: readonly string[] = ['NIC', 'OCA', 'NAM'];
const isSupplement = (action: ChangeAction): boolean => action === 'supplement' || action === 'cancelSupplement';

function namedRecord(records: HotRecords, request: ChangeRequest): HotRecord | undefined {
  const nic = request.fields['NIC']?.[0];
  if (nic !== undefined) {
    const record = records.byNic.get(nic);
    return record?.file === request.file.name ? record : undefined;
  }
  const asked: Values = { ...request.fields, ...(request.action === 'locate' ? {} : { ORI: [request.ori] }) };
  const codes = isSupplement(request.action) ? supplementNamingCodes : namingCodes;
  const given = codes.filter((code) => (asked[code] ?? []).length > 0);
  if (given.length === 0) return undefined;
  const matches = [...records.byNic.values()].filter(
    (record) => record.file === request.file.name && agrees(record, given, asked),
  );
  return matches.find((record) => record.purged === undefined) ?? matches[0];
}

function refusalOf(record: HotRecord, request: ChangeRequest): RecordRefusal | undefined {
  if (record.purged?.by === 'clear') return { why: 'already-cleared' };
  if (record.purged?.by === 'cancel') return { why: 'already-canceled' };
  if (record.purged !== undefined) return { why: 'not-on-file' };
  for (const code of ['NAM', 'OCA', 'SER'] as const) {
    // In a modify OCA may be the new value when the NIC names the record, so there only the name is checked.
    if (request.action === 'modify' && code === 'OCA') continue;
    if (isSupplement(request.action) && code === 'SER') continue;
    if ((request.fields[code] ?? []).length > 0 && recordValues(record, code).length > 0) {
      if (!agrees(record, [code], request.fields)) return { why: 'field', field: code };
    }
  }
  if (request.action === 'locate') {
    return record.locate === undefined ? undefined : { why: 'already-located' };
  }
  if (record.ori !== request.ori) return { why: 'not-owner' };
  switch (request.action) {
    case 'supplement':
    case 'cancelSupplement':
      return supplementRefusal(record, request);
    case 'detain':
      if (record.locate === undefined) return { why: 'not-located' };
      return record.detainer === undefined ? undefined : { why: 'detainer-on-file' };
    case 'modifyDetainer':
    case 'cancelDetainer':
      return record.detainer === undefined ? { why: 'detainer-not-on-file' } : undefined;
    default:
      return undefined;
  }
}

/** The values of a request that are about the record and do not name it. */
function toldValues(request: ChangeRequest): readonly (readonly [string, readonly string[]])[] {
  const naming = isSupplement(request.action) ? supplementNamingCodes : namingCodes;
  return Object.entries(request.fields).filter(([code]) => !naming.includes(code));
}

/** A supplement must bring at least one value that is not there; its cancel may take off only what is there. */
function supplementRefusal(record: HotRecord, request: ChangeRequest): RecordRefusal | undefined {
  const values = toldValues(request).flatMap(([code, list]) => list.map((value) => ({ code, value })));
  const isHeld = ({ code, value }: { code: string; value: string }): boolean =>
    record.supplements?.[code]?.includes(value) === true;
  if (request.action === 'supplement') {
    if (values.length === 0) return { why: 'field', field: 'NIC' };
    return values.every(isHeld) ? { why: 'supplement-on-file' } : undefined;
  }
  const isAny = Object.values(record.supplements ?? {}).some((list) => list.length > 0);
  return isAny && values.every(isHeld) ? undefined : { why: 'supplement-not-on-file' };
}

/** The further values after a supplement was added, or taken off; a cancel that names none takes all. */
function changedSupplements(record: HotRecord, request: ChangeRequest): Values {
  const told = toldValues(request);
  const all: Record<string, readonly string[]> = { ...record.supplements };
  if (request.action === 'cancelSupplement' && told.length === 0) return {};
  for (const [code, list] of told) {
    const others = (all[code] ?? []).filter((value) => !list.includes(value));
    all[code] = request.action === 'supplement' ? [...others, ...list] : others;
  }
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0));
}

function changed(record: HotRecord, request: ChangeRequest): HotRecord {
  const { nowMs } = request;
  switch (request.action) {
    case 'supplement':
    case 'cancelSupplement':
      return { ...record, supplements: changedSupplements(record, request), updatedAtMs: nowMs };
    case 'detain':
    case 'modifyDetainer': {
      const fields = { ...record.detainer?.fields, ...Object.fromEntries(toldValues(request)) };
      return { ...record, detainer: { atMs: record.detainer?.atMs ?? nowMs, fields }, updatedAtMs: nowMs };
    }
    case 'cancelDetainer': {
      const { detainer: _detainer, ...rest } = record;
      return { ...rest, updatedAtMs: nowMs };
    }
    default:
      return changedBase(record, request);
  }
}

function changedBase(record: HotRecord, request: ChangeRequest): HotRecord {
  if (request.action === 'locate') {
    return { ...record, locate: { ori: request.ori, atMs: request.nowMs, fields: request.fields } };
  }
  if (request.action === 'modify') {
    const fields: Record<string, readonly string[]> = { ...record.fields };
    for (const [code, values] of Object.entries(request.fields)) {
      if (code !== 'NIC' && code !== 'NAM') fields[code] = values;
    }
    return { ...record, fields, updatedAtMs: request.nowMs };
  }
  const by = request.action === 'clear' ? 'clear' : 'cancel';
  return { ...record, purged: { by, atMs: request.nowMs }, updatedAtMs: request.nowMs };
}

/**
 * Does what a change says to the named record. Anybody locates, once; everything else only the owner does. A located
 * record stays on file and its hits say so; only such a record takes a detainer.
 */
export function changeRecord(records: HotRecords, request: ChangeRequest): RecordChange {
  const record = namedRecord(records, request);
  if (record === undefined) return { ok: false, refusal: { why: 'not-on-file' } };
  const refusal = refusalOf(record, request);
  if (refusal !== undefined) return { ok: false, refusal };
  const after = changed(record, request);
  const byNic = new Map(records.byNic);
  byNic.set(after.nic, after);
  return { ok: true, record: after, records: { ...records, byNic } };
}

/** How long records stay on file without being cleared; a located one may have a time of its own. Days; absent is for ever. */
export interface Retention {
  readonly days?: number | undefined;
  readonly locatedDays?: number | undefined;
}

const dayMs = 86_400_000;

function isOver(record: HotRecord, retention: Retention, nowMs: number): boolean {
  const { days, locatedDays } = retention;
  const isOld = days !== undefined && nowMs - record.enteredAtMs >= days * dayMs;
  const { locate } = record;
  return isOld || (locate !== undefined && locatedDays !== undefined && nowMs - locate.atMs >= locatedDays * dayMs);
}

/** Takes records off the files whose time is over, or that are named; gives those it took off, whose owners must be told. */
export function purgeRecords(
  records: HotRecords,
  which: { readonly retention?: Retention; readonly nic?: string },
  nowMs: number,
): { readonly records: HotRecords; readonly purged: readonly HotRecord[] } {
  const { retention = {}, nic } = which;
  // Most switches keep everything, and then nobody need look at each record.
  if (nic === undefined && retention.days === undefined && retention.locatedDays === undefined) {
    return { records, purged: [] };
  }
  const purged = [...records.byNic.values()]
    .filter((record) => record.purged === undefined && (record.nic === nic || isOver(record, retention, nowMs)))
    .map((record): HotRecord => ({ ...record, purged: { by: 'retention', atMs: nowMs } }));
  if (purged.length === 0) return { records, purged };
  const byNic = new Map([...records.byNic, ...purged.map((record) => [record.nic, record] as const)]);
  return { records: { ...records, byNic }, purged };
}
