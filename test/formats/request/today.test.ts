import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildMessage,
  buildOfml,
  dayOf,
  describeMessage,
  fieldRow,
  keyTables,
  parseMessage,
  parseOfml,
} from '../../../src/formats/language.ts';
import type { Message } from '../../../src/formats/message.ts';

const dayMs = 86_400_000;
/** From 1990 to 2090, so that neither neighbour leaves the years that a date may have. */
const moments = fc.integer({ min: Date.UTC(1990, 0, 2), max: Date.UTC(2090, 0, 1) });

const want = (field: string, value: string): Message => ({
  line: 'ncic',
  key: 'MW',
  header: '1N01COJ10000001',
  ori: 'CO0990100',
  destinations: [],
  fields: { NAM: ['SAMPLE, ALPHA'], NIC: ['W000000001'], [field]: [value] },
});

/** What is said of the future of one value, read and built. */
function saidOf(field: string, value: string, today: string | undefined): readonly string[] {
  const given = want(field, value);
  const built = buildMessage(given, { today });
  const text = `1N01COJ10000001.MW.CO0990100.NAM/SAMPLE, ALPHA.NIC/W000000001.${field}/${value}`;
  const parsed = parseMessage(text, { today });
  const said = [built.ok ? built.warnings : built.faults, parsed.ok ? parsed.warnings : parsed.faults];
  const codes = said.map((list) => list.filter((one) => one.code === 'DATE_FUTURE').length);
  expect(codes[0]).toBe(codes[1]);
  return [`${codes[0] ?? 0}`, built.ok ? 'built' : 'refused', parsed.ok ? 'read' : 'refused'];
}

test('a warrant of today is right, one of tomorrow is warned of and never refused, whatever day it is', () => {
  fc.assert(
    fc.property(moments, (wallMs) => {
      const today = dayOf(wallMs);
      expect(saidOf('DOW', today, today)).toEqual(['0', 'built', 'read']);
      expect(saidOf('DOW', dayOf(wallMs - dayMs), today)).toEqual(['0', 'built', 'read']);
      expect(saidOf('DOW', dayOf(wallMs + dayMs), today)).toEqual(['1', 'built', 'read']);
    }),
    { numRuns: 60 },
  );
});

test('a vehicle of next year’s model is right, one of the year after is refused, whatever day it is', () => {
  fc.assert(
    fc.property(moments, (wallMs) => {
      const today = dayOf(wallMs);
      const year = Number(today.slice(0, 4));
      expect(saidOf('VYR', String(year + 1), today)).toEqual(['0', 'built', 'read']);
      expect(saidOf('VYR', String(year + 2), today)).toEqual(['1', 'refused', 'refused']);
    }),
    { numRuns: 60 },
  );
});

test('who does not say what day it is hears nothing of the future', () => {
  expect(saidOf('DOW', '20991231', undefined)).toEqual(['0', 'built', 'read']);
  expect(saidOf('VYR', '9999', undefined)).toEqual(['0', 'built', 'read']);
});

describe('which fields lie in the past', () => {
  test.each(['DOW', 'DOB', 'DOV', 'DOT', 'DLC', 'DCL', 'DOL', 'DOR'])('%s does', (field) => {
    expect(saidOf(field, '20260702', '20260701')).toEqual(['1', 'built', 'read']);
  });

  test.each(['DOE', 'EXP', 'ERD'])('%s need not', (field) => {
    expect(saidOf(field, '20260702', '20260701')[0]).toBe('0');
  });

  test('the carrier number that shares the code of the date of theft is no date', () => {
    const text = 'ACQ.CO0990100.WY.TXT\nDOT/7654321';
    expect(parseMessage(text, { today: '20260701' })).toMatchObject({ ok: true, warnings: [] });
  });

  test('every field that a rule of the future names is one of the dictionary', () => {
    const codes = new Set(keyTables().flatMap((table) => table.fields.map((use) => use.code)));
    const future = [...codes].filter((code) => fieldRow(code)?.latest !== undefined);
    expect(future).toEqual(expect.arrayContaining(['DOW', 'DOB', 'VYR']));
  });
});

test('the day is that of UTC', () => {
  expect(dayOf(Date.UTC(2026, 6, 1, 23, 59, 59, 999))).toBe('20260701');
  expect(dayOf(Date.UTC(2026, 6, 2))).toBe('20260702');
});

test('markup and the description of a message know the day too', () => {
  const fields = { OCA: ['PRACTICE01'], NIC: ['V000000001'], VYR: ['2029'] };
  const message = { line: 'ncic', key: 'MV', ori: 'CO0990100', destinations: [], fields } as const;
  const markup = buildOfml({ kind: 'transaction', header: { elements: [] }, message, others: [] });
  expect(parseOfml(markup, { today: '20260701' })).toMatchObject({ ok: false, faults: [{ code: 'DATE_FUTURE' }] });
  expect(parseMessage(markup, { today: '20260701' }).ok).toBe(false);
  expect(parseMessage(markup).ok).toBe(true);
  const text = '1N01COJ10000001.MV.CO0990100.OCA/PRACTICE01.NIC/V000000001.VYR/2029';
  const said = (today?: string) => describeMessage(text, { reveal: false, today }).join('\n');
  expect([said('20260701'), said()].map((one) => one.includes('too far in the future'))).toEqual([true, false]);
});
