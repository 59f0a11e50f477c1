/**
 * What hurts most is a record that is read as NO RECORD, and a record on which nobody is arrested that is read as a want. Every hit of
 * fixtures/replies and one of every kind of record is laid out, cut, joined and damaged here as switches and lines do it.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReply } from '../../src/formats/language.ts';
import { recordKinds } from '../../src/formats/reply/record-kinds.ts';
import { fixtureNames, fixtureText } from './fixture-file.ts';

interface Sample {
  readonly name: string;
  readonly expected: Record<string, unknown>;
  readonly text: string;
}

function sampleOf(name: string): Sample {
  const file = fixtureText('replies', name);
  const end = file.indexOf('\n');
  return { name, expected: JSON.parse(file.slice(1, end)) as Record<string, unknown>, text: file.slice(end + 1) };
}

const samples = fixtureNames('replies').map(sampleOf);
const withVerdict = (verdict: string) => samples.filter((one) => one.expected['verdict'] === verdict);
const hits = withVerdict('HIT').map((one) => one.text);
const noRecords = withVerdict('NO RECORD').map((one) => one.text);

/** A hit of one kind in the published layout, with the letter of another file or none in its NIC. */
const hitOfKind = (literal: string, nic: string) =>
  `1L01COJ10000001\nCO0990100\n\nMKE/${literal}\nORI/WY0990200 NAM/SAMPLE, ALPHA SEX/M DOB/19700101\nMIS/SYNTHETIC TEXT THAT\nWRAPS\n` +
  `ORI IS SAGE COUNTY SHERIFF WY 555 555-0100\nNIC/${nic} DTE/20260105 1200 EST\nIMMED CONFIRM RECORD WITH ORI\n`;

const anyHit = fc.oneof(
  fc.constantFrom(...hits),
  fc.constantFrom(...recordKinds).map((kind) => hitOfKind(kind.starts, 'Q000000001')),
);
const anyNoRecord = fc.constantFrom(...noRecords, 'NO RECORD', 'NOT ON FILE', 'NO NCIC WANT NAM/SAMPLE, ALPHA');
const control = fc.constantFrom('\u007f', '\u0000', '\u001e', '\r', '\t', '\f', '\u000b', '\u0003');

/** Changes of layout that lose no character of a word. */
type Change = (text: string) => string;
const wrapAtBlanks = fc.integer({ min: 12, max: 60 }).map(
  (width): Change =>
    (text) =>
      text.replace(new RegExp(`([^\\n]{${width},}?) `, 'g'), '$1\n'),
);
const withControls = fc.tuple(control, fc.integer({ min: 1, max: 40 })).map(
  ([mark, every]): Change =>
    (text) =>
      /[\r\t\f\u000b]/.test(mark)
        ? text.replaceAll('\n', `${mark}\n`)
        : text.replace(new RegExp(`[^]{${every}}`, 'g'), (part) => part + mark),
);
const widened = fc.integer({ min: 2, max: 5 }).map(
  (count): Change =>
    (text) =>
      text.replaceAll(' ', ' '.repeat(count)),
);
const indented = fc.integer({ min: 1, max: 8 }).map(
  (count): Change =>
    (text) =>
      text.replaceAll('\n', `\n${' '.repeat(count)}`),
);
const bannered = fc
  .constantFrom('MESSAGE FROM NCIC\n', '*** CCIC RESPONSE ***\n', 'PAGE 1 OF 2\n', '\n\n\n', 'TERRORIST\n')
  .map(
    (banner): Change =>
      (text) =>
        `${banner}${text}`,
  );
const endings = fc.constantFrom<Change>(
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r\n\u007f'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text.toLowerCase(),
);
const inTurn =
  (changes: readonly Change[]): Change =>
  (text) =>
    changes.reduce((before, change) => change(before), text);
const relaid = fc
  .array(fc.oneof(wrapAtBlanks, withControls, widened, indented, bannered, endings), { maxLength: 4 })
  .map(inTurn);

