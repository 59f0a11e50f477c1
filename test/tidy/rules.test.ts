import { afterAll, expect, test } from 'vitest';
import * as rules from './rules.ts';
import { openParser } from './syntax.ts';

const parser = openParser();
afterAll(() => parser.close());

/** A small house, path to text, as facts. */
function house(sources: Record<string, string>) {
  return parser.read(new Map(Object.entries(sources)));
}

/** Where each finding is, without the words. */
function places(findings: readonly rules.Finding[]): string[] {
  return findings.map((one) => one.where);
}

const good = `
import type { Fault } from '../faults/fault.ts';
import { z } from 'zod';

/** Says nothing of the kind: process, Date.now(), any, @ts-check. */
export function parseThing(text: string, process: { exit: number }): readonly string[] {
  const pattern = /Date.now\\(\\)|enum X {/;
  return [text, 'console.log(1)', \`\${process.exit} setTimeout(\`, String(pattern), new Date(0).toISOString()];
}
export type { Fault };
export const schema = z.string();
`;

test('a good file breaks no rule', () => {
  const facts = house({ 'src/formats/thing.ts': good, 'src/faults/fault.ts': 'export interface Fault { a: 1 }\n' });
  const found = [
    ...rules.importDirections(facts),
    ...rules.purity(facts),
    ...rules.timeThroughThePort(facts),
    ...rules.holes(facts),
    ...rules.silencedChecks(facts),
    ...rules.sizes(facts),
    ...rules.testManners(facts),
  ];
  expect(found).toEqual([]);
});

const rooms = [
  'faults',
  'formats',
  'wire',
  'host',
  'console',
  'terminal',
  'switch',
  'simulator',
  'practice',
  'cli',
] as const;

/** The picture of DESIGN.md, section 2, written out a second time on purpose. */
const picture: Record<(typeof rooms)[number], string> = {
  faults: '',
  formats: 'faults',
  wire: 'faults',
  host: 'faults',
  console: 'faults formats',
  terminal: 'faults formats host console',
  switch: 'faults formats wire host console',
  simulator: 'faults formats wire host',
  practice: 'faults formats wire host console terminal switch simulator',
  cli: 'faults formats wire host console terminal switch simulator practice',
};

test.each(rooms)('%s may import what the picture shows and nothing else', (room) => {
  const source = rooms.map((other) => `import { x as ${other} } from '../${other}/x.ts';`).join('\n');
  const refused = rules.importDirections(house({ [`src/${room}/y.ts`]: source })).map((one) => one.what);
  const expected = rooms.filter((other) => other !== room && !picture[room].split(' ').includes(other));
  expect(refused).toEqual(expected.map((other) => `${room} may not import ${other}`));
});

test.each([
  ["import type { X } from '../terminal/x.ts';", 'a type is an import too'],
  ["export { x } from '../terminal/x.ts';", 're-export'],
  ["const x = await import('../terminal/x.ts'); export { x };", 'dynamic import'],
  ["export type X = import('../terminal/x.ts').X;", 'import type'],
  ["import { x } from '../../test/x.ts'; export { x };", 'outside src'],
  ["import express from 'express'; export { express };", 'unknown package'],
  ["import { Queue } from 'bullmq'; export { Queue };", 'package in a room that is not its own'],
])('in switch, %s is refused: %s', (source) => {
  expect(places(rules.importDirections(house({ 'src/switch/y.ts': source })))).toEqual(['src/switch/y.ts:1']);
});

test('a file or folder of src that is no room of the house is refused', () => {
  expect(places(rules.importDirections(house({ 'src/lib/x.ts': '', 'src/x.ts': '' })))).toEqual([
    'src/lib/x.ts',
    'src/x.ts',
  ]);
});

test('one file imports blessed', () => {
  const source = "import blessed from 'blessed'; export { blessed };";
  const facts = house({ 'src/terminal/a.ts': source, 'src/terminal/b.ts': source });
  expect(places(rules.oneBlessedFile(facts))).toEqual(['src/terminal/b.ts']);
});

test.each([
  "import { readFileSync } from 'node:fs';",
  "import net from 'node:net';",
  "const fs = await import('node:fs');",
  'const x = Date.now();',
  'const x = new Date();',
  'const x = Date();',
  'const x = Math.random();',
  'setTimeout(() => {}, 1);',
  'setInterval(() => {}, 1);',
  'const x = process.env;',
  'const x = { process };',
  "console.log('x');",
  'const x = performance.now();',
  "const x = fetch('x');",
  'const x = crypto.randomUUID();',
  'globalThis.x = 1;',
])('impure in the language: %s', (line) => {
  expect(rules.purity(house({ 'src/formats/x.ts': line }))).toHaveLength(1);
});

