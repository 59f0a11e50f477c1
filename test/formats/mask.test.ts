import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMessage, keyTable, maskMessage, maskText, sensitiveFields } from '../../src/formats/language.ts';
import { federalLexicon } from '../../src/formats/lexicon.ts';
import { messageOf } from './message-arbitrary.ts';

const sensitive = [...sensitiveFields];
const secretText = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 5, maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...'ABCXYZ019 ./\n,*-'), minLength: 5, maxLength: 30 }),
    fc.constantFrom(
      'DOE.SEX/M.X',
      'A/B/C',
      '\nTXT\n',
      'CO0990100 X',
      '*COJ1000001.',
      '1N01 SECRET',
      'MKE/SECRET',
      'NO RECORD',
    ),
  )
  .map((text) => `${text}§`);
const heads = fc.constantFrom(
  '1N01COJ10000001.EW.CO0990100.',
  'EW.CO0990100.SEX/M.',
  'YQ.CO0990100.WY0990200.*COJ1000001.TXT\nRTY/WP.',
  'YR.WY0990200\n08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100\nTXT\n',
  '1L01COJ10000001\nCO0990100\n\nMKE/WANTED PERSON\n',
  '',
);

test('no value of a sensitive field comes through, whatever it looks like', () => {
  fc.assert(
    fc.property(heads, fc.constantFrom(...sensitive), secretText, (head, code, secret) => {
      const masked = maskText(`${head}${code}/${secret}.EYE/BRO`);
      expect(masked).not.toContain(secret);
      expect(masked).not.toContain('§');
    }),
    { numRuns: 1_500 },
  );
});

test('prose is hidden: it may hold a name', () => {
  const text = 'AM.CO0990100.WY0990200.TXT\nLOOK FOR ALPHA SAMPLE BORN 19700101 AT 1 PRACTICE STREET';
  expect(maskText(text)).toBe('AM.CO0990100.WY0990200.TXT\n****');
});

test('values without field codes are hidden', () => {
  expect(maskText('EG.CO0990100.TEST0001.SW.38.15-3.PR.20260101.TESTCASE1')).toBe('EG.CO0990100.****');
});

test('a masked message shows no value of any sensitive field', () => {
  for (const key of [...federalLexicon.keys.values()].filter((one) => one.table.fields.length > 0)) {
    fc.assert(
      fc.property(messageOf(key, federalLexicon), (message) => {
        const masked = maskMessage(message);
        for (const [code, values] of Object.entries(masked.fields)) {
          if (sensitiveFields.has(code)) expect(values.every((value) => value === '****')).toBe(true);
        }
        expect(masked.text === undefined || masked.text === '****').toBe(true);
        const built = buildMessage(message);
        const secrets = Object.entries(message.fields)
          .filter(([code]) => sensitiveFields.has(code))
          .flatMap(([, values]) => values)
          .filter((value) => value.length > 7);
        const shown = built.ok ? maskText(built.text) : '';
        for (const secret of secrets) expect(shown).not.toContain(secret);
      }),
      { numRuns: 3 },
    );
  }
  expect(keyTable('YQ')).toBeDefined();
});
