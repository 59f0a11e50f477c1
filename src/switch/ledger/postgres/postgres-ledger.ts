/** The ledger on PostgreSQL: several gateways, each with a chain of its own, in one database. */
import { type Kysely, sql } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { type Clock, systemClock } from '../../../host/clock.ts';
import { Chance, type MasterKey, openMasterKey } from '../cipher.ts';
import { type CallOutcome, CommitQueue } from '../commit-queue.ts';
import { type Head, HeadSeal, heldAgainst } from '../heads.ts';
import type { PacketRow, PacketSource } from '../keeping/packet.ts';
import { proveLedger } from '../keeping/prove.ts';
import type { PurgeableRow, PurgeQuery, PurgeSource } from '../keeping/purge.ts';
import type { SealedHead } from '../keeping/seal.ts';
import { judgeSpace, type Space } from '../keeping/space.ts';
import type {
  EventQuery,
  Receipt,
  StateQuery,
  StoredEvent,
  StoredState,
  Stream,
  TokenKind,
  Unit,
  VerifyReport,
} from '../ledger.ts';
import { type ReadyUnit, readyUnit, type Sealing } from '../prepare.ts';
import { LedgerReader } from '../queries.ts';
import type { LedgerTables } from '../schema.ts';
import { type HeadKeeper, type HeadsOptions, keepHeads } from '../second-place/head-keeper.ts';
import { readHeads } from '../second-place/reading.ts';
import { openSecrets, type Secrets } from '../secrets.ts';
import { Tokens } from '../tokens.ts';
import { ClearAway, isSomethingDeleted, writeOverPurged } from './clear-away.ts';
import { PostgresCommitter } from './committer.ts';
import { openForWork, openReaders, type PostgresAddress } from './connection.ts';
import { databaseError, troubleOf } from './dialing.ts';
import { makeOwnTables, schemaFault } from './own-tables.ts';
import { SignOfLife } from './sign-of-life.ts';
import { TextReader } from './text-reader.ts';

/** What is answered at once, or not at all: longer than the longest search, shorter than anybody waits. */
const readMsMax = 5_000;
/** How long one step of clearing away may keep the server silent: it reads a table of any size. */
const clearMsMax = 3_600_000;

/** The name of the writer is that of this process's chain; no two gateways share one. */
export interface PostgresLedgerOptions extends PostgresAddress, HeadsOptions {
  /** 32 bytes, the same for all gateways of the ledger. */
  readonly masterKey: Uint8Array;
  readonly clock?: Clock;
  readonly waitingUnitsMax?: number;
  /** How many bytes the database may take; its server's disk cannot be seen from here. */
  readonly bytesMax?: number | undefined;
}

/** The ledger on PostgreSQL. */
export interface PostgresLedger extends PurgeSource, PacketSource {
  /** The head of this process's chain. */
  head(): Head;
  /** What is left of `bytesMax`, held against the ledger's growth; room without end where it is not set. */
  space(): Promise<Space>;
}

const unseenSpace: Space = { verdict: 'ample', freeBytes: Number.MAX_SAFE_INTEGER, growthBytesPerDay: 0 };

class ServerLedger implements PostgresLedger {
  readonly #options: PostgresLedgerOptions;
  readonly #master: MasterKey;
  readonly #db: Kysely<LedgerTables>;
  readonly #committer: PostgresCommitter;
  readonly #reader: LedgerReader;
  readonly #texts: TextReader;
  readonly #sealing: Sealing;
  readonly #seal: HeadSeal;
  readonly #queue: CommitQueue;
  readonly #clock: Clock;
  readonly #life: SignOfLife;
  readonly #heads: HeadKeeper | undefined;
  readonly #clearAway: ClearAway;
  #closing: Promise<void> | undefined;
  /** The connection that clears away what was purged, while it does. */
  #clearing: Kysely<LedgerTables> | undefined;

