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

describe('an answer that says there is no record', () => {
  const asks = (fields: Message['fields'], line: Message['line'] = 'ncic'): Message => ({
    line,
    key: 'QW',
    ori: 'CO0990100',
    destinations: [],
    fields,
  });
  const person = asks({ NAM: ['SAMPLE, SAM JONATHAN MAXIMILIAN'], DOB: ['19900303'], SEX: ['M'] });
  const against = (
    question: Message,
    named: Message['fields'],
    kind: 'no-record' | 'acknowledgement' | 'hit' = 'no-record',
  ) =>
    contradictions(question, {
      message: undefined,
      gist: { destinations: [], nics: [], oris: [] },
      answerKeys: [],
      reply: { kind },
      named,
    });

  test('belongs when it names what was asked, some of it, or nothing', () => {
    for (const named of [
      {},
      { SEX: ['M'] },
      { DOB: ['19900303'] },
      { NAM: ['SAMPLE,SAM JONATHAN MAXIMILIAN.'], DOB: ['19900303', '19900303'] },
      // A line has an end.
      { NAM: ['SAMPLE, SAM JONATHAN MAX'] },
    ])
      expect(against(person, named)).toEqual([]);
  });

  test('contradicts by each name, date or number that was not asked for, and by one thing for another', () => {
    expect(against(person, { NAM: ['SAMPLE, SALLY'], DOB: ['19900303'] })).toEqual(['NAM']);
    expect(against(person, { NAM: ['SAMPLE, SAM'], DOB: ['19900304'] })).toEqual(['NAM', 'DOB']);
    expect(against(person, { DOB: ['19900303', '19800101'] })).toEqual(['DOB']);
    expect(against(person, { LIC: ['PRC001'], LIS: ['CO'] })).toEqual(['LIC', 'LIS']);
    expect(against(asks({ LIC: ['PRC001'] }), { LIC: ['PRC002'] })).toEqual(['LIC']);
    expect(against(asks({ LIC: ['PRC001'], LIS: ['CO'] }), { LIC: ['PRC001'], LIS: ['WY'] })).toEqual(['LIS']);
  });

  test('is held against the question as an acknowledged entry is against what was entered; a hit names what the record has', () => {
    expect(against(person, { NIC: ['W990000009'], NAM: ['OTHER, PERSON'] }, 'acknowledgement')).toEqual(['NAM']);
    expect(against(person, { NIC: ['W990000009'], OCA: ['PR26000001'] }, 'acknowledgement')).toEqual([]);
    const change = asks({ NIC: ['W990000009'], NAM: ['SAMPLE, SAM'] });
    expect(against(change, { NIC: ['W990000009'], NAM: ['OTHER, PERSON'] }, 'acknowledgement')).toEqual([]);
    expect(against(person, { NAM: ['OTHER, PERSON'], DOB: ['19900303'] }, 'hit')).toEqual([]);
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
