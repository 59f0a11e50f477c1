/** Who reads a fault at three in the morning is told what to do, by the code and the name of the field, never by its value. */
import { expect, test } from 'vitest';
import { fieldRow, keyTables, parseMessage } from '../../../src/formats/language.ts';
import { fixtureCases } from '../fixture-file.ts';

const told = keyTables().flatMap((table) =>
  fixtureCases('messages', table.key).flatMap((one) => {
    if (one.kind !== 'bad') return [];
    const parsed = parseMessage(one.text, { today: '20260701' });
    return parsed.ok ? [] : parsed.faults.map((fault) => ({ one, fault }));
  }),
);

test('a missing field is named with what it is', () => {
  const missing = told.filter(({ fault }) => fault.code === 'FIELD_MISSING' && fault.text.includes(' Add '));
  expect(missing.length).toBeGreaterThan(100);
  for (const { one, fault } of missing) {
    const { field = '' } = fault;
    expect(fault.text, one.file).toContain(`${field} (`);
    expect(fieldRow(field), one.file).toBeDefined();
  }
});

test('each fault about fields that belong together or exclude one another says what to do', () => {
  const codes = /^FIELD(?:S_EXCLUDE|S_TOO_FEW|_MISSING|_GROUP_MISSING|_PARTNER_MISSING|_NOT_FOR_TYPE|_TWICE)$/;
  const asked = told.filter(({ fault }) => codes.test(fault.code));
  expect(new Set(asked.map(({ fault }) => fault.code)).size).toBeGreaterThan(4);
  for (const { one, fault } of asked) {
    expect(fault.text, one.file).toMatch(/\b(?:[Aa]dd|[Kk]eep|[Gg]ive|[Ll]eave|[Dd]escribe|[Ww]rite)\b/);
  }
});
