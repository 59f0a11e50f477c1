import { expect, test } from 'vitest';
import { answeringSource, expectedSources } from '../../../src/switch/routing/expected-sources.ts';

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
  expect(expectedSources(asked('EW', 'ncic'), 'record')).toEqual(['NCIC']);
  expect(expectedSources(asked('ECW', 'state'), 'record')).toEqual(['STATE']);
  expect(expectedSources(asked('QCW', 'state'), 'inquiry')).toEqual(['STATE']);
  expect(expectedSources(asked('AM', 'nlets', ['WY0990200']), 'tell')).toEqual([]);
});

test('an answer counts for the address it comes from and for no other', () => {
  const question = { expects: ['NLETS WY', 'NLETS NE', 'NLETS Z1'] };
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
