/**
 * Somebody with his hands in the database of a ledger, behind its back. What he can do is drawn from the schema as the
 * database itself tells it, so that no new table or column is forgotten. Everything he does is undone again.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { proveLedger } from '../../../src/switch/ledger/keeping/prove.ts';
import type { VerifyReport } from '../../../src/switch/ledger/ledger.ts';
import type { LedgerTables } from '../../../src/switch/ledger/schema.ts';
import { readHeads } from '../../../src/switch/ledger/second-place/reading.ts';
import { proveMoment } from '../../../src/switch/ledger/sqlite/prove-file.ts';
import { masterKey } from '../../switch/ledger/sqlite-house.ts';

export type Value = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, Value>>;

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the primary key. */
  readonly keys: readonly string[];
}

/** A ledger's database in somebody's hands. */
export interface Grip {
  readonly tables: readonly Table[];
  /** All rows of a table in the order of its key. */
  rows(table: Table): Promise<readonly Row[]>;
  /** Runs one statement; `?` stands for each value. Gives how many rows it changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /** Does something and asks `verify`, then undoes it. Undefined when the database itself refuses it. */
  after(act: () => Promise<void>): Promise<VerifyReport | undefined>;
  close(): Promise<void>;
}

const master = openMasterKey(masterKey);
const quoted = (name: string): string => `"${name}"`;

function selectSql({ name, keys }: Table): string {
  return `SELECT * FROM ${quoted(name)} ORDER BY ${keys.map(quoted).join(', ')}`;
}

/** Takes hold of a copy of a ledger's file. */
export function gripFile(folder: string, headsFile: string): Grip {
  const file = join(folder, 'vandalised.db');
  copyFileSync(join(folder, 'ledger.db'), file);
  const db = new DatabaseSync(file);
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  const tables = names.map(({ name }): Table => {
    const columns = db.prepare(`SELECT name, pk FROM pragma_table_info(?) ORDER BY cid`).all(String(name));
    const keys = columns.filter((one) => Number(one['pk']) > 0).map((one) => String(one['name']));
    return { name: String(name), columns: columns.map((one) => String(one['name'])), keys };
  });
  return {
    tables,
    rows: async (table) => db.prepare(selectSql(table)).all() as unknown as Row[],
    run: async (sql, values = []) => Number(db.prepare(sql).run(...(values as SQLInputValue[])).changes),
    async after(act) {
      db.exec('BEGIN');
      try {
        const refused = await act().then(
          () => false,
          () => true,
        );
        if (refused) return undefined;
        return await proveMoment(db, { master, second: (seal) => readHeads(headsFile, seal) });
      } finally {
        db.exec('ROLLBACK');
      }
    },
    close: async () => db.close(),
  };
}

const postgresTables = `SELECT c.table_name AS name, c.column_name AS column_name, k.column_name IS NOT NULL AS is_key
  FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
  LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema AND p.table_name = c.table_name
    AND p.constraint_type = 'PRIMARY KEY'
  LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema
    AND k.constraint_name = p.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name
  WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position`;

/** Takes hold of a ledger's PostgreSQL database, over one connection. */
export async function gripDatabase(url: string, headsFile: string): Promise<Grip> {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
  } as pg.CustomTypesConfig;
  const pool = new pg.Pool({ connectionString: url, max: 1, types });
  const db = new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) });
  const found = await pool.query<{ name: string; column_name: string; is_key: boolean }>(postgresTables);
  const tables = [...Map.groupBy(found.rows, (one) => one.name)].map(([name, columns]): Table => {
    const keys = columns.filter((one) => one.is_key).map((one) => one.column_name);
    return { name, columns: columns.map((one) => one.column_name), keys };
  });
  return {
    tables,
    rows: async (table) => (await pool.query<Record<string, Value>>(selectSql(table))).rows,
    async run(sql, values = []) {
      let count = 0;
      const numbered = sql.replaceAll('?', () => {
        count += 1;
        return `$${count}`;
      });
      return (await pool.query(numbered, [...values])).rowCount ?? 0;
    },
    async after(act) {
      await pool.query('BEGIN');
      try {
        const refused = await act().then(
          () => false,
          () => true,
        );
        if (refused) return undefined;
        return await proveLedger(db, { master, second: (seal) => readHeads(headsFile, seal) });
      } finally {
        await pool.query('ROLLBACK');
      }
    },
    close: () => db.destroy(),
  };
}

/** Where a row is. */
export function whereOf(table: Table, row: Row): { readonly sql: string; readonly values: readonly Value[] } {
  const sql = table.keys.map((key) => `${quoted(key)} = ?`).join(' AND ');
  return { sql, values: table.keys.map((key) => row[key] ?? null) };
}

export async function update(grip: Grip, at: { table: Table; row: Row; column: string }, value: Value): Promise<void> {
  const { sql, values } = whereOf(at.table, at.row);
  const set = `UPDATE ${quoted(at.table.name)} SET ${quoted(at.column)} = ? WHERE ${sql}`;
  if ((await grip.run(set, [value, ...values])) !== 1) throw new Error('there is no such row');
}

export async function remove(grip: Grip, table: Table, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const { sql, values } = whereOf(table, row);
    if ((await grip.run(`DELETE FROM ${quoted(table.name)} WHERE ${sql}`, values)) !== 1)
      throw new Error('no such row');
  }
}

export async function add(grip: Grip, table: Table, row: Row): Promise<void> {
  const columns = table.columns.map(quoted).join(', ');
  const places = table.columns.map(() => '?').join(', ');
  const values = table.columns.map((column) => row[column] ?? null);
  await grip.run(`INSERT INTO ${quoted(table.name)}(${columns}) VALUES (${places})`, values);
}
