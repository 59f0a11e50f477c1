/** The tables of the ledger, one schema for SQLite and PostgreSQL, made by Kysely's migrations. */
import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';

export interface EventTable {
  writer: string;
  seq: number;
  stream: string;
  id: string;
  version: number;
  type: string;
  at_ms: number;
  mono_ms: number;
  actor: string;
  /** JSON text, the very text that was hashed; so are `state` and `texts`. */
  data: string;
  state: string | null;
  texts: string | null;
  /** The search tokens, 16 bytes each; gone after a purge, while their digest stays. */
  tokens: Uint8Array | null;
  tokens_sha256: string | null;
  prev: string;
  hash: string;
}

export interface TextTable {
  writer: string;
  seq: number;
  name: string;
  key_id: string;
  ciphertext: Uint8Array;
  /** Which master key wraps the data key of this text; it and `wrapped` are in no chain, and change with a rotation. */
  master_id: string;
  wrapped: Uint8Array;
}

export interface StateTable {
  stream: string;
  id: string;
  version: number;
  status: string;
  key: string | null;
  ori: string | null;
  osn: string | null;
  link: string | null;
  parent: string | null;
  due_at_ms: number | null;
  created_at_ms: number;
  updated_at_ms: number;
  body: string;
  /**
   * 1: in the indexes by time, key, ORI and OSN. 0: in a small one of what is new, until the committer settles many rows
   * at once (see `settleRows`). Not of the chain: whichever it is, the row is found.
   */
  settled?: number | undefined;
}

/** The search index of all blocks that are full; tokens of the open one stand in their events alone (see `blockOf`). */
export interface TokenTable {
  writer: string;
  block: number;
  token: Uint8Array;
  seq: number;
}

/** The last row of each chain, authenticated. */
export interface HeadTable {
  writer: string;
  seq: number;
  hash: string;
  mac: string;
}

/** The ledger's own secrets under the master key. */
export interface SecretTable {
  name: string;
  master_id: string;
  wrapped: Uint8Array;
}

export interface LedgerTables {
  event: EventTable;
  text: TextTable;
  state: StateTable;
  token: TokenTable;
  head: HeadTable;
  secret: SecretTable;
}

/** Who did what nobody did: these events are not indexed by their actor, and half of all events are such. */
export const machineActor = 'system';

export type Engine = 'sqlite' | 'postgres';

/** Time-ordered keys make SQLite's clustered tables append at their end, which keeps writing flat. */
function table(db: Kysely<unknown>, engine: Engine, name: string): CreateTableBuilder<string, never> {
  const builder = db.schema.createTable(name);
  return engine === 'sqlite' ? builder.modifyEnd(sql`without rowid`) : builder;
}

/** Text compares by its bytes in both databases, whatever the locale of the server. */
function textType(engine: Engine) {
  return engine === 'sqlite' ? sql`text` : sql`text collate "C"`;
}

