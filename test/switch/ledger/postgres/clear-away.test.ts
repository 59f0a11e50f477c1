import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { purgeByRetention } from '../../../../src/switch/ledger/keeping/purge.ts';
import { writeOverPurged } from '../../../../src/switch/ledger/postgres/clear-away.ts';
import { openForWork } from '../../../../src/switch/ledger/postgres/connection.ts';
import { openPostgresLedger, type PostgresLedger } from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { blockRows } from '../../../../src/switch/ledger/tokens.ts';
import { message, perDay, startMs } from '../../../bench/ledger/load.ts';
import { newDatabase, runSql } from '../../../scenarios/database/one-database.ts';
import { until } from '../../../scenarios/gateway-process.ts';
import { bytesBelow } from '../../../support/bytes-below.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';

/** What is left of purged rows in the files of the server, read as whoever takes the disk along would. */
const dayMs = 86_400_000;
/** Of so many a block of the search index is full. */
const fullBlock = Math.ceil((blockRows + 1) / 500) * 500;
/** More than one part of a purge. */
const purged = 1_500;
const cutMs = startMs + (purged / perDay) * dayMs;

let cluster: PostgresCluster;

interface Secret {
  readonly ciphertext: Buffer;
  readonly wrapped: Buffer;
  readonly tokens: Buffer;
}

/** Pieces of some purged rows that nothing else holds: of a ciphertext, of a wrapped data key, and a whole token. */
async function piecesOf(url: string): Promise<Readonly<Record<keyof Secret, readonly Buffer[]>>> {
  const rows = (await runSql(
    url,
    `SELECT t.ciphertext, t.wrapped, e.tokens FROM text t JOIN event e USING (writer, seq) WHERE t.seq <= ${purged} AND t.seq % 20 = 0`,
  )) as readonly unknown[] as readonly Secret[];
  expect(rows.length).toBe(purged / 20);
  return {
    ciphertext: rows.map((row) => row.ciphertext.subarray(100, 132)),
    wrapped: rows.map((row) => row.wrapped.subarray(12, 44)),
    tokens: rows.map((row) => row.tokens.subarray(0, 16)),
  };
}

/** How many of these are in the files of the database, but for its index of search tokens and the server's log. */
async function countIn(url: string, pieces: readonly Buffer[]): Promise<number> {
  const rows = await runSql(url, 'CHECKPOINT', "SELECT pg_relation_filepath('token_pk') AS index");
  const index = join(cluster.dataFolder, String(rows[0]?.['index']));
  const bytes = bytesBelow(join(cluster.dataFolder, 'base'), [index]);
  return pieces.filter((piece) => bytes.some((one) => one.includes(piece))).length;
}

async function fillAndPurge(
  url: string,
  ledger: PostgresLedger,
  messages: number,
): Promise<ReturnType<typeof piecesOf>> {
  for (let from = 0; from < messages; from += 500) {
    await ledger.append(Array.from({ length: 500 }, (_, n) => message(from + n)));
  }
  await runSql(url, 'ANALYZE');
  const pieces = await piecesOf(url);
  expect(await countIn(url, pieces.wrapped)).toBe(purged / 20);
  const order = { retention: { message: 4_000 }, askedBy: 'PR0101', agreedBy: 'PR0102', monoMs: 1 };
  expect(await purgeByRetention(ledger, { ...order, id: 'purge-1', atMs: cutMs + 4_000 * dayMs })).toBe(purged);
  return pieces;
}

describe.skipIf(postgresPrograms() === undefined)(
  'what a purge leaves in PostgreSQL (skipped where it is missing)',
  () => {
    beforeAll(async () => {
      cluster = await startCluster();
    });
    afterAll(() => cluster?.remove());

    test('no text, data key or token of a purged row is in the files of the tables, and all else stays and verifies', async () => {
      const url = await newDatabase(cluster, 'purged');
      // Its own clearing away never comes, however long this takes.
      const clock = virtualClock();
      const ledger = await openPostgresLedger({ url, writer: 'gw1', masterKey, clock });
      const pieces = await fillAndPurge(url, ledger, fullBlock);
      await runSql(url, 'VACUUM', 'ANALYZE');
      expect(await countIn(url, pieces.wrapped), 'VACUUM alone is enough').toBeGreaterThan(0);
      const one = openForWork({ url, writer: '' });
      await writeOverPurged(one);
      await one.destroy();
      for (const kind of ['ciphertext', 'wrapped', 'tokens'] as const)
        expect(await countIn(url, pieces[kind]), kind).toBe(0);
      expect(await ledger.verify()).toMatchObject({ ok: true });
      expect(await ledger.text({ writer: 'gw1', seq: purged + 1 }, 'raw')).toBeDefined();
      expect(await ledger.text({ writer: 'gw1', seq: purged }, 'raw')).toBeUndefined();
      await ledger.close();
    });

    test('it is cleared away by itself after a purge, also when the gateway dies in between', async () => {
      const url = await newDatabase(cluster, 'killed');
      const ledger = await openPostgresLedger({ url, writer: 'gw1', masterKey });
      const pieces = await fillAndPurge(url, ledger, 2_000);
      // Closed before anything was cleared away, as far as the files can tell.
      await ledger.close();
      expect(await countIn(url, pieces.wrapped)).toBeGreaterThan(0);
      await until('the server has counted', async () =>
        (await runSql(url, "SELECT 1 FROM pg_stat_user_tables WHERE relname = 'text' AND n_dead_tup > 0")).length > 0
          ? true
          : undefined,
      );
      const again = await openPostgresLedger({ url, writer: 'gw1', masterKey });
      await until('it is cleared away', async () => ((await countIn(url, pieces.wrapped)) === 0 ? true : undefined));
      expect(await again.verify()).toMatchObject({ ok: true });
      await again.close();
    });
  },
);
