import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTraceFile } from '../../src/cli/trace-file.ts';
import { systemClock } from '../../src/host/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { dialLink } from '../../src/wire/sockets/dial.ts';
import { TraceRecorder } from '../../src/wire/trace/trace-recorder.ts';
import { jsonLines, runInside } from './run-hitline.ts';

const profile = wireProfile('foxtalk-1');
let folder: string;
let simulator: Simulator | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-line-'));
});

afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** The address of a fresh simulated switch, whose links the recorder may watch. */
async function listening(trace?: TraceRecorder): Promise<string> {
  simulator = await startSimulator({ port: 0, clock: systemClock, ...(trace === undefined ? {} : { trace }) });
  return `127.0.0.1:${simulator.address.port}`;
}

test('conform prints a report that says what was kept, and ends with 0', async () => {
  const ended = await runInside(['conform', '--connect', await listening(), '--profile', 'foxtalk-1']);
  expect(ended.code).toBe(0);
  const report = ended.stdout.toString();
  expect(report).toContain('hitline conformance report\nprofile  foxtalk-1\n');
  expect(report).toContain('PASS   heartbeat-echo');
  expect(report).toMatch(/\nby {7}hitline \d+\.\d+\.\d+; each rule/);
  expect(report).toMatch(/\n24 kept, 0 not kept, 11 not judged\n$/);
});

test('conform names what is not kept, and ends with 1', async () => {
  const words = ['conform', '--connect', await listening(), '--profile', 'mllp-r2', '--answer-ms', '100', '--json'];
  const ended = await runInside(words);
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toContainEqual(expect.objectContaining({ rule: 'ack-once', outcome: 'fail' }));
});

test('conform and replay call nobody without TLS outside this machine', async () => {
  const ended = await runInside(['conform', '--connect', '192.0.2.1:6555', '--profile', 'foxtalk-1', '--pause', '0']);
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code: 'TLS_REQUIRED' }] }]);
});

test('wrong words are wrong usage', async () => {
  expect((await runInside(['conform', '--connect', 'nowhere', '--profile', 'foxtalk-1'])).code).toBe(2);
  expect((await runInside(['conform', '--connect', '127.0.0.1:1', '--profile', 'nonsense'])).code).toBe(2);
  const words = ['conform', '--connect', '127.0.0.1:1', '--profile', 'foxtalk-1'];
  expect((await runInside([...words, '--pause', 'soon'])).code).toBe(2);
  expect((await runInside([...words, '--answer-ms', '0'])).code).toBe(2);
  expect((await runInside([...words, '--tls-certificate', 'x.pem', '--pause', '0'])).code).toBe(1);
  expect((await runInside(['replay', '--connect', '127.0.0.1:1', '--side', 'up'])).code).toBe(2);
});

test('a trace of the simulated switch is played again and finds the same frames', async () => {
  const name = join(folder, 'session.trc');
  const file = await openTraceFile(name);
  const recorder = new TraceRecorder({ profile, clock: systemClock, by: 'simulator', scrub: false, write: file.write });
  const address = await listening(recorder);
  const port = Number(address.split(':')[1]);
  const events = { onMessage: () => undefined };
  const link = await dialLink({ host: '127.0.0.1', port, profile, clock: systemClock, events });
  const payload = Buffer.from('THIS IS NO MESSAGE');
  const outcome = await link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() });
  await link.close();
  await simulator?.close();
  await file.close();
  expect(statSync(name).mode & 0o777).toBe(0o600);

  const ended = await runInside(['replay', name, '--connect', await listening()]);
  const steps = jsonLines(ended.stdout) as { what: string; expected: string }[];
  const answer = outcome.type === 'acked' ? 'ack' : 'nak';
  expect(steps.slice(0, 4)).toMatchObject([
    { what: 'sent', expected: 'connect' },
    { what: 'same', expected: 'connect' },
    { what: 'sent', expected: 'data' },
    { what: 'same', expected: answer },
  ]);
  expect(ended.code).toBe(0);
  const input = readFileSync(name);
  expect((await runInside(['replay', '--connect', await listening(), '-'], { input })).code).toBe(0);
});

test('what is no trace is bad input, with the places of what is wrong', async () => {
  const ended = await runInside(['replay', '--connect', '127.0.0.1:1', '-'], { input: 'no trace\n' });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([
    {
      ok: false,
      faults: [
        { code: 'TRACE_HEADER', offset: 0 },
        { code: 'TRACE_LINE', offset: 0 },
      ],
    },
  ]);
});

test('a trace never overwrites a file', async () => {
  const name = join(folder, 'session.trc');
  await (await openTraceFile(name)).close();
  await expect(openTraceFile(name)).rejects.toMatchObject({ code: 'TRACE_FILE' });
});
