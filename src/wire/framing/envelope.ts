import type { FaultCode } from '../../faults/fault.ts';
import type { Quirks } from '../profile.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Deframer, Frame, FrameFault } from './frame.ts';

/** The patterns round every frame of the family (wire.md 2, 4.1, 5.1). */
export const startPattern = 0xff00aa55;
export const stopPattern = 0x55aa00ff;
const patternBytes = 4;

/** The largest frame that a length field of this width can tell. */
export function frameBytesLimit({ lengthBytes }: Pick<EnvelopeRules, 'lengthBytes'>): number {
  return lengthBytes === 2 ? 0xffff : 0xffff_ffff;
}

/** What differs between the profiles that put a length between a start and a stop pattern. */
export interface EnvelopeRules {
  /** Width of the length field. */
  readonly lengthBytes: 2 | 4;
  /** The smallest whole frame. */
  readonly frameBytesMin: number;
  /** Bytes of the frame that the length field does not count (a quirk of one-off peers); usually 0. */
  readonly lengthExcludesBytes: number;
  /** Above 0: skip up to this many bytes in a row to find the next frame instead of ending the stream. */
  readonly resyncBytesMax: number;
  /** Where the header says how long the frame is too: at which place that can be read, and how long it then is in all. */
  readonly told?: { readonly headBytes: number; totalOf(head: Buffer): number };
  /** Reads one whole frame whose patterns and length were checked; `offset` is where it began. */
  read(frame: Buffer, offset: number): Frame | FrameFault;
}

/** The rules of a profile of this family, with the quirks of one peer. */
export function envelopeRules(
  quirks: Quirks,
  own: Pick<EnvelopeRules, 'frameBytesMin' | 'read' | 'told'>,
): EnvelopeRules {
  return {
    lengthBytes: quirks.lengthBytes ?? 4,
    lengthExcludesBytes: quirks.lengthExcludesBytes ?? 0,
    resyncBytesMax: quirks.resyncBytesMax ?? 0,
    ...own,
  };
}

/** The deframer of the start–length–body–stop family. Length decides; the stop pattern is only checked, never searched. */
export class EnvelopeDeframer implements Deframer {
  readonly #rules: EnvelopeRules;
  readonly #queue = new ByteQueue();
  #frameBytesMax: number;
  #offset = 0;
  #junkBytes = 0;
  #junkRun = 0;
  #ended = false;

  constructor(rules: EnvelopeRules, frameBytesMax: number) {
    this.#rules = rules;
    this.#frameBytesMax = frameBytesMax;
  }

  get partial(): boolean {
    return this.#queue.length > 0;
  }

  get bufferedBytes(): number {
    return this.#queue.length;
  }

  get junkBytes(): number {
    return this.#junkBytes;
  }

  limit(frameBytesMax: number): void {
    this.#frameBytesMax = frameBytesMax;
  }

  push(bytes: Buffer): void {
    if (!this.#ended) this.#queue.push(bytes);
  }

  next(): Frame | FrameFault | undefined {
    while (!this.#ended) {
      const found = this.#scan();
      if (found === undefined || found.type !== 'fault') return found;
      if (!this.#skip()) {
        this.#ended = true;
        this.#queue.clear();
        return this.#rules.resyncBytesMax > 0 ? { ...found, code: 'FRAME_JUNK' } : found;
      }
    }
    return undefined;
  }

  #scan(): Frame | FrameFault | undefined {
    const queue = this.#queue;
    const rules = this.#rules;
    const have = queue.length;
    const misfit = this.#startMisfit(have);
    if (misfit !== -1) return this.#fault('FRAME_START', misfit);
    if (have < patternBytes + rules.lengthBytes) return undefined;
    const field = rules.lengthBytes === 4 ? queue.u32(patternBytes) : queue.u16(patternBytes);
    const total = this.#total(field);
    if (total === undefined) return undefined;
    // The cap comes before the first byte is kept for the frame (wire.md 11, rule 4).
    if (total < rules.frameBytesMin || total > this.#frameBytesMax) return this.#fault('FRAME_LENGTH', patternBytes);
    if (have < total) return undefined;
    if (queue.u32(total - patternBytes) !== stopPattern) return this.#fault('FRAME_STOP', total - patternBytes);
    return this.#read(total);
  }

  /**
   * The length of the whole frame. A peer that leaves bytes out does so where there is data: the misprint has its empty
   * blocks right (wire.md 5.4), and whoever says the same twice is believed.
   */
  #total(field: number): number | undefined {
    const { told, lengthExcludesBytes } = this.#rules;
    if (lengthExcludesBytes === 0 || told === undefined || field > this.#frameBytesMax || field < told.headBytes)
      return field + lengthExcludesBytes;
    if (this.#queue.length < told.headBytes) return undefined;
    return told.totalOf(this.#queue.peek(told.headBytes)) === field ? field : field + lengthExcludesBytes;
  }

  #read(total: number): Frame | FrameFault {
    const queue = this.#queue;
    if (this.#rules.resyncBytesMax === 0) {
      const frame = this.#rules.read(queue.take(total), this.#offset);
      this.#offset += total;
      return frame;
    }
    // Under the resync quirk a frame that cannot be read must stay, so that the scan can go on one byte further.
    const frame = this.#rules.read(queue.peek(total), this.#offset);
    if (frame.type === 'fault') return frame;
    queue.take(total);
    this.#offset += total;
    this.#junkRun = 0;
    return frame;
  }

  #startMisfit(have: number): number {
    if (have >= patternBytes && this.#queue.u32(0) === startPattern) return -1;
    for (let at = 0; at < Math.min(have, patternBytes); at += 1) {
      if (this.#queue.byte(at) !== ((startPattern >>> (24 - 8 * at)) & 0xff)) return at;
    }
    return -1;
  }

  #fault(code: FaultCode, at: number): FrameFault {
    return { type: 'fault', code, offset: this.#offset + at };
  }

  /** Skips one byte, and what cannot begin a frame after it (wire.md 11, rule 2). False: the stream ends here. */
  #skip(): boolean {
    if (this.#rules.resyncBytesMax === 0) return false;
    const next = this.#queue.indexOf(startPattern >>> 24, 1);
    const count = next === -1 ? this.#queue.length : next;
    this.#queue.take(count);
    this.#offset += count;
    this.#junkBytes += count;
    this.#junkRun += count;
    return this.#junkRun <= this.#rules.resyncBytesMax;
  }
}
