import { describe, expect, test } from 'vitest';
import type { Gist, Message } from '../../../src/formats/message.ts';
import { contradictions, referenceIn, referenceInEcho } from '../../../src/switch/routing/matching.ts';

const question: Message = {
  line: 'nlets',
  key: 'YQ',
  control: 'GA00000001',
  ori: 'CO0990100',
  destinations: ['WY0990200', 'CO0990000'],
  fields: { NIC: ['W990000002'], OCA: ['SC26000002'], NAM: ['RECORD, ROBIN'], DOB: ['19800202'] },
};

const answer = (given: Partial<Message>): Parameters<typeof contradictions>[1] => {
  const message: Message = {
    line: 'nlets',
    key: 'YR',
    ori: 'WY0990200',
    destinations: ['CO0990100'],
    fields: {},
    ...given,
  };
  const gist: Gist = {
    key: message.key,
    senderOri: message.ori,
    destinations: message.destinations,
    nics: message.fields['NIC'] ?? [],
    oris: [],
  };
  return { message, gist, answerKeys: ['YR'] };
};

describe('an answer with our reference', () => {
  test('belongs when nothing in it contradicts the question', () => {
    expect(
      contradictions(question, answer({ fields: { NIC: ['W990000002'], OCA: ['SC26000002'], NAM: ['RECORD,ROBIN'] } })),
    ).toEqual([]);
    expect(contradictions(question, answer({ ori: 'CO0990000' }))).toEqual([]);
  });

  test('contradicts by each identifier of another record or subject', () => {
    for (const [code, value] of [
      ['NIC', 'W990000009'],
      ['OCA', 'SC26000009'],
      ['NAM', 'SAMPLE, SAM'],
      ['DOB', '19800203'],
    ] as const) {
      expect(contradictions(question, answer({ fields: { [code]: [value] } }))).toEqual([code]);
    }
  });

  test('contradicts when it comes from an agency that was not asked, or is no answer at all', () => {
    expect(contradictions(question, answer({ ori: 'WY0990300' }))).toEqual(['SENDER']);
    expect(contradictions(question, answer({ key: 'RR' }))).toEqual(['KEY']);
  });

  test('that does not parse may not name another record', () => {
    const unread = { message: undefined, answerKeys: ['YR'] };
    const gist: Gist = { key: 'YR', senderOri: 'WY0990200', destinations: [], nics: ['W990000009'], oris: [] };
    expect(contradictions(question, { ...unread, gist })).toEqual(['NIC']);
    expect(contradictions(question, { ...unread, gist: { ...gist, nics: ['W990000002'] } })).toEqual([]);
  });

  test('may be an ER or SM of the Nlets switch, whoever was asked', () => {
    expect(contradictions(question, answer({ key: 'ER', ori: 'NL0000000' }))).toEqual([]);
  });
});

describe('our reference', () => {
  test('is found in an Nlets control field and at the end of an NCIC header', () => {
    expect(referenceIn('GA00000001')).toBe('GA00000001');
    expect(referenceIn('COJ1GA00000001')).toBe('GA00000001');
    expect(referenceIn('DISP000001')).toBeUndefined();
    expect(referenceIn(undefined)).toBeUndefined();
  });

  test('is found in the echo of an ER, and only there', () => {
    const text = '.22. INVALID\nORIGINAL MESSAGE\nYQ.CO0990100.WY0990200.*GA00000001.TXT';
    expect(referenceInEcho(text)).toBe('GA00000001');
    expect(referenceInEcho('REM/*GA00000001')).toBeUndefined();
  });
});
