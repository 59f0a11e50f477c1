/** Which number, which cautions and which caveats belong to a record of a reply (ncic.md, section 6.1). */
import { describe, expect, test } from 'vitest';
import { readReply } from '../../../src/formats/language.ts';

const head = '1L01COJ10000001\nCO0990100\n\n';

/** A want in the published layout, with what stands in MIS. */
function want(mis: string, given: { literal?: string; nic?: string; behind?: string } = {}): string {
  const { literal = 'WANTED PERSON', nic = 'W000000001', behind = '' } = given;
  return (
    `MKE/${literal}\nORI/WY0990200 NAM/SAMPLE, ALPHA SEX/M DOB/19700101\nOCA/PRACTICE01\nMIS/${mis}\n` +
    `ORI IS SAGE COUNTY SHERIFF WY 555 555-0100\nNIC/${nic} DTE/20260105 1200 EST DLU/20260105 1200 EST\n` +
    `IMMED CONFIRM WARRANT AND EXTRADITION WITH ORI\n${behind}`
  );
}

function first(text: string) {
  return readReply(text).records[0];
}

describe('the number of a record', () => {
  test('is its own, wherever the number of another one is named beside it', () => {
    for (const mis of ['SEE NIC/W000000009', 'RELATED TO\nNIC/W000000009 OF THE SAME AGENCY', 'WITH W000000009']) {
      const reply = readReply(head + want(mis));
      expect(reply).toMatchObject({ verdict: 'HIT', nic: 'W000000001' });
      expect(reply.records).toMatchObject([{ nic: 'W000000001', ori: 'WY0990200' }]);
    }
    expect(first(head + want('TEXT', { behind: 'SEE ALSO NIC/W000000009\n' }))?.nic).toBe('W000000001');
  });

  test('is the one that begins a line, where no date of entry tells', () => {
    const text = `${head}MKE/WANTED PERSON\nORI/WY0990200 NAM/SAMPLE, ALPHA\nNIC/W000000001\nSEE ALSO NIC/W000000009\n`;
    expect(first(text)?.nic).toBe('W000000001');
  });

  test('is not guessed where two could be it; both are kept as values', () => {
    const line = (nic: string) => `ORI/WY0990200 NAM/SAMPLE, ALPHA NIC/${nic} DTE/20260105 1200 EST\n`;
    const reply = readReply(head + line('W000000001') + line('W000000002'));
    expect(reply).toMatchObject({ verdict: 'HIT', records: [{ values: { NIC: ['W000000001', 'W000000002'] } }] });
    expect(reply.nic).toBeUndefined();
    expect(reply.records[0]?.nic).toBeUndefined();
  });

  test('of a restricted file makes the record restricted even when it is not known to be its own', () => {
    const text = `${head}NIC/K000000001 DTE/20260105 1200 EST\nNIC/W000000002 DTE/20260105 1200 EST\n`;
    expect(first(text)).toMatchObject({ restricted: true, standing: 'unknown' });
  });

  test('stands alone in an acknowledgement: with two it cannot be told what was changed', () => {
    const one = `${head}CLEAR NIC/W000000001 NAM/SAMPLE, ALPHA\nOCA/PRACTICE01\n`;
    expect(readReply(one)).toMatchObject({ kind: 'acknowledgement', nic: 'W000000001' });
    expect(readReply(`${one}NIC/W000000001\n`)).toMatchObject({ kind: 'acknowledgement' });
    expect(readReply(`${one}NIC/W000000002\n`).kind).not.toBe('acknowledgement');
  });
});

describe('the words of caution', () => {
  test.each([
    ['on lines of their own', want('TEXT').replace('ORI/WY', 'ARMED AND DANGEROUS\nESCAPE RISK\nORI/WY')],
    ['with marks around them', want('TEXT').replace('ORI/WY', '***ARMED AND DANGEROUS***\n- ESCAPE RISK -\nORI/WY')],
    ['two on a line', want('TEXT').replace('ORI/WY', 'ARMED AND DANGEROUS, ESCAPE RISK\nORI/WY')],
    ['as codes', want('TEXT').replace('SEX/M', 'SEX/M CMC/00 25')],
    ['as codes that stand more than once', want('TEXT').replace('SEX/M', 'SEX/M CMC/00 CMC/25')],
    ['behind their code', want('TEXT').replace('SEX/M', 'SEX/M CMC/00 - ARMED AND DANGEROUS\nCMC/25 - ESCAPE RISK\n')],
    ['in the remarks', want('KNIFE. ARMED AND DANGEROUS, ESCAPE RISK')],
  ])('are found %s', (_where, text) => {
    expect(first(head + text)?.cautions).toEqual(['ARMED AND DANGEROUS', 'ESCAPE RISK']);
  });

  test('of one word only where nothing else stands', () => {
    expect(first(head + want('WITH ONE OTHER PERSON'))?.cautions).toEqual([]);
    expect(first(head + want('TEXT').replace('ORI/WY', 'OTHER\nORI/WY'))?.cautions).toEqual(['OTHER']);
  });
});

