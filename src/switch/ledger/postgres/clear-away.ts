/**
 * What a purge leaves in the server's own files, and how it goes. A deleted row stays in its page; VACUUM gives its place free
 * and leaves its bytes. They go when something is written over them, so places that are free are filled with rows that mean
 * nothing, which are then taken back: nobody ever sees them, and no gateway waits.
 */
import { CompiledQuery, type Kysely } from 'kysely';
import type { Clock } from '../../../host/clock.ts';
import type { LedgerTables } from '../schema.ts';

type Filled = 'text' | 'event' | 'token';

/** Rows as small as the table allows, so that little of a place is left over. No writer has an empty name. */
const fill: Readonly<Record<Filled, string>> = {
  text: `INSERT INTO text(writer, seq, name, key_id, ciphertext, master_id, wrapped)
    SELECT '', -n, '', '', '', '', '' FROM generate_series($1::int, $2::int) n`,
  event: `INSERT INTO event(writer, seq, stream, id, version, type, at_ms, mono_ms, actor, data, prev, hash)
    SELECT '', -n, '', n::text, 0, '', 0, 0, 'system', '', '', '' FROM generate_series($1::int, $2::int) n`,
  token: `INSERT INTO token(writer, block, token, seq) SELECT '', 0, '', -n FROM generate_series($1::int, $2::int) n`,
};

/** Index entries are as telling as the rows of tokens, and of no other table. */
const vacuum: Readonly<Record<Filled, string>> = {
  text: 'VACUUM (TRUNCATE OFF) text',
  event: 'VACUUM (TRUNCATE OFF) event',
  token: 'VACUUM (TRUNCATE OFF, INDEX_CLEANUP ON) token',
};

const tables = Object.keys(fill) as readonly Filled[];
/** Rows that fill at a time, and of one table at most. */
const fillRows = 2_000;
const fillRowsMax = 2_000_000;
/** A table that has grown by so much has no free place left. */
const grownBytes = 131_072;

/**
 * Frees what was deleted and writes over it, beside gateways at work. It takes the time of reading the tables once or twice.
 * `one` is a connection that does nothing else and may take as long. Rejects with the server's own error.
 */
export async function writeOverPurged(one: Kysely<LedgerTables>): Promise<void> {
  await one.connection().execute(async (connection) => {
    const run = (sql: string, ...values: readonly unknown[]) =>
      connection.executeQuery<{ readonly bytes?: number }>(CompiledQuery.raw(sql, [...values]));
    const bytesOf = async (table: Filled): Promise<number> =>
      (await run('SELECT pg_relation_size($1::regclass) AS bytes', table)).rows[0]?.bytes ?? 0;
    for (const table of tables) {
      await run(vacuum[table]);
      const before = await bytesOf(table);
      await run('BEGIN');
      for (let from = 1; from <= fillRowsMax; from += fillRows) {
        await run(fill[table], from, from + fillRows - 1);
        if ((await bytesOf(table)) - before >= grownBytes) break;
      }
      await run('ROLLBACK');
      await run(vacuum[table]);
    }
  });
}

/** Whether texts were deleted since their table was last vacuumed, as far as the server has counted. */
export async function isSomethingDeleted(db: Kysely<LedgerTables>): Promise<boolean> {
  const asked = CompiledQuery.raw(
    "SELECT 1 FROM pg_stat_user_tables WHERE relid = 'text'::regclass AND n_dead_tup > 0",
  );
  return (await db.executeQuery(asked)).rows.length > 0;
}

/** How long nothing must have been purged before it is begun: a purge comes in parts. */
const quietMs = 2_000;

/** Clears away in the background, once for all parts of a purge. */
export class ClearAway {
  readonly #ports: { readonly clock: Pick<Clock, 'after'>; readonly clear: () => Promise<void> };
  #callOff: () => void = () => undefined;
  #isWanted = false;
  #isUnderWay = false;
  #isClosed = false;

  /** `clear` does it once; what it rejects with was its own to tell, and it is tried again with the next purge. */
  constructor(ports: { readonly clock: Pick<Clock, 'after'>; readonly clear: () => Promise<void> }) {
    this.#ports = ports;
  }

  /** Something was purged. */
  later(): void {
    this.#isWanted = true;
    this.#callOff();
    if (this.#isClosed || this.#isUnderWay) return;
    this.#callOff = this.#ports.clock.after(quietMs, () => void this.#clear());
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
  }

  async #clear(): Promise<void> {
    this.#isUnderWay = true;
    this.#isWanted = false;
    await this.#ports.clear().catch(() => undefined);
    this.#isUnderWay = false;
    if (this.#isWanted) this.later();
  }
}
