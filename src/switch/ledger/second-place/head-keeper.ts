/**
 * Takes the head of this process's chain to the second place: within a second as its newest head, each minute as a line for
 * good. It is told of heads that are on disk already, so that the second place is never ahead; its files are written beside
 * the gateway's work, one write at a time, and a second place that hangs or is full holds nothing up.
 */
import type { Clock } from '../../../host/clock.ts';
import type { Head, HeadSeal, WrittenHead } from '../heads.ts';
import { type Doubt, findKnown } from './found.ts';
import { type HeadFiles, headFiles } from './head-files.ts';
import type { Slot } from './newest.ts';

/** The second place of a ledger, and who hears of it. */
export interface HeadsOptions {
  /** A file outside the data folder; files beside it have its name and more. Without it there is no second place. */
  readonly headsFile?: string;
  /** Called once when the second place cannot be written; the ledger itself goes on. */
  readonly onHeadsFailed?: () => void;
  /** Called when it can be written again. */
  readonly onHeadsWell?: () => void;
  /** Called when the start finds that the ledger and the second place do not agree. What is known there stays there. */
  readonly onHeadsDoubted?: (doubt: Doubt) => void;
}

/** How long a head waits for those that follow it: with the write itself less than a second. */
const newestEveryMs = 800;
const lineEveryMs = 60_000;
/** A write that takes longer counts as failed. */
const writeMsMax = 5_000;
/** The end of the gateway waits no longer for the last heads. */
const closeMsMax = 2_000;

export interface HeadKeeperParts {
  readonly writer: string;
  readonly seal: HeadSeal;
  readonly clock: Clock;
  /** Where the chain stands on disk. */
  readonly head: Head;
}

/** Opens the second place; does nothing without one. */
export function keepHeads(parts: HeadKeeperParts, options: HeadsOptions): HeadKeeper | undefined {
  return options.headsFile === undefined
    ? undefined
    : new HeadKeeper(parts, { ...options, files: headFiles(options.headsFile) });
}

export class HeadKeeper {
  readonly #parts: HeadKeeperParts;
  readonly #options: Omit<HeadsOptions, 'headsFile'> & { readonly files: HeadFiles };
  readonly #first: Promise<void>;
  #head: Head;
  #isBegun = false;
  #newest: Head | undefined;
  #slot: Slot = 0;
  #line: Head | undefined;
  #isLineDue = true;
  #underWay: Promise<void> | undefined;
  #isDoubted = false;
  #hasFailed = false;
  #isClosed = false;
  #callOffNewest: (() => void) | undefined;
  #callOffLine: () => void = () => undefined;

  constructor(parts: HeadKeeperParts, options: Omit<HeadsOptions, 'headsFile'> & { readonly files: HeadFiles }) {
    this.#parts = parts;
    this.#options = options;
    this.#head = parts.head;
    this.#first = this.#write();
    this.#lineLater();
  }

  /** Tells where the chain stands on disk now. */
  moved(head: Head): void {
    this.#head = head;
    this.#newestLater();
  }

  /** Waits until what the second place knew before this start has been read and the first head is there, or that failed. */
  begun(): Promise<void> {
    return this.#within(writeMsMax, this.#first);
  }

  /** Writes what the second place has not yet, and waits for it, but not for long. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOffNewest?.();
    this.#callOffLine();
    await this.#within(closeMsMax, this.#writeLast());
  }

  async #writeLast(): Promise<void> {
    await this.#underWay;
    this.#isLineDue = true;
    await this.#write();
  }

  /** Ends with the work, or after this long without it: then the second place has failed. */
  async #within(limitMs: number, work: Promise<void>): Promise<void> {
    let callOff = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      callOff = this.#parts.clock.after(limitMs, () => {
        this.#fail();
        resolve();
      });
    });
    await Promise.race([work, limit]);
    callOff();
  }

  /** Writes unless something is being written: that would be followed by another, and a hanging place by thousands. */
  #write(): Promise<void> {
    this.#underWay ??= this.#writeAlone();
    return this.#underWay;
  }

  async #writeAlone(): Promise<void> {
    const callOff = this.#parts.clock.after(writeMsMax, () => this.#fail());
    try {
      await this.#take();
      this.#recover();
    } catch {
      this.#fail();
    } finally {
      callOff();
      this.#underWay = undefined;
      if (this.#hasFailed || !same(this.#newest, this.#head)) this.#newestLater();
    }
  }

  async #take(): Promise<void> {
    const { files } = this.#options;
    const { writer, seal } = this.#parts;
    const head = this.#head;
    const atMs = this.#parts.clock.wallMs();
    if (!this.#isBegun) await this.#begin(head);
    const trouble = same(this.#newest, head) ? undefined : await this.#takeNewest({ atMs, writer, ...head });
    // A chain that has not grown needs no second line that says the same.
    if (this.#isLineDue && !same(this.#line, head)) {
      // Only after the newest head, which such a line says is there; where that has no room the line is worth having alone.
      await files.append(seal.line({ kind: trouble === undefined ? 'kept' : 'line', atMs, writer, ...head }));
      this.#line = head;
    }
    this.#isLineDue = false;
    if (trouble !== undefined) throw trouble;
  }

  /** Gives what went wrong. */
  async #takeNewest(head: WrittenHead): Promise<Error | undefined> {
    const line = this.#parts.seal.line({ ...head, kind: 'newest' });
    try {
      await this.#options.files.writeNewest(head.writer, this.#slot, line);
    } catch (error) {
      return error instanceof Error ? error : new Error('the newest head was not written');
    }
    this.#newest = { seq: head.seq, hash: head.hash };
    this.#slot = this.#slot === 0 ? 1 : 0;
    return undefined;
  }

  /** What stands as the newest head is about to be overwritten: what the lines do not say yet goes to them first. */
  async #begin(head: Head): Promise<void> {
    const { files } = this.#options;
    const { writer, seal, clock } = this.#parts;
    const now = { atMs: clock.wallMs(), writer, ...head };
    const { unlined, doubt } = findKnown(await files.read(writer), now, seal);
    if (doubt !== undefined) this.#doubt(doubt);
    for (const line of unlined) await files.append(line);
    this.#isBegun = true;
  }

  #doubt(doubt: Doubt): void {
    if (!this.#isDoubted) this.#options.onHeadsDoubted?.(doubt);
    this.#isDoubted = true;
  }

  #newestLater(): void {
    if (this.#callOffNewest !== undefined || this.#underWay !== undefined || this.#isClosed) return;
    this.#callOffNewest = this.#parts.clock.after(newestEveryMs, () => {
      this.#callOffNewest = undefined;
      void this.#write();
    });
  }

  #lineLater(): void {
    this.#callOffLine = this.#parts.clock.after(lineEveryMs, () => {
      this.#isLineDue = true;
      void this.#write();
      this.#lineLater();
    });
  }

  #fail(): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onHeadsFailed?.();
  }

  #recover(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#options.onHeadsWell?.();
  }
}

function same(a: Head | undefined, b: Head): boolean {
  return a !== undefined && a.seq === b.seq && a.hash === b.hash;
}
