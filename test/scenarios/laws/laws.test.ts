import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import type { SimulatorEvent } from '../../../src/simulator/events.ts';
import type { Entry, Ledger } from '../../../src/switch/ledger/ledger.ts';
import { sha256Of } from '../../../src/switch/outbound/drafting.ts';
import { memoryLedger } from '../../switch/memory-ledger.ts';
import { Stage } from '../stage.ts';
import { brokenLaws } from './laws.ts';

/** The checker is only worth something when it finds what is broken: each law is broken here on purpose. */
let folder: string;
let ledger: Ledger;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-laws-'));
  ledger = memoryLedger();
});
afterEach(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const text = 'YQ.CO0990100.WY0990200.*GA00000001.TXT';
const entry = (given: Pick<Entry, 'stream' | 'id' | 'version' | 'type'> & Partial<Entry>): Entry => ({
  atMs: 1_000,
  monoMs: 1_000,
  actor: 'system',
  data: {},
  ...given,
});
const seen = (exchangeId = 1): SimulatorEvent => ({
  type: 'received',
  seq: 1,
  atMs: 1,
  linkId: 'link-1',
  exchangeId,
  duplicate: false,
  text,
});
const check = (
  events: readonly SimulatorEvent[] = [],
  secrets: readonly string[] = [],
  stationReceived: readonly string[] = [],
) => brokenLaws({ ledger, simulatorEvents: events, paths: [folder], secrets, stationReceived });

async function file(...entries: Entry[]): Promise<void> {
  for (const one of entries) await ledger.append([{ entries: [one] }]);
}

const state = { status: 'X', body: {} };
const drafted = (): Entry =>
  entry({
    stream: 'message',
    id: 'GA00000001',
    version: 1,
    type: 'DRAFTED',
    actor: 'DISPATCH',
    data: { sha256: sha256Of(text), keyClass: 'confirm', requester: 'DISPATCH' },
    state,
  });
const step = (version: number, type: string, more: Pick<Entry, 'actor'> & Partial<Entry>): Entry =>
  entry({ stream: 'message', id: 'GA00000001', version, type, state, ...more });
const frame = entry({
  stream: 'frame',
  id: 'f-1',
  version: 1,
  type: 'FRAME',
  data: { direction: 'out', link: 'upstream-1', exchangeId: 1, sha256: sha256Of(text) },
});
const released = (actor: string): Entry[] => [
  drafted(),
  step(2, 'ACCEPTED', { actor: 'PRACOP1' }),
  step(3, 'RELEASED', { actor, data: { sha256: sha256Of(text) } }),
  frame,
];

test('an empty house breaks no law, and a message that went its way breaks none', async () => {
  expect(await check()).toEqual([]);
  await file(...released('PRACSU1'));
  expect(await check([seen()])).toEqual([]);
});

test('bytes nobody drafted, and bytes nobody released', async () => {
  expect((await check([seen()])).join()).toContain('never drafted');
  await file(drafted(), frame);
  expect((await check([seen()])).join()).toContain('without a release');
});

test('an approver who had a part in it', async () => {
  await file(...released('PRACOP1'));
  expect((await check([seen()])).join()).toContain('had a part');
});

test('a frame that is not on file, and one that reached the switch twice', async () => {
  await file(...released('PRACSU1'));
  expect((await check([seen(2)])).join()).toContain('law 2');
  const twice = await check([seen(), seen()]);
  expect(twice.join()).toContain('law 3');
  expect(twice.join()).toContain('law 2');
});

test('an open case without a deadline, and a deadline that fired early', async () => {
  await file(
    entry({ stream: 'case', id: 'c-1', version: 1, type: 'OPENED', state: { status: 'open', osn: 'DUTY', body: {} } }),
  );
  expect((await check()).join()).toContain('no armed deadline');
  const armed = entry({
    stream: 'deadline',
    id: 'c-1.answer',
    version: 1,
    type: 'ARMED',
    data: { dueAtMs: 2_000 },
    state,
  });
  const fired = entry({ stream: 'deadline', id: 'c-1.answer', version: 2, type: 'FIRED', atMs: 1_999, state });
  await file(armed, fired);
  expect((await check()).join()).toContain('fired early');
});

test('a clock that no person stopped', async () => {
  await file(
    entry({ stream: 'case', id: 'c-1', version: 1, type: 'CLASSIFIED', state: { status: 'closed', body: {} } }),
  );
  expect((await check()).join()).toContain('law 9');
  const byMap = { id: 'c-2', version: 1, type: 'CLASSIFIED', data: { rule: 'CO 1' } } as const;
  await file(entry({ stream: 'case', ...byMap, state: { status: 'closed', body: {} } }));
  const told = await brokenLaws({ ledger, simulatorEvents: [], paths: [], secrets: [], verifiedMap: 'CO 1' });
  expect(told.filter((one) => one.startsWith('law 9'))).toEqual(['law 9: CLASSIFIED of c-1 by no person']);
});

test('a chain that does not verify', async () => {
  const firstBroken = { writer: 'A', seq: 3, what: 'hash' };
  ledger.verify = async () => ({ ok: false, eventCount: 3, writers: [], firstBroken });
  expect((await check()).join()).toContain('law 8');
});

test('a value that stands in clear in a file', async () => {
  writeFileSync(join(folder, 'gateway.log'), 'hello RECORD, ROBIN');
  expect((await check([], ['RECORD, ROBIN'])).join()).toContain('law 5');
});

test('a text that a station got and nobody filed, and a delivery without a frame', async () => {
  expect((await check([], [], ['HITLINE.HELD'])).join()).toContain('that the station got is not on file');
  await file(
    entry({ stream: 'message', id: 'n-1', version: 1, type: 'RECEIVED', state }),
    entry({ stream: 'message', id: 'n-1', version: 2, type: 'DELIVERED', actor: 'DISPATCH', state }),
  );
  expect((await check()).join()).toContain('without a frame');
});

test('a text of a station that was acknowledged and is not on file', async () => {
  const evidence = { ledger, simulatorEvents: [], paths: [folder], secrets: [] };
  expect((await brokenLaws({ ...evidence, stationAcknowledged: [text] })).join()).toContain('law 3');
});

test('a station that was never told what became of its message', async () => {
  const ofStation = drafted();
  await file(
    { ...ofStation, data: { ...ofStation.data, stationId: 'DISPATCH' } },
    step(2, 'REFUSED', { actor: 'PRACSU1' }),
  );
  expect((await check()).join()).toContain('was not told');
});

test('a case that an answer closed which nobody acknowledged, and a deadline of a closed case', async () => {
  await file(
    entry({
      stream: 'case',
      id: 'c-1',
      version: 1,
      type: 'ANSWERED',
      data: { messageId: 'GA00000001' },
      state: { status: 'closed', body: {} },
    }),
    entry({
      stream: 'deadline',
      id: 'c-1.answer',
      version: 1,
      type: 'ARMED',
      data: { dueAtMs: 2_000 },
      state: { status: 'ARMED', parent: 'c-1', body: {} },
    }),
  );
  const broken = (await check()).join();
  expect(broken).toContain('nobody acknowledged');
  expect(broken).toContain('still has a deadline armed');
});

test('a step of a scenario fails when a law does not hold after it, whether or not its gateway runs', async () => {
  const stage = await Stage.open({ script: { name: 'Silent', agencies: [] }, inside: true });
  try {
    const dispatch = await stage.dispatch();
    const coj = await stage.coj();
    stage.stationReceived.push('HITLINE.HELD of which the gateway knows nothing');
    await expect(dispatch.send(urgentRequest)).rejects.toThrow('law 2');
    await expect(coj.call('silence', { alarmId: 'none' })).rejects.toThrow('law 2');
    await expect(stage.upstreamUp()).rejects.toThrow('law 2');
    await expect(stage.stopGateway()).rejects.toThrow('law 2');
    await expect(stage.startGateway()).rejects.toThrow('law 2');
  } finally {
    await stage.close();
  }
});
