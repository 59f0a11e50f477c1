import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeMessage } from '../../src/formats/language.ts';
import { fixtureNames, fixtureText } from './fixture-file.ts';

const textOf = (name: string) => fixtureText('replies', name).replace(/^#.*\n/, '');
const masked = (text: string) => describeMessage(text, { reveal: false });

test('every line of every reply that holds something is explained, in order', () => {
  for (const name of fixtureNames('replies')) {
    const text = textOf(name);
    const said = describeMessage(text, { reveal: true });
    if (!said.some((line) => line.startsWith('line by line'))) continue;
    const numbers = said.flatMap((line) => /^line (\d+):/.exec(line)?.[1] ?? []).map(Number);
    expect([...numbers].sort((one, other) => one - other)).toEqual(numbers);
    const below = said.flatMap((line) => Number(/with the (\d+) lines below/.exec(line)?.[1] ?? 0));
    const filled = text.split('\n').filter((line) => line.trim() !== '').length;
    expect(numbers.length + below.reduce((sum, one) => sum + one, 0), name).toBe(filled);
  }
});

test('no name, number or word of prose of any reply is shown masked', () => {
  for (const name of fixtureNames('replies')) {
    const said = masked(textOf(name)).join('\n');
    expect(said, name).not.toMatch(/SAMPLE|ALPHA|19700101|001010001|PRACTICE0|PRAC001|SHERIFF|555-01|5550100/);
  }
});

test('a hit says what may be done on it, which file it is from, and which lines and rule the verdict rests on', () => {
  const said = masked(textOf('hit-restricted-and-want'));
  expect(said[0]).toBe('POSSIBLE HIT – UNCONFIRMED (from NCIC), 3 records');
  expect(said.join('\n')).toContain('Nothing is done on a record before the agency that entered it has confirmed it');
  expect(said.filter((line) => line.startsWith('record '))).toEqual([
    expect.stringMatching(/^record 1: file wanted; a want: confirm it .*located already/),
    expect.stringMatching(/^record 2: file threat-screening; NOT A WANT: .*RESTRICTED FILE/),
    expect.stringMatching(/^record 3: file not known; of a kind no table knows/),
  ]);
  expect(said).toContainEqual(
    expect.stringMatching(/^by rule record-block \(verified, wording version \d+\): line 6, /),
  );
});

test('an entered want with words against arrest is called that, and never plainly a want', () => {
  const said = masked(textOf('hit-want-with-a-caveat-against-arrest')).join('\n');
  expect(said).toContain('entered as a want, but its words speak against arrest');
  expect(said).not.toContain('a want: confirm it');
});

test('NO RECORD by recalled wording says so, and a remainder is pointed at', () => {
  expect(masked(textOf('no-record-want')).join('\n')).toMatch(/note: .*recalled/);
  const said = masked(textOf('no-record-with-remainder'));
  expect(said).toContain('line 5: ****  words that no rule accounts for: read them');
  expect(said).toContainEqual(expect.stringMatching(/^by rule remainder \(verified, .*\): line 5, /));
});

test('a message with faults is shown line by line with the faults at their lines', () => {
  const said = masked('EW.CO0990100.NAM/SAMPLE, ALPHA.DOB/19701301.\nQQQ/1');
  expect(said[0]).toMatch(/^EW {2}Enter wanted person: with faults/);
  expect(said).toContainEqual(expect.stringMatching(/^line 1: EW\.CO0990100\.NAM\/\*{4}\.DOB\/\*{4}/));
  expect(said).toContain('line 2: ****');
  expect(said).toContainEqual(expect.stringMatching(/^DATE_INVALID DOB at \d+: .*\(line 1\)$/));
  expect(said).toContainEqual(expect.stringMatching(/^FIELD_UNKNOWN at \d+: .*\(line 2\)$/));
  expect(said.join('\n')).not.toContain('SAMPLE');
});

test('a notice that no table knows is called one', () => {
  expect(masked('1L01\nCO0990100\n\n$.T. SOMETHING NEW\n').join('\n')).toContain('no table knows this notice');
});

test('any text is described without throwing and, masked, without its words', () => {
  const words = fc.constantFrom(
    'ZQXJ',
    'NAM/ZQXJ',
    'MKE/ZQXJ',
    '$.H. ZQXJ',
    'NO RECORD NAM/ZQXJ',
    'MIS/ZQXJ\nZQXJ',
    // The blank keeps it from making control data of letters and digits with what follows, which may be shown.
    '1L01ZQXJ ',
    'RR.ZQXJ',
  );
  const soup = fc.array(
    fc.oneof(words, fc.constantFrom('\n', ' ', '.', '\u007f', '<OFML>', 'YQ.CO0990100.', 'ORI IS ')),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(soup, (parts) => {
      expect(masked(parts.join('')).join('\n')).not.toContain('ZQXJ');
    }),
    { numRuns: 500 },
  );
});

test('a text that begins right behind TXT is explained like one on a line of its own', () => {
  const stamps = 'RR.WY0990200\n08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100\n';
  const said = describeMessage(`${stamps}TXTNOT ON FILE`, { reveal: true }).join('\n');
  expect(said).toContain('line 4: says that there is no record (rule not-on-file, verified)');
});

test('an answer of the NCIC test system is named as one', () => {
  const text = 'TN01COJ10000001\nCO0990100\n\nMKE/WANTED PERSON\nNIC/W000000001\n';
  expect(describeMessage(text, { reveal: true }).join('\n')).toContain(
    'NCIC TEST SYSTEM (no live record stands in it)',
  );
});
