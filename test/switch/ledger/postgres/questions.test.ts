import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMasterKey } from '../../../../src/switch/ledger/cipher.ts';
import type { StateQuery } from '../../../../src/switch/ledger/ledger.ts';
import { openPostgresLedger } from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { LedgerReader } from '../../../../src/switch/ledger/queries.ts';
import type { LedgerTables } from '../../../../src/switch/ledger/schema.ts';
import { Tokens } from '../../../../src/switch/ledger/tokens.ts';
import { message, perDay, startMs } from '../../../bench/ledger/load.ts';
import { newDatabase } from '../../../scenarios/database/one-database.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';

/** What a question reads must not grow with the ledger: its plan is looked at, row by row, with statistics as a server has them. */
const messages = 4_000;
/** Rows a question may touch: the page that it gives, from each status and from new and settled ones, and a little more. */
const touchedMax = 700;

let cluster: PostgresCluster;
let asked: CompiledQuery[] = [];
let db: Kysely<LedgerTables>;
let reader: LedgerReader;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** How many rows of its tables a plan has looked at. */
function touched(plan: Plan): number {
  const below = (plan.Plans ?? []).reduce((sum, one) => sum + touched(one), 0);
  if (!/Scan/.test(plan['Node Type'])) return below;
  return below + (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];
}

async function rowsTouched(question: () => Promise<unknown>): Promise<number> {
  asked = [];
  await question();
  let sum = 0;
  for (const one of [...asked]) {
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>({
      ...one,
      sql: `EXPLAIN (ANALYZE, FORMAT JSON) ${one.sql}`,
    });
    sum += rows[0] === undefined ? 0 : touched(rows[0]['QUERY PLAN'][0]?.Plan as Plan);
  }
  return sum;
}

const page = { stream: 'message', limit: 100 } as const;
const day = { fromMs: startMs, untilMs: startMs + (1_000 / perDay) * 86_400_000 };
const boxes = ['HELD', 'QUEUED', 'SENT', 'ACKED', 'ANSWERED', 'EXPIRED'];
const questions: Readonly<Record<string, Omit<StateQuery, 'limit' | 'stream'>>> = {
  'the newest': {},
  'the newest of a time': day,
  'one status': { status: ['ACKED'] },
  'one status at which nothing stands': { status: ['HELD'] },
  'all that is in some boxes': { status: boxes },
  'all that is in some boxes, of a time, the oldest': { status: boxes, order: 'oldest', ...day },
  'one operator in some boxes': { status: boxes, osn: 'PR017' },
  'an operator who sent nothing': { status: boxes, osn: 'PR0999' },
  'one key of one ORI': { key: 'QW', ori: 'CO0990100', status: boxes },
  'a key that nobody used': { key: 'EW', status: boxes },
  'what is owed to a link': { link: 'cad-1', order: 'oldest' },
  'what belongs to a case': { parent: 'case-1' },
  'what is due': { status: ['SENT'], order: 'due', dueAtOrBeforeMs: startMs },
};

describe.skipIf(postgresPrograms() === undefined)('questions to PostgreSQL (skipped where it is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    const url = await newDatabase(cluster, 'asked');
    const ledger = await openPostgresLedger({ url, writer: 'gw1', masterKey });
    for (let from = 0; from < messages; from += 500) {
      await ledger.append(Array.from({ length: 500 }, (_, n) => message(from + n)));
    }
    await ledger.close();
    db = new Kysely({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }),
      log: (event) => void asked.push(event.query),
    });
    await db.executeQuery(CompiledQuery.raw('ANALYZE'));
    reader = new LedgerReader(db, { master: openMasterKey(masterKey), tokens: new Tokens(masterKey) });
  });
  afterAll(async () => {
    await db?.destroy();
    cluster?.remove();
  });

  test.each(Object.entries(questions))('%s: no more is read than is answered', async (_name, query) => {
    expect(await rowsTouched(() => reader.states({ ...page, ...query }))).toBeLessThan(touchedMax);
  });

  test('events of a stream, of all streams, and of a person are read from their index', async () => {
    for (const query of [{ stream: 'message' }, {}, { fromMs: startMs + 1e12 }, { actor: 'PR0101' }, day] as const) {
      expect(await rowsTouched(() => reader.events({ limit: 100, ...query })), JSON.stringify(query)).toBeLessThan(
        touchedMax,
      );
    }
  });
});
