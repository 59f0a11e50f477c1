import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresCluster, postgresPrograms, startCluster } from '../../switch/ledger/postgres-cluster.ts';
import { until } from '../gateway-process.ts';
import { Stage } from '../stage.ts';
import { newDatabase, runSql } from './one-database.ts';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from './small-disk.ts';
import { suffer } from './under-load.ts';

/** A gateway whose database server has no room for its log (WAL): such a server ends itself, and does not come back alone. */
const missing = postgresPrograms() === undefined;
let smallDisk: string | undefined;
let cluster: PostgresCluster | undefined;
let stage: Stage | undefined;

/** Uses up what is left of the log until the server has ended. */
async function untilItEnds(on: PostgresCluster): Promise<void> {
  for (;;) {
    try {
      await runSql(on.url('postgres'), "SELECT pg_logical_emit_message(false, 'hitline', repeat('x', 1000000))");
    } catch {
      return;
    }
  }
}

/** It runs again, by itself or started by whoever keeps it. */
async function comeBack(on: PostgresCluster): Promise<void> {
  await until('the server runs again', async () => {
    if (!existsSync(join(on.dataFolder, 'postmaster.pid'))) {
      on.start();
      return true;
    }
    return runSql(on.url('postgres'), 'SELECT 1').then(
      () => true,
      () => undefined,
    );
  });
}

describe.skipIf(missing)('a gateway whose database has a full disk under its log (skipped where it is missing)', () => {
  beforeAll(async () => {
    smallDisk = mountSmallDisk();
    if (smallDisk !== undefined) cluster = await startCluster({ logFolder: join(smallDisk, 'space') });
  });
  afterAll(async () => {
    await stage?.close();
    cluster?.remove();
    if (smallDisk !== undefined) unmountSmallDisk(smallDisk);
  });

  test('says so within a second; nothing acknowledged is lost, and it goes on when there is room and the server runs', async ({
    skip,
  }) => {
    if (smallDisk === undefined || cluster === undefined) return skip('no disk can be mounted here');
    const [disk, server] = [smallDisk, cluster];
    const databaseUrl = await newDatabase(server, 'logged');
    stage = await Stage.open({
      script: { name: 'Silent', agencies: [], listeners: ['WY0990200'] },
      databaseUrl,
      config: (input) => ({ ...input, ledger: { postgres: { url: databaseUrl } } }),
    });
    await stage.upstreamUp();
    await suffer(stage, async () => {
      const makeRoom = fillDisk(disk);
      await untilItEnds(server);
      return async () => {
        makeRoom();
        await comeBack(server);
      };
    });
    await stage.checkLaws();
    await stage.stopGateway();
    expect(await runSql(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
