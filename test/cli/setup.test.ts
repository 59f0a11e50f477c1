import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';

const top = mkdtempSync(join(tmpdir(), 'hitline-setup-test-'));
afterAll(() => rmSync(top, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
const clone = join(top, 'clone');
const programs = join(top, 'programs');
const calls = join(top, 'calls');

/** A clone with nothing installed, and an npm that only notes what it was asked. */
beforeEach(() => {
  rmSync(clone, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
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

const env = { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH']}` };

function runInClone(...words: readonly string[]) {
  return spawnSync(process.execPath, [join(clone, 'bin/run.cjs'), 'say.ts', ...words], {
    encoding: 'utf8',
    env,
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

test('two first runs at once install once', async () => {
  fakeNpm('mkdir -p node_modules && sleep 0.3 && echo {} > node_modules/.package-lock.json');
  const ended = await Promise.all(
    ['a', 'b'].map(async (word) => {
      const child = spawn(process.execPath, [join(clone, 'bin/run.cjs'), 'say.ts', word], { env, stdio: 'ignore' });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    }),
  );
  expect(ended).toEqual([0, 0]);
  expect(npmCalls()).toHaveLength(1);
});

test('the turn of an install that was killed is taken over', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(join(clone, '.installing'), String(gone));
  expect(runInClone('a')).toMatchObject({ status: 0, stdout: 'a\n' });
  expect(npmCalls()).toHaveLength(1);
});

test('a lock that has changed is installed again; one that was only touched is not', () => {
  runInClone();
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(clone, 'package-lock.json'), later, later);
  runInClone();
  expect(npmCalls()).toHaveLength(1);
  writeFileSync(join(clone, 'package-lock.json'), '{"changed":true}');
  runInClone();
  expect(npmCalls()).toHaveLength(2);
});

test('packages that somebody installed by hand are left as they are', () => {
  mkdirSync(join(clone, 'node_modules'));
  writeFileSync(join(clone, 'node_modules/.package-lock.json'), '{}');
  expect(runInClone('a')).toMatchObject({ status: 0, stdout: 'a\n' });
  expect(npmCalls()).toEqual([]);
});

test('an install that fails ends with 70 and runs nothing; the next run tries again', () => {
  fakeNpm('mkdir -p node_modules/half; exit 1');
  const failed = runInClone('a');
  expect(failed).toMatchObject({ status: 70, stdout: '' });
  expect(failed.stderr).toContain('npm ci failed');
  fakeNpm('echo {} > node_modules/.package-lock.json');
  expect(runInClone('a')).toMatchObject({ status: 0, stdout: 'a\n' });
});

test('where the launcher stays as the parent, SIGUSR2 reaches the program, which takes it for news, and ends nobody', async () => {
  fakeNpm('mkdir -p node_modules && echo {} > node_modules/.package-lock.json');
  writeFileSync(join(clone, 'older.cjs'), 'delete process.execve;');
  writeFileSync(
    join(clone, 'say.ts'),
    'process.on("SIGUSR2", () => process.stdout.write("told", () => process.exit(3)));\nprocess.stdout.write("up");\nsetInterval(() => {}, 1_000);\n',
  );
  const words = ['--require', join(clone, 'older.cjs'), join(clone, 'bin/run.cjs'), 'say.ts'];
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said === 'up') child.kill('SIGUSR2');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, said }).toEqual({ code: 3, said: 'uptold' });
});

test('a gateway is started with room for what it holds and not for what is long gone', () => {
  const say = 'console.log([process.argv[2] ?? "", ...process.execArgv].join("+"));\n';
  writeFileSync(join(clone, 'say.ts'), say);
  const small = 'gateway+--disable-warning=ExperimentalWarning+--max-semi-space-size=8+--max-old-space-size=1024\n';
  expect(runInClone('gateway', '--check')).toMatchObject({ status: 0, stdout: small });
  expect(runInClone('ledger', 'verify')).toMatchObject({ stdout: 'ledger+--disable-warning=ExperimentalWarning\n' });
});
