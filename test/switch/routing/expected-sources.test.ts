import { expect, test } from 'vitest';
import {
  answeringSource,
  endsRegion,
  expectedSources,
  waitEndWords,
  waitWords,
} from '../../../src/switch/routing/expected-sources.ts';

const asked = (key: string, line: 'ncic' | 'iii' | 'nlets' | 'state', destinations: readonly string[] = []) => ({
  key,
  line,
  destinations,
});

test('an inquiry waits for the State and NCIC, a history for the State and III, and over Nlets for every address', () => {
  expect(expectedSources(asked('QW', 'ncic'), 'inquiry')).toEqual(['STATE', 'NCIC']);
  expect(expectedSources(asked('QH', 'iii'), 'history')).toEqual(['STATE', 'III']);
  expect(expectedSources(asked('RQ', 'nlets', ['WY', 'NE', 'WY']), 'inquiry')).toEqual(['NLETS WY', 'NLETS NE']);
  expect(expectedSources(asked('AQ', 'nlets', ['WY0990200']), 'history')).toEqual(['NLETS WY0990200']);
  expect(expectedSources(asked('YQ', 'nlets', ['WY0990200', 'CO0990000']), 'confirm')).toEqual(['NLETS WY0990200']);
  expect(expectedSources(asked('EW', 'ncic'), 'record')).toEqual(['NCIC']);
  expect(expectedSources(asked('ECW', 'state'), 'record')).toEqual(['STATE']);
  expect(expectedSources(asked('QCW', 'state'), 'inquiry')).toEqual(['STATE']);
  expect(expectedSources(asked('AM', 'nlets', ['WY0990200']), 'tell')).toEqual([]);
});

test('an answer counts for the address it comes from and for no other', () => {
  const question = { expects: ['NLETS WY', 'NLETS NE', 'REGION Z1'] };
  const from = (senderOri: string) => answeringSource(question, { source: 'NLETS', senderOri });
  expect(from('WY0990200')).toBe('NLETS WY');
  expect(from('NE0990000')).toBe('NLETS NE');
  expect(question.expects).not.toContain(from('KS0990000'));
  expect(question.expects).not.toContain(from(''));
  const agency = { expects: ['NLETS WY0990200'] };
  expect(answeringSource(agency, { source: 'NLETS', senderOri: 'WY0990200' })).toBe('NLETS WY0990200');
  expect(answeringSource(agency, { source: 'NLETS', senderOri: 'WY0990300' })).toBe('NLETS');
});

test('what the wording names is taken as it is', () => {
  const question = { expects: ['STATE', 'NCIC'] };
  expect(answeringSource(question, { source: 'NCIC', senderOri: '' })).toBe('NCIC');
  expect(answeringSource(question, { source: 'NLETS', senderOri: 'CO0990100' })).toBe('NLETS');
});

test('nobody answers for a region, nor for NL but where Nlets itself is asked for its log', () => {
  expect(expectedSources(asked('RQ', 'nlets', ['WY', 'Z1']), 'inquiry')).toEqual(['NLETS WY', 'REGION Z1']);
  expect(expectedSources(asked('RQ', 'nlets', ['NL']), 'inquiry')).toEqual(['REGION NL']);
  expect(expectedSources(asked('NLQ', 'nlets', ['NL']), 'inquiry')).toEqual(['NLETS NL']);
  const question = { expects: ['REGION Z1', 'REGION NL'] };
  for (const senderOri of ['WY0990200', 'NL0000000', 'Z10000000']) {
    expect(question.expects).not.toContain(answeringSource(question, { source: 'NLETS', senderOri }));
  }
});

test('what is waited for is named by its address, and a region by what nobody knows of it', () => {
  const wait = (expects: string[], answered: string[] = []) => [
    waitWords({ expects, answered }),
    waitEndWords({ expects, answered }),
    endsRegion({ expects, answered }),
  ];
  expect(wait(['STATE', 'NCIC'], ['STATE', 'NCIC'])).toEqual(['', '', false]);
  expect(wait(['STATE', 'NCIC'], ['STATE'])).toEqual(['WAITING FOR NCIC', 'NO ANSWER FROM NCIC', false]);
  expect(wait(['NLETS WY0990200'])).toEqual(['WAITING FOR WY0990200', 'NO ANSWER FROM WY0990200', false]);
  const waiting = 'WAITING FOR REGION Z1 (NUMBER OF ANSWERS UNKNOWN)';
  expect(wait(['REGION Z1'])).toEqual([waiting, 'NO ANSWER FROM REGION Z1', false]);
  const ended = 'REGION Z1 ENDED BY TIME - MORE ANSWERS MAY EXIST';
  expect(wait(['REGION Z1'], ['NLETS'])).toEqual([waiting, ended, true]);
  expect(wait(['NLETS WY', 'REGION Z1'], ['NLETS'])[1]).toBe(`NO ANSWER FROM WY; ${ended}`);
  expect(wait(['NLETS WY', 'REGION Z1'], ['NLETS WY'])[1]).toBe('NO ANSWER FROM REGION Z1');
});
