import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SimulatorEvent } from '../../src/simulator/events.ts';
import type { Entry, Ledger } from '../../src/switch/ledger/ledger.ts';
import { openLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { sha256Of } from '../../src/switch/outbound/drafting.ts';
import { brokenLaws } from './laws.ts';

/** The checker is only worth something when it finds what is broken: each law is broken here on purpose. */
let folder: string;
let ledger: Ledger;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-laws-'));
  ledger = await openLedger({ folder: join(folder, 'data'), writer: 'A', masterKey: new Uint8Array(32).fill(7) });
});
afterEach(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
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
const check = (events: readonly SimulatorEvent[] = [], secrets: readonly string[] = []) =>
  brokenLaws({ ledger, simulatorEvents: events, paths: [folder], secrets });

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
});

test('a value that stands in clear in a file', async () => {
  writeFileSync(join(folder, 'gateway.log'), 'hello RECORD, ROBIN');
  expect((await check([], ['RECORD, ROBIN'])).join()).toContain('law 5');
});
