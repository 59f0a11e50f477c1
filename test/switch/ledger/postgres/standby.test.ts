import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresLedger } from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { kept, messageEntry, unitOf } from '../../../conformance/ledger.ts';
import { until } from '../../../support/until.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';
import { type Standby, startStandby } from './standby.ts';

const missing = postgresPrograms() === undefined;
let cluster: PostgresCluster;
let standby: Standby;
let admin: pg.Client;
let folder: string;

describe.skipIf(missing)('a ledger whose server has a standby (skipped where PostgreSQL is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    folder = mkdtempSync(join(tmpdir(), 'hitline-standby-test-'));
    standby = await startStandby(cluster);
    admin = new pg.Client({ connectionString: cluster.url('postgres') });
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.end();
    standby?.remove();
    cluster?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = () =>
    openPostgresLedger({
      url: cluster.url('postgres'),
      writer: 'A',
      masterKey,
      headsFile: join(folder, 'heads'),
    });

  /** When the transaction began whose COMMIT waits for the standby; undefined when none waits. */
  async function waitingSinceMs(): Promise<number | undefined> {
    const { rows } = await admin.query<{ at: Date }>(
      "SELECT xact_start AS at FROM pg_stat_activity WHERE application_name = 'hitline A' AND wait_event = 'SyncRep'",
    );
    return rows[0]?.at.getTime();
  }
  const signalWriter = (how: 'pg_cancel_backend' | 'pg_terminate_backend') =>
    admin.query(`SELECT ${how}(pid) FROM pg_stat_activity WHERE application_name = 'hitline A'`);

  test.each([
    ['is broken off', 'pg_cancel_backend'],
    ['ends with its session', 'pg_terminate_backend'],
  ] as const)('a COMMIT whose wait for it %s is no receipt before the standby has it', async (_what, how) => {
    const ledger = await open();
    const seq = kept((await ledger.append([unitOf(messageEntry(`before ${how}`))]))[0]).seq;
    standby.signal('SIGSTOP');
    let answered = false;
    const receipt = ledger.append([unitOf(messageEntry(`under ${how}`))]).finally(() => {
      answered = true;
    });
    await until(async () => (await waitingSinceMs()) !== undefined, 'the COMMIT waits');
    const sinceMs = (await waitingSinceMs()) ?? 0;
    await signalWriter(how);
    // Another one waits: what it is for is on the first server alone.
    await until(async () => ((await waitingSinceMs()) ?? sinceMs) > sinceMs, 'another COMMIT waits');
    expect(answered).toBe(false);
    standby.signal('SIGCONT');
    expect(kept((await receipt)[0]).seq).toBe(seq + 1);
    expect(await ledger.verify()).toMatchObject({ ok: true });
    await ledger.close();
  });

  test('a server that lacks what was acknowledged is not written on', async () => {
    const ledger = await open();
    const seq = kept((await ledger.append([unitOf(messageEntry('acknowledged'))]))[0]).seq;
    // As a standby would be that had not everything and took over.
    await admin.query("DELETE FROM event WHERE id = 'acknowledged'");
    await admin.query(`UPDATE head SET seq = ${seq - 1}`);
    await signalWriter('pg_terminate_backend');
    await expect(ledger.append([unitOf(messageEntry('next'))])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    const why = { code: 'LEDGER_FAILED', message: expect.stringContaining('lost rows') };
    await expect(ledger.append([unitOf(messageEntry('next'))])).rejects.toMatchObject(why);
    expect(await ledger.state('message', 'next')).toBeUndefined();
    await ledger.close();
  });
});
