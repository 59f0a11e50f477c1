/** Ledgers with something in every table and every column, for somebody to lay hands on. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { purgeByRetention } from '../../../src/switch/ledger/keeping/purge.ts';
import { sealUnit } from '../../../src/switch/ledger/keeping/seal.ts';
import { openPostgresLedger } from '../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { fullBlock, type KeptLedger, kept, messageEntry, startMs, unitOf } from '../../conformance/ledger.ts';
import { type PostgresCluster, postgresPrograms } from '../../switch/ledger/postgres-cluster.ts';
import { masterKey } from '../../switch/ledger/sqlite-house.ts';
import { type Grip, gripDatabase, type Row } from './vandal.ts';

const dayMs = 86_400_000;

/** Ledgers of one kind with their grips; the first has something of everything but a full block of the search index. */
export interface VandalHouse {
  readonly oldHeads: readonly Row[];
  grips(): Promise<readonly Grip[]>;
  remove(): Promise<void>;
}

type Open = (writer: string) => Promise<KeptLedger>;

export function hasPostgres(): boolean {
  return postgresPrograms() !== undefined;
}

/**
 * Two writers, every column of a state, texts, tokens, a purge, dropped tokens, a signed seal. `readHeads` gives the rows of
 * the table of heads, which are kept as they are half way through.
 */
export async function fillLedger(open: Open, readHeads: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  for (const writer of ['gw1', 'gw2']) await fillChain(writer, open);
  const oldHeads = await readHeads();
  for (const writer of ['gw1', 'gw2']) {
    const ledger = await open(writer);
    for (let n = 0; n < 3; n += 1) await ledger.append([unitOf(messageEntry(`${writer}-late-${n}`))]);
    await ledger.append([unitOf(messageEntry(`${writer}-m-1`, { version: 2, texts: {}, tokens: [] }))]);
    await ledger.close();
  }
  return oldHeads;
}

async function fillChain(writer: string, open: Open): Promise<void> {
  const ledger = await open(writer);
  const old = startMs - 5_000 * dayMs;
  await ledger.append([unitOf(messageEntry(`${writer}-old`, { atMs: old }))]);
  for (let n = 1; n <= 4; n += 1) {
    const state = { status: 'HELD', key: 'QW', ori: 'A', osn: 'B', link: 'C', parent: 'D', dueAtMs: n, body: { n } };
    const { state: _state, ...bare } = messageEntry(`${writer}-f-${n}`, { stream: 'frame', texts: {}, tokens: [] });
    await ledger.append([unitOf(messageEntry(`${writer}-m-${n}`, { state }), bare)]);
  }
  const order = { id: `${writer}-purge`, retention: { message: 4_000 }, askedBy: 'PR0101', agreedBy: 'PR0102' };
  await purgeByRetention(ledger, { ...order, atMs: startMs, monoMs: 1 });
  const row = kept((await ledger.append([unitOf(messageEntry(`${writer}-dropped`))]))[0]);
  const { state: _none, ...naming } = messageEntry(`${writer}-drop`, {
    stream: 'system',
    type: 'TOKENS_DROPPED',
    data: { rows: { [row.writer]: [row.seq] } },
    texts: {},
    tokens: [],
  });
  await ledger.append([{ entries: [naming], dropTokens: [row] }]);
  const { privateKey: signingKey } = generateKeyPairSync('ed25519');
  const day = writer === 'gw1' ? '2026-11-01' : '2026-11-02';
  await ledger.append([sealUnit(day, await ledger.chainHeads(), { atMs: startMs, monoMs: 2, signingKey })]);
  await ledger.close();
}

/** So many rows that a block of the search index is full. */
export async function fillBlock(open: Open): Promise<void> {
  const ledger = await open('gw1');
  await ledger.append(fullBlock(3));
  await ledger.close();
}

/** The same in two databases of a PostgreSQL cluster. */
export async function postgresHouse(cluster: PostgresCluster): Promise<VandalHouse> {
  const root = mkdtempSync(join(tmpdir(), 'hitline-vandal-'));
  const openAt =
    (name: string): Open =>
    (writer) =>
      openPostgresLedger({ url: cluster.url(name), writer, masterKey, headsFile: join(root, name) });
  for (const name of ['small', 'large']) await runSql(cluster.url('postgres'), `CREATE DATABASE ${name}`);
  const oldHeads = await fillLedger(openAt('small'), () => runSql(cluster.url('small'), 'SELECT * FROM head'));
  await fillBlock(openAt('large'));
  return {
    oldHeads,
    grips: () => Promise.all(['small', 'large'].map((name) => gripDatabase(cluster.url(name), join(root, name)))),
    remove: async () => rmSync(root, { recursive: true, force: true }),
  };
}

async function runSql(url: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, string>>(sql);
  await client.end();
  return rows.map((row) => ('seq' in row ? { ...row, seq: Number(row['seq']) } : row));
}
