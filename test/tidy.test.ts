import { expect, test } from 'vitest';
import { excesses, readHouse } from './tidy/house.ts';
import ratchet from './tidy/ratchet.json' with { type: 'json' };
import * as rules from './tidy/rules.ts';

const house = readHouse();
const { facts, paths, texts } = house;

/** One finding a line, so that a failure reads as a list of what to mend. */
const list = (findings: readonly rules.Finding[]): string[] =>
  findings.map((one) => `${one.where}: ${one.what} (${one.rule})`);

test('the rooms are read at all', () => {
  expect(facts.filter((one) => one.path.startsWith('src/')).length).toBeGreaterThan(10);
  expect(facts.flatMap((one) => one.imports).length).toBeGreaterThan(20);
  expect(facts.flatMap((one) => one.functions).length).toBeGreaterThan(20);
});

test('imports go only the way the picture of the house shows', () => {
  expect(list(rules.importDirections(facts))).toEqual([]);
  expect(list(rules.oneBlessedFile(facts))).toEqual([]);
});

test('the language, every step and the terminal model are pure', () => {
  expect(list(rules.purity(facts))).toEqual([]);
});

test('time comes through the clock port', () => {
  expect(list(rules.timeThroughThePort(facts))).toEqual([]);
});

test('the types and the checks have no holes', () => {
  expect(list([...rules.holes(facts), ...rules.silencedChecks(facts)])).toEqual([]);
});

test('tests wait for events and skip nothing in silence', () => {
  expect(list(rules.testManners(facts))).toEqual([]);
});

test('files are named for what they are', () => {
  expect(list(rules.fileNames(paths))).toEqual([]);
});

test('no file, function, parameter list or folder is larger than the house allows, and no known excess grows', () => {
  expect(list(rules.afterRatchet(excesses(house), ratchet))).toEqual([]);
});

test('no machine path, no letters with two meanings, nothing unfinished', () => {
  expect(list(rules.words(texts))).toEqual([]);
});
