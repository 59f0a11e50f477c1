import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import ratchet from './tidy/ratchet.json' with { type: 'json' };
import * as rules from './tidy/rules.ts';
import { openParser } from './tidy/syntax.ts';

const root = join(import.meta.dirname, '..');
const codeFolders = ['src', 'test', 'bin'];
const otherFolders = ['docs', 'fixtures', '.ci'];
const textFile = /\.(ts|cjs|mjs|js|json|md|txt|yaml|yml|sh)$|^(Dockerfile|run|LICENSE|\.[a-z]+)$/;

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

function filesAtTop(): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
    .map((entry) => entry.name);
}

const paths = codeFolders.flatMap(filesUnder);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const parser = openParser();
afterAll(() => parser.close());
const facts = parser.read(new Map(paths.filter((path) => path.endsWith('.ts')).map((path) => [path, read(path)])));

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
  expect(list(rules.afterRatchet([...rules.sizes(facts), ...rules.folderSizes(paths)], ratchet))).toEqual([]);
});

test('no machine path, no letters with two meanings, nothing unfinished', () => {
  const texts = [...paths, ...otherFolders.flatMap(filesUnder), ...filesAtTop()]
    .filter((path) => textFile.test(path.split('/').at(-1) ?? ''))
    .map((path) => ({ path, text: read(path) }));
  expect(list(rules.words(texts))).toEqual([]);
});
