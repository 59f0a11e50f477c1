/** Connections to PostgreSQL: one that writes, a few that read, and the lock of a writer's name. */
import type { Socket } from 'node:net';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { HitlineError } from '../../../faults/fault.ts';
import { systemClock } from '../../../host/clock.ts';
import type { LedgerTables } from '../schema.ts';
import { dialing } from './dialing.ts';

/** How long a statement may take before the server gives it up. */
export const statementMs = 30_000;
const connectMs = 3_000;
const lockWaitMsDefault = 5_000;
const readersMax = 6;
/** How long a server may say nothing at all to one who waits for it, before its line counts as dead. */
const silentMsMax = { writing: 35_000, reading: 300_000 } as const;
/** How long a server may take to a goodbye. */
const goodbyeMs = 1_000;
/**
 * What a server, database or account may have otherwise and must not be here: under another isolation a guard is held against
 * a moment that is past, fewer digits change the times that are in the chain, quoted names are not those that a proof looks for,
 * and a limit of time ends a proof half way.
 */
const own = [
  'default_transaction_isolation=read\\ committed',
  'extra_float_digits=1',
  'quote_all_identifiers=off',
  'statement_timeout=0',
  'lock_timeout=0',
  'idle_in_transaction_session_timeout=0',
];
/** And here what is answered as kept is on the disk. */
const writing = {
  application_name: 'hitline',
  options: asOptions([...own, 'synchronous_commit=on', 'client_min_messages=warning']),
} as const;

function asOptions(settings: readonly string[]): string {
  return settings.map((setting) => `-c ${setting}`).join(' ');
}

/**
 * The statements of a commit are the same for ever, and each row is found by its key: a plan for one is the plan for all, and
 * making it anew takes longer than a small commit.
 */
const plannedOnce = asOptions(['plan_cache_mode=force_generic_plan', 'enable_seqscan=off', 'jit=off']);

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
  /** Called as soon as the writing connection is lost that was not closed on purpose, and while the server is silent. */
  readonly onLost?: () => void;
  /** Called with a code of why, when something could not be kept for another reason than the last time. */
  readonly onTrouble?: (reason: string) => void;
}

/** Reads for everybody; the server itself refuses a write on these connections. */
export function openReaders({ url }: PostgresAddress): Kysely<LedgerTables> {
  const pool = new pg.Pool({
    ...dialing(url),
    max: readersMax,
    types,
    connectionTimeoutMillis: connectMs,
    application_name: 'hitline reads',
    options: asOptions([...own, 'default_transaction_read_only=on']),
  });
  bearLoss(pool);
  return new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * A connection that dies while it idles is replaced by the pool, and one that dies at work refuses what was asked of it.
 * Either also says so by itself, where nobody listening would end the process. One on which a server stays silent dies as
 * well, and none outlives the pool.
 */
function bearLoss(pool: pg.Pool, silentMs: number = silentMsMax.reading): void {
  const open = new Set<pg.PoolClient>();
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    open.add(client);
    client.on('error', () => undefined);
    client.on('end', () => open.delete(client));
    hangUpOnSilence(client, silentMs);
  });
  const end = pool.end.bind(pool);
  Object.assign(pool, {
    async end(): Promise<void> {
      const callOff = systemClock.after(goodbyeMs, () => {
        for (const client of open) client.connection.stream.destroy();
      });
      await end();
      callOff();
    },
  });
}

/** A line that died without a word would be waited on for a quarter of an hour. An idle one is replaced long before. */
function hangUpOnSilence(client: pg.Client, silentMs: number): void {
  // Over TLS too it is a socket; the driver's types know it as something that is read and written.
  const socket = client.connection.stream as Socket;
  socket.setTimeout(silentMs, () => socket.destroy());
}

/** Says goodbye, and hangs up on a server that does not hear it. */
async function hangUp(client: pg.Client): Promise<void> {
  const callOff = systemClock.after(goodbyeMs, () => client.connection.stream.destroy());
  await client.end().catch(() => undefined);
  callOff();
}

/**
 * One connection for work that is done once (the migrations of the start, a rotation, a restore), closed by `destroy`.
 * `silentMs` is how long its longest statement may keep the server silent.
 */
export function openForWork({ url }: PostgresAddress, silentMs?: number): Kysely<LedgerTables> {
  const pool = new pg.Pool({ ...dialing(url), ...writing, max: 1, types, connectionTimeoutMillis: connectMs });
  bearLoss(pool, silentMs);
  return new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * The lock of the whole ledger: all who write share it, and work that bears no writer beside it takes it alone. It lasts as
 * long as its session.
 */
const wholeLedger = "hashtext('hitline ledger'), 0";

/**
 * Takes the ledger alone, on a connection that stays the same. It does not wait: a request that waits would keep gateways
 * out that lost their connection and come again. Fault: LEDGER_LOCKED while a gateway has it.
 */
export async function takeLedger(connection: Kysely<LedgerTables>): Promise<void> {
  const asked = CompiledQuery.raw(`SELECT pg_try_advisory_lock(${wholeLedger}) AS taken`);
  const { rows } = await connection.executeQuery<{ taken: boolean }>(asked);
  if (rows[0]?.taken !== true) throw new HitlineError('LEDGER_LOCKED');
}

/** A writing connection that holds the lock of its writer's name, and its share in that of the ledger, until it ends. */
export interface WritingConnection {
  readonly client: pg.Client;
  /** True once the connection is known to be lost. */
  readonly lost: () => boolean;
  /** How often the server has warned of something so far. */
  readonly warningCount: () => number;
  /** Ends it; a server that does not answer is not waited for. */
  end(): Promise<void>;
}

/**
 * Opens the writing connection. A session of the same name that the server still holds is given time to end, so that a
 * COMMIT under way on it has landed or failed before anybody looks. Fault: LEDGER_LOCKED.
 */
export async function openWriting(address: PostgresAddress): Promise<WritingConnection> {
  const { url, writer } = address;
  const client = new pg.Client({
    ...dialing(url),
    ...writing,
    types,
    pipeline: true,
    connectionTimeoutMillis: connectMs,
    application_name: `hitline ${writer}`,
    options: `${writing.options} ${plannedOnce}`,
  });
  let lost = false;
  let warningCount = 0;
  client.on('notice', () => {
    warningCount += 1;
  });
  client.on('error', () => {
    lost = true;
    address.onLost?.();
  });
  client.on('end', () => {
    lost = true;
  });
  try {
    await client.connect();
    hangUpOnSilence(client, silentMsMax.writing);
    await client.query(`SET lock_timeout = ${address.lockWaitMs ?? lockWaitMsDefault}`);
    await client.query(`SELECT pg_advisory_lock_shared(${wholeLedger})`);
    await client.query("SELECT pg_advisory_lock(hashtext('hitline writer'), hashtext($1))", [writer]);
    await client.query('SET lock_timeout = 0');
    await client.query(`SET statement_timeout = ${statementMs}`);
  } catch (cause) {
    await hangUp(client);
    const locked = (cause as { code?: string }).code === '55P03';
    if (locked) throw new HitlineError('LEDGER_LOCKED', { cause });
    throw cause;
  }
  return { client, lost: () => lost, warningCount: () => warningCount, end: () => hangUp(client) };
}
