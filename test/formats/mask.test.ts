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

/** Values of the shapes that deceive: they look like a head, a field that may be shown, a separator, markup. */
const deceiving = fc.constantFrom(
  'SEX/M',
  'EYE/BRO',
  'X EYE/BRO',
  'NIC/W000000001',
  'DOW/20260105',
  'CHRISTINA',
  'CO0990100',
  'EW.CO0990100',
  'ALPHA B.',
  'A\u007fLPHA',
  'SAMPLE,\nALPHA',
  'SAMPLE,  ALPHA',
  '19700101',
  '1970\n0101',
  '001 01 0001',
  '<X>',
  ']]>',
  '&amp;',
);

/** The letters and digits of a text: what is left of a value however it was laid out. */
const bare = (text: string) => text.replace(/[^A-Za-z0-9]/g, '');

test('nor one that looks like a head or like a field that may be shown, in a reply, a request or markup', () => {
  const codes = sensitive.filter((code) => code.length === 3);
  const layouts = fc.constantFrom<(field: string) => string>(
    (field) => `1N01COJ10000001.EW.CO0990100.${field}`,
    (field) => `YQ.CO0990100.WY0990200.TXT\nRTY/WP.${field}`,
    (field) => `1L01COJ10000001\nCO0990100\n\nMKE/WANTED PERSON\n${field}`,
    (field) => `<OFML><HDR></HDR><RSP><TXT>MKE/WANTED PERSON\n${field}</TXT></RSP></OFML>`,
    (field) => field,
  );
  fc.assert(
    fc.property(fc.constantFrom(...codes), deceiving, layouts, (code, value, layout) => {
      const masked = maskText(layout(`${code}/${value}`));
      const before = maskText(layout(''));
      // What the layout itself shows is taken away first.
      const shown = bare(masked.startsWith(before) ? masked.slice(before.length) : masked.replace(before, ''));
      if (bare(value).length > 4) expect(shown).not.toContain(bare(value));
    }),
    { numRuns: 1_500 },
  );
});

test('a message in markup is masked like one', () => {
  const markup =
    '<OFML><HDR><USR>SAMPLE</USR><MKE>QW</MKE><ORI>CO0990100</ORI></HDR><TRN><NAM>SAMPLE, ALPHA</NAM><DOB>19700101</DOB><X>SAMPLE</X></TRN></OFML>';
  const masked = maskText(markup);
  expect(masked).not.toContain('SAMPLE');
  expect(masked).toContain('<NAM>****</NAM>');
  expect(maskText(markup.slice(0, -9))).toBe('<OFML>****');
  const section = markup
    .replace('SAMPLE, ALPHA', 'SAM<![CDATA[PLE, ALPHA]]>')
    .replace('SAMPLE</USR>', '&#83;AMPLE</USR>');
  expect(maskText(section)).toBe(masked);
});

test('a head shows no name: neither nine letters in the place of an ORI, nor words in a control field', () => {
  for (const text of [
    'CHRISTINA SAMPLE',
    'ALPHA.CHRISTINA SAMPLE',
    '1N01CHRISTINA.QW.CO0990100.',
    '1N01ALPHA SAMPLE.QW.CO0990100.',
    'QW.CHRISTINA.NAM/X',
    'RQ.CO0990100.WY.*CHRISTINA .TXT\nLIC/PRAC001',
    'RQ.CO0990100.CHRISTINA.TXT\nLIC/PRAC001',
    'ORI/CHRISTINA',
  ]) {
    expect(maskText(text)).not.toMatch(/CHRISTINA|ALPHA|SAMPLE/);
  }
  expect(maskText('RQ.CO0990100.WY.*COJ1000001.TXT\nLIC/PRAC001')).toBe('RQ.CO0990100.WY.*COJ1000001.TXT\nLIC/****');
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
