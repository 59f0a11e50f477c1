import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HotFile, hotFileNamed, hotFiles, hotFileWork } from '../../../src/simulator/records/files.ts';
import {
  changeRecord,
  enterRecord,
  findRecords,
  type HotRecord,
  type HotRecords,
  noRecords,
  recordsMax,
} from '../../../src/simulator/records/hot-records.ts';

const nowMs = Date.UTC(2026, 5, 1);
const anyFile = fc.constantFrom(...hotFiles);
const number = fc.integer({ min: 1, max: 9_999 }).map((n) => `SYN${String(n).padStart(5, '0')}`);

/** Fields that make a record of the file findable: one value for every code that finds or tells apart. */
function fieldsFor(file: HotFile, value: string): Record<string, string[]> {
  const codes = new Set([...file.foundBy, ...file.sameBy].flat().filter((code) => code !== 'ORI' && code !== 'NIC'));
  return Object.fromEntries([...codes].map((code) => [code, [code === 'NAM' ? `SAMPLE, ${value}` : value]]));
}

function enter(records: HotRecords, file: HotFile, value: string): [HotRecords, HotRecord] {
  const key = file.enter[0] ?? '';
  const change = enterRecord(records, { file, key, ori: 'CO0990100', fields: fieldsFor(file, value), nowMs });
  if (!change.ok) throw new Error(`refused: ${change.refusal.why}`);
  return [change.records, change.record];
}

test('whatever is entered is found by every set its file is searched by, until it is cleared or cancelled', () => {
  fc.assert(
    fc.property(anyFile, number, fc.constantFrom('clear' as const, 'cancel' as const), (file, value, action) => {
      const [records, record] = enter(noRecords, file, value);
      const all: Record<string, readonly string[]> = { ...record.fields, ORI: [record.ori], NIC: [record.nic] };
      for (const set of file.foundBy) {
        const asked = Object.fromEntries(set.map((code) => [code, all[code] ?? []]));
        expect(findRecords(records, [file], asked)).toEqual([record]);
        const other = Object.fromEntries(set.map((code) => [code, ['NOTHING, ELSE']]));
        expect(findRecords(records, [file], other)).toEqual([]);
      }
      const gone = changeRecord(records, { action, file, ori: record.ori, fields: { NIC: [record.nic] }, nowMs });
      expect(gone.ok).toBe(true);
      if (gone.ok) expect(findRecords(gone.records, [file], { NIC: [record.nic] })).toEqual([]);
    }),
  );
});

test('every NIC is given once, with the letter of its file and nine digits', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyFile, fc.uniqueArray(number, { maxLength: 4 })), { maxLength: 12 }), (plan) => {
      let records = noRecords;
      const nics: string[] = [];
      const used = new Set<string>();
      for (const [file, values] of plan) {
        for (const value of values) {
          if (used.has(`${file.name} ${value}`)) continue;
          used.add(`${file.name} ${value}`);
          const [after, record] = enter(records, file, value);
          records = after;
          nics.push(record.nic);
          expect(record.nic).toMatch(new RegExp(`^${file.letter}[0-9]{9}$`));
        }
      }
      expect(new Set(nics).size).toBe(nics.length);
    }),
  );
});

test('a second entry of the same thing is refused and shows the record on file; after a clear it is taken again', () => {
  fc.assert(
    fc.property(anyFile, number, (file, value) => {
      const [records, record] = enter(noRecords, file, value);
      const again = { file, key: file.enter[0] ?? '', ori: record.ori, fields: record.fields, nowMs };
      expect(enterRecord(records, again)).toEqual({ ok: false, refusal: { why: 'on-file', record } });
      const cleared = changeRecord(records, {
        action: 'clear',
        file,
        ori: record.ori,
        fields: { NIC: [record.nic] },
        nowMs,
      });
      if (!cleared.ok) throw new Error('not cleared');
      expect(enterRecord(cleared.records, again).ok).toBe(true);
    }),
  );
});

