import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';

const top = mkdtempSync(join(tmpdir(), 'hitline-setup-test-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const clone = join(top, 'clone');
const programs = join(top, 'programs');
const calls = join(top, 'calls');

/** A clone with nothing installed, and an npm that only notes what it was asked. */
beforeEach(() => {
  rmSync(clone, { recursive: true, force: true });
  for (const folder of [join(clone, 'bin'), programs]) mkdirSync(folder, { recursive: true });
  for (const name of ['run.cjs', 'setup.cjs'])
    copyFileSync(join(import.meta.dirname, '../../bin', name), join(clone, 'bin', name));
  writeFileSync(join(clone, 'package-lock.json'), '{}');
  writeFileSync(join(clone, 'say.ts'), 'const said: string = process.argv.slice(2).join("+");\nconsole.log(said);\n');
  writeFileSync(calls, '');
  fakeNpm('mkdir -p node_modules && echo {} > node_modules/.package-lock.json');
});

function fakeNpm(does: string): void {
  writeFileSync(join(programs, 'npm'), `#!/bin/sh\necho "$@" >> "${calls}"\n${does}\n`, { mode: 0o755 });
}

function runInClone(...words: readonly string[]) {
  return spawnSync(process.execPath, [join(clone, 'bin/run.cjs'), 'say.ts', ...words], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH']}` },
  });
}

const npmCalls = (): string[] =>
  readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

test('the first run installs the locked packages, the next one does not', () => {
  expect(runInClone('a', 'b')).toMatchObject({ status: 0, stdout: 'a+b\n' });
  expect(npmCalls()).toEqual([expect.stringMatching(/^ci .*--include=dev --include=optional/)]);
  expect(runInClone('c')).toMatchObject({ status: 0, stdout: 'c\n', stderr: '' });
  expect(npmCalls()).toHaveLength(1);
});

test('a lock that is newer than what is installed is installed again', () => {
  runInClone();
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(clone, 'package-lock.json'), later, later);
  runInClone();
  expect(npmCalls()).toHaveLength(2);
});

test('an install that fails ends with 70 and runs nothing; the next run tries again', () => {
  fakeNpm('mkdir -p node_modules/half; exit 1');
  const failed = runInClone('a');
  expect(failed).toMatchObject({ status: 70, stdout: '' });
  expect(failed.stderr).toContain('npm ci failed');
  fakeNpm('echo {} > node_modules/.package-lock.json');
  expect(runInClone('a')).toMatchObject({ status: 0, stdout: 'a\n' });
});
