/** The ledger on node:sqlite: a committer thread that writes, reading threads, a lock on the folder. */
import { mkdirSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type FaultCode, HitlineError } from '../../../faults/fault.ts';
import { type Clock, systemClock } from '../../../host/clock.ts';
import { Chance, openMasterKey } from '../cipher.ts';
import { type CallOutcome, CommitQueue } from '../commit-queue.ts';
import { type Head, HeadSeal, heldAgainst } from '../heads.ts';
import type { PacketRow, PacketSource } from '../keeping/packet.ts';
import type { PurgeableRow, PurgeSource } from '../keeping/purge.ts';
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
import { type HeadKeeper, type HeadsOptions, keepHeads } from '../second-place/head-keeper.ts';
import type { Secrets } from '../secrets.ts';
import { Tokens } from '../tokens.ts';
import { lockFolder } from './folder-lock.ts';
import { ledgerFile } from './open-database.ts';
import { packCalls } from './passing/packing.ts';
import { ReaderClient } from './reader-client.ts';
import { ReaderPair } from './reader-pair.ts';
import type { CommitterAsk, CommitterSay, Done, ThreadData } from './threads.ts';

/** The committer makes many small things that soon are gone. Told of a great heap, it would let four times as much lie before it sweeps. */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 512 };
/** What a walk over everything may hold: it knows each row that was ever purged. */
const provingMb = 4_096;
/** Batches under way: one at the disk, one ready behind it. */
const batchesMax = 2;
/** How often the log is asked to forget what was purged while a reader hindered it. */
const forgetEveryMs = 60_000;

/** The second place is a file outside the data folder. */
export interface LedgerOptions extends HeadsOptions {
  /** The data folder; made with mode 0700 when it is missing. */
  readonly folder: string;
  /** The name of this process's chain. */
  readonly writer: string;
  /** 32 bytes, from `readMasterKey`. */
  readonly masterKey: Uint8Array;
  readonly clock?: Clock;
  readonly waitingUnitsMax?: number;
}

/** The ledger on SQLite, with what only a file can do. */
export interface SqliteLedger extends PurgeSource, PacketSource {
  /** The head of this process's chain. */
  head(): Head;
  /** Free space of the data folder's disk, held against the ledger's growth. */
  space(): Promise<Space>;
  /** Sets the most pages of 4 KiB the file may have; a full file makes `append` throw LEDGER_FAILED. */
  capPages(pagesMax: number): void;
}

class FileLedger implements SqliteLedger {
  readonly #options: LedgerOptions;
  readonly #worker: Worker;
  readonly #reader: ReaderPair;
  readonly #sealing: Sealing;
  readonly #unlock: () => void;
  readonly #clock: Clock;
  readonly #queue: CommitQueue;
  readonly #underWay: { resolve(outcomes: readonly CallOutcome[]): void; reject(error: Error): void }[] = [];
  readonly #heads: HeadKeeper | undefined;
  #head: Head;
  #dead = false;
  #closing: Promise<void> | undefined;
  #gone: (() => void) | undefined;
  #callOffForget: () => void = () => undefined;