async function createChain(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const text = textType(engine);
  const blob = engine === 'sqlite' ? 'blob' : 'bytea';
  await table(db, engine, 'event')
    .addColumn('writer', text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('stream', text, (c) => c.notNull())
    .addColumn('id', text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('type', text, (c) => c.notNull())
    .addColumn('at_ms', 'double precision', (c) => c.notNull())
    .addColumn('mono_ms', 'double precision', (c) => c.notNull())
    .addColumn('actor', text, (c) => c.notNull())
    .addColumn('data', text, (c) => c.notNull())
    .addColumn('state', text)
    .addColumn('texts', text)
    .addColumn('tokens', blob)
    .addColumn('tokens_sha256', text)
    .addColumn('prev', text, (c) => c.notNull())
    .addColumn('hash', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('event_pk', ['writer', 'seq'])
    .execute();
  await db.schema.createIndex('event_thing').on('event').columns(['stream', 'id', 'version']).unique().execute();
  await db.schema.createIndex('event_time').on('event').columns(['stream', 'at_ms']).execute();
  await db.schema
    .createIndex('event_actor')
    .on('event')
    .columns(['actor', 'at_ms'])
    .where(sql.ref('actor'), '<>', sql.lit(machineActor))
    .execute();
  await table(db, engine, 'head')
    .addColumn('writer', text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('hash', text, (c) => c.notNull())
    .addColumn('mac', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('head_pk', ['writer'])
    .execute();
}

async function createVault(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const text = textType(engine);
  const blob = engine === 'sqlite' ? 'blob' : 'bytea';
  await table(db, engine, 'text')
    .addColumn('writer', text, (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('key_id', text, (c) => c.notNull())
    .addColumn('ciphertext', blob, (c) => c.notNull())
    .addColumn('master_id', text, (c) => c.notNull())
    .addColumn('wrapped', blob, (c) => c.notNull())
    .addPrimaryKeyConstraint('text_pk', ['writer', 'seq', 'name'])
    .execute();
  await table(db, engine, 'secret')
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('master_id', text, (c) => c.notNull())
    .addColumn('wrapped', blob, (c) => c.notNull())
    .addPrimaryKeyConstraint('secret_pk', ['name'])
    .execute();
}

async function createStates(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const text = textType(engine);
  await table(db, engine, 'state')
    .addColumn('stream', text, (c) => c.notNull())
    .addColumn('id', text, (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('status', text, (c) => c.notNull())
    .addColumn('key', text)
    .addColumn('ori', text)
    .addColumn('osn', text)
    .addColumn('link', text)
    .addColumn('parent', text)
    .addColumn('due_at_ms', 'double precision')
    .addColumn('created_at_ms', 'double precision', (c) => c.notNull())
    .addColumn('updated_at_ms', 'double precision', (c) => c.notNull())
    .addColumn('body', text, (c) => c.notNull())
    .addColumn('settled', 'integer', (c) => c.notNull().defaultTo(1))
    .addPrimaryKeyConstraint('state_pk', ['stream', 'id'])
    .execute();
  const settled = sql.ref('settled');
  for (const [name, is] of [
    ['state_made', 1],
    ['state_fresh', 0],
  ] as const) {
    await db.schema
      .createIndex(name)
      .on('state')
      .columns(['stream', 'created_at_ms'])
      .where(settled, '=', sql.lit(is))
      .execute();
  }
  await db.schema.createIndex('state_status').on('state').columns(['stream', 'status', 'created_at_ms']).execute();
  for (const column of ['key', 'ori', 'osn'] as const) {
    await db.schema
      .createIndex(`state_${column}`)
      .on('state')
      .columns(['stream', column, 'created_at_ms'])
      .where(sql.ref(column), 'is not', null)
      .where(settled, '=', sql.lit(1))
      .execute();
  }
  await db.schema
    .createIndex('state_parent')
    .on('state')
    .columns(['stream', 'parent', 'created_at_ms'])
    .where(sql.ref('parent'), 'is not', null)
    .execute();
  await db.schema
    .createIndex('state_due')
    .on('state')
    .columns(['stream', 'status', 'due_at_ms'])
    .where(sql.ref('due_at_ms'), 'is not', null)
    .execute();
}

/** What is owed to a link is asked for with each answer that comes; a row bears a link only while it is owed. */
async function createLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('state_link')
    .on('state')
    .columns(['stream', 'link', 'created_at_ms'])
    .where(sql.ref('link'), 'is not', null)
    .execute();
}

async function createTokens(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const text = textType(engine);
  await table(db, engine, 'token')
    .addColumn('writer', text, (c) => c.notNull())
    .addColumn('block', 'integer', (c) => c.notNull())
    .addColumn('token', engine === 'sqlite' ? 'blob' : 'bytea', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('token_pk', ['writer', 'block', 'token', 'seq'])
    .execute();
}

/**
 * The criminal-history log as an auditor asks for it (CJISSECPOL AU-3(1)): its four parties and the purpose code as separate
 * columns. Operator, receiving agency and purpose code are plain; who asked, who was given it and about whom are ciphertexts.
 */
async function createIiiLog(db: Kysely<unknown>): Promise<void> {
  await sql`create view iii_log as ${iiiLogRows()}`.execute(db);
}

/** The rows that the view of that log shows. */
export function iiiLogRows() {
  const text = (name: string) =>
    sql`(select t.ciphertext from event e join text t on t.writer = e.writer and t.seq = e.seq
      where e.stream = 'iii' and e.id = s.id and t.name = ${sql.lit(name)} order by e.version desc limit 1)`;
  return sql`select
    s.id as id, s.status as status, s.created_at_ms as at_ms, s.parent as message_id, m.key as message_key,
    s.osn as operator, ${text('requestor')} as requestor, s.ori as receiving_agency,
    ${text('recipient')} as secondary_recipient, s.key as purpose_code, ${text('subject')} as subject
    from state s left join state m on m.stream = 'message' and m.id = s.parent where s.stream = 'iii'`;
}

/** A server samples what it plans by, and keeps the samples: none of what a purge must reach. */
async function sampleNothing(db: Kysely<unknown>): Promise<void> {
  await sql`alter table text alter column ciphertext set statistics 0, alter column wrapped set statistics 0`.execute(
    db,
  );
  await sql`alter table event alter column tokens set statistics 0`.execute(db);
  await sql`alter table token alter column token set statistics 0`.execute(db);
}

function migrations(engine: Engine): Record<string, Migration> {
  return {
    '0001-ledger': {
      async up(db) {
        await createChain(db, engine);
        await createVault(db, engine);
        await createStates(db, engine);
        await createTokens(db, engine);
      },
    },
    '0002-iii-log': { up: createIiiLog },
    '0003-links': { up: createLinks },
    '0004-samples': { up: async (db) => (engine === 'postgres' ? sampleNothing(db) : undefined) },
  };
}

/** The tables in which Kysely keeps what was migrated. */
interface MigrationTables {
  kysely_migration: { name: string; timestamp: string };
  kysely_migration_lock: { id: string; is_locked: number };
}

/** When a migration was made cannot be proved, so nothing is said of it: every row bears this moment. */
const unsaidMoment = '1970-01-01T00:00:00.000Z';

function migrationTables(db: Kysely<LedgerTables>): Kysely<MigrationTables> {
  return db as unknown as Kysely<MigrationTables>;
}

/** Brings the tables up to this version of hitline; throws the database's own error when it cannot. */
export async function migrate(db: Kysely<LedgerTables>, engine: Engine): Promise<void> {
  const provider: MigrationProvider = { getMigrations: async () => migrations(engine) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
  const tables = migrationTables(db);
  await tables
    .updateTable('kysely_migration')
    .set({ timestamp: unsaidMoment })
    .where('timestamp', '!=', unsaidMoment)
    .execute();
}

/** Whether the book of migrations holds every one of this version, no other, and nothing else. */
export async function isMigratedWhole(db: Kysely<LedgerTables>): Promise<boolean> {
  const tables = migrationTables(db);
  const made = await tables.selectFrom('kysely_migration').selectAll().execute();
  const locks = await tables.selectFrom('kysely_migration_lock').selectAll().execute();
  const names = made.filter((row) => row.timestamp === unsaidMoment).map((row) => row.name);
  const isLockOwn = locks.length === 1 && locks[0]?.id === 'migration_lock' && locks[0].is_locked === 0;
  return isLockOwn && made.length === names.length && names.sort().join() === migrationNames().join();
}

/** The migrations of this version, in their order; the same for both databases. */
function migrationNames(): readonly string[] {
  return Object.keys(migrations('sqlite')).sort();
}
