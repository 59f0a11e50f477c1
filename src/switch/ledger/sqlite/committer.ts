/**
 * The one that writes. It owns the only writing connection, takes all units that wait, and writes them one after another
 * in one BEGIN IMMEDIATE … COMMIT. Runs in a worker thread (committer-thread.ts), so a slow disk never stops the gateway.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Chance, type MasterKey } from '../cipher.ts';
import type { CallOutcome, UnitOutcome } from '../commit-queue.ts';
import { emptyHead, type Head, type HeadSeal } from '../heads.ts';
import type { ReadyEntry, ReadyUnit } from '../prepare.ts';
import { makeRows } from '../rows.ts';
import { blockOf, blocksFilled, splitTokens } from '../tokens.ts';
import { OpenBlock } from './open-block.ts';
import { busyMs } from './open-database.ts';

export interface CommitterOptions {
  readonly writer: string;
  readonly master: MasterKey;
  readonly seal: HeadSeal;
}

const insertEvent = `INSERT INTO event(writer, seq, stream, id, version, type, at_ms, mono_ms, actor, data, state, texts,
  tokens, tokens_sha256, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const insertText = `INSERT INTO text(writer, seq, name, key_id, ciphertext, master_id, wrapped)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const putState = `INSERT INTO state(stream, id, version, status, key, ori, osn, link, parent, due_at_ms, created_at_ms,
  updated_at_ms, body, settled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
  ON CONFLICT(stream, id) DO UPDATE SET version = excluded.version, status = excluded.status, key = excluded.key,
  ori = excluded.ori, osn = excluded.osn, link = excluded.link, parent = excluded.parent,
  due_at_ms = excluded.due_at_ms, updated_at_ms = excluded.updated_at_ms, body = excluded.body`;
const settleStates = 'UPDATE state SET settled = 1 WHERE settled = 0';
const touchState = 'UPDATE state SET version = ?, updated_at_ms = ? WHERE stream = ? AND id = ?';
const putHead = `INSERT INTO head(writer, seq, hash, mac) VALUES (?, ?, ?, ?)
  ON CONFLICT(writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac`;

/**
 * Events after which the new state rows go into the indexes by time, key, ORI and OSN together: one by one each would
 * write a page of every index. Until then a small index of the new rows answers for them. Their search tokens are sorted then.
 */
const settleRows = 512;

interface Statements {
  readonly version: StatementSync;
  readonly event: StatementSync;
  readonly text: StatementSync;
  readonly state: StatementSync;
  readonly touch: StatementSync;
  readonly settle: StatementSync;
  readonly head: StatementSync;
  readonly readHead: StatementSync;
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly savepoint: StatementSync;
  readonly release: StatementSync;
}

function prepareAll(db: DatabaseSync): Statements {
  return {
    version: db.prepare('SELECT max(version) AS version FROM event WHERE stream = ? AND id = ?'),
    event: db.prepare(insertEvent),
    text: db.prepare(insertText),
    state: db.prepare(putState),
    touch: db.prepare(touchState),
    settle: db.prepare(settleStates),
    head: db.prepare(putHead),
    readHead: db.prepare('SELECT seq, hash, mac FROM head WHERE writer = ?'),
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    savepoint: db.prepare('SAVEPOINT one_call'),
    release: db.prepare('RELEASE one_call'),
  };
}

/** SQLite's code and nothing else: its sentences may quote what was written. */
function reasonOf(error: unknown): string {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? `SQLite says ${code}.` : 'The committer stumbled.';
}

/** Opens a writing connection; called again after an error that leaves the old one in doubt. */
export type OpenWriting = () => DatabaseSync;

export class Committer {
  readonly #options: CommitterOptions;
  readonly #open: OpenWriting;
  readonly #chance = new Chance();
  #db: DatabaseSync;
  #statements: Statements;
  #openBlock: OpenBlock;
  #head: Head;
  #pagesMax: number | undefined;
  /** Something was purged in the transaction under way. */
  #purged = false;
  /** The log may still hold what was purged: also after a kill, which is why it is looked at from the start. */
  #logRemembers = true;

  constructor(open: OpenWriting, options: CommitterOptions) {
    this.#open = open;
    this.#options = options;
    this.#db = open();
    this.#statements = prepareAll(this.#db);
    this.#head = this.#readHead();
    this.#openBlock = new OpenBlock(this.#db, options.writer, this.#head);
    this.#gatherAhead();
    this.forgetPurged();
  }

  get head(): Head {
    return this.#head;
  }

  /** Sets the most pages the file may have; SQLite never cuts what is there already. */
  capPages(pagesMax: number): void {
    this.#pagesMax = Math.max(1, Math.floor(pagesMax));
    this.#db.exec(`PRAGMA max_page_count = ${this.#pagesMax}`);
  }