  constructor(
    parts: {
      master: MasterKey;
      db: Kysely<LedgerTables>;
      secrets: Secrets;
      committer: PostgresCommitter;
      /** A gateway may have died between a purge and what follows it. */
      isUncleared: boolean;
    },
    options: PostgresLedgerOptions,
  ) {
    this.#options = options;
    this.#master = parts.master;
    this.#db = parts.db;
    this.#committer = parts.committer;
    this.#sealing = { tokens: new Tokens(parts.secrets.token), chance: new Chance() };
    this.#seal = new HeadSeal(parts.secrets.head);
    this.#reader = new LedgerReader(parts.db, {
      master: parts.master,
      tokens: this.#sealing.tokens,
      isServer: true,
    });
    this.#clock = options.clock ?? systemClock;
    this.#texts = new TextReader({ db: parts.db, master: parts.master, soon: (answer) => this.#soon(answer) });
    this.#queue = new CommitQueue({
      writer: options.writer,
      unitsMax: options.waitingUnitsMax,
      batchesMax: 1,
      commit: (calls) => this.#commit(calls),
    });
    this.#life = new SignOfLife({
      clock: this.#clock,
      ask: () => parts.committer.ping(),
      silent: () => options.onLost?.(),
    });
    this.#clearAway = new ClearAway({ clock: this.#clock, clear: () => this.#writeOverPurged() });
    if (parts.isUncleared) this.#clearAway.later();
    const head = parts.committer.head;
    this.#heads = keepHeads({ writer: options.writer, seal: this.#seal, clock: this.#clock, head }, options);
  }

  async append(units: readonly Unit[]): Promise<readonly Receipt[]> {
    if (units.length === 0) return [];
    return this.#queue.append(units.map((unit) => readyUnit(unit, this.#sealing)));
  }

  state(stream: Stream, id: string): Promise<StoredState | undefined> {
    return this.#soon(this.#life.waitFor(this.#reader.state(stream, id)));
  }

  states(query: StateQuery): Promise<readonly StoredState[]> {
    return this.#soon(this.#reader.states(query));
  }

  history(stream: Stream, id: string): Promise<readonly StoredEvent[]> {
    return this.#soon(this.#life.waitFor(this.#reader.history(stream, id)));
  }

  events(query: EventQuery): Promise<readonly StoredEvent[]> {
    return this.#soon(this.#reader.events(query));
  }

  text(event: { readonly writer: string; readonly seq: number }, name: string): Promise<Uint8Array | undefined> {
    return this.#texts.read(event, name);
  }

  purgeable(query: PurgeQuery): Promise<readonly PurgeableRow[]> {
    return read(this.#reader.purgeable(query));
  }

  chainHeads(): Promise<readonly SealedHead[]> {
    return read(this.#reader.chainHeads());
  }

  packetRows(things: readonly { stream: Stream; id: string }[]): Promise<readonly PacketRow[]> {
    return read(this.#reader.packetRows(things));
  }

  token(kind: TokenKind, value: string): string {
    return this.#sealing.tokens.of(kind, value).toString('hex');
  }

  async verify(): Promise<VerifyReport> {
    const { headsFile, writer } = this.#options;
    await this.#heads?.begun();
    const known = { writer, ...this.#committer.head };
    // The second place first: what it knows is in the database, so the moment that the walk sees must have it.
    const second = headsFile === undefined ? undefined : await readHeads(headsFile, this.#seal);
    const report = await read(
      this.#db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute((moment) =>
          proveLedger(moment, {
            master: this.#master,
            second: async () => second,
            integrity: () => schemaFault(moment),
          }),
        ),
    );
    return heldAgainst(known, report);
  }

  head(): Head {
    return this.#committer.head;
  }

  async space(): Promise<Space> {
    const { bytesMax } = this.#options;
    if (bytesMax === undefined) return unseenSpace;
    const size = sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.execute(this.#db);
    const [{ rows }, firstAtMs] = await read(Promise.all([size, this.#reader.firstAtMs()]));
    const ledgerBytes = rows[0]?.bytes ?? 0;
    return judgeSpace({
      freeBytes: Math.max(0, bytesMax - ledgerBytes),
      ledgerBytes,
      nowMs: this.#clock.wallMs(),
      ...(firstAtMs === undefined ? {} : { firstAtMs }),
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    await this.#queue.drain();
    this.#clearAway.close();
    await this.#clearing?.destroy();
    this.#life.close();
    await this.#heads?.close();
    await this.#committer.close();
    await this.#db.destroy();
  }

  async #commit(calls: readonly (readonly ReadyUnit[])[]): Promise<readonly CallOutcome[]> {
    const outcomes = await this.#committer.commit(calls);
    // Of a commit that failed it is not known whether every server that must have it has it.
    if (outcomes.some((outcome) => outcome.ok)) this.#heads?.moved(this.#committer.head);
    const isPurge = calls.flat().some((unit) => unit.purge.length > 0 || unit.dropTokens.length > 0);
    if (isPurge) this.#clearAway.later();
    return outcomes;
  }

  async #writeOverPurged(): Promise<void> {
    const one = openForWork(this.#options, clearMsMax);
    this.#clearing = one;
    try {
      await writeOverPurged(one);
    } catch (error) {
      if (this.#closing === undefined) this.#options.onTrouble?.(`PURGED_BYTES_${troubleOf(error).reason}`);
      throw error;
    } finally {
      this.#clearing = undefined;
      await one.destroy();
    }
  }

  /** A server that hangs must keep nobody waiting, least of all a gateway that is told to end. */
  #soon<T>(answer: Promise<T>): Promise<T> {
    let callOff = (): void => undefined;
    const limit = new Promise<never>((_, reject) => {
      // Made only when it is late: a trace costs more than most answers.
      const late = () => new HitlineError('LEDGER_FAILED', { detail: 'The database does not answer.' });
      callOff = this.#clock.after(readMsMax, () => reject(late()));
    });
    return Promise.race([read(answer), limit]).finally(() => callOff());
  }
}

/** An error of the database becomes a code: its sentences may quote what is kept. */
async function read<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof HitlineError) throw cause;
    throw new HitlineError('LEDGER_FAILED', { detail: troubleOf(cause).detail, cause });
  }
}

async function prepareDatabase(options: PostgresLedgerOptions, master: MasterKey): Promise<Secrets> {
  const db = openForWork(options);
  try {
    await makeOwnTables(db);
    return await openSecrets(db, master);
  } finally {
    await db.destroy();
  }
}

/**
 * Opens the ledger in a PostgreSQL database, making its tables when they are not there. Faults: LEDGER_LOCKED (another
 * process writes under this name), LEDGER_KEY_WRONG, KEY_FILE_UNUSABLE, TLS_SETTINGS, DATABASE_UNTRUSTED, DATABASE_REFUSED,
 * LEDGER_FAILED.
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<PostgresLedger> {
  const master = openMasterKey(options.masterKey);
  try {
    const secrets = await prepareDatabase(options, master);
    const seal = new HeadSeal(secrets.head);
    const committer = new PostgresCommitter({ address: options, master, seal });
    await committer.open();
    const db = openReaders(options);
    const isUncleared = await isSomethingDeleted(db);
    return new ServerLedger({ master, db, secrets, committer, isUncleared }, options);
  } catch (cause) {
    throw databaseError(cause);
  }
}
