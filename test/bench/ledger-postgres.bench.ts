/**
 * The ledger in PostgreSQL, held to the same lines as the embedded one: keeping against bare one-row commits on the same
 * server in the same run, then reading, searching and starting with a full ledger. The server is a cluster of its own with
 * the settings it comes with.
 */
import pg from 'pg';
import type { StateQuery } from '../../src/switch/ledger/ledger.ts';
import { openPostgresLedger, type PostgresLedger } from '../../src/switch/ledger/postgres/postgres-ledger.ts';
import { newDatabase, runSql } from '../scenarios/database/one-database.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../switch/ledger/postgres-cluster.ts';
import { beside, fewCount, fullLedger, type LedgerHome, type Pair } from './ledger/full-ledger.ts';
import { fill, masterKey, perDay, startMs, text, timed } from './ledger/load.ts';
import type { Bench } from './rounds.ts';

const dayMs = 86_400_000;

function open(url: string): Promise<PostgresLedger> {
  return openPostgresLedger({ url, writer: 'gw1', masterKey });
}

/** One-row inserts that are committed in groups of `depth`: rows a second. */
async function bareRate(bare: pg.Client, { count, depth }: { count: number; depth: number }): Promise<number> {
  const insert = { name: 'bare', text: 'INSERT INTO bare(body) VALUES ($1)', values: [text] };
  const startedMs = performance.now();
  for (let n = 0; n < count; n += depth) {
    if (depth === 1) await bare.query(insert);
    else {
      const rows = Array.from({ length: depth }, () => bare.query(insert));
      await Promise.all([bare.query('BEGIN'), ...rows, bare.query('COMMIT')]);
    }
  }
  return count / ((performance.now() - startedMs) / 1_000);
}

async function writing(bench: Bench, cluster: PostgresCluster): Promise<void> {
  const url = await newDatabase(cluster, 'writing');
  const bare = new pg.Client({ connectionString: url, pipeline: true });
  await bare.connect();
  await bare.query('CREATE TABLE bare(id bigserial PRIMARY KEY, body bytea)');
  const ledger = await open(await newDatabase(cluster, 'kept'));
  let filed = 0;
  for (const depth of [1, 32, 256]) {
    const count = (depth === 1 ? 500 : 5_000) * (bench.short ? 1 : 2);
    await bench.compare({
      case: `messages kept, ${depth} in flight (baseline: bare one-row commits, ${depth} a commit)`,
      unit: 'messages/s',
      ours: async () => {
        filed += count;
        return fill(ledger, filed - count, { count, depth });
      },
      baseline: () => bareRate(bare, { count: count - (count % depth), depth }),
    });
  }
  await ledger.close();
  await bare.end();
}

/** What a person searches in who names no box. */
const boxes = ['RECEIVED', 'MATCHED', 'READ', 'HELD', 'APPROVED', 'QUEUED', 'SENT', 'ACKED', 'ANSWERED', 'EXPIRED'];

/** Questions by plain columns and by tokens, as a person searching for something asks them: the first page of each. */
const questions: readonly (readonly [string, (n: number) => StateQuery])[] = [
  ['what one operator sent', (n) => ({ stream: 'message', osn: `PR01${n % 50}`, limit: 100 })],
  ['what an operator sent who sent nothing', () => ({ stream: 'message', osn: 'PR0999', limit: 100 })],
  ['one key of one ORI', () => ({ stream: 'message', key: 'QW', ori: 'CO0990100', limit: 100 })],
  ['a key that nobody used', () => ({ stream: 'message', key: 'EW', ori: 'CO0990100', limit: 100 })],
  ['one status', () => ({ stream: 'message', status: ['SENT'], limit: 100 })],
  ['a status at which nothing stands', () => ({ stream: 'message', status: ['HELD'], limit: 100 })],
  ['one operator on one day', (n) => ({ stream: 'message', osn: `PR01${n % 50}`, ...dayOf(n), limit: 100 })],
  [
    'one status on one day, the oldest',
    (n) => ({ stream: 'message', status: ['ACKED'], ...dayOf(n), order: 'oldest', limit: 100 }),
  ],
  ['all boxes', () => ({ stream: 'message', status: boxes, limit: 100 })],
  ['all boxes, one operator', (n) => ({ stream: 'message', status: boxes, osn: `PR01${n % 50}`, limit: 100 })],
  ['all boxes on one day', (n) => ({ stream: 'message', status: boxes, ...dayOf(n), limit: 100 })],
  ['what is owed to a station', () => ({ stream: 'message', link: 'cad-1', order: 'oldest', limit: 100 })],
  ['what is due', () => ({ stream: 'message', status: ['SENT'], order: 'due', limit: 100 })],
  [
    'one name',
    (n) => ({ stream: 'message', token: { kind: 'NAM', value: `RECORD${n % 40_000}, SAMPLE` }, limit: 100 }),
  ],
  ['a plate that nobody asked about', () => ({ stream: 'message', token: { kind: 'LIC', value: 'NONE' }, limit: 100 })],
];

function dayOf(n: number): { readonly fromMs: number; readonly untilMs: number } {
  const fromMs = startMs + Math.floor(n / perDay) * dayMs;
  return { fromMs, untilMs: fromMs + dayMs };
}

async function searching(bench: Bench, { total, full, few }: Pair): Promise<void> {
  for (const [name, query] of questions) {
    await bench.compare({
      case: `first page: ${name}, ${total} on file ${beside}`,
      unit: 'ms',
      ours: () => timed(() => full.states(query(bench.random.below(total)))),
      baseline: () => timed(() => few.states(query(bench.random.below(fewCount)))),
    });
  }
}

async function homeOn(cluster: PostgresCluster, bench: Bench): Promise<LedgerHome> {
  const urls = { full: await newDatabase(cluster, 'full_one'), few: await newDatabase(cluster, 'few_one') };
  let made = 0;
  return {
    open: (which) => open(urls[which]),
    async fresh() {
      made += 1;
      const name = `fresh_${made}`;
      const ledger = await open(await newDatabase(cluster, name));
      return { ledger, remove: async () => void (await runSql(cluster.url('postgres'), `DROP DATABASE ${name}`)) };
    },
    keptCount: bench.short ? 5_000 : 10_000,
    also: (pair) => searching(bench, pair),
  };
}

export async function run(bench: Bench): Promise<void> {
  if (postgresPrograms() === undefined) {
    bench.note('PostgreSQL is not installed: nothing is measured');
    return;
  }
  const cluster = await startCluster();
  try {
    await writing(bench, cluster);
    await fullLedger(bench, await homeOn(cluster, bench), bench.short ? [20_000] : [1_000_000, 5_000_000]);
  } finally {
    cluster.remove();
  }
}