  /**
   * Writes all calls in one transaction and gives what became of each, after the fsync. A conflict touches its unit
   * alone; an error touches its call alone, unless the disk itself failed: then nothing of any call was kept.
   */
  commit(calls: readonly (readonly ReadyUnit[])[]): CallOutcome[] {
    const before = this.#head;
    let outcomes: CallOutcome[];
    try {
      this.#statements.begin.run();
      outcomes = this.#writeTogether(calls) ?? this.#writeEach(calls);
      if (this.#head.seq > before.seq) this.#writeHead(before);
    } catch (error) {
      this.#giveUp(before);
      return calls.map(() => ({ ok: false, why: reasonOf(error) }));
    }
    const hasPurged = this.#purged;
    this.#purged = false;
    this.#logRemembers ||= hasPurged;
    try {
      this.#statements.commit.run();
      if (hasPurged) this.forgetPurged();
      return outcomes;
    } catch (error) {
      // The outcome of a failed COMMIT is unknown: it is settled by looking for the rows.
      const wanted = this.#head;
      this.#giveUp(before);
      if (this.#head.seq === wanted.seq && this.#head.hash === wanted.hash) return outcomes;
      return calls.map(() => ({ ok: false, why: reasonOf(error) }));
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /**
   * What was purged must not live on in the log. Whoever reads an older moment (a proof, a backup) hinders it: nobody waits
   * for that; it is tried again each minute, until it is done.
   */
  forgetPurged(): void {
    if (!this.#logRemembers) return;
    this.#db.exec('PRAGMA busy_timeout = 0');
    try {
      const { busy } = this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      this.#logRemembers = busy !== 0;
    } catch {
      // The disk fails: the next commit says so.
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${busyMs}`);
    }
  }

  #giveUp(before: Head): void {
    this.#purged = false;
    this.#head = before;
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#head = this.#readHead();
      this.#openBlock.forget(this.#head);
    } catch {
      this.#reopen();
    }
  }

  #reopen(): void {
    try {
      this.close();
      this.#db = this.#open();
      if (this.#pagesMax !== undefined) this.capPages(this.#pagesMax);
      this.#statements = prepareAll(this.#db);
      this.#head = this.#readHead();
      this.#openBlock = new OpenBlock(this.#db, this.#options.writer, this.#head);
    } catch {
      // The disk is still away; the next commit tries again.
    }
  }

  #readHead(): Head {
    const row = this.#statements.readHead.get(this.#options.writer) as { seq: number; hash: string } | undefined;
    return row === undefined ? emptyHead : { seq: row.seq, hash: row.hash };
  }

  /** Puts what this batch has filled into the indexes that are written many rows at a time, and writes the head. */
  #writeHead(before: Head): void {
    const { writer, seal } = this.#options;
    for (const block of blocksFilled(before, this.#head)) this.#openBlock.fill(block);
    const settlings = (seq: number): number => Math.floor(seq / settleRows);
    if (settlings(this.#head.seq) > settlings(before.seq)) {
      this.#statements.settle.run();
      this.#gatherAhead();
    }
    this.#statements.head.run(writer, this.#head.seq, this.#head.hash, seal.mac(writer, this.#head));
  }

  /** A row that cannot be read is no reason to keep nothing more: the commit that fills the block meets it again. */
  #gatherAhead(): void {
    try {
      this.#openBlock.gather(this.#head.seq);
    } catch {
      this.#openBlock.forget(this.#head);
    }
  }

  #writeUnits(units: readonly ReadyUnit[]): CallOutcome {
    return { ok: true, units: units.map((unit) => this.#writeUnit(unit)) };
  }

  /**
   * Writes all calls without a savepoint between them, because SQLite copies every page that a savepoint covers. Gives
   * nothing when one of several stumbled: then all of it is undone, and a new transaction is open.
   */
  #writeTogether(calls: readonly (readonly ReadyUnit[])[]): CallOutcome[] | undefined {
    const before = this.#head;
    try {
      return calls.map((units) => this.#writeUnits(units));
    } catch (error) {
      // A full or failing disk may have rolled the whole transaction back: then every call falls.
      if (calls.length === 1 || !this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK');
      this.#head = before;
      this.#purged = false;
      this.#statements.begin.run();
      return undefined;
    }
  }

  /** Each call under a savepoint of its own, so that one which stumbles takes no other with it. */
  #writeEach(calls: readonly (readonly ReadyUnit[])[]): CallOutcome[] {
    return calls.map((units) => this.#writeCall(units));
  }

  #writeCall(units: readonly ReadyUnit[]): CallOutcome {
    const before = this.#head;
    this.#statements.savepoint.run();
    try {
      const outcome = this.#writeUnits(units);
      this.#statements.release.run();
      return outcome;
    } catch (error) {
      // A full or failing disk may have rolled the whole transaction back: then every call falls.
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO one_call');
      this.#db.exec('RELEASE one_call');
      this.#head = before;
      return { ok: false, why: reasonOf(error) };
    }
  }

  #versionOf(stream: string, id: string): number {
    const row = this.#statements.version.get(stream, id) as { version: number | null };
    return row.version ?? 0;
  }

  /** Every guard and version is looked at before the first row is written, so a conflict leaves nothing to undo. */
  #conflictIn(unit: ReadyUnit): { stream: string; id: string } | undefined {
    for (const guard of unit.guards) {
      if (this.#versionOf(guard.stream, guard.id) !== guard.version) return guard;
    }
    const made = new Map<string, number>();
    for (const entry of unit.entries) {
      const thing = `${entry.stream} ${entry.id}`;
      const current = made.get(thing) ?? this.#versionOf(entry.stream, entry.id);
      if (entry.version !== current + 1) return entry;
      made.set(thing, entry.version);
    }
    return undefined;
  }

  #writeUnit(unit: ReadyUnit): UnitOutcome {
    const conflict = this.#conflictIn(unit);
    if (conflict !== undefined) return { ok: false, stream: conflict.stream, id: conflict.id };
    const seqs = unit.entries.map((entry) => this.#writeEntry(entry));
    if (unit.purge.length > 0) this.#purge(unit.purge);
    if (unit.dropTokens.length > 0) this.#dropTokens(unit.dropTokens);
    return { ok: true, seqs };
  }

  /** Overwrites what it deletes; the copy in the log goes with the next checkpoint, which the caller of a purge asks for. */
  #purge(rows: ReadyUnit['purge']): void {
    this.#dropTokens(rows);
    this.#db.exec('PRAGMA secure_delete = ON');
    const gone = this.#db.prepare('DELETE FROM text WHERE writer = ? AND seq = ?');
    for (const { writer, seq } of rows) gone.run(writer, seq);
    this.#db.exec('PRAGMA secure_delete = FAST');
  }

  #dropTokens(rows: ReadyUnit['purge']): void {
    this.#db.exec('PRAGMA secure_delete = ON');
    const tokens = this.#db.prepare('SELECT tokens FROM event WHERE writer = ? AND seq = ?');
    const noToken = this.#db.prepare('DELETE FROM token WHERE writer = ? AND block = ? AND token = ? AND seq = ?');
    const noCopy = this.#db.prepare('UPDATE event SET tokens = NULL WHERE writer = ? AND seq = ?');
    for (const { writer, seq } of rows) {
      const row = tokens.get(writer, seq) as { tokens: Uint8Array | null } | undefined;
      for (const token of splitTokens(row?.tokens ?? null)) {
        noToken.run(writer, blockOf(seq), token, seq);
        if (writer === this.#options.writer) this.#openBlock.drop(token, seq);
      }
      noCopy.run(writer, seq);
    }
    this.#db.exec('PRAGMA secure_delete = FAST');
    this.#purged = true;
  }

  #writeEntry(entry: ReadyEntry): number {
    const { writer, master } = this.#options;
    const seq = this.#head.seq + 1;
    const rows = makeRows(entry, { writer, seq, prev: this.#head.hash, master, chance: this.#chance });
    const { event } = rows;
    this.#statements.event.run(
      writer,
      seq,
      event.stream,
      event.id,
      event.version,
      event.type,
      event.at_ms,
      event.mono_ms,
      event.actor,
      event.data,
      event.state,
      event.texts,
      event.tokens,
      event.tokens_sha256,
      event.prev,
      event.hash,
    );
    for (const { name, key_id, ciphertext, master_id, wrapped } of rows.texts) {
      this.#statements.text.run(writer, seq, name, key_id, ciphertext, master_id, wrapped);
    }
    this.#writeState(entry);
    this.#head = { seq, hash: event.hash };
    return seq;
  }

  #writeState(entry: ReadyEntry): void {
    const { state } = entry;
    if (state === null) {
      if (entry.version > 1) this.#statements.touch.run(entry.version, entry.atMs, entry.stream, entry.id);
      return;
    }
    this.#statements.state.run(
      entry.stream,
      entry.id,
      entry.version,
      state.status,
      state.key,
      state.ori,
      state.osn,
      state.link,
      state.parent,
      state.dueAtMs,
      entry.atMs,
      entry.atMs,
      state.body,
    );
  }
}
