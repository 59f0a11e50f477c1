/**
 * The one of this process that writes to PostgreSQL. Committers of several gateways take turns by a lock that lasts as
 * long as their transaction, so that a guard looked at within it still holds when it commits.
 */
import type pg from 'pg';
import { HitlineError } from '../../../faults/fault.ts';
import { Chance, type MasterKey } from '../cipher.ts';
import type { CallOutcome } from '../commit-queue.ts';
import { emptyHead, type Head, type HeadSeal } from '../heads.ts';
import type { ReadyUnit } from '../prepare.ts';
import type { Rows } from '../rows.ts';
import { blockRows, blocksFilled, tokenBytes } from '../tokens.ts';
import { type Batch, planBatch, type StateChange, thingOf, thingsOf } from './batch.ts';
import { openWriting, type PostgresAddress, type WritingConnection } from './connection.ts';
import { troubleOf } from './dialing.ts';
import { arraysOf, columns, insertSql, type TableName } from './insert.ts';

export interface PostgresCommitterOptions {
  readonly address: PostgresAddress;
  readonly master: MasterKey;
  readonly seal: HeadSeal;
}

const readVersions = `SELECT e.stream, e.id, max(e.version)::int AS version FROM event e
  JOIN unnest($1::text[], $2::text[]) AS w(stream, id) ON e.stream = w.stream AND e.id = w.id GROUP BY e.stream, e.id`;

/** All committers of the ledger take turns by this lock. */
const takeTurn = "SELECT pg_advisory_xact_lock(hashtext('hitline commit'), 0)";

const otherKeys = 'SELECT 1 FROM secret WHERE master_id <> $1 LIMIT 1';

/**
 * A statement that takes too long is given up; a COMMIT that waits for a standby must not be: the server would answer that it
 * is done although the standby has nothing.
 */
const commitSql = 'SET LOCAL statement_timeout = 0; COMMIT';

const putState = `ON CONFLICT (stream, id) DO UPDATE SET ${Object.keys(columns.state)
  .filter((column) => !['stream', 'id', 'created_at_ms'].includes(column))
  .map((column) => `"${column}" = excluded."${column}"`)
  .join(', ')}`;

const putHead = `INSERT INTO head(writer, seq, hash, mac) VALUES ($1, $2, $3, $4)
  ON CONFLICT (writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac`;

const touchStates = `UPDATE state SET version = w.version, updated_at_ms = w.at FROM unnest($1::text[], $2::text[],
  $3::int[], $4::float8[]) AS w(stream, id, version, at) WHERE state.stream = w.stream AND state.id = w.id`;

const indexBlock = `INSERT INTO token(writer, block, token, seq)
  SELECT e.writer, $2::int, substring(e.tokens FROM first FOR ${tokenBytes}), e.seq
  FROM event e, generate_series(1, length(e.tokens), ${tokenBytes}) AS first
  WHERE e.writer = $1 AND e.seq BETWEEN $2::bigint * ${blockRows} AND $2::bigint * ${blockRows} + ${blockRows - 1}`;

export class PostgresCommitter {
  readonly #options: PostgresCommitterOptions;
  readonly #chance = new Chance();
  #connection: WritingConnection | undefined;
  #head: Head = emptyHead;
  #isCommitting = false;
  /** Why the last commit failed. */
  #trouble: string | undefined;
  #pinging: Promise<void> = Promise.resolve();

  constructor(options: PostgresCommitterOptions) {
    this.#options = options;
  }

  get head(): Head {
    return this.#head;
  }

