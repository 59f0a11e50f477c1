/** Putting many rows into a table of PostgreSQL with one statement. */

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

/** The statement that puts many rows into a table, which it takes as one array a column. */
export function insertSql(table: TableName, ending = ''): string {
  const names = Object.keys(columns[table]).map((column) => `"${column}"`);
  const arrays = Object.values(columns[table]).map((type, index) => `$${index + 1}::${type}[]`);
  return `INSERT INTO "${table}"(${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')}) ${ending}`;
}

/** The values of rows as that statement takes them. */
export function arraysOf(table: TableName, rows: readonly object[]): unknown[][] {
  return Object.keys(columns[table]).map((column) => rows.map((row) => sent((row as Record<string, unknown>)[column])));
}

/** A value as the driver sends it: bytes are told by their class. */
export function sent(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
