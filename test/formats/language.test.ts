import { expect, test } from 'vitest';
import {
  buildMessage,
  canonicalText,
  classOf,
  classOfMessage,
  keyTables,
  parseMessage,
  readReply,
} from '../../src/formats/language.ts';

const yq =
  'YQ.CO0990100.WY0990200.*GW00000001.TXT\nRTY/WP.RNO/1.PRI/U.OCA/TEST0001.NIC/W000000001.\nNAM/SAMPLE,ALPHA.DOB/19700101.SEX/M.\nRNA/OPERATOR ONE.RAG/PINE RIDGE PD.PHO/5550100000.REM/IN CUSTODY. ADVISE';

test('a YQ comes back from its text as it went in', () => {
  const parsed = parseMessage(yq);
  expect(parsed).toMatchObject({
    ok: true,
    message: { line: 'nlets', key: 'YQ', control: 'GW00000001' },
    warnings: [],
  });
  expect(parsed.ok && buildMessage(parsed.message)).toEqual({ ok: true, text: yq, warnings: [] });
});

test('faults are found all at once', () => {
  const bad = yq.replace('RNO/1', 'RNO/4').replace('PRI/U', 'PRI/X').replace('NIC/W000000001.', '');
  const parsed = parseMessage(bad);
  expect(parsed.ok).toBe(false);
  const faults = parsed.ok ? [] : parsed.faults.map((one) => `${one.code} ${one.field}`);
  expect(faults).toEqual(['VALUE_NOT_LISTED RNO', 'VALUE_NOT_LISTED PRI', 'FIELD_MISSING NIC']);
});

test('a bare plate does not belong into a request about a wanted person', () => {
  const parsed = parseMessage(yq.replace('SEX/M', 'LIC/TEST001'));
  expect(parsed.ok ? [] : parsed.faults.map((one) => `${one.code} ${one.field}`)).toEqual(['FIELD_NOT_FOR_TYPE LIC']);
});

test('the text hitline writes is what it reads again', () => {
  expect(canonicalText(yq.replaceAll('\n', '\r\n'))).toBe(yq);
});

test('every key has a class, and only known keys have one', () => {
  expect(keyTables().every((table) => classOf(table.key) === table.class)).toBe(true);
  expect(classOf('ZZZZ')).toBeUndefined();
});

test('an answer of recalled wording says so', () => {
  const reply = readReply('1L01COJ10000001\nCO0990100\n\nNO NCIC WANT NAM/RECORD, ALPHA DOB/19700101\n');
  expect(reply).toMatchObject({ verdict: 'NO RECORD', source: 'NCIC', warnings: [{ code: 'REPLY_RULE_RECALLED' }] });
});

test('a bypass key counts as the message inside it, and as nothing when that cannot be read', () => {
  const bypass = (text: string) =>
    ({ line: 'state', key: 'NCIC', ori: 'CO0990100', destinations: [], fields: {}, text }) as const;
  expect(classOfMessage(bypass('QV.CO0990100.LIC/PRAC001'))).toBe('inquiry');
  expect(classOfMessage(bypass('XW.CO0990100.NAM/SAMPLE, ALPHA.NIC/W000000001.RPS/ADMIN CLOSING'))).toBe('record');
  expect(classOfMessage(bypass('HELLO'))).toBeUndefined();
  expect(classOfMessage(bypass('NCIC.CO0990100.QV.CO0990100.LIC/PRAC001'))).toBeUndefined();
});

test('no record, confirmation or telling key leaves unheld', () => {
  const free = keyTables().filter((table) => table.class === 'inquiry' || table.class === 'history');
  const actions = new Set(free.map((table) => table.action));
  expect([...actions].sort()).toEqual(['admin-query', 'batch-query', 'query', 'request']);
  for (const key of ['YQ', 'YR', 'AQ', 'LQ', 'AM', 'EW', 'CRBD', 'QND', 'TA']) {
    expect(free.map((table) => table.key)).not.toContain(key);
  }
});