test('a locate on file is told wherever the literal says so', () => {
  for (const literal of ['LOCATED WANTED PERSON', 'WANTED PERSON - LOCATED', 'LOCATED STOLEN VEHICLE']) {
    expect(first(head + want('TEXT', { literal }))?.located, literal).toBe(true);
  }
  expect(first(head + want('LOCATED BY CHANCE'))?.located).toBe(false);
});

test('a missing or unidentified person is one, whatever word stands before', () => {
  for (const literal of [
    'ENDANGERED MISSING PERSON',
    'LOCATED DISABLED MISSING PERSON',
    'DECEASED UNIDENTIFIED PERSON',
  ]) {
    expect(first(head + want('TEXT', { literal, nic: 'Q000000001' }))?.standing, literal).toBe('welfare');
  }
  expect(first(head + want('TEXT', { literal: 'WANTED PERSON - MISSING' }))?.standing).toBe('unknown');
});

describe('words that speak against arrest', () => {
  test.each([
    'DO NOT ARREST BASED ON THIS',
    'DONT ARREST',
    'DON’T ARREST',
    'NOT TO BE ARRESTED',
    'NO ARREST AUTHORITY',
    'ARREST IS PROHIBITED',
    'NON-ARRESTABLE',
    'NO PROBABLE CAUSE',
    'NO PC FOR ARREST',
    'ARREST ONLY AFTER CONFIRMATION',
    'TAKE NO ENFORCEMENT ACTION',
    'WARRANT HAS BEEN RECALLED',
    'WARRANT SERVED',
    'RECORD CANCELED',
    'NO LONGER WANTED',
    'NOT A CRIMINAL WARRANT',
    'THE DRIVER IS NOT THE WANTED PERSON',
    'VICTIM OF ID THEFT',
    'IDENTITY THEFT VICTIM',
    'CITE AND RELEASE',
    'LOCATE ONLY',
    'OFFICER SAFETY INFORMATION ONLY',
  ])('%s', (words) => {
    const record = first(head + want(words));
    expect(record?.caveat).toBeDefined();
    expect(record?.standing).not.toBe('want');
  });

  test.each([
    'FLED TO AVOID ARREST',
    'WILL NOT STOP FOR POLICE',
    'WARRANT NOT YET SERVED',
    'NO BOND HOLD',
    'NO PRIOR ARRESTS',
    'HAS NO ARREST RECORD',
    'VICTIM IS A RELATIVE',
    'IN-STATE PICK UP ONLY',
    'WILL EXTRADITE FROM SURROUNDING STATES ONLY',
    'DO NOT RELEASE',
  ])('a want stays one with %s', (words) => {
    expect(first(head + want(words))).toMatchObject({ standing: 'want' });
  });
});

describe('lines', () => {
  const reply = `${head + want('TEXT')}\nWARNING - DO NOT ARREST BASED ON THE FOLLOWING\n\n${want('TEXT', {
    literal: 'PROTECTIVE INTEREST',
    nic: 'K000000001',
  })}`;

  test.each(['\r\n', '\r\r\n', '\r\n\u007f', '\n\r', '\r\u007f\n', '\r', '\n\n'])(
    'ended by %j read the same, so that a caveat stays with the record it is meant for',
    (end) => {
      expect(readReply(reply.replaceAll('\n', end)).records).toMatchObject([
        { nic: 'W000000001', standing: 'want' },
        { nic: 'K000000001', standing: 'caution', restricted: true, caveat: {} },
      ]);
    },
  );

  test('ended by CR CR LF say NO RECORD as others do', () => {
    const none = `${head}NO NCIC WANT NAM/SAMPLE, ALPHA\nNO NCIC WANT SOC/001010001\n`;
    expect(readReply(none.replaceAll('\n', '\r\r\n')).verdict).toBe('NO RECORD');
  });
});
