import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConsoleClient } from '../../src/console/client.ts';
import { systemClock } from '../../src/host/clock.ts';
import { openDispatchCenter, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { runInside } from '../cli/run-hitline.ts';
import { type CuttableLine, cuttable } from '../switch/ledger/cuttable-line.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../switch/ledger/postgres-cluster.ts';
import { until } from './gateway-process.ts';
import { Stage } from './stage.ts';

/** The whole gateway on a real PostgreSQL: a story, a restart of the server under load, a line cut within a COMMIT. */
const script = {
  name: 'Sheriff',
  agencies: [
    {
      ori: 'WY0990200',
      name: 'Sage County Sheriff',
      phone: '5550100122',
      rules: [{ when: { key: 'YQ' }, replies: [{ say: 'confirm' as const, afterMs: 100 }] }],
    },
  ],
  listeners: ['CO0990000', 'WY0990000'],
  answers: { firstAfterMs: 0, secondAfterMs: 50 },
};
const missing = postgresPrograms() === undefined;
if (missing) process.stderr.write('PostgreSQL is not installed: the gateway on it is not tested\n');
const alarmWithinMs = 1_000;

let cluster: PostgresCluster;
let line: CuttableLine;
let stage: Stage;
let databaseNumber = 0;

async function newDatabase(): Promise<string> {
  databaseNumber += 1;
  const client = new pg.Client({ connectionString: cluster.url('postgres') });
  await client.connect();
  await client.query(`CREATE DATABASE house${databaseNumber}`);
  await client.end();
  return `house${databaseNumber}`;
}

/** Resolves when this console is told that the ledger fails, with the moment. */
function ledgerAlarm(console: ConsoleClient): Promise<number> {
  return new Promise((resolve) => {
    const stop = console.onNotification((heard) => {
      if (heard.name !== 'alarm' || heard.says.code !== 'LEDGER_FAILED') return;
      stop();
      resolve(performance.now());
    });
  });
}

/** An alarm that is up already is not put up again: a machine that is held up may have made the ledger late. */
async function nothingFails(console: ConsoleClient): Promise<void> {
  await stage.happens('the ledger is trusted', async () => {
    const { notices } = await console.call('status', {});
    return notices.some((one) => one.startsWith('LEDGER FAILED')) ? undefined : true;
  });
}

async function ledgerTrusted(console: ConsoleClient): Promise<void> {
  await nothingFails(console);
  await stage.happens('that it was not trusted is on file', async () => {
    const { rows } = await console.call('alarms', {});
    return rows.some((row) => row.code === 'LEDGER_FAILED') ? true : undefined;
  });
}

interface Load {
  /** How many inquiries were acknowledged so far. */
  count(): number;
  /** Lets nothing new be asked, and waits for what is under way. */
  end(): Promise<void>;
}

/** What was refused is asked again a moment later, as a program at a desk would. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => systemClock.after(20, resolve));
}

/** Inquiries of the dispatch center, one after another on each of a few lanes; what is refused is asked again. */
async function load(): Promise<Load> {
  // Not through the stage: a load is no step, and goes on while the server is away.
  const { gateway, stationAcknowledged, stationReceived } = stage;
  const onText = (text: string): void => void stationReceived.push(text);
  const center = await openDispatchCenter({ address: gateway.stationAddress, clock: systemClock, onText });
  let taken = 0;
  let ending = false;
  let number = 0;
  const lane = async (): Promise<void> => {
    while (!ending) {
      number += 1;
      const day = String((number % 28) + 1).padStart(2, '0');
      const text = `1N01DSP1.QW.CO099013N.NAM/RECORD,RILEY.DOB/19${10 + (number % 80)}01${day}.SEX/F.RAC/W`;
      const outcome = await center.send(text);
      if (outcome.type === 'acked') {
        taken += 1;
        stationAcknowledged.push(text);
      } else await aMoment();
    }
  };
  const lanes = Array.from({ length: 3 }, lane);
  return {
    count: () => taken,
    async end() {
      ending = true;
      await Promise.all(lanes);
      await center.close();
    },
  };
}

/** The server's own process is told to end at once, as its service manager would; nothing here waits for it. */
function tellServerToEnd(): void {
  const [pid] = readFileSync(join(cluster.dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(pid), 'SIGINT');
}

async function serverGone(): Promise<void> {
  await until('the server has ended', async () => {
    const client = new pg.Client({ connectionString: cluster.url('postgres') });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      return (error as { code?: string }).code === 'ECONNREFUSED' ? true : undefined;
    }
    await client.end();
    return undefined;
  });
}

describe.skipIf(missing)('a gateway whose ledger is in PostgreSQL (skipped where it is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
  }, 30_000);
  afterAll(() => cluster?.remove());
  beforeEach(async () => {
    line = await cuttable(cluster.port);
    const database = await newDatabase();
    const url = `postgres://hitline@127.0.0.1:${line.port}/${database}`;
    stage = await Stage.open({
      script,
      inside: true,
      databaseUrl: cluster.url(database),
      config: (input) => ({ ...input, ledger: { postgres: { url } } }),
    });
    await stage.upstreamUp();
  }, 30_000);
  afterEach(async () => {
    await stage.stopGateway();
    await stage.close();
    await line.close();
  }, 30_000);

  test('confirms a hit, and goes on when its server restarts under load: every law holds, the alarm is up within a second', async () => {
    const coj = await stage.coj();
    const first = await stage.requestHeld(urgentRequest);
    await stage.acceptAndRelease(first.id);
    const proposed = await stage.case(first.caseId, (view) => view.proposal !== null);
    const busy = await load();
    await stage.happens('there is load', () => (busy.count() > 10 ? true : undefined));
    await nothingFails(coj);
    const alarm = ledgerAlarm(coj);
    const endedAtMs = performance.now();
    tellServerToEnd();
    expect((await alarm) - endedAtMs).toBeLessThan(alarmWithinMs);
    await serverGone();
    cluster.start();
    const countBefore = busy.count();
    await stage.happens('work is taken again', () => (busy.count() > countBefore + 10 ? true : undefined));
    await busy.end();
    await ledgerTrusted(coj);
    const messageId = proposed.proposal?.messageId ?? '';
    await coj.call('classify', { caseId: first.caseId, messageId, as: 'confirmed' });
    const confirmed = await stage.case(first.caseId, (view) => view.stoppedAtMs !== null);
    expect(confirmed.phase).toContain('CONFIRMED');
    expect((await coj.call('search', { nic: 'W990000002', limit: 10 })).rows.map((row) => row.key)).toContain('YR');
    await stage.checkLaws({ paths: [cluster.dataFolder] });
    const verified = await runInside(['ledger', 'verify', '--config', join(stage.folder, 'gateway.yaml')]);
    expect(verified).toMatchObject({ code: 0 });
    expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, writers: [{ writer: 'A' }] });
  }, 60_000);

  test('its line is cut within a COMMIT, heard by the server or not: every law holds, the alarm is up within a second', async () => {
    const coj = await stage.coj();
    for (const moment of ['before COMMIT', 'after COMMIT'] as const) {
      const busy = await load();
      const cutsBefore = line.cuts();
      await stage.happens('there is load', () => (busy.count() > 10 ? true : undefined));
      await nothingFails(coj);
      const alarm = ledgerAlarm(coj);
      const cutAtMs = new Promise<number>((resolve) => line.cutAt(moment, () => resolve(performance.now())));
      expect((await alarm) - (await cutAtMs)).toBeLessThan(alarmWithinMs);
      expect(line.cuts()).toBe(cutsBefore + 1);
      const countBefore = busy.count();
      await stage.happens('work is taken again', () => (busy.count() > countBefore + 10 ? true : undefined));
      await busy.end();
      await ledgerTrusted(coj);
    }
  }, 60_000);
});