  constructor(parts: Started & { secrets: Secrets; reader: ReaderPair; unlock: () => void }, options: LedgerOptions) {
    this.#options = options;
    this.#worker = parts.worker;
    this.#reader = parts.reader;
    this.#unlock = parts.unlock;
    this.#head = parts.head;
    this.#sealing = { tokens: new Tokens(parts.secrets.token), chance: new Chance() };
    this.#clock = options.clock ?? systemClock;
    this.#queue = new CommitQueue({
      writer: options.writer,
      unitsMax: options.waitingUnitsMax,
      batchesMax,
      commit: (calls) => this.#commit(calls),
    });
    parts.worker.on('message', (said: CommitterSay) => this.#hear(said));
    parts.worker.on('error', () => this.#die());
    parts.worker.on('exit', () => this.#die());
    const seal = new HeadSeal(parts.secrets.head);
    this.#heads = keepHeads({ writer: options.writer, seal, clock: this.#clock, head: parts.head }, options);
    this.#forgetLater();
  }

  async append(units: readonly Unit[]): Promise<readonly Receipt[]> {
    if (units.length === 0) return [];
    return this.#queue.append(units.map((unit) => readyUnit(unit, this.#sealing)));
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
    return this.#reader.ask('text', event.writer, event.seq, name);
  }

  purgeable(query: { stream: string; beforeMs: number; limit: number }): Promise<readonly PurgeableRow[]> {
    return this.#reader.ask('purgeable', query);
  }

  packetRows(things: readonly { stream: Stream; id: string }[]): Promise<readonly PacketRow[]> {
    return this.#reader.ask('packetRows', things);
  }

  chainHeads(): Promise<readonly SealedHead[]> {
    return this.#reader.ask('chainHeads');
  }

  token(kind: TokenKind, value: string): string {
    return this.#sealing.tokens.of(kind, value).toString('hex');
  }

  async verify(): Promise<VerifyReport> {
    await this.#heads?.begun();
    // A walk over everything must not stand in the way of the console's questions.
    const own = new ReaderClient(threadData(this.#options), provingMb);
    const known = { writer: this.#options.writer, ...this.#head };
    try {
      return heldAgainst(known, await own.ask('verify'));
    } finally {
      await own.close();
    }
  }

  head(): Head {
    return this.#head;
  }

  async space(): Promise<Space> {
    const { folder } = this.#options;
    const [disk, file, firstAtMs] = await Promise.all([
      statfs(folder),
      stat(ledgerFile(folder)),
      this.#reader.ask('firstAtMs'),
    ]);
    return judgeSpace({
      freeBytes: disk.bavail * disk.bsize,
      ledgerBytes: file.size,
      nowMs: this.#clock.wallMs(),
      ...(firstAtMs === undefined ? {} : { firstAtMs }),
    });
  }

  capPages(pagesMax: number): void {
    this.#tell({ type: 'cap', pagesMax });
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    this.#callOffForget();
    await this.#queue.drain();
    await this.#heads?.close();
    if (!this.#dead) {
      await new Promise<void>((resolve) => {
        this.#gone = resolve;
        this.#tell({ type: 'close' });
      });
    }
    await this.#reader.close();
    this.#unlock();
  }

  #tell(ask: CommitterAsk): void {
    this.#worker.postMessage(ask);
  }

  #forgetLater(): void {
    this.#callOffForget = this.#clock.after(forgetEveryMs, () => {
      if (!this.#dead) this.#tell({ type: 'forget' });
      this.#forgetLater();
    });
  }

  #commit(calls: readonly (readonly ReadyUnit[])[]): Promise<readonly CallOutcome[]> {
    return new Promise((resolve, reject) => {
      if (this.#dead) throw new HitlineError('LEDGER_FAILED', { detail: 'The committer has stopped.' });
      // Packed before it counts as under way: answers are matched by their order alone.
      const packed = packCalls(calls);
      this.#underWay.push({ resolve, reject });
      this.#tell({ type: 'commit', calls: packed });
    });
  }

  #hear(said: CommitterSay): void {
    if (said.type === 'closed') this.#gone?.();
    else if (said.type === 'done') {
      const { outcomes, head } = JSON.parse(said.words) as Done;
      this.#head = head;
      this.#underWay.shift()?.resolve(outcomes);
      this.#heads?.moved(head);
    }
  }

  /** The committer's thread is gone: what was under way is unknown, and nothing more can be kept by this process. */
  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const batch of this.#underWay.splice(0)) batch.reject(new Error('the committer has stopped'));
    this.#queue.fall();
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

interface Started {
  readonly worker: Worker;
  readonly head: Head;
}

/** Tells a thread that is loading what it needs, and waits until it has the file open. */
function openCommitter(worker: Worker, secrets: Secrets): Promise<Started> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new HitlineError('LEDGER_FAILED', { cause }));
    const hear = (said: CommitterSay): void => {
      if (said.type !== 'ready' && said.type !== 'failed') return;
      worker.off('error', fail);
      worker.off('message', hear);
      if (said.type === 'ready') resolve({ worker, head: said.head });
      else reject(new HitlineError(said.code as FaultCode, said.text === '' ? {} : { detail: said.text }));
    };
    worker.on('error', fail);
    worker.on('message', hear);
    worker.postMessage({ type: 'open', secrets } satisfies CommitterAsk);
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
  const workerData = threadData(options);
  const worker = new Worker(new URL('./committer-thread.ts', import.meta.url), { workerData, resourceLimits });
  const reader = new ReaderPair(() => new ReaderClient(workerData));
  try {
    const secrets = await reader.ask('prepare');
    const { head } = await openCommitter(worker, secrets);
    return new FileLedger({ worker, head, secrets, reader, unlock }, options);
  } catch (error) {
    await Promise.all([reader.close(), worker.terminate()]);
    unlock();
    throw error;
  }
}
