import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScriptOptions } from './script-options.ts';

const known = ['kill', 'relay'];
const read = (...words: string[]) => readScriptOptions(words, { known, freshSeed: 99 });

test('names, --short and --seed are read in any order', () => {
  expect(read('--short', 'kill', '--seed', '5')).toEqual({
    ok: true,
    options: { names: ['kill'], short: true, seed: 5 },
  });
});

test('without words everything runs, with a fresh seed', () => {
  expect(read()).toEqual({ ok: true, options: { names: known, short: false, seed: 99 } });
});

test.each([
  [['nothing'], /no "nothing"; there are: kill, relay/],
  [['--seed', 'x'], /whole number/],
  [['--seed', '-1'], /seed/],
  [['--loud'], /loud/],
])('%j is refused with its reason', (words, reason) => {
  const result = read(...words);
  expect(result.ok ? '' : result.reason).toMatch(reason);
});

test.each(['bench', 'torture'])('npm run %s with an unknown name is wrong usage and says what there is', (harness) => {
  const child = spawnSync(process.execPath, [join(import.meta.dirname, harness, 'run.ts'), 'nothing'], {
    encoding: 'utf8',
  });
  expect(child.status).toBe(2);
  expect(child.stdout).toBe('');
  expect(child.stderr).toContain(`usage: npm run ${harness}`);
});
