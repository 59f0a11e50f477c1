/** The ledger on node:sqlite: a committer thread that writes, a reader thread that reads, a lock on the folder. */
import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type FaultCode, HitlineError } from '../../../faults/fault.ts';
import { type Clock, systemClock } from '../../../host/clock.ts';
import { openMasterKey } from '../cipher.ts';
import type { Head } from '../heads.ts';
import type {
  EventQuery,
  Ledger,
  Receipt,
  StateQuery,
  StoredEvent,
  StoredState,
  Stream,
  TokenKind,
  Unit,
  VerifyReport,
} from '../ledger.ts';
import { type ReadyUnit, readyUnit } from '../prepare.ts';
import { Tokens } from '../tokens.ts';
import type { CallOutcome } from './committer.ts';
import { lockFolder } from './folder-lock.ts';
import { ReaderClient } from './reader-client.ts';
import type { CommitterAsk, CommitterData, CommitterSay, ThreadData } from './threads.ts';

/** Units that may wait for the disk; beyond it a caller is told QUEUE_FULL. */
const waitingUnitsMaxDefault = 10_000;
/** Units handed to the committer at once. */
const batchUnitsMax = 512;
/** Batches under way: one at the disk, one ready behind it. */
const batchesMax = 2;
const headEveryMs = 60_000;

export interface LedgerOptions {
  /** The data folder; made with mode 0700 when it is missing. */
  readonly folder: string;
  /** The name of this process's chain. */
  readonly writer: string;
  /** 32 bytes, from `readMasterKey`. */
  readonly masterKey: Uint8Array;
  readonly clock?: Clock;
  /** The second place: a file outside the data folder to which the head of the chain goes each minute. */
  readonly headsFile?: string;
  /** Called when the second place cannot be written; the ledger itself goes on. */
  readonly onHeadsFailed?: () => void;
  readonly waitingUnitsMax?: number;
}

/** The ledger on SQLite, with what only a file can do. */
export interface SqliteLedger extends Ledger {
  /** The head of this process's chain. */
  head(): Head;
  /** Appends the head to the second place now. */
  writeHead(): void;
  /** Sets the most pages of 4 KiB the file may have; a full file makes `append` throw LEDGER_FAILED. */
  capPages(pagesMax: number): void;
}

interface Call {
  readonly units: readonly ReadyUnit[];
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (error: HitlineError) => void;
}

class FileLedger implements SqliteLedger {
  readonly #options: LedgerOptions;
  readonly #worker: Worker;
  readonly #reader: ReaderClient;
  readonly #tokens: Tokens;
  readonly #unlock: () => void;
  readonly #clock: Clock;
  #head: Head;
  #waiting: Call[] = [];
  #waitingUnits = 0;
  readonly #underWay: Call[][] = [];
  #flushing = false;
  #dead = false;
  #closing: Promise<void> | undefined;
  #idle: (() => void) | undefined;
  #gone: (() => void) | undefined;
  #callOffHead: () => void = () => undefined;

