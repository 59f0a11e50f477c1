import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { launcher, runHitline, runInside } from './run-hitline.ts';

const packageFile = join(import.meta.dirname, '../../package.json');
const commands = [
  'parse',
  'build',
  'frame',
  'simulate',
  'gateway',
  'terminal',
  'replay',
  'conform',
  'hash-password',
  'practice',
];
const heartbeat = Buffer.from('FF00AA55000000101B04485955AA00FF', 'hex');

test('--help names every command on standard output and ends with 0', async () => {
  const ended = await runHitline(['--help']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  for (const name of commands) expect(ended.stdout.toString()).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test.each([...commands, 'frame encode', 'frame decode'])('%s --help says how it is used', async (name) => {
  const ended = await runInside([...name.split(' '), '--help']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.toString()).toContain(`Usage: hitline ${name} `);
});

test('--version is the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  expect(await runInside(['--version'])).toMatchObject({ code: 0, stdout: Buffer.from(`${version}\n`) });
});

test.each([
  [[]],
  [['nothing']],
  [['constructor']],
  [['parse', '--nothing']],
  [['parse', 'a', 'b']],
  [['parse', '--line', 'nothing']],
  [['frame']],
  [['frame', 'nothing']],
  [['frame', 'decode']],
  [['frame', 'decode', '--profile', 'nothing']],
  [['frame', 'encode', '--profile', 'foxtalk-1', '--exchange-id', '65536']],
  [['frame', 'encode', '--profile', 'foxtalk-1', '--exchange-id', '1x']],
  [['frame', 'encode', '--profile', 'foxtalk-1', '--type', 'nothing']],
  [['frame', 'encode', '--profile', 'foxtalk-1', '--max-frame', '16']],
  [['frame', 'encode', '--profile', 'foxtalk-1', '--end', 'maybe']],
  [['frame', 'encode', '--profile', 'foxtalk-1', '--end', 'N', '--type', 'ack']],
  [['simulate']],
  [['gateway']],
  [['terminal']],
  [['replay']],
  [['conform', '--profile', 'foxtalk-1']],
  [['practice', '--nothing']],
])('%j is wrong usage: exit code 2, and nothing on standard output', async (words) => {
  const ended = await runInside(words);
  expect(ended.code).toBe(2);
  expect(ended.stdout.toString()).toBe('');
  expect(ended.stderr).not.toBe('');
});

test('wrong usage ends the real process with 2 as well', async () => {
  expect(await runHitline(['nothing'])).toMatchObject({ code: 2, stdout: Buffer.alloc(0) });
});

test('a file that is not there is bad input: a fault as JSON and exit code 1, and its name is not in it', async () => {
  const ended = await runInside(['parse', '/nowhere/RECORD']);
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout.toString())).toEqual({
    ok: false,
    faults: [{ code: 'FILE_UNREADABLE', text: 'The file cannot be read.' }],
  });
});

test('a failure of our own ends with 70, says its place and none of its words', async () => {
  const stderr = new PassThrough();
  const stdout = Object.assign(new PassThrough(), {
    write() {
      throw new RangeError('RECORD, SAMPLE');
    },
  });
  const words = ['frame', 'encode', '--profile', 'foxtalk-1', '--type', 'ack'];
  const code = await runCommandLine(words, { stdin: new PassThrough(), stdout, stderr });
  expect(code).toBe(70);
  expect(String(stderr.read())).toMatch(/^hitline: our own failure: unexpected error \(at RangeError.*\)\n$/);
});

test.skipIf(!existsSync('/dev/full'))('a full disk under standard output ends the real process with 70', async () => {
  const child = spawn('sh', ['-c', '"$0" "$1" --version > /dev/full', process.execPath, launcher]);
  const [code] = await once(child, 'close');
  expect(code).toBe(70);
});

test('a reader that goes away early is no failure', async () => {
  const child = spawn('sh', [
    '-c',
    `"$0" "$1" frame decode --profile foxtalk-1; echo "code $?" >&2`,
    process.execPath,
    launcher,
  ]);
  child.stdin.on('error', () => undefined);
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.end(Buffer.concat(Array.from({ length: 5_000 }, () => heartbeat)));
  await once(child, 'close');
  expect(stderr).toBe('code 0\n');
});

/** The launcher where Node cannot replace its process, as Node 20 does it: it stays as the parent. */
function startAsParent(words: readonly string[]) {
  const script = `process.execve = undefined; process.argv.splice(1, 0, 'launcher'); require(${JSON.stringify(launcher)});`;
  return spawn(process.execPath, ['-e', script, '--', ...words]);
}

test('on an older Node the exit code of the command is the exit code of the launcher', async () => {
  const child = startAsParent(['nothing']);
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
});

test('when the launcher is killed, the command does not live on', async () => {
  const child = startAsParent(['frame', 'decode', '--profile', 'foxtalk-1']);
  child.stdin.on('error', () => undefined);
  child.stdin.write(heartbeat);
  // Its first line shows that the command runs; it would now wait for more bytes for ever.
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toContain('heartbeat');
  child.kill('SIGKILL');
  // The pipe ends when the last process that holds it, the command itself, has gone.
  await once(child.stdout, 'close');
  expect(child.signalCode).toBe('SIGKILL');
});
