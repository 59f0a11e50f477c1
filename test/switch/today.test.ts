import { expect, test } from 'vitest';
import { speak } from '../../src/switch/language.ts';

const entry = (year: number): string => `1N01COJ10000001.MV.CO0990100.OCA/PRACTICE01.NIC/V000000001.VYR/${year}`;

test('the gateway judges a model year by its own clock, and by the new year as soon as it begins', () => {
  let wallMs = Date.UTC(2026, 11, 31, 23, 59, 59, 999);
  const language = speak(undefined, { wallMs: () => wallMs });
  const codes = (): readonly string[] => {
    const parsed = language.parse(entry(2028));
    return parsed.ok ? [] : parsed.faults.map((one) => one.code);
  };
  expect(codes()).toEqual(['DATE_FUTURE']);
  wallMs += 1;
  expect(codes()).toEqual([]);
  const message = { line: 'ncic', key: 'MV', ori: 'CO0990100', destinations: [] } as const;
  const fields = { OCA: ['PRACTICE01'], NIC: ['V000000001'], VYR: ['2029'] };
  expect(language.build({ ...message, fields })).toMatchObject({ ok: false, faults: [{ code: 'DATE_FUTURE' }] });
});
