import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyConfirmation, guessLine, parseMessage, readGist, readReply } from '../../src/formats/language.ts';
import type { Message } from '../../src/formats/message.ts';

const yq =
  'YQ.CO0990100.WY0990200.*COJ1000001.TXT\nRTY/WP.RNO/4.PRI/U.OCA/PRACTICE01.NIC/W000000001.\nNAM/SAMPLE, ALPHA.DOB/19700230.\nRNA/OPERATOR.RAG/PINE RIDGE PD';
/** Characters that are left out on reading, at places that change nothing. */
const noise = fc.array(fc.tuple(fc.nat(), fc.constantFrom('\u007f', '\u0000', '\u007f\u007f')), { maxLength: 12 });

function withNoise(text: string, marks: readonly (readonly [number, string])[]): string {
  let noisy = text.replaceAll('\n', '\r\n');
  for (const [place, mark] of marks) {
    // Not inside the control field, whose ten characters count.
    const at = noisy.indexOf('TXT') + 3 + (place % (noisy.length - noisy.indexOf('TXT') - 3));
    noisy = `${noisy.slice(0, at)}${mark}${noisy.slice(at)}`;
  }
  return noisy;
}

test('a fault says where it is in the text that was sent, whatever was left out before it', () => {
  fc.assert(
    fc.property(noise, (marks) => {
      const text = withNoise(yq, marks);
      const parsed = parseMessage(text);
      const faults = parsed.ok ? [] : parsed.faults;
      expect(faults.map((one) => one.field)).toEqual(['RNO', 'DOB']);
      for (const [index, begin] of ['4', '1'].entries()) {
        const rest = text.slice(faults[index]?.offset).replace(/^[\u0000\u007f]+/, '');
        expect(rest.charAt(0)).toBe(begin);
      }
    }),
  );
});

test('the evidence of a verdict is the line that caused it', () => {
  fc.assert(
    fc.property(noise, (marks) => {
      const text = '1L01COJ10000001\r\nCO0990100\r\n\nNO NCIC WANT NAM/SAMPLE, ALPHA\r\nNO NCIC WANT SOC/001010001\r\n';
      const noisy = `${text.slice(0, 20)}${marks.map(([, mark]) => mark).join('')}${text.slice(20)}`;
      const reply = readReply(noisy);
      expect(reply.evidence.map((one) => noisy.slice(one.offset, one.offset + one.length))).toEqual([
        'NO NCIC WANT NAM/SAMPLE, ALPHA',
        'NO NCIC WANT SOC/001010001',
      ]);
    }),
  );
});

describe('the gist', () => {
  test('tells a confirmation even when it does not parse', () => {
    expect(readGist('YR WY0990200 ABOUT W000000001 OF CO0990100')).toMatchObject({
      key: 'YR',
      nics: ['W000000001'],
      oris: ['WY0990200', 'CO0990100'],
    });
  });

  test('tells sender, destinations and control field of a delivered message', () => {
    const text = 'YR.WY099020008:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100 *COJ1      .TXT\nNONSENSE';
    expect(readGist(text)).toMatchObject({
      key: 'YR',
      senderOri: 'WY0990200',
      destinations: ['CO0990100'],
      control: 'COJ1',
    });
  });

  test('tells the control data of an NCIC answer and whom it is for', () => {
    const text = '1L01COJ10000001\nCO0990100\n\nNIC/W000000001';
    expect(readGist(text)).toMatchObject({ control: 'COJ10000001', destinations: ['CO0990100'], nics: ['W000000001'] });
  });

  test('keeps ORIs with digits before words that only look like one', () => {
    const words = Array.from(
      { length: 60 },
      (_, at) => `WORDLIK${String.fromCharCode(65 + (at % 26), 65 + Math.floor(at / 26))}`,
    );
    const { oris } = readGist(`${words.join(' ')} CO0990100`);
    expect(oris[0]).toBe('CO0990100');
    expect(oris).toHaveLength(50);
  });
});

test.each([
  ['1N01COJ10000001.QV.CO0990100.LIC/PRAC001', 'ncic'],
  ['2L01COJ10000001.QH.CO0990100.NAM/SAMPLE, ALPHA', 'iii'],
  ['QH.CO0990100.NAM/SAMPLE, ALPHA', 'iii'],
  ['YQ.CO0990100.WY0990200.TXT\nRTY/WP', 'nlets'],
  ['RR.WY0990200\n08:00 01/01/2030 00001', 'nlets'],
  ['1L01COJ10000001\nCO0990100\n\nNO RECORD', 'reply'],
  ['NO RECORD LIC/PRAC001', 'reply'],
])('%j is of the line %s', (text, line) => {
  expect(guessLine(text)).toBe(line);
});

describe('what a YR says', () => {
  const yr = (fields: Message['fields'], key = 'YR'): Message => ({
    line: 'nlets',
    key,
    ori: 'WY0990200',
    destinations: ['CO0990100'],
    fields,
  });

  test.each([
    [{ CON: ['Y'] }, 'confirmed'],
    [{ CON: ['N'] }, 'not-confirmed'],
    [{ CON: ['I'] }, 'in-process'],
    [{ CON: ['V'], HTC: ['2'] }, 'time-named'],
    [{ CON: ['E'] }, 'valid-extradition-open'],
    [{ CON: ['Y'], REM: ['RECORD CANCELED, DO NOT HOLD'] }, 'unclear'],
    [{ CON: ['Y', 'N'] }, 'unclear'],
    [{ CON: ['Q'] }, 'unclear'],
    [{ CON: ['I'], HTC: ['0'] }, 'in-process'],
    [{ REM: ['YES'] }, 'unclear'],
  ])('%j is proposed as %s, and only proposed', (fields, proposed) => {
    expect(classifyConfirmation(yr(fields))).toMatchObject({ proposed, provenance: 'recalled' });
  });

  test('a time that is named is given in hours', () => {
    expect(classifyConfirmation(yr({ CON: ['I'], HTC: ['2'] })).hours).toBe(2);
  });

  test('the map of a State that verified its own is said to be verified', () => {
    const map = { letters: { C: 'confirmed' }, provenance: 'verified' } as const;
    expect(classifyConfirmation(yr({ CON: ['C'] }), map)).toMatchObject({
      proposed: 'confirmed',
      provenance: 'verified',
    });
    expect(classifyConfirmation(yr({ CON: ['Y'] }), map)).toMatchObject({ proposed: 'unclear' });
  });

  test('only a YR confirms', () => {
    expect(classifyConfirmation(yr({ CON: ['Y'] }, 'AM'))).toMatchObject({ proposed: 'unclear' });
  });
});
