/** Connections to PostgreSQL: one that writes, a few that read, and the lock of a writer's name. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { HitlineError } from '../../../faults/fault.ts';
import type { LedgerTables } from '../schema.ts';

/** How long a statement may take before the server gives it up. */
const statementMs = 30_000;
const connectMs = 3_000;
const lockWaitMsDefault = 5_000;
const readersMax = 4;

/** Whole numbers of eight bytes come as numbers: the ledger counts nowhere near 2^53. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    if (oid === pg.types.builtins.INT8) return Number;
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;

/** Where the database is: a `postgres://` address. It may hold a password and so never stands in an error. */
export interface PostgresAddress {
  readonly url: string;
  readonly writer: string;
  /** How long to wait for a session of this name that the server still holds; 5,000 unless said otherwise. */
  readonly lockWaitMs?: number;
  /** Called as soon as the writing connection is lost that was not closed on purpose. */
  readonly onLost?: () => void;
}

/** Reads for everybody; the server itself refuses a write on these connections. */
export function openReaders({ url }: PostgresAddress): Kysely<LedgerTables> {
  const pool = new pg.Pool({
    connectionString: url,
    max: readersMax,
    types,
    connectionTimeoutMillis: connectMs,
    options: '-c default_transaction_read_only=on',
  });
  bearLoss(pool);
  return new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * A connection that dies while it idles is replaced by the pool, and one that dies at work refuses what was asked of it.
 * Either also says so by itself, where nobody listening would end the process.
 */
function bearLoss(pool: pg.Pool): void {
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
}

/** One connection for the migrations of the start, closed by `destroy`. */
export function openForMigration({ url }: PostgresAddress): Kysely<LedgerTables> {
  const pool = new pg.Pool({ connectionString: url, max: 1, types, connectionTimeoutMillis: connectMs });
  bearLoss(pool);
  return new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) });
}

/** A writing connection that holds the lock of its writer's name until it ends. */
export interface WritingConnection {
  readonly client: pg.Client;
  /** True once the connection is known to be lost. */
  readonly lost: () => boolean;
}

/**
 * Opens the writing connection. A session of the same name that the server still holds is given time to end, so that a
 * COMMIT under way on it has landed or failed before anybody looks. Fault: LEDGER_LOCKED.
 */
export async function openWriting(address: PostgresAddress): Promise<WritingConnection> {
  const { url, writer } = address;
  const client = new pg.Client({
    connectionString: url,
    types,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    application_name: `hitline ${writer}`,
  });
  let lost = false;
  client.on('error', () => {
    lost = true;
    address.onLost?.();
  });
  client.on('end', () => {
    lost = true;
  });
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${address.lockWaitMs ?? lockWaitMsDefault}`);
    await client.query("SELECT pg_advisory_lock(hashtext('hitline writer'), hashtext($1))", [writer]);
    await client.query('SET lock_timeout = 0');
    await client.query(`SET statement_timeout = ${statementMs}`);
    await client.query('SET synchronous_commit = on');
  } catch (cause) {
    await client.end();
    const locked = (cause as { code?: string }).code === '55P03';
    if (locked) throw new HitlineError('LEDGER_LOCKED', { cause });
    throw cause;
  }
  return { client, lost: () => lost };
}