test('a step is pure, by its file name or its function, and so is what it leans on', () => {
  const step = "import { now } from './now.ts';\nexport function stepCase() { return now(); }\n";
  const facts = house({
    'src/switch/cases/case.ts': step,
    'src/switch/cases/now.ts': 'export const now = () => Date.now();\n',
    'src/switch/approval/step-approval.ts': 'export const x = process.pid;\n',
    'src/switch/doors/door.ts': 'export const x = process.pid;\n',
    'src/terminal/update.ts': "import fs from 'node:fs';\nexport { fs };\n",
  });
  expect(places(rules.purity(facts))).toEqual([
    'src/switch/cases/now.ts:1',
    'src/switch/approval/step-approval.ts:1',
    'src/terminal/update.ts:1',
  ]);
});

test('the code tables alone may read, and only their own files', () => {
  const source = "import fs from 'node:fs';\nimport net from 'node:net';\nexport { fs, net };\n";
  const facts = house({ 'src/formats/code-tables.ts': source, 'src/formats/x.ts': source });
  expect(places(rules.purity(facts))).toEqual([
    'src/formats/code-tables.ts:2',
    'src/formats/x.ts:1',
    'src/formats/x.ts:2',
  ]);
});

test('what is imported for its types alone need not be pure', () => {
  const facts = house({
    'src/switch/step-a.ts':
      "import type { X } from './x.ts';\nimport { type Y } from './x.ts';\nexport type { X, Y };\n",
    'src/switch/x.ts': 'export const x = process.pid;\n',
  });
  expect(rules.purity(facts)).toEqual([]);
});

test('time is read in the two clock files alone', () => {
  const reads = [
    'export const a = Date.now();',
    'setTimeout(() => {}, 1);',
    'export const c = new Date();',
    'export const d = performance.now();',
    "import { setTimeout as wait } from 'node:timers/promises';",
    'AbortSignal.timeout(1);',
  ].join('\n');
  const facts = house({
    'src/host/clock.ts': reads,
    'src/wire/clock.ts': reads,
    'src/cli/x.ts': reads,
    'test/x.ts': reads,
  });
  expect(places(rules.timeThroughThePort(facts)).sort()).toEqual(
    [1, 2, 3, 4, 5, 6].map((line) => `src/cli/x.ts:${line}`),
  );
});

test.each([
  'let x: any;',
  'export const f = (x: Array<any>) => x as any;',
  'enum X { A }',
  'const enum X { A }',
  'namespace X { export const a = 1; }',
  'export default 3;',
  'export default function f() {}',
  "export { x as default } from './x.ts';",
  'class X { constructor(readonly a: number) {} }',
])('a hole: %s', (line) => {
  expect(rules.holes(house({ 'test/x.ts': line })).length).toBeGreaterThan(0);
});

test.each([
  'let count = 0;',
  'var count = 0;',
  'export const seen = new Map<string, string>();',
  'const seen = new WeakSet();',
])('module-global state: %s', (line) => {
  expect(rules.holes(house({ 'src/wire/x.ts': line }))).toHaveLength(1);
  expect(rules.holes(house({ 'src/wire/x.ts': `export function f() { ${line.replace('export ', '')} }` }))).toEqual([]);
});

test('a table at the top of a module is no state', () => {
  const tables =
    "const codes = new Set(['A']);\nconst none: ReadonlySet<string> = new Set();\nexport { codes, none };\n";
  expect(rules.holes(house({ 'src/wire/x.ts': tables }))).toEqual([]);
});

// The words are put together here, so that this file does not silence anything itself.
test.each([
  '@ts-' + 'ignore',
  '@ts-' + 'expect-error',
  '@ts-' + 'nocheck',
  'biome-' + 'ignore lint: x',
  'eslint-' + 'disable',
])('%s is seen in a comment and not in a string', (word) => {
  expect(rules.silencedChecks(house({ 'src/wire/x.ts': `// ${word}\nexport const x = 1;\n` }))).toHaveLength(1);
  expect(rules.silencedChecks(house({ 'src/wire/x.ts': `export const x = '${word}';\n` }))).toEqual([]);
});

