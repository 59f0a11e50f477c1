import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openPostgresLedger,
  type PostgresLedger,
  type PostgresLedgerOptions,
} from '../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { kept, type LedgerHouse, ledgerConformance, messageEntry, unitOf } from '../../conformance/ledger.ts';
import { ledgerKeepingConformance } from '../../conformance/ledger-keeping.ts';
import { ledgerSearchConformance } from '../../conformance/ledger-search.ts';
import { bytesBelow } from '../../support/bytes-below.ts';
import { cuttable } from './cuttable-line.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from './postgres-cluster.ts';
import { masterKey } from './sqlite-house.ts';

const missing = postgresPrograms() === undefined;
if (missing) process.stderr.write('PostgreSQL is not installed: its half of the ledger tests is skipped\n');

interface PostgresHouse extends LedgerHouse {
  readonly database: string;
  open(writer?: string, more?: Partial<PostgresLedgerOptions>): Promise<PostgresLedger>;
}

/** What an administrator may have set for every session that does not say what it wants. */
const ownSettings = [
  "default_transaction_isolation = 'serializable'",
  'extra_float_digits = -15',
  'quote_all_identifiers = on',
  'standard_conforming_strings = off',
  "bytea_output = 'escape'",
  "timezone = 'Pacific/Kiritimati'",
  'lock_timeout = 1',
  'idle_in_transaction_session_timeout = 1',
  'statement_timeout = 1',
] as const;

let cluster: PostgresCluster;
let databaseCount = 0;

async function runSql(database: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: cluster.url(database) });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return rows;
}

/** The folders made so far, for the tests that do not remove theirs. */
const roots: string[] = [];

