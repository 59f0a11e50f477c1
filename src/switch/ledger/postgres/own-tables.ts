/**
 * Whether a database has the tables, indexes and view of this version, and nothing that acts behind the ledger's back: what a
 * proof of a file reads from its schema. It is read from the catalog and compared as names, columns and types.
 */
import { type Kysely, sql } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { iiiLogRows, type LedgerTables, migrate } from '../schema.ts';

/** In these every character of a message has a place; the second takes bytes as they come. */
const encodings = ['UTF8', 'SQL_ASCII'];

/** Brings the tables up to this version. Fault: DATABASE_REFUSED where a message could hold what the database cannot. */
export async function makeOwnTables(db: Kysely<LedgerTables>): Promise<void> {
  const asked = sql<{ readonly encoding: string }>`select current_setting('server_encoding') as encoding`;
  const { rows } = await asked.execute(db);
  if (!encodings.includes(rows[0]?.encoding ?? '')) {
    throw new HitlineError('DATABASE_REFUSED', {
      detail: 'Its encoding is not UTF8: make the database with that one.',
    });
  }
  await migrate(db, 'postgres');
}

/** Every relation as `catalogRows` says it: kind, name, whether an index is unique, columns with their types. */
const ownRelations: readonly string[] = [
  'i event_actor: actor text, at_ms double precision',
  'i event_pk unique: writer text, seq bigint',
  'i event_thing unique: stream text, id text, version integer',
  'i event_time: stream text, at_ms double precision',
  'i head_pk unique: writer text',
  'i kysely_migration_lock_pkey unique: id character varying(255)',
  'i kysely_migration_pkey unique: name character varying(255)',
  'i secret_pk unique: name text',
  'i state_due: stream text, status text, due_at_ms double precision',
  'i state_fresh: stream text, created_at_ms double precision',
  'i state_key: stream text, key text, created_at_ms double precision',
  'i state_link: stream text, link text, created_at_ms double precision',
  'i state_made: stream text, created_at_ms double precision',
  'i state_ori: stream text, ori text, created_at_ms double precision',
  'i state_osn: stream text, osn text, created_at_ms double precision',
  'i state_parent: stream text, parent text, created_at_ms double precision',
  'i state_pk unique: stream text, id text',
  'i state_status: stream text, status text, created_at_ms double precision',
  'i text_pk unique: writer text, seq bigint, name text',
  'i token_pk unique: writer text, block integer, token bytea, seq bigint',
  'r event: writer text, seq bigint, stream text, id text, version integer, type text, at_ms double precision, mono_ms double precision, actor text, data text, state text, texts text, tokens bytea, tokens_sha256 text, prev text, hash text',
  'r head: writer text, seq bigint, hash text, mac text',
  'r kysely_migration: name character varying(255), timestamp character varying(255)',
  'r kysely_migration_lock: id character varying(255), is_locked integer',
  'r secret: name text, master_id text, wrapped bytea',
  'r state: stream text, id text, version integer, status text, key text, ori text, osn text, link text, parent text, due_at_ms double precision, created_at_ms double precision, updated_at_ms double precision, body text, settled integer',
  'r text: writer text, seq bigint, name text, key_id text, ciphertext bytea, master_id text, wrapped bytea',
  'r token: writer text, block integer, token bytea, seq bigint',
  'v iii_log: id text, status text, at_ms double precision, message_id text, message_key text, operator text, requestor bytea, receiving_agency text, secondary_recipient bytea, purpose_code text, subject bytea',
];

/** Relations of the schema in which our events are; what an extension brought along is not anybody's doing. */
const catalogRows = sql<{ readonly said: string }>`
  select c.relkind::text || ' ' || c.relname || coalesce(case when i.indisunique then ' unique' end, '')
    || coalesce(case when not i.indisvalid then ' invalid' end, '') || case when c.relrowsecurity then ' hiding' else '' end
    || ': ' || coalesce((select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '') as said
  from pg_class c left join pg_index i on i.indexrelid = c.oid
  where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('event'))
    and c.relkind <> 't' and c.relkind <> 'c'
    and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** Whatever runs by itself when a row is written or read: triggers, rules, policies; and functions, which they would call. */
const actors = sql<{ readonly one: number }>`
  with own as (select oid, relnamespace from pg_class
    where relnamespace = (select relnamespace from pg_class where oid = to_regclass('event')))
  select 1 as one from pg_trigger t join own on own.oid = t.tgrelid where not t.tgisinternal
  union all select 1 from pg_rewrite r join own on own.oid = r.ev_class where r.rulename <> '_RETURN'
  union all select 1 from pg_policy p join own on own.oid = p.polrelid
  union all select 1 from pg_proc f where f.pronamespace = (select relnamespace from own limit 1)
    and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e')
  limit 1`;

/** What is wrong with a database apart from its rows; undefined when nothing is. */
export async function schemaFault(db: Kysely<LedgerTables>): Promise<string | undefined> {
  const { rows: relations } = await catalogRows.execute(db);
  const said = relations.map((row) => row.said).sort();
  if (said.join('\n') !== ownRelations.join('\n')) return 'the tables are not those of this version';
  if ((await actors.execute(db)).rows.length > 0) return 'something in the database acts on the tables by itself';
  const view = sql`select * from iii_log`;
  const own = sql`select * from (${iiiLogRows()}) as own`;
  const other = await sql`((${view}) except (${own})) union all ((${own}) except (${view})) limit 1`.execute(db);
  return other.rows.length === 0 ? undefined : 'the view of the criminal-history log does not show the log';
}