test('tests that focus, skip in silence or wait for a time are found', () => {
  const facts = house({
    'test/x.test.ts': [
      "test.only('x', () => {});",
      "describe.skip('x', () => {});",
      "it.todo('x');",
      'await new Promise((resolve) => setTimeout(resolve, 500));',
      'await new Promise<void>(done => { setTimeout(done, 5); });',
      "import { setTimeout as pause } from 'node:timers/promises';",
      "import nock from 'nock';",
      "test.skipIf(process.platform === 'win32')('fine', () => {});",
      'const fine = setTimeout(() => reject(new Error()), 500);',
    ].join('\n'),
    'test/switch/webhook.test.ts': "import nock from 'nock';",
  });
  expect(places(rules.testManners(facts)).sort()).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((line) => `test/x.test.ts:${line}`),
  );
});

test('too long, too many, too wide: each size is found with its figure, and what just fits is not', () => {
  const lines = (count: number): string => '  x();\n'.repeat(count);
  const facts = house({
    'src/wire/a.ts': `export function long() {\n${lines(69)}}\n`,
    'src/wire/b.ts': `export function fits() {\n${lines(68)}}\n`,
    'src/wire/c.ts': '\n'.repeat(401),
    'src/wire/d.ts': '\n'.repeat(400),
    'src/wire/e.ts':
      'export const four = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];\nexport const three = (a: 1, b: 1, c: 1) => [a, b, c];\nlisten((a, b, c, d) => [a, b, c, d]);\n',
    'test/f.ts': `describe('all', () => {\n${lines(90)}});\ntest.skipIf(x)('one', () => {\n${lines(90)}});\nexport function suite() {\ntest('fine', () => {});\n${lines(90)}}\n`,
  });
  expect(rules.sizes(facts).map((one) => [one.rule, one.where, one.figure])).toEqual([
    ['function', 'src/wire/a.ts long', 71],
    ['file', 'src/wire/c.ts', 401],
    ['parameters', 'src/wire/e.ts four', 4],
    ['function', 'test/f.ts (line 93)', 92],
  ]);
});

test('a folder of more than 15 files is found, unless it is a table', () => {
  const files = (folder: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${folder}/f${at}.ts`);
  const paths = [
    ...files('src/wire', 16),
    ...files('src/host', 15),
    ...files('src/formats/keys', 90),
    ...files('docs', 90),
  ];
  expect(rules.folderSizes(paths).map((one) => [one.where, one.figure])).toEqual([['src/wire', 16]]);
});

test.each([
  'src/wire/utils.ts',
  'src/wire/string-helpers.ts',
  'src/common/x.ts',
  'test/link-manager.test.ts',
  'src/misc.ts',
  'src/wire/Link.ts',
  'src/wire/two_words.ts',
])('the name %s is refused', (path) => {
  expect(rules.fileNames([path])).toHaveLength(1);
});

test.each([
  'src/wire/foxtalk-1.ts',
  'test/wire/link.test.ts',
  'test/bench/relay.bench.ts',
  'bin/hitline.cjs',
  'src/host/ids.ts',
])('the name %s is fine', (path) => {
  expect(rules.fileNames([path])).toEqual([]);
});

test.each([
  ['docs/a.md', `see ${'/ro'}ot/x for it`],
  ['src/wire/a.ts', `const a = "${'/ho'}me/somebody/x";`],
  ['README.md', `C:\\Use${'rs'}\\x`],
  ['docs/a.md', `ask the CS${'O'}`],
  ['src/wire/a.ts', `// TO${'DO'}: mend`],
])('in %s the words "%s" are refused', (path, text) => {
  expect(rules.words([{ path, text }])).toHaveLength(1);
});

test('ordinary paths and words are fine', () => {
  const [inside, below] = ['work', 'root'];
  const text = `/tmp/x.sock /var/lib/hitline ./${inside}/x docs/${below}/x https://example.org/x control terminal CSA network/home`;
  expect(rules.words([{ path: 'docs/a.md', text }])).toEqual([]);
});

test('the ratchet lets a known size stand, and lets it neither grow nor keep slack', () => {
  const one = (figure: number): rules.Finding[] => [{ rule: 'function', where: 'src/x.ts f', what: '', figure }];
  const known = { 'function src/x.ts f': 80 };
  expect(rules.afterRatchet(one(80), known)).toEqual([]);
  expect(places(rules.afterRatchet(one(80), {}))).toEqual(['src/x.ts f']);
  expect(places(rules.afterRatchet(one(81), known))).toEqual(['src/x.ts f']);
  expect(places(rules.afterRatchet(one(79), known))).toEqual(['function src/x.ts f']);
  expect(places(rules.afterRatchet([], known))).toEqual(['function src/x.ts f']);
  expect(rules.afterRatchet([{ rule: 'hole', where: 'function src/x.ts f', what: '' }], known)).toHaveLength(2);
});
