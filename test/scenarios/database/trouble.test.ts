import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stopwatch } from '../../support/held-up.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../../switch/ledger/postgres-cluster.ts';
import { Stage } from '../stage.ts';
import { freeze, newDatabase, runSql, serverPid } from './one-database.ts';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from './small-disk.ts';
import { alarmWithinMs, ledgerTrusted, listenForAlarm, suffer } from './under-load.ts';

/** A gateway as a process of its own, whose database server hangs, turns read-only, or has a full disk. */
const missing = postgresPrograms() === undefined;
let cluster: PostgresCluster;
let stage: Stage | undefined;
let smallDisk: string | undefined;

async function openStage(databaseUrl: string): Promise<Stage> {
  const opened = await Stage.open({
    script: { name: 'Silent', agencies: [], listeners: ['WY0990200'] },
    databaseUrl,
    config: (input) => ({ ...input, ledger: { postgres: { url: databaseUrl } } }),
  });
  stage = opened;
  await opened.upstreamUp();
  return opened;
}

describe.skipIf(missing)('a gateway whose database server is in trouble (skipped where it is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    smallDisk = mountSmallDisk();
  });
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });
  afterAll(() => {
    cluster?.remove();
    if (smallDisk !== undefined) unmountSmallDisk(smallDisk);
  });

  test('says so within a second when it hangs, asked or not, or is read-only; nothing acknowledged is lost, and it goes on', async () => {
    const url = await newDatabase(cluster, 'troubled');
    const on = await openStage(url);
    const coj = await on.coj();
    // Nobody asks anything.
    const { alarm } = await listenForAlarm(coj);
    const tookMs = stopwatch();
    const thaw = freeze(cluster);
    try {
      expect(tookMs(await alarm)).toBeLessThan(alarmWithinMs);
    } finally {
      thaw();
    }
    await ledgerTrusted(on);
    await suffer(on, () => freeze(cluster));
    await suffer(on, async () => {
      await setReadOnly('on');
      return () => setReadOnly('off');
    });
    await on.stopGateway();
  });

  test('says so within a second when its disk is full; what comes is refused, nothing acknowledged is lost, and it goes on', async ({
    skip,
  }) => {
    if (smallDisk === undefined) return skip('no disk can be mounted here');
    const disk = smallDisk;
    await runSql(cluster.url('postgres'), `CREATE TABLESPACE small LOCATION '${join(disk, 'space')}'`);
    const url = await newDatabase(cluster, 'narrow', 'TABLESPACE small');
    const on = await openStage(url);
    await suffer(on, () => fillDisk(disk));
    await on.stopGateway();
  });
});

/** For whoever begins a transaction from now on. */
async function setReadOnly(word: 'on' | 'off'): Promise<void> {
  await runSql(
    cluster.url('postgres'),
    'SET default_transaction_read_only = off',
    `ALTER SYSTEM SET default_transaction_read_only = ${word}`,
  );
  process.kill(serverPid(cluster), 'SIGHUP');
}