/** Changes that take letters away or put others there. */
const damage = fc.oneof(
  fc.integer({ min: 5, max: 79 }).map(
    (width): Change =>
      (text) =>
        text.replace(new RegExp(`([^\\n]{${width}})`, 'g'), '$1\n'),
  ),
  fc.constantFrom<Change>(
    (text) => text.replaceAll('\n', ' '),
    (text) => text.replaceAll('MKE/', 'MKE /'),
    (text) => text.replaceAll('MKE/', ''),
    (text) => text.replace(/MKE\/[^\n]*\n/g, ''),
    (text) => text.replaceAll('NIC/', 'NCIC NUMBER '),
    (text) => text.replaceAll('/', ' / '),
    (text) => text.replaceAll('\n', '\u0085'),
    (text) => text.replaceAll(' ', '\u00a0'),
    (text) => text.replaceAll('E', '\u0415'),
  ),
  fc.tuple(fc.nat(), fc.nat(), fc.string({ maxLength: 3 })).map(
    ([at, count, put]): Change =>
      (text) => {
        const from = at % text.length;
        return text.slice(0, from) + put + text.slice(from + (count % 20));
      },
  ),
);
const between = fc.constantFrom('', ' ', '\n', '\n\n', '\f', '\r\n\u007f', '  ', '\n$.A.\n');

