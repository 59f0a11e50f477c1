/** Putting many rows into a table of PostgreSQL with one statement. */
import { arrayOf, type ElementType } from './array-parameter.ts';

/** Columns of each table with their types, in the order in which their arrays are sent. */
export const columns = {
  event: {
    writer: 'text',
    seq: 'bigint',
    stream: 'text',
    id: 'text',
    version: 'int',
    type: 'text',
    at_ms: 'float8',
    mono_ms: 'float8',
    actor: 'text',
    data: 'text',
    state: 'text',
    texts: 'text',
    tokens: 'bytea',
    tokens_sha256: 'text',
    prev: 'text',
    hash: 'text',
  },
  text: {
    writer: 'text',
    seq: 'bigint',
    name: 'text',
    key_id: 'text',
    ciphertext: 'bytea',
    master_id: 'text',
    wrapped: 'bytea',
  },
  state: {
    stream: 'text',
    id: 'text',
    version: 'int',
    status: 'text',
    key: 'text',
    ori: 'text',
    osn: 'text',
    link: 'text',
    parent: 'text',
    due_at_ms: 'float8',
    created_at_ms: 'float8',
    updated_at_ms: 'float8',
    body: 'text',
  },
  token: { writer: 'text', block: 'int', token: 'bytea', seq: 'bigint' },
  head: { writer: 'text', seq: 'bigint', hash: 'text', mac: 'text' },
  secret: { name: 'text', master_id: 'text', wrapped: 'bytea' },
} as const;

export type TableName = keyof typeof columns;

/** Rows of a table from one array a column, as what a statement selects from; the first array is parameter number `first`. */
export function unnested(types: readonly string[], first: number): string {
  return `unnest(${types.map((type, index) => `$${first + index}::${type}[]`).join(', ')})`;
}

/** The statement that puts many rows into a table, which it takes as one array a column; `first` as above. */
export function insertSql(table: TableName, first = 1): string {
  const names = Object.keys(columns[table]).map((column) => `"${column}"`);
  return `INSERT INTO "${table}"(${names.join(', ')}) SELECT * FROM ${unnested(Object.values(columns[table]), first)}`;
}

/** The columns of rows as such a statement takes them. */
export function arraysOf(types: Readonly<Record<string, ElementType>>, rows: readonly object[]): Buffer[] {
  return Object.entries(types).map(([column, type]) =>
    arrayOf(
      type,
      rows.map((row) => (row as Record<string, unknown>)[column]),
    ),
  );
}

/** A value as the driver sends it: bytes are told by their class. */
export function sent(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
