/**
 * The one statement that keeps a batch: it looks whether all things stand where the batch was planned from, and writes its rows
 * only then. So nothing needs to be asked before rows are sent, and a batch that finds something moved leaves nothing and
 * learns where it stands.
 */
import type pg from 'pg';
import type { HeadTable } from '../schema.ts';
import type { Batch, Versions } from './batch.ts';
import { arraysOf, columns, insertSql, type TableName, unnested } from './insert.ts';

/**
 * Begins a transaction and waits for the turn, by which the committers of all gateways follow one another. Under another
 * isolation, which a server may have as its own, things would be looked at as they were before the turn came.
 */
export const beginTurn = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SELECT pg_advisory_xact_lock(hashtext('hitline commit'), 0), set_config('hitline.turn', 'ours', true)`;

const asked = { stream: 'text', id: 'text', version: 'int' } as const;
const moved = { ...asked, updated_at_ms: 'float8' } as const;
const written = ['event', 'text', 'state', 'head'] as const satisfies readonly TableName[];

const endings: Partial<Record<TableName, string>> = {
  state: `ON CONFLICT (stream, id) DO UPDATE SET ${Object.keys(columns.state)
    .filter((column) => !['stream', 'id', 'created_at_ms'].includes(column))
    .map((column) => `"${column}" = excluded."${column}"`)
    .join(', ')}`,
  // From here on nothing is given up for taking too long: a COMMIT that waits for a standby would be answered as done.
  head: `ON CONFLICT (writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac
    RETURNING set_config('statement_timeout', '0', true)`,
};

/** Without the turn, as after a BEGIN that failed, nothing is written. */
const ours = `ours AS MATERIALIZED (SELECT 1 WHERE NOT EXISTS (SELECT FROM others)
  AND current_setting('hitline.turn', true) = 'ours')`;
const isOurs = 'EXISTS (SELECT FROM ours)';

function keepSql(): string {
  let first = 1;
  const arrays = (types: Readonly<Record<string, string>>): string => {
    const rows = unnested(Object.values(types), first);
    first += Object.keys(types).length;
    return `${rows} AS w(${Object.keys(types).join(', ')})`;
  };
  const others = `others AS MATERIALIZED (SELECT stream, id, version FROM (SELECT w.stream, w.id, w.version AS presumed,
    coalesce((SELECT max(e.version) FROM event e WHERE e.stream = w.stream AND e.id = w.id), 0) AS version
    FROM ${arrays(asked)}) AS found WHERE version <> presumed)`;
  const touched = `touched AS (UPDATE state SET version = w.version, updated_at_ms = w.updated_at_ms
    FROM ${arrays(moved)} WHERE state.stream = w.stream AND state.id = w.id AND ${isOurs})`;
  const parts = [others, ours, touched];
  for (const table of written) {
    parts.push(`new_${table} AS (${insertSql(table, first)} WHERE ${isOurs} ${endings[table] ?? ''})`);
    first += Object.keys(columns[table]).length;
  }
  return `WITH ${parts.join(',\n')} SELECT stream, id, version FROM others`;
}

/** Its answer has the things that stand elsewhere (`Standing`); with none, all is written. */
const keep = { name: 'keep', text: keepSql() };

/** The statement for a batch that was planned from these versions. */
export function keepBatch(batch: Batch, versions: Versions, head: HeadTable): pg.QueryConfig {
  const put = batch.states.filter((change) => change.type === 'put').map((change) => change.row);
  // Frames have no row, so that there is nothing to move on.
  const touched = batch.states.filter((change) => change.type === 'touch' && change.version > 1);
  const rows: Readonly<Record<(typeof written)[number], readonly object[]>> = {
    event: batch.rows.map((one) => one.event),
    text: batch.rows.flatMap((one) => one.texts),
    state: put,
    head: batch.rows.length === 0 ? [] : [head],
  };
  return {
    ...keep,
    values: [
      ...arraysOf(asked, [...versions.values()]),
      ...arraysOf(moved, touched),
      ...written.flatMap((table) => arraysOf(columns[table], rows[table])),
    ],
  };
}
