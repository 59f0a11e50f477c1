import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresLedger } from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { kept, messageEntry, unitOf } from '../../../conformance/ledger.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';

const missing = postgresPrograms() === undefined;
let cluster: PostgresCluster;

describe.skipIf(missing)('a ledger whose server hangs (skipped where PostgreSQL is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.remove());

  test('refuses what it cannot read soon, says that it is silent, and hangs up on it in the end', async () => {
    const clock = virtualClock();
    let silentCount = 0;
    const onLost = (): void => {
      silentCount += 1;
    };
    const ledger = await openPostgresLedger({ url: cluster.url('postgres'), writer: 'A', masterKey, clock, onLost });
    kept((await ledger.append([unitOf(messageEntry('m-1'))]))[0]);
    expect(await ledger.state('message', 'm-1')).toMatchObject({ version: 1 });
    const admin = new pg.Client({ connectionString: cluster.url('postgres') });
    await admin.connect();
    const { rows } = await admin.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'hitline%'",
    );
    // The postmaster too, or a question would find a new backend that answers.
    const postmaster = Number(readFileSync(join(cluster.dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const all = [postmaster, ...rows.map((row) => row.pid)];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    try {
      const reads = [ledger.state('message', 'm-1'), ledger.history('message', 'm-1')].map((read) =>
        expect(read).rejects.toMatchObject({ code: 'LEDGER_FAILED' }),
      );
      await clock.pass(1_000);
      expect(silentCount).toBeGreaterThan(0);
      await clock.pass(4_000);
      await Promise.all(reads);
    } finally {
      for (const pid of all) process.kill(pid, 'SIGCONT');
    }
    expect(kept((await ledger.append([unitOf(messageEntry('m-2'))]))[0]).seq).toBe(2);
    for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
    try {
      // Nothing of it answers a goodbye.
      await ledger.close();
    } finally {
      for (const { pid } of rows) process.kill(pid, 'SIGCONT');
    }
    await admin.end();
  });
});