test('only the owner modifies, clears and cancels, and nothing is done to a record twice', () => {
  const file = hotFileNamed('wanted');
  const [records, record] = enter(noRecords, file, 'SYN00001');
  const base = { file, fields: { NIC: [record.nic] }, nowMs };
  for (const action of ['modify', 'clear', 'cancel'] as const) {
    const change = changeRecord(records, { ...base, action, ori: 'WY0990200' });
    expect(change).toEqual({ ok: false, refusal: { why: 'not-owner' } });
  }
  const located = changeRecord(records, { ...base, action: 'locate', ori: 'WY0990200' });
  if (!located.ok) throw new Error('not located');
  expect(located.record.locate?.ori).toBe('WY0990200');
  const again = changeRecord(located.records, { ...base, action: 'locate', ori: 'WY0990200' });
  expect(again).toEqual({ ok: false, refusal: { why: 'already-located' } });
  const cleared = changeRecord(located.records, { ...base, action: 'clear', ori: record.ori });
  if (!cleared.ok) throw new Error('not cleared');
  const late = changeRecord(cleared.records, { ...base, action: 'cancel', ori: record.ori });
  expect(late).toEqual({ ok: false, refusal: { why: 'already-cleared' } });
});

test('a change that names another person than the record bears is refused by that field', () => {
  const file = hotFileNamed('wanted');
  const [records, record] = enter(noRecords, file, 'SYN00001');
  const fields = { NIC: [record.nic], NAM: ['RECORD, ANOTHER'] };
  const change = changeRecord(records, { action: 'locate', file, ori: 'WY0990200', fields, nowMs });
  expect(change).toEqual({ ok: false, refusal: { why: 'field', field: 'NAM' } });
});

test('a modify changes the fields it names, keeps the rest, and later inquiries find the new value', () => {
  const file = hotFileNamed('wanted');
  const [records, record] = enter(noRecords, file, 'SYN00001');
  const fields = { NIC: [record.nic], OCA: ['PR26009999'] };
  const change = changeRecord(records, { action: 'modify', file, ori: record.ori, fields, nowMs: nowMs + 5 });
  if (!change.ok) throw new Error(change.refusal.why);
  expect(change.record).toMatchObject({ nic: record.nic, updatedAtMs: nowMs + 5, enteredAtMs: nowMs });
  expect(findRecords(change.records, [file], { ORI: [record.ori], OCA: ['PR26009999'] })).toEqual([change.record]);
  expect(findRecords(change.records, [file], { ORI: [record.ori], OCA: ['SYN00001'] })).toEqual([]);
});

test('embedded letters of a gun serial do not count, prefix letters do, and O is zero', () => {
  const file = hotFileNamed('gun');
  const fields = { SER: ['369J257'], MAK: ['SW'], CAL: ['38'] };
  const change = enterRecord(noRecords, { file, key: 'EG', ori: 'CO0990100', fields, nowMs });
  if (!change.ok) throw new Error('refused');
  const found = (serial: string) => findRecords(change.records, [file], { SER: [serial] }).length;
  expect(['369257', '369M257', '369J257'].map(found)).toEqual([1, 1, 1]);
  expect(['A369257', '369257A', '369258'].map(found)).toEqual([0, 0, 0]);
});

test('of two sets that were both asked for only the narrower counts', () => {
  const file = hotFileNamed('vehicle');
  const fields = { LIC: ['SYN0041'], LIS: ['WY'], VIN: ['SYNTHETICVIN00041'] };
  const change = enterRecord(noRecords, { file, key: 'EV', ori: 'WY0990200', fields, nowMs });
  if (!change.ok) throw new Error('refused');
  expect(findRecords(change.records, [file], { LIC: ['SYN0041'] })).toHaveLength(1);
  expect(findRecords(change.records, [file], { LIC: ['SYN0041'], LIS: ['CO'] })).toEqual([]);
});

test('every key of the hot files does one thing to one file, or searches', () => {
  for (const file of hotFiles) {
    for (const action of ['enter', 'modify', 'cancel', 'clear', 'locate'] as const) {
      for (const key of file[action]) expect(hotFileWork(key)).toEqual({ action, files: [file] });
    }
    for (const key of file.query) expect(hotFileWork(key)?.files).toContain(file);
  }
  expect(hotFileWork('YQ')).toBeUndefined();
});

test('full files refuse an entry in words of their own', () => {
  const file = hotFileNamed('article');
  const [records, record] = enter(noRecords, file, 'SYN00001');
  const many = new Map(Array.from({ length: recordsMax }, (_, n) => [`A${n}`, record]));
  const entry = { file, key: 'EA', ori: 'CO0990100', fields: { TYP: ['X'], SER: ['SYN00002'] }, nowMs };
  expect(enterRecord({ ...records, byNic: many }, entry)).toEqual({ ok: false, refusal: { why: 'full' } });
});
