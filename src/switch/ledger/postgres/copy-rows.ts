/** The rows of a ledger from PostgreSQL into a ledger's file, and back. Both have one schema, so rows go over as they are. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { CompiledQuery, type Transaction } from 'kysely';
import { type LedgerTables, migrate } from '../schema.ts';
import { kyselyOn } from '../sqlite/node-sqlite.ts';
import { arraysOf, columns, insertSql, type TableName } from './insert.ts';
import { makeOwnTables } from './own-tables.ts';

/** Rows fetched or sent at once. */
const pageRows = 500;

/** Primary keys: in their order a file is filled page after page. Text compares by its bytes in both databases. */
const keyOf: Readonly<Record<TableName, string>> = {
  secret: 'name',
  event: 'writer, seq',
  text: 'writer, seq, name',
  state: 'stream, id',
  token: 'writer, block, token, seq',
  head: 'writer',
};
const tables = Object.keys(keyOf) as readonly TableName[];

function namesOf(table: TableName): string {
  return Object.keys(columns[table])
    .map((column) => `"${column}"`)
    .join(', ');
}

/** Fills an empty file with all that a transaction sees, which must see one moment. */
export async function copyOut(moment: Transaction<LedgerTables>, file: string): Promise<void> {
  const connection = new DatabaseSync(file);
  try {
    await migrate(kyselyOn(connection), 'sqlite');
    // The file counts only once it is proved and on disk as a whole: until then nothing in it needs to outlive us.
    connection.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
    for (const table of tables) await copyTable(moment, connection, table);
    connection.exec('COMMIT');
  } finally {
    connection.close();
  }
}

async function copyTable(moment: Transaction<LedgerTables>, connection: DatabaseSync, table: TableName): Promise<void> {
  const names = Object.keys(columns[table]);
  const insert = connection.prepare(
    `INSERT INTO "${table}"(${namesOf(table)}) VALUES (${names.map(() => '?').join(', ')})`,
  );
  const run = (sql: string) => moment.executeQuery<Record<string, SQLInputValue>>(CompiledQuery.raw(sql));
  await run(`DECLARE copied NO SCROLL CURSOR FOR SELECT ${namesOf(table)} FROM "${table}" ORDER BY ${keyOf[table]}`);
  for (;;) {
    const { rows } = await run(`FETCH ${pageRows} FROM copied`);
    for (const row of rows) insert.run(...names.map((name) => row[name] ?? null));
    if (rows.length < pageRows) break;
  }
  await run('CLOSE copied');
}

function* pages<T>(all: Iterable<T>): Generator<readonly T[]> {
  let page: T[] = [];
  for (const row of all) {
    page.push(row);
    if (page.length < pageRows) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Makes the tables in an empty database and fills them from a ledger's file, within the caller's transaction. */
export async function copyIn(change: Transaction<LedgerTables>, file: string): Promise<void> {
  await makeOwnTables(change);
  const connection = new DatabaseSync(file, { readOnly: true });
  try {
    for (const table of tables) {
      const sql = `SELECT ${namesOf(table)} FROM "${table}" ORDER BY ${keyOf[table]}`;
      for (const rows of pages(connection.prepare(sql).iterate())) {
        await change.executeQuery(CompiledQuery.raw(insertSql(table), arraysOf(columns[table], rows)));
      }
    }
  } finally {
    connection.close();
  }
  // The server knows how much there is only when it has looked; until then it plans as for empty tables.
  await change.executeQuery(CompiledQuery.raw('ANALYZE'));
}
