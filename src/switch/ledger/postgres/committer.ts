/**
 * The one of this process that writes to PostgreSQL. Committers of several gateways take turns by a lock that lasts as
 * long as their transaction, so that a guard looked at within it still holds when it commits.
 */
import pg from 'pg';
import { HitlineError } from '../../../faults/fault.ts';
import { Chance, type MasterKey } from '../cipher.ts';
import type { CallOutcome } from '../commit-queue.ts';
import { emptyHead, type Head, type HeadSeal } from '../heads.ts';
import type { ReadyUnit } from '../prepare.ts';
import { blockRows, blocksFilled, tokenBytes } from '../tokens.ts';
import { type Batch, expectedBy, planBatch, type Standing, thingOf, type Versions } from './batch.ts';
import { openWriting, type PostgresAddress, statementMs, type WritingConnection } from './connection.ts';
import { troubleOf } from './dialing.ts';
import { beginTurn, keepBatch } from './keep.ts';

export interface PostgresCommitterOptions {
  readonly address: PostgresAddress;
  readonly master: MasterKey;
  readonly seal: HeadSeal;
}

const otherKeys = 'SELECT 1 FROM secret WHERE master_id <> $1 LIMIT 1';

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
    const warningsBefore = connection.warningCount();
    const expected = expectedBy(calls);
    let batch = this.#plan(calls, expected);
    const others = this.#hasMore(batch) ? undefined : await this.#sendAtOnce(connection.client, batch, expected);
    if (others === undefined || others.length > 0) {
      batch = await this.#sendInTurn(connection.client, calls, corrected(expected, others ?? []));
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
      await connection.client.query('BEGIN; SET LOCAL statement_timeout = 0');
      await connection.client.query('UPDATE head SET seq = seq WHERE writer = $1', [this.#options.address.writer]);
      await connection.client.query('COMMIT');
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

  #plan(calls: readonly (readonly ReadyUnit[])[], versions: Versions): Batch {
    const { address, master } = this.#options;
    return planBatch(calls, versions, { writer: address.writer, master, chance: this.#chance, head: this.#head });
  }

  #keep(batch: Batch, versions: Versions): pg.QueryConfig {
    const { address, seal } = this.#options;
    const { writer } = address;
    return keepBatch(batch, versions, { writer, ...batch.head, mac: seal.mac(writer, batch.head) });
  }

  /** Whether a batch does more than put its rows. */
  #hasMore({ head, purge, dropTokens }: Batch): boolean {
    return blocksFilled(this.#head, head).length + purge.length + dropTokens.length > 0;
  }

  /**
   * Sends all in one go, the COMMIT too: whoever waits for the answer to each statement spends most of a small commit on the
   * way. Gives the things that stand elsewhere than planned; then nothing was kept.
   */
  async #sendAtOnce(client: pg.Client, batch: Batch, versions: Versions): Promise<readonly Standing[]> {
    const keep = this.#keep(batch, versions);
    const [begun, kept, ended] = await Promise.allSettled([
      client.query(beginTurn),
      client.query<Standing>(keep),
      client.query('COMMIT'),
    ]);
    // Without its turn the statement writes nothing and finds nothing wrong.
    if (begun.status === 'fulfilled' && kept.status === 'fulfilled' && ended.status === 'fulfilled') {
      return kept.value.rows;
    }
    const errors = [begun, kept, ended].flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    // A statement that the server refused takes all with it, and a COMMIT of nothing keeps nothing.
    const isRefused = [begun, kept].some((one) => one.status === 'rejected' && one.reason instanceof pg.DatabaseError);
    if (isRefused || batch.rows.length === 0) {
      await this.#rollBack(client);
      throw errors[0];
    }
    await this.#settle(batch, errors[0]);
    return [];
  }

  /** Keeps the turn until it is known where all things stand, and all that goes with the rows is done. */
  async #sendInTurn(client: pg.Client, calls: readonly (readonly ReadyUnit[])[], expected: Versions): Promise<Batch> {
    let batch: Batch;
    try {
      await client.query(beginTurn);
      for (let versions = expected; ; ) {
        batch = this.#plan(calls, versions);
        const { rows } = await client.query<Standing>(this.#keep(batch, versions));
        if (rows.length === 0) break;
        versions = corrected(versions, rows);
      }
      if (this.#hasMore(batch)) await this.#sendMore(client, batch);
    } catch (error) {
      await this.#rollBack(client);
      throw error;
    }
    try {
      await client.query('COMMIT');
    } catch (error) {
      await this.#settle(batch, error);
    }
    return batch;
  }

  /** Finds out what became of a COMMIT without an answer; throws the error when nothing was kept. */
  async #settle(batch: Batch, error: unknown): Promise<void> {
    if (!(await this.#landed(batch.head))) throw error;
    await this.#replicated();
  }

  async #sendMore(client: pg.Client, batch: Batch): Promise<void> {
    const { writer } = this.#options.address;
    const blocks = blocksFilled(this.#head, batch.head);
    const sent: Promise<unknown>[] = [client.query(`SET LOCAL statement_timeout = ${statementMs}`)];
    sent.push(...blocks.map((block) => client.query(indexBlock, [writer, block])));
    if (batch.purge.length > 0) sent.push(destroy(client, batch.purge, ['text', 'token']));
    if (batch.dropTokens.length > 0) sent.push(destroy(client, batch.dropTokens, ['token']));
    sent.push(client.query('SET LOCAL statement_timeout = 0'));
    await Promise.all(sent);
  }
}

/** What was expected, but for the things that were found to stand elsewhere. */
function corrected(expected: Versions, found: readonly Standing[]): Versions {
  return new Map([...expected, ...found.map((thing) => [thingOf(thing), thing] as const)]);
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
