/** Kysely over node:sqlite: the few methods of its SQLite dialect, on DatabaseSync. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { LedgerTables } from '../schema.ts';

/** Statements kept prepared; the ledger's queries are few shapes, so that this holds nearly all of them. */
const statementsMax = 200;

class Statement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...(parameters as SQLInputValue[]));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...(parameters as SQLInputValue[]));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as SQLInputValue[]));
  }
}

class Database implements SqliteDatabase {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, Statement>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  prepare(sql: string): Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const made = new Statement(this.#db.prepare(sql));
    if (this.#prepared.size >= statementsMax) this.#prepared.clear();
    this.#prepared.set(sql, made);
    return made;
  }

  close(): void {
    this.#prepared.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}

/** A Kysely on an open connection. `destroy` closes the connection once a query has been made. */
export function kyselyOn(db: DatabaseSync): Kysely<LedgerTables> {
  return new Kysely<LedgerTables>({ dialect: new SqliteDialect({ database: new Database(db) }) });
}
