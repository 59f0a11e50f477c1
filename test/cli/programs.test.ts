import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterAll, afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { makeCredentials, practiceInput } from '../../src/practice/world.ts';
import { verifyPassword } from '../../src/switch/people/password.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { dialLink } from '../../src/wire/sockets/dial.ts';
import { jsonLines, launcher, runHitline, runInside } from './run-hitline.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitline-cli-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** A program that runs until it is told to end. */
interface Running {
  readonly child: ChildProcess;
  /** The next line of standard output, as JSON. */
  next(): Promise<Record<string, unknown>>;
  end(): Promise<number | null>;
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function startHitline(words: readonly string[]): Running {
  const child = spawn(process.execPath, [launcher, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.resume();
  running.push(child);
  const lines = (createInterface(child.stdout) as Interface)[Symbol.asyncIterator]();
  return {
    child,
    async next() {
      const { value, done } = await lines.next();
      if (done) throw new Error('the program ended');
      return JSON.parse(value) as Record<string, unknown>;
    },
    async end() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}

async function sendToSwitch(port: number, text: string): Promise<string> {
  let answered: (text: string) => void = () => undefined;
  const answer = new Promise<string>((resolve) => {
    answered = resolve;
  });
  const link = await dialLink({
    name: 'test',
    host: '127.0.0.1',
    port,
    profile: wireProfile('foxtalk-1'),
    clock: systemClock,
    events: {
      onMessage(_link, incoming) {
        incoming.acknowledge();
        answered(incoming.payload.toString('latin1'));
      },
    },
  });
  await link.send(Buffer.from(text, 'latin1'), { repeatable: false, exchangeId: link.reserveExchangeId() });
  const got = await answer;
  await link.close();
  return got;
}

test('a program opens no debugger when it is sent SIGUSR1, which anybody on the machine could read its memory by', async () => {
  const program = startHitline(['simulate', '--listen', '127.0.0.1:0', '--profile', 'foxtalk-1']);
  let said = '';
  program.child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await program.next();
  program.child.kill('SIGUSR1');
  expect(await program.end()).toBe(0);
  expect(said).not.toContain('Debugger');
});

test('simulate says where it listens, answers a client, prints events without texts, and ends with 0 when told', async () => {
  const program = startHitline(['simulate', '--listen', '127.0.0.1:0', '--profile', 'foxtalk-1', '--strict']);
  const listening = await program.next();
  expect(listening).toMatchObject({ type: 'listening', host: '127.0.0.1', port: expect.any(Number) });
  const question = '2L01DSP10000001.QH.CO099013N.NAM/PRACTICE,NOBODY.DOB/19700101.SEX/M.RAC/W.PUR/C.ATN/SAMPLE';
  expect(await sendToSwitch(Number(listening['port']), question)).toMatch(/NO /);
  const first = await program.next();
  expect(first).toMatchObject({ type: 'opened', seq: 1 });
  const received = await program.next();
  expect(received).toMatchObject({ type: 'received', characters: question.length });
  expect(JSON.stringify(received)).not.toContain('NOBODY');
  expect(await program.end()).toBe(0);
});

test('the same Ctrl-C handed on twice, by a terminal and by npm, is one: the program still puts its things away', async () => {
  const program = startHitline(['simulate', '--listen', '127.0.0.1:0', '--profile', 'foxtalk-1']);
  await program.next();
  const gone = once(program.child, 'exit');
  program.child.kill('SIGINT');
  program.child.kill('SIGINT');
  program.child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
});

test('simulate --strict ends with 1 when a client made a mistake on the line', async () => {
  const program = startHitline(['simulate', '--listen', '127.0.0.1:0', '--profile', 'foxtalk-1', '--strict']);
  const { port } = (await program.next()) as { port: number };
  const client = spawn(process.execPath, [
    '-e',
    `const c = require('node:net').connect(${port}, '127.0.0.1'); c.on('error', () => {}); c.end('RECORD');`,
  ]);
  await once(client, 'exit');
  let event = await program.next();
  while (event['type'] !== 'closed') event = await program.next();
  expect(await program.end()).toBe(1);
});

test('a port that is taken is a failure of the machine: 70, with the address and why', async () => {
  const holder = createServer();
  await once(holder.listen(0, '127.0.0.1'), 'listening');
  const { port } = holder.address() as AddressInfo;
  const ended = await runInside(['simulate', '--listen', `127.0.0.1:${port}`, '--profile', 'foxtalk-1']);
  holder.close();
  expect(ended.code).toBe(70);
  expect(ended.stderr).toMatch(/ADDRESS_UNUSABLE.*127\.0\.0\.1:\d+: another program listens there.*EADDRINUSE/);
});

test.each(['nowhere', '127.0.0.1:70000', '127.0.0.1', '::1:5'])(
  'simulate --listen %s is wrong usage',
  async (address) => {
    expect((await runInside(['simulate', '--listen', address, '--profile', 'foxtalk-1'])).code).toBe(2);
  },
);

test('the gateway starts from its file, prints one line when it is ready, and ends with 0 when told', async () => {
  const input = await practiceInput({
    folder,
    simulatorPort: 9,
    credentials: makeCredentials(),
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, JSON.stringify(input));
  expect(await runInside(['gateway', '--config', file, '--check'])).toMatchObject({ code: 0 });
  const program = startHitline(['gateway', '--config', file]);
  expect(await program.next()).toMatchObject({
    type: 'ready',
    practice: true,
    station: { port: expect.any(Number) },
    console: { port: expect.any(Number) },
    scheduler: expect.any(String),
  });
  expect(await program.end()).toBe(0);
});

test('a wrong configuration stops the start with every mistake named by its path', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'practice: maybe\nagency: {name: RECORD}\ndoors: {station: {port: 70000}}\nnothing: 1\n');
  const ended = await runHitline(['gateway', '--config', file]);
  expect(ended.code).toBe(1);
  const [result] = jsonLines(ended.stdout) as [{ ok: boolean; faults: { code: string; text: string }[] }];
  expect(result.ok).toBe(false);
  const said = result.faults.map((fault) => fault.text).join('\n');
  for (const path of ['practice:', 'agency.ori:', 'doors.station.port:', 'dataFolder:', 'upstream:'])
    expect(said).toContain(path);
  expect(said).not.toMatch(/maybe|RECORD/);
});

test('the terminal refuses a wrong file, and a pipe in place of a terminal', async () => {
  const file = join(folder, 'terminal.yaml');
  writeFileSync(file, 'url: ws://127.0.0.1:9\n');
  const wrong = await runInside(['terminal', '--config', file]);
  expect(wrong.code).toBe(1);
  expect(wrong.stdout.toString()).toContain('consoleId');
  writeFileSync(file, 'url: ws://127.0.0.1:9\nconsoleId: COJ1\n');
  const piped = await runHitline(['terminal', '--config', file]);
  expect(piped.code).toBe(2);
  expect(piped.stderr).toContain('NOT_A_TERMINAL');
});

test.each([[[]], [['--fips']]])('hash-password %j gives a hash that the password fits', async (words) => {
  const ended = await runInside(['hash-password', ...words], { input: 'quiet-harbour-27\n' });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const hash = ended.stdout.toString().trim();
  expect(hash).not.toContain('harbour');
  expect(await verifyPassword('quiet-harbour-27', hash)).toBe(true);
  expect(await verifyPassword('quiet-harbour-28', hash)).toBe(false);
});

test('hash-password refuses a password that everybody guesses first', async () => {
  const ended = await runInside(['hash-password'], { input: 'password1' });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code: 'PASSWORD_WEAK' }] }]);
});
