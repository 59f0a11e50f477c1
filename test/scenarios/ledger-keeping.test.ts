import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/host/clock.ts';
import { sealType } from '../../src/switch/ledger/keeping/seal.ts';
import { Stage } from './stage.ts';

const dayMs = 86_400_000;
/** The machine's clock, but it begins at noon of its day: no test here comes to the end of one. */
const noonMs = Math.floor(systemClock.wallMs() / dayMs) * dayMs + dayMs / 2 - systemClock.wallMs();
const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + noonMs };
let stage: Stage;
beforeEach(async () => {
  // One of these breaks the chain on purpose, which is a law.
  stage = await Stage.open({
    script: { name: 'Silent', agencies: [] },
    inside: true,
    laws: 'when asked',
    ports: { clock },
  });
});
afterEach(() => stage.close());

test('a gateway that starts seals yesterday when it has no seal, over the chain as it stands, once', async () => {
  const sealed = () => stage.gateway.ledger.events({ stream: 'system', type: sealType, limit: 10 });
  expect(await sealed()).toEqual([]);
  await stage.stopGateway();
  const atMs = clock.wallMs() - dayMs;
  const ledger = await stage.openLedger();
  const entry = { stream: 'system', id: 'yesterday', version: 1, type: 'NOTED', monoMs: 0, actor: 'system' } as const;
  await ledger.append([{ entries: [{ ...entry, atMs, data: {} }] }]);
  await ledger.close();
  await stage.startGateway();
  const [seal] = await sealed();
  expect(seal?.data).toMatchObject({ day: new Date(atMs).toISOString().slice(0, 10), heads: [{ writer: 'A' }] });
  await stage.stopGateway();
  await stage.startGateway();
  expect(await sealed()).toHaveLength(1);
  await stage.stopGateway();
});

test('a ledger put back as it was before is an alarm at the next start, which files what comes', async () => {
  await stage.stopGateway();
  const [data, before] = [join(stage.folder, 'data'), join(stage.folder, 'before')];
  cpSync(data, before, { recursive: true });
  await stage.startGateway();
  const doubted = () => stage.gateway.ledger.events({ stream: 'system', type: 'LEDGER_DOUBTED', limit: 5 });
  expect(await doubted()).toEqual([]);
  // A log-on is on file, if nothing else is.
  await stage.coj();
  await stage.stopGateway();
  rmSync(data, { recursive: true });
  cpSync(before, data, { recursive: true });
  chmodSync(data, 0o700);
  await stage.startGateway();
  await stage.happens('it is on file', async () => (await doubted())[0]);
  const alarms = await stage.gateway.ledger.states({ stream: 'alarm', key: 'LEDGER_DOUBTED', limit: 5 });
  expect(alarms).toHaveLength(1);
  expect(await stage.gateway.ledger.verify()).toMatchObject({ ok: false, firstBroken: { writer: 'A' } });
  await stage.stopGateway();
});