async function postgresHouse(): Promise<PostgresHouse> {
  databaseCount += 1;
  const database = `ledger${databaseCount}`;
  await runSql('postgres', `CREATE DATABASE ${database}`);
  const root = mkdtempSync(join(tmpdir(), 'hitline-heads-'));
  roots.push(root);
  const headsFile = join(root, 'heads');
  return {
    database,
    open: (writer = 'gw1', more = {}) =>
      openPostgresLedger({ url: cluster.url(database), writer, masterKey, headsFile, ...more }),
    tamper: async (text) => void (await runSql(database, text)),
    read: (text) => runSql(database, text),
    async bytesOnDisk() {
      await runSql(database, 'CHECKPOINT');
      return bytesBelow(cluster.dataFolder);
    },
    async remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

describe.skipIf(missing)('on PostgreSQL', () => {
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(async () => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
    await cluster?.remove();
  });

  ledgerConformance('postgres', postgresHouse);
  ledgerSearchConformance('postgres', postgresHouse);
  ledgerKeepingConformance('postgres', postgresHouse);

  test.each([
    ['as it comes', []],
    ['with settings of its own', ownSettings],
  ] as const)(
    'two gateways that write at once win each version exactly once, and both chains verify: a server %s',
    async (_, settings) => {
      const house = await postgresHouse();
      for (const one of settings) await house.tamper(`ALTER DATABASE ${house.database} SET ${one}`);
      const [one, two] = await Promise.all([house.open('gw1'), house.open('gw2')]);
      const ids = Array.from({ length: 60 }, (_, n) => `both-${n}`);
      const both = await Promise.all(
        ids.flatMap((id) => [one, two].map((ledger) => ledger.append([unitOf(messageEntry(id, { actor: 'system' }))]))),
      );
      expect(both.flat().filter((receipt) => receipt.ok)).toHaveLength(60);
      const seconds = await Promise.all(
        ids.flatMap((id) => [one, two].map((ledger) => ledger.append([unitOf(messageEntry(id, { version: 2 }))]))),
      );
      expect(seconds.flat().filter((receipt) => receipt.ok)).toHaveLength(60);
      expect(seconds.flat().filter((receipt) => !receipt.ok && receipt.code === 'CONFLICT')).toHaveLength(60);
      const report = await two.verify();
      expect(report).toMatchObject({ ok: true, eventCount: 120, writers: [{ writer: 'gw1' }, { writer: 'gw2' }] });
      expect(
        (await one.states({ stream: 'message', token: { kind: 'NAM', value: 'RECORD' }, limit: 100 })).length,
      ).toBe(60);
      await Promise.all([one.close(), two.close()]);
    },
  );

  test('a statement that the server breaks off at any moment takes its batch along, and what has its receipt is kept', async () => {
    const house = await postgresHouse();
    const ledger = await house.open('gw1');
    let left = 60;
    const receipts: string[] = [];
    let failed = 0;
    const lane = async (): Promise<void> => {
      for (left -= 1; left >= 0; left -= 1) {
        const id = `broken-off-${left}`;
        await ledger.append([unitOf(messageEntry(id))]).then(
          ([receipt]) => (receipt?.ok === true ? receipts.push(id) : 0),
          () => (failed += 1),
        );
      }
    };
    const breakOff = async (): Promise<void> => {
      const pids = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'hitline gw1'`;
      // The last ones may go through, so that some have their receipt however slow the machine is.
      while (left > 20) await house.read(pids);
    };
    await Promise.all([breakOff(), ...Array.from({ length: 4 }, lane)]);
    const rows = await house.read('SELECT id FROM event ORDER BY id');
    expect(rows.map((row) => row['id'])).toEqual(receipts.toSorted());
    expect(receipts.length + failed).toBe(60);
    expect(await ledger.verify()).toMatchObject({ ok: true });
    await ledger.close();
  });

  test('a database that cannot hold every character is not taken', async () => {
    const how = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    await runSql('postgres', `CREATE DATABASE narrow ${how}`);
    const opened = openPostgresLedger({ url: cluster.url('narrow'), writer: 'gw1', masterKey });
    await expect(opened).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
  });

  test('no two processes write under one name, and a wrong key opens nothing', async () => {
    const house = await postgresHouse();
    const first = await house.open('gw1');
    await expect(house.open('gw2', { masterKey: new Uint8Array(32).fill(9) })).rejects.toMatchObject({
      code: 'LEDGER_KEY_WRONG',
    });
    await expect(house.open('gw1', { lockWaitMs: 100 })).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    await first.close();
    await (await house.open('gw1')).close();
  });

  test('a changed row, a deleted row and a cut tail are named', async () => {
    const house = await postgresHouse();
    const ledger = await house.open();
    for (let n = 1; n <= 4; n += 1) await ledger.append([unitOf(messageEntry(`m-${n}`))]);
    await ledger.close();
    const verified = async (text: string): Promise<unknown> => {
      await house.tamper(text);
      const again = await house.open();
      const { firstBroken } = await again.verify();
      await again.close();
      return firstBroken;
    };
    expect(await verified('SELECT 1')).toBeUndefined();
    expect(await verified("UPDATE state SET status = 'SENT' WHERE id = 'm-2'")).toMatchObject({ seq: 2 });
    expect(await verified("UPDATE event SET actor = 'x' WHERE seq = 3")).toMatchObject({ writer: 'gw1', seq: 3 });
    expect(await verified('DELETE FROM event WHERE seq = 2')).toMatchObject({ writer: 'gw1', seq: 2 });
  });

  test('while the server is away appends fail, nothing is half kept, and after it all goes on', async () => {
    const house = await postgresHouse();
    const ledger = await house.open();
    const before = kept((await ledger.append([unitOf(messageEntry('before'))]))[0]);
    cluster.stop();
    await expect(ledger.append([unitOf(messageEntry('lost'))])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    await expect(ledger.state('message', 'before')).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    cluster.start();
    expect(kept((await ledger.append([unitOf(messageEntry('lost'))]))[0]).seq).toBe(before.seq + 1);
    expect(await ledger.verify()).toMatchObject({ ok: true, eventCount: 2 });
    await ledger.close();
  });

  test('a connection cut after COMMIT was sent is settled by looking: what landed has its receipt', async () => {
    const house = await postgresHouse();
    const line = await cuttable(cluster.port);
    const url = `postgres://hitline@127.0.0.1:${line.port}/${house.database}`;
    const ledger = await house.open('gw1', { url });
    line.cutAt('after COMMIT');
    const receipt = kept((await ledger.append([unitOf(messageEntry('landed'))]))[0]);
    expect(line.cuts()).toBe(1);
    expect(await ledger.state('message', 'landed')).toMatchObject({ version: 1 });
    line.cutAt('before COMMIT');
    await expect(ledger.append([unitOf(messageEntry('lost'))])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    expect(line.cuts()).toBe(2);
    expect(await ledger.state('message', 'lost')).toBeUndefined();
    expect(kept((await ledger.append([unitOf(messageEntry('lost'))]))[0]).seq).toBe(receipt.seq + 1);
    expect(await ledger.verify()).toMatchObject({ ok: true, eventCount: 2 });
    await ledger.close();
    await line.close();
  });
});
