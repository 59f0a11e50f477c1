import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import { runInside } from '../cli/run-hitline.ts';
import { stopwatch } from '../support/held-up.ts';
import { type CuttableLine, cuttable } from '../switch/ledger/cuttable-line.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../switch/ledger/postgres-cluster.ts';
import { newDatabase, serverPid } from './database/one-database.ts';
import { alarmWithinMs, ledgerTrusted, listenForAlarm, load } from './database/under-load.ts';
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

let cluster: PostgresCluster;
let line: CuttableLine;
let stage: Stage;
let databaseNumber = 0;

/** The server's own process is told to end at once, as its service manager would; nothing here waits for it. */
function tellServerToEnd(): void {
  process.kill(serverPid(cluster), 'SIGINT');
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
  });
  afterAll(() => cluster?.remove());
  beforeEach(async () => {
    line = await cuttable(cluster.port);
    databaseNumber += 1;
    const database = `house${databaseNumber}`;
    const databaseUrl = await newDatabase(cluster, database);
    const url = `postgres://hitline@127.0.0.1:${line.port}/${database}`;
    stage = await Stage.open({
      script,
      inside: true,
      databaseUrl,
      config: (input) => ({ ...input, ledger: { postgres: { url } } }),
    });
    await stage.upstreamUp();
  });
  afterEach(async () => {
    await stage.stopGateway();
    await stage.close();
    await line.close();
  });

  test('confirms a hit, and goes on when its server restarts under load: every law holds, the alarm is up within a second', async () => {
    const coj = await stage.coj();
    const first = await stage.requestHeld(urgentRequest);
    await stage.acceptAndRelease(first.id);
    const proposed = await stage.case(first.caseId, (view) => view.proposal !== null);
    const busy = await load(stage);
    const { alarm } = await listenForAlarm(coj);
    const tookMs = stopwatch();
    tellServerToEnd();
    expect(tookMs(await alarm)).toBeLessThan(alarmWithinMs);
    await serverGone();
    cluster.start();
    await busy.goesOn();
    await busy.end();
    await ledgerTrusted(stage);
    const messageId = proposed.proposal?.messageId ?? '';
    await coj.call('classify', { caseId: first.caseId, messageId, as: 'confirmed' });
    const confirmed = await stage.case(first.caseId, (view) => view.stoppedAtMs !== null);
    expect(confirmed.phase).toContain('CONFIRMED');
    expect((await coj.call('search', { nic: 'W990000002', limit: 10 })).rows.map((row) => row.key)).toContain('YR');
    await stage.checkLaws({ paths: [cluster.dataFolder] });
    const verified = await runInside(['ledger', 'verify', '--config', join(stage.folder, 'gateway.yaml')]);
    expect(verified).toMatchObject({ code: 0 });
    expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, writers: [{ writer: 'A' }] });
  });

  test('its line is cut within a COMMIT, heard by the server or not: every law holds, the alarm is up within a second', async () => {
    const coj = await stage.coj();
    for (const moment of ['before COMMIT', 'after COMMIT'] as const) {
      const busy = await load(stage);
      const cutsBefore = line.cuts();
      const { alarm } = await listenForAlarm(coj);
      const cut = new Promise<ReturnType<typeof stopwatch>>((resolve) =>
        line.cutAt(moment, () => resolve(stopwatch())),
      );
      const tookMs = await cut;
      expect(tookMs(await alarm)).toBeLessThan(alarmWithinMs);
      expect(line.cuts()).toBe(cutsBefore + 1);
      await busy.goesOn();
      await busy.end();
      await ledgerTrusted(stage);
    }
  });
});
