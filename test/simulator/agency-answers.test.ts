import { expect, test } from 'vitest';
import { classifyConfirmation, parseMessage } from '../../src/formats/language.ts';
import { scriptedAnswers } from '../../src/simulator/nlets/agency-answers.ts';
import { buildNletsOutput } from '../../src/simulator/nlets/nlets-text.ts';
import { readRequest } from '../../src/simulator/requests.ts';
import { type AgencyReply, parseScript } from '../../src/simulator/script.ts';
import { yq } from './texts.ts';

const [agency] = parseScript({
  name: 'Test',
  agencies: [{ ori: 'WY0990200', name: 'Sage County Sheriff', phone: '5550100122' }],
}).agencies;

function answers(reply: Partial<AgencyReply> & Pick<AgencyReply, 'say'>, text = yq()) {
  const request = readRequest(text);
  if (request.kind !== 'nlets' || agency === undefined) throw new Error('not a YQ');
  return scriptedAnswers({ kind: 'agency', agency }, request, { hours: 2, ...reply });
}

test.each([
  ['confirm', 'CON/Y'],
  ['deny', 'CON/N'],
  ['time-named', 'CON/I.HTC/2'],
  ['in-process', 'CON/I.CNA'],
  ['extradition-open', 'CON/E'],
] as const)('%s says %s about the subject that was asked', (say, code) => {
  const [yr, ...more] = answers({ say });
  expect(more).toEqual([]);
  expect(yr).toMatchObject({ key: 'YR', sender: 'WY0990200', control: 'COJ1000001', nic: 'W990000002' });
  expect(yr?.body).toContain(code);
  expect(yr?.body).toContain('OCA/SC26000002.NIC/W990000002.NAM/RECORD,ROBIN');
});

test('a wrong subject differs in every identifier and still goes to the asker', () => {
  const [yr] = answers({ say: 'wrong-subject', control: 'none' });
  expect(yr).not.toHaveProperty('control');
  expect(yr?.body).toMatch(/^RTY\/WP\.OCA\/OTHER000001\.NIC\/W990000502\.NAM\/SAMPLE,OTHER\.DOB\/19010101\./);
});

test('no control field, a foreign one, late and twice', () => {
  expect(answers({ say: 'no-control' })[0]).not.toHaveProperty('control');
  expect(answers({ say: 'confirm', control: 'other' })[0]?.control).toBe('OTHER00001');
  expect(answers({ say: 'late' })[0]?.afterMs).toBeGreaterThan(600_000);
  expect(answers({ say: 'duplicate' })).toHaveLength(2);
  expect(answers({ say: 'confirm', copies: 3, afterMs: 5 }).map((one) => one.afterMs)).toEqual([5, 5, 5]);
});

test.each([
  ['error-22', 'ER', '.22. INVALID MESSAGE FORMAT - REFER TO YQ MKE OPTIONS BELOW'],
  ['status-01', 'SM', '.01. USER DOES NOT RESPOND TO MSG TYPE, NLETS WILL NOT FORWARD\nYQ WY0990200'],
  ['status-02', 'SM', '.02. USER OUT OF SERVICE FOR MSG TYPE, NLETS WILL FORWARD'],
  ['status-04', 'SM', '.04. USER OUT OF SERVICE FOR MSG TYPE, NLETS WILL NOT FORWARD'],
] as const)('%s comes from the Nlets switch, not from the agency', (say, key, body) => {
  const [answer] = answers({ say });
  expect(answer).toMatchObject({ key, sender: 'NL0000000', control: 'COJ1000001' });
  expect(answer?.body.startsWith(body)).toBe(true);
});

test('only a question about a hit is confirmed: to anything else an agency says what it was told to say, or nothing', () => {
  const am = 'AM.CO0990100.WY0990200.*COJ1000001.TXT\r\nSYNTHETIC MESSAGE';
  expect(answers({ say: 'confirm' }, am)).toEqual([]);
  expect(answers({ say: 'free-text', body: 'SYNTHETIC ANSWER' }, am)).toMatchObject([
    { key: 'AM', body: 'SYNTHETIC ANSWER' },
  ]);
});

test.each([
  ['confirm', 'confirmed'],
  ['deny', 'not-confirmed'],
  ['time-named', 'time-named'],
  ['in-process', 'in-process'],
  ['extradition-open', 'valid-extradition-open'],
] as const)('the language parses a YR that says %s and proposes %s', (say, proposed) => {
  const [answer] = answers({ say });
  if (answer === undefined) throw new Error('no answer');
  const stamp = { atMs: Date.UTC(2030, 0, 1), seq: 1 };
  const parsed = parseMessage(buildNletsOutput({ ...answer, to: 'CO0990100', received: stamp, sent: stamp }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  expect(parsed.message).toMatchObject({ key: 'YR', ori: 'WY0990200', control: 'COJ1000001' });
  expect(parsed.message.fields['NIC']).toEqual(['W990000002']);
  expect(classifyConfirmation(parsed.message)).toMatchObject({
    proposed,
    ...(say === 'time-named' ? { hours: 2 } : {}),
  });
});
