import { expect, test } from 'vitest';
import { checkConfig } from '../../src/switch/config.ts';
import { speak } from '../../src/switch/language.ts';
import { practiceConfig } from './config/sample-config.ts';

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

const dated = (day: string): string => `1N01COJ10000001.MW.CO0990100.NIC/W000000001.NAM/SAMPLE, ALPHA.DOW/${day}`;

test('with a time zone the day is that of the agency, in summer and in winter; what others wrote may be a day ahead', () => {
  for (const [beginsMs, day, next] of [
    [Date.UTC(2026, 6, 2, 6), '20260702', '20260703'],
    [Date.UTC(2026, 11, 2, 7), '20261202', '20261203'],
  ] as const) {
    const at = (wallMs: number) => speak(undefined, { wallMs: () => wallMs }, 'America/Denver');
    const says = (parsed: ReturnType<ReturnType<typeof at>['parse']>) =>
      [...(parsed.ok ? [] : parsed.faults), ...parsed.warnings].some((one) => one.code === 'DATE_FUTURE');
    expect(says(at(beginsMs - 1).parse(dated(day)))).toBe(true);
    expect(says(at(beginsMs).parse(dated(day)))).toBe(false);
    expect(says(at(beginsMs).parse(dated(next)))).toBe(true);
    expect(says(at(beginsMs - 1).parseTheirs(dated(day)))).toBe(false);
    expect(says(at(beginsMs - 1).parseTheirs(dated(next)))).toBe(true);
    // Without one it is that of UTC, as ever.
    const utc = speak(undefined, { wallMs: () => beginsMs - 1 });
    expect([says(utc.parse(dated(day))), says(utc.parse(dated(next)))]).toEqual([false, true]);
  }
});

test('one language tells the new day as soon as it begins where the agency is', () => {
  let wallMs = Date.UTC(2026, 6, 2, 5, 59, 59, 999);
  const language = speak(undefined, { wallMs: () => wallMs }, 'America/Denver');
  const isFuture = () => language.parse(dated('20260702')).warnings.some((one) => one.code === 'DATE_FUTURE');
  expect(isFuture()).toBe(true);
  wallMs += 1;
  expect(isFuture()).toBe(false);
});

test.each([
  ['America/Denver', true],
  ['UTC', true],
  [undefined, true],
  ['America/Nowhere', false],
  ['-07:00', false],
  ['', false],
])('the time zone %s in a configuration is taken: %s', (timeZone, isTaken) => {
  const base = practiceConfig();
  const agency = { ...base.agency, ...(timeZone === undefined ? {} : { timeZone }) };
  const checked = checkConfig({ ...base, agency }, '/');
  expect(checked.ok).toBe(isTaken);
  if (!checked.ok) expect(JSON.stringify(checked.faults)).not.toContain('Nowhere');
});