  /**
   * Connects and finds the end of this writer's chain. Faults: LEDGER_LOCKED, LEDGER_KEY_WRONG when the ledger was put under
   * another master key while this writer was not connected, LEDGER_BROKEN when it lacks what this process has written, or the
   * connection's own error.
   */
  async open(): Promise<void> {
    const connection = await openWriting(this.#options.address);
    try {
      const others = await connection.client.query(otherKeys, [this.#options.master.id]);
      if (others.rows.length > 0) throw new HitlineError('LEDGER_KEY_WRONG');
      const head = await this.#readHead(connection.client);
      if (head.seq < this.#head.seq) {
        // A standby took over that had not everything: what was acknowledged is gone, and must not be written over.
        throw new HitlineError('LEDGER_BROKEN', { detail: 'The database has lost rows that it had kept.' });
      }
      this.#head = head;
    } catch (error) {
      // Else its lock would keep this writer out for as long as the process lives.
      await connection.end();
      throw error;
    }
    this.#connection = connection;
  }

  /** Asks the server for nothing, when nothing else is asked of it; says nothing of a connection that is lost already. */
  async ping(): Promise<void> {
    const connection = this.#connection;
    if (this.#isCommitting || connection === undefined || connection.lost()) return;
    this.#pinging = connection.client.query('SELECT 1').then(
      () => undefined,
      () => undefined,
    );
    await this.#pinging;
  }

  /** Writes all calls in one transaction; an outcome that says why means that nothing was kept, or that this cannot be known. */
  async commit(calls: readonly (readonly ReadyUnit[])[]): Promise<readonly CallOutcome[]> {
    this.#isCommitting = true;
    try {
      await this.#pinging;
      const outcomes = await this.#commit(calls);
      this.#trouble = undefined;
      return outcomes;
    } catch (error) {
      const { detail, reason } = troubleOf(error);
      if (reason !== this.#trouble) this.#options.address.onTrouble?.(reason);
      this.#trouble = reason;
      return calls.map(() => ({ ok: false, why: detail }));
    } finally {
      this.#isCommitting = false;
    }
  }

  async #commit(calls: readonly (readonly ReadyUnit[])[]): Promise<readonly CallOutcome[]> {
    if (this.#connection === undefined || this.#connection.lost()) await this.#reconnect();
    const connection = this.#connection;
    if (connection === undefined) throw new HitlineError('LEDGER_FAILED', { detail: 'There is no connection.' });
    let batch: Batch;
    try {
      batch = await this.#write(connection.client, calls);
    } catch (error) {
      await this.#rollBack(connection.client);
      throw error;
    }
    const warningsBefore = connection.warningCount();
    try {
      await connection.client.query(commitSql);
    } catch (error) {
      if (!(await this.#landed(batch.head))) throw error;
      await this.#replicated();
    }
    if (connection.warningCount() > warningsBefore) await this.#replicated();
    this.#head = batch.head;
    return batch.outcomes;
  }

  /**
   * A COMMIT whose wait for a standby was broken off is answered as done, with a warning and nothing else; so is one that was
   * found landed after its line was lost. Another one behind it, however small, waits for the standby to have both.
   */
  async #replicated(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) throw new HitlineError('LEDGER_FAILED', { detail: 'There is no connection.' });
    for (let before = -1; connection.warningCount() > before; ) {
      before = connection.warningCount();
      await connection.client.query('BEGIN');
      await connection.client.query('UPDATE head SET seq = seq WHERE writer = $1', [this.#options.address.writer]);
      await connection.client.query(commitSql);
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.end();
  }

  /**
   * The outcome of a failed COMMIT is unknown until this writer's lock is ours again: then the transaction has landed or
   * never will, and the head tells which. Throws when the server stays away: that cannot be known.
   */
  async #landed(wanted: Head): Promise<boolean> {
    await this.#reconnect();
    return this.#head.seq === wanted.seq && this.#head.hash === wanted.hash;
  }

  async #reconnect(): Promise<void> {
    await this.close();
    await this.open();
  }

  async #rollBack(client: pg.Client): Promise<void> {
    try {
      await client.query('ROLLBACK');
    } catch {
      await this.close();
    }
  }

  async #readHead(client: pg.Client): Promise<Head> {
    const { rows } = await client.query<Head>('SELECT seq, hash FROM head WHERE writer = $1', [
      this.#options.address.writer,
    ]);
    return rows[0] ?? emptyHead;
  }

  async #write(client: pg.Client, calls: readonly (readonly ReadyUnit[])[]): Promise<Batch> {
    const { streams, ids } = thingsOf(calls);
    // Sent one behind the other: whoever waits for the answer to each spends most of a small commit on the way.
    const [, , found] = await Promise.all([
      client.query('BEGIN'),
      client.query({ name: 'turn', text: takeTurn }),
      // What is read here is read when the turn is ours, and can no longer change under us.
      client.query<{ stream: string; id: string; version: number }>({
        name: 'versions',
        text: readVersions,
        values: [streams, ids],
      }),
    ]);
    const versions = new Map(found.rows.map((row) => [thingOf(row), row.version]));
    const { writer } = this.#options.address;
    const batch = planBatch(calls, versions, {
      writer,
      master: this.#options.master,
      chance: this.#chance,
      head: this.#head,
    });
    if (batch.rows.length > 0) await this.#send(client, batch);
    return batch;
  }

  /**
   * Sends all rows, one statement behind the other, and waits until the server has taken the last. When one stumbles so do
   * those behind it, and its error is the first. The COMMIT never goes along: what became of it must be known by itself.
   */
  async #send(client: pg.Client, batch: Batch): Promise<void> {
    const { seal, address } = this.#options;
    const sent: Promise<unknown>[] = [];
    const insert = (table: TableName, rows: readonly object[], ending?: string): void => {
      if (rows.length === 0) return;
      sent.push(client.query({ name: table, text: insertSql(table, ending), values: arraysOf(table, rows) }));
    };
    const flat = (pick: (rows: Rows) => readonly object[]): readonly object[] => batch.rows.flatMap(pick);
    const put = batch.states.filter((change) => change.type === 'put').map((change) => change.row);
    insert(
      'event',
      flat((rows) => [rows.event]),
    );
    insert(
      'text',
      flat((rows) => rows.texts),
    );
    const blocks = blocksFilled(this.#head, batch.head);
    sent.push(...blocks.map((block) => client.query(indexBlock, [address.writer, block])));
    insert('state', put, putState);
    sent.push(touch(client, batch.states));
    if (batch.purge.length > 0) sent.push(destroy(client, batch.purge, ['text', 'token']));
    if (batch.dropTokens.length > 0) sent.push(destroy(client, batch.dropTokens, ['token']));
    const { seq, hash } = batch.head;
    const values = [address.writer, seq, hash, seal.mac(address.writer, batch.head)];
    sent.push(client.query({ name: 'put head', text: putHead, values }));
    await Promise.all(sent);
  }
}

/** Moves on the rows of things whose entries carried no state; frames have no row, and then nothing is moved. */
async function touch(client: pg.Client, states: readonly StateChange[]): Promise<void> {
  const moved = states.filter((change) => change.type === 'touch' && change.version > 1);
  if (moved.length === 0) return;
  const pick = (name: 'stream' | 'id' | 'version' | 'updated_at_ms'): unknown[] =>
    moved.map((change) => (change.type === 'touch' ? change[name] : undefined));
  await client.query(touchStates, [pick('stream'), pick('id'), pick('version'), pick('updated_at_ms')]);
}

/** Deletes what these tables and their events have of these rows' texts, keys and tokens; their bytes go when they are written over (see clear-away.ts). */
async function destroy(client: pg.Client, rows: Batch['purge'], tables: readonly ('text' | 'token')[]): Promise<void> {
  const values = [rows.map((row) => row.writer), rows.map((row) => row.seq)];
  const sent: Promise<unknown>[] = [];
  const named = 'unnest($1::text[], $2::bigint[]) AS w(writer, seq)';
  for (const table of tables) {
    const sql = `DELETE FROM ${table} t USING ${named} WHERE t.writer = w.writer AND t.seq = w.seq`;
    const block = table === 'token' ? ` AND t.block = w.seq / ${blockRows}` : '';
    sent.push(client.query(`${sql}${block}`, values));
  }
  const sql = `UPDATE event e SET tokens = NULL FROM ${named} WHERE e.writer = w.writer AND e.seq = w.seq`;
  sent.push(client.query(sql, values));
  await Promise.all(sent);
}