describe('a record block wins', () => {
  test('however it is laid out, and whatever says NO RECORD before or behind it', () => {
    fc.assert(
      fc.property(anyHit, anyNoRecord, relaid, between, fc.boolean(), (hit, none, change, mark, isFirst) => {
        const text = change(isFirst ? `${hit}${mark}${none}` : `${none}${mark}${hit}`);
        const { verdict, kind } = readReply(text);
        expect(verdict === 'HIT' || kind === 'notice').toBe(true);
        expect(readReply(change(hit)).verdict).toBe('HIT');
      }),
      { numRuns: 1_500 },
    );
  });

  test('or at least is never NO RECORD, whatever of it is lost', () => {
    fc.assert(
      fc.property(anyHit, anyNoRecord, damage, relaid, between, (hit, none, harm, change, mark) => {
        const broken = harm(change(hit));
        for (const text of [broken, `${none}${mark}${broken}`, `${broken}${mark}${none}`]) {
          expect(readReply(text).verdict).not.toBe('NO RECORD');
        }
      }),
      { numRuns: 1_500 },
    );
  });

  test('when a line of it stands behind a no-record answer, it is never NO RECORD', () => {
    for (const hit of hits) {
      for (const line of hit.slice(hit.search(/MKE\/|NIC\//)).split('\n')) {
        if (line.trim() === '') continue;
        for (const none of noRecords) {
          for (const text of [`${none.trimEnd()}\n${line}`, `${line}\n${none}`]) {
            expect(readReply(text).verdict).not.toBe('NO RECORD');
          }
        }
      }
    }
  });

  test('words that are no answer are never passed over as a header', () => {
    for (const words of ['TERRORIST', 'SUSPECTED', 'DANGEROUS', '1L01 STOLEN VEHICLE HIT SEE STATE', 'RR.STOLENCAR']) {
      expect(readReply(`${words}\nNO RECORD LIC/PRAC001\n`).verdict).toBe('READ IT');
    }
    expect(readReply('RR.WY0990200\n08:00 01/01/2030 00001\nSTOLEN VEHICLE\nTXT\nNOT ON FILE').verdict).toBe('READ IT');
  });

  test.each([
    'NO NCIC WANT NAM/SAMPLE, ALPHA SEE FILE',
    'NO NCIC WANT NAM/SAMPLE, ALPHA B HELD FOR SHERIFF',
    'NO RECORD LIC/PRAC001 STOLEN',
    'NO RECORD VIN/1PRACT1C6MKE/GANG',
    'NO RECORD LIC/',
    'NO RECORD LIC/PRAC001 OFF/1399',
    'NO RECORD SER/PRACTICE06 NIC/G000000001',
    'NO RECORD LIC/PRAC001\nPAGE 1 OF 2',
    'NO RECORD LIC/PRAC001\nTEMPORARILY UNAVAILABLE',
    'NO RECORDS ARE EXEMPT: ONE WANT FOUND',
    'NO RECORDING LIC/PRAC001',
    'NO  RECORD  LIC/PRAC001 WANTED',
  ])('%s is to be read', (text) => {
    expect(readReply(text).verdict).not.toBe('NO RECORD');
  });

  test('a NIC that was searched for and not found makes no hit', () => {
    const reply = readReply('1L01COJ10000001\nCO0990100\n\nNO RECORD NIC/W000000001\n');
    expect(reply).toMatchObject({ verdict: 'NO RECORD', records: [] });
    expect(readReply('NO RECORD NIC/W000000001\nNIC/W000000002 DTE/20260105 1200 EST\n').verdict).toBe('HIT');
  });

  test.each([
    'NO RECORD.',
    'NO RECORD LIC/PRAC001.LIY/2030.',
    "NO NCIC WANT NAM/O'SAMPLE-RECORD, ALPHA B JR DOB/19700101",
    'NO NCIC WANT NAM/DE LA SAMPLE,ALPHA MNU/PP-PRAC0001',
  ])('%s says that there is none', (text) => {
    expect(readReply(text).verdict).toBe('NO RECORD');
  });

  test('two answers that both say NO RECORD are NO RECORD, of each who said it', () => {
    const text = '1L01COJ10000001\nCO0990100\n\nNO NCIC WANT NAM/SAMPLE, ALPHA\n';
    expect(readReply(text + text)).toMatchObject({ verdict: 'NO RECORD', source: 'NCIC' });
  });
});

describe('a record on which nobody is arrested never looks like a want', () => {
  const cautionKinds = recordKinds.filter((kind) => kind.standing !== 'want');
  const caveats = [
    'WARNING - DO NOT ARREST BASED SOLELY ON THIS INFORMATION.',
    'DO NOT SEARCH, DETAIN, OR ARREST BASED SOLELY ON THIS RECORD.',
    'THIS RECORD STANDING ALONE DOES NOT FURNISH GROUNDS FOR THE SEARCH AND SEIZURE OF ANY INDIVIDUAL.',
    'THIS IS NOT A WARRANT. CONTACT THE ENTERING AGENCY.',
    'NO CAUSE FOR ARREST EXISTS BY THIS RECORD ALONE.',
    'THE SUBJECT MAY NOT BE ARRESTED ON THIS RECORD.',
    'ARREST IS NOT AUTHORIZED BY THIS RECORD.',
    'FOR INFORMATION ONLY.',
  ];

  test('of any kind, in any layout, beside anything', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...cautionKinds),
        fc.constantFrom('', 'LOCATED '),
        fc.constantFrom('', ' - CAUTION', ' WARRANT', ' - WANTED PERSON'),
        fc.oneof(relaid, damage),
        (kind, before, behind, change) => {
          const reply = readReply(change(hitOfKind(`${before}${kind.starts}${behind}`, 'Q000000001')));
          for (const one of reply.records) expect(one.standing).not.toBe('want');
        },
      ),
      { numRuns: 800 },
    );
  });

  test('by a caveat in front, inside or right behind, wherever its lines break', () => {
    const layouts = fc.constantFrom<(caveat: string) => string>(
      (caveat) => `${caveat}\nMKE/WANTED PERSON\nORI/WY0990200 NIC/W000000001\n`,
      (caveat) => `MKE/WANTED PERSON\n${caveat}\nORI/WY0990200 NIC/W000000001\n`,
      (caveat) => `MKE/WANTED PERSON\nORI/WY0990200 NIC/W000000001\nIMMED CONFIRM RECORD WITH ORI\n${caveat}\n`,
      (caveat) => `MKE/WANTED PERSON\nNIC/W000000001\n${caveat}\n\nMKE/WANTED PERSON\nNIC/W000000002\n${caveat}`,
    );
    const width = fc.integer({ min: 6, max: 79 });
    const breaking = fc.oneof(
      // A text has line ends of one make: two makes, one laid over the other, would end paragraphs in the middle of a sentence.
      fc
        .tuple(
          fc.array(fc.oneof(wrapAtBlanks, widened, indented), { maxLength: 3 }),
          fc.option(endings, { nil: inTurn([]) }),
        )
        .map(([changes, ends]) => inTurn([...changes, ends])),
      width.map(
        (count): Change =>
          (text) =>
            text.replace(new RegExp(`([^\\n]{${count}})`, 'g'), '$1\n'),
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...caveats), layouts, breaking, (caveat, layout, change) => {
        const broken = layout(change(caveat));
        const { records } = readReply(broken);
        expect(records.length).toBeGreaterThan(0);
        for (const one of records) expect(one.standing).not.toBe('want');
      }),
      { numRuns: 800 },
    );
  });

  test.each([
    ['WANTED PERSON - PROTECTION ORDER', 'W000000001'],
    ['WANTED PERSON - CANCELED', 'W000000001'],
    ['WARRANT RECALLED', 'W000000001'],
    ['WANTED PERSON', 'H000000001'],
    ['WANTED PERSON', 'T000000001'],
    ['WANTED PERSON', 'M000000001'],
  ])('a literal that contradicts itself or its number is to be read: %s %s', (literal, nic) => {
    expect(readReply(hitOfKind(literal, nic)).records).toMatchObject([{ standing: 'unknown' }]);
  });

  test('words at the top that speak of these records are meant for all of them', () => {
    const two = 'MKE/WANTED PERSON\nNIC/W000000001\n\nMKE/WANTED PERSON\nNIC/W000000002\n';
    const text = `DO NOT ARREST ON THESE RECORDS.\n${two}`;
    expect(readReply(text).records.map((one) => one.standing)).toEqual(['caution', 'caution']);
    expect(readReply(two).records.map((one) => one.standing)).toEqual(['want', 'want']);
  });
});