  constructor(
    parts: { worker: Worker; reader: ReaderClient; unlock: () => void; ready: CommitterSay & { type: 'ready' } },
    options: LedgerOptions,
  ) {
    this.#options = options;
    this.#worker = parts.worker;
    this.#reader = parts.reader;
    this.#unlock = parts.unlock;
    this.#head = parts.ready.head;
    this.#tokens = new Tokens(parts.ready.secrets.token);
    this.#clock = options.clock ?? systemClock;
    parts.worker.on('message', (said: CommitterSay) => this.#hear(said));
    parts.worker.on('error', () => this.#die());
    parts.worker.on('exit', () => this.#die());
    this.#headLater();
  }

  append(units: readonly Unit[]): Promise<readonly Receipt[]> {
    if (units.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      if (this.#dead || this.#closing !== undefined)
        throw new HitlineError('LEDGER_FAILED', { detail: 'It is closed.' });
      if (this.#waitingUnits + units.length > (this.#options.waitingUnitsMax ?? waitingUnitsMaxDefault)) {
        throw new HitlineError('QUEUE_FULL');
      }
      const ready = units.map((unit) => readyUnit(unit, this.#tokens));
      this.#waiting.push({ units: ready, resolve, reject });
      this.#waitingUnits += ready.length;
      this.#flushSoon();
    });
  }

  state(stream: Stream, id: string): Promise<StoredState | undefined> {
    return this.#reader.ask('state', stream, id);
  }

  states(query: StateQuery): Promise<readonly StoredState[]> {
    return this.#reader.ask('states', query);
  }

  history(stream: Stream, id: string): Promise<readonly StoredEvent[]> {
    return this.#reader.ask('history', stream, id);
  }

  events(query: EventQuery): Promise<readonly StoredEvent[]> {
    return this.#reader.ask('events', query);
  }

  text(event: { readonly writer: string; readonly seq: number }, name: string): Promise<Uint8Array | undefined> {
    return this.#reader.ask('text', { writer: event.writer, seq: event.seq }, name);
  }

  token(kind: TokenKind, value: string): string {
    return this.#tokens.of(kind, value).toString('hex');
  }

  async verify(): Promise<VerifyReport> {
    // A walk over everything must not stand in the way of the console's questions.
    const own = new ReaderClient(threadData(this.#options));
    try {
      return await own.ask('verify');
    } finally {
      await own.close();
    }
  }

  head(): Head {
    return this.#head;
  }

  writeHead(): void {
    if (!this.#dead) this.#tell({ type: 'head', nowMs: this.#clock.wallMs() });
  }

  capPages(pagesMax: number): void {
    this.#tell({ type: 'cap', pagesMax });
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    this.#callOffHead();
    if (!this.#dead && (this.#underWay.length > 0 || this.#waiting.length > 0)) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    if (!this.#dead) {
      await new Promise<void>((resolve) => {
        this.#gone = resolve;
        this.#tell({ type: 'close', nowMs: this.#clock.wallMs() });
      });
    }
    await this.#reader.close();
    this.#unlock();
  }

  #tell(ask: CommitterAsk): void {
    this.#worker.postMessage(ask);
  }

  #headLater(): void {
    this.#callOffHead = this.#clock.after(headEveryMs, () => {
      this.writeHead();
      this.#headLater();
    });
  }

  /** Waits for the end of this turn, so that callers who append in the same turn share one fsync. */
  #flushSoon(): void {
    if (this.#flushing || this.#underWay.length >= batchesMax) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#dead || this.#waiting.length === 0 || this.#underWay.length >= batchesMax) return;
    let units = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || units < batchUnitsMax)) {
      units += this.#waiting[count]?.units.length ?? 0;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    this.#underWay.push(batch);
    this.#tell({ type: 'commit', calls: batch.map((call) => call.units) });
  }

  #hear(said: CommitterSay): void {
    if (said.type === 'closed') this.#gone?.();
    if (said.type === 'head' && !said.ok) this.#options.onHeadsFailed?.();
    if (said.type !== 'done') return;
    this.#head = said.head;
    const batch = this.#underWay.shift() ?? [];
    for (const [index, call] of batch.entries()) this.#settle(call, said.outcomes[index]);
    if (this.#waiting.length > 0) this.#flushSoon();
    else if (this.#underWay.length === 0) this.#idle?.();
  }

  #settle(call: Call, outcome: CallOutcome | undefined): void {
    this.#waitingUnits -= call.units.length;
    if (outcome === undefined || !outcome.ok) {
      const detail = `SQLite says ${outcome === undefined ? 'nothing' : outcome.errcode}.`;
      call.reject(new HitlineError('LEDGER_FAILED', { detail }));
      return;
    }
    const { writer } = this.#options;
    call.resolve(
      outcome.units.map((unit) =>
        unit.ok
          ? { ok: true, entries: unit.seqs.map((seq) => ({ writer, seq })) }
          : { ok: false, code: 'CONFLICT', stream: unit.stream as Stream, id: unit.id },
      ),
    );
  }

  /** The committer's thread is gone: what was under way is unknown, and nothing more can be kept by this process. */
  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    const error = new HitlineError('LEDGER_FAILED', { detail: 'The committer has stopped.' });
    for (const call of [...this.#underWay.flat(), ...this.#waiting]) call.reject(error);
    this.#underWay.length = 0;
    this.#waiting = [];
    this.#idle?.();
    this.#gone?.();
  }
}

function threadData(options: LedgerOptions): ThreadData {
  return {
    folder: options.folder,
    writer: options.writer,
    masterKey: options.masterKey,
    headsFile: options.headsFile,
  };
}

function startCommitter(data: CommitterData): Promise<{ worker: Worker; ready: CommitterSay & { type: 'ready' } }> {
  const worker = new Worker(new URL('./committer-thread.ts', import.meta.url), { workerData: data });
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new HitlineError('LEDGER_FAILED', { cause }));
    worker.once('error', fail);
    const hear = (said: CommitterSay): void => {
      if (said.type !== 'ready' && said.type !== 'failed') return;
      worker.off('error', fail);
      worker.off('message', hear);
      if (said.type === 'ready') resolve({ worker, ready: said });
      else reject(new HitlineError(said.code as FaultCode, said.text === '' ? {} : { detail: said.text }));
    };
    worker.on('message', hear);
  });
}

/**
 * Opens the ledger of a data folder for writing, making it when it is not there. Faults: LEDGER_LOCKED (another process
 * has the folder), LEDGER_KEY_WRONG, KEY_FILE_UNUSABLE (the key has not 32 bytes), LEDGER_FAILED.
 */
export async function openLedger(options: LedgerOptions): Promise<SqliteLedger> {
  openMasterKey(options.masterKey);
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new HitlineError('LEDGER_FAILED', { detail: 'The data folder cannot be made.', cause });
  }
  const unlock = lockFolder(options.folder);
  const reader = new ReaderClient(threadData(options));
  try {
    const nowMs = (options.clock ?? systemClock).wallMs();
    const started = await startCommitter({ ...threadData(options), nowMs });
    return new FileLedger({ ...started, reader, unlock }, options);
  } catch (error) {
    await reader.close();
    unlock();
    throw error;
  }
}