describe('what a record tells', () => {
  test.each([
    ['WANTED PERSON', 'want'],
    ['WANTED PERSON - CAUTION', 'want'],
    ['LOCATED WANTED PERSON - CAUTION', 'want'],
    ['TEMPORARY FELONY WANT', 'want'],
    ['WANTED\nPERSON', 'want'],
    ['STOLEN VEHICLE', 'property'],
    ['MISSING PERSON - ENDANGERED', 'welfare'],
    ['KNOWN OR SUSPECTED\nTERRORIST', 'caution'],
  ])('%s is %s', (literal, standing) => {
    expect(readReply(hitOfKind(literal, 'Q000000001')).records).toMatchObject([{ standing }]);
  });

  test('the file, and that it is restricted, by the letter of the NIC when the literal is lost', () => {
    const text = 'ORI/WY0990200 NAM/SAMPLE, ALPHA\nNIC/T000000001 DTE/20260105 1200 EST\n';
    expect(readReply(text).records).toMatchObject([
      { standing: 'caution', file: 'threat-screening', restricted: true },
    ]);
    expect(readReply(text.replace('T000', 'W000')).records).toMatchObject([{ standing: 'unknown', file: 'wanted' }]);
  });

  test('names and aliases, words of caution, and identifiers without what is laid behind them', () => {
    const text =
      'MKE/WANTED PERSON - CAUTION\nARMED AND DANGEROUS\nESCAPE RISK\nORI/WY0990200 SAGE COUNTY NAM/SAMPLE, ALPHA\n' +
      'OCA/PRACTICE01   CALL FIRST\nAKA/SAMPLE, BRAVO\nNIC/W000000001. DTE/20260105 1200 EST\n';
    expect(readReply(text).records).toMatchObject([
      {
        ori: 'WY0990200',
        oca: 'PRACTICE01',
        nic: 'W000000001',
        names: ['SAMPLE, ALPHA', 'SAMPLE, BRAVO'],
        cautions: ['ARMED AND DANGEROUS', 'ESCAPE RISK'],
      },
    ]);
  });

  test('a value that wraps stops where the next record begins, on its line or indented', () => {
    const second = 'MKE/GANG MEMBER NIC/T000000001';
    for (const text of [
      `MKE/WANTED PERSON\nNIC/W000000001\nMIS/A TEXT ${second}`,
      `MKE/WANTED PERSON\nNIC/W000000001\nMIS/A TEXT\n  GOES ON\n  ${second}`,
    ]) {
      expect(readReply(text).records.map((one) => one.nic)).toEqual(['W000000001', 'T000000001']);
    }
  });
});

describe('the places', () => {
  test('of READ IT are the lines no rule accounts for', () => {
    const text = '1L01COJ10000001\nCO0990100\n\nNO NCIC WANT NAM/SAMPLE, ALPHA\nBUT SEE THE STATE FILE\nAND CALL\n';
    const { evidence } = readReply(text);
    expect(evidence.map((one) => text.slice(one.offset, one.offset + one.length))).toEqual([
      'BUT SEE THE STATE FILE\nAND CALL',
    ]);
    expect(evidence).toMatchObject([{ rule: 'remainder' }]);
  });

  test('of NO RECORD cover every line behind the header', () => {
    for (const text of noRecords) {
      const { evidence } = readReply(text);
      let left = text;
      for (const one of [...evidence].reverse()) left = left.slice(0, one.offset) + left.slice(one.offset + one.length);
      expect(
        left
          .split('\n')
          .slice(2)
          .join('')
          .replace(/^\*.*?(?=TXT|$)/s, ''),
      ).not.toMatch(/RECORD|WANT|NOT ON/);
    }
  });

  test('of a record are those of the text as it came, whatever stands between its letters', () => {
    fc.assert(
      fc.property(anyHit, relaid, (hit, change) => {
        const text = change(hit);
        for (const record of readReply(text).records) {
          const raw = text.slice(record.offset, record.offset + record.length);
          const letters = raw.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').toUpperCase();
          if (record.literal !== '') expect(letters.startsWith('MKE/')).toBe(true);
          if (record.nic !== undefined) expect(letters).toContain(record.nic);
        }
      }),
      { numRuns: 500 },
    );
  });
});
