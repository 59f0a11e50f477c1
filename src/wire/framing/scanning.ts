import { ByteQueue } from './byte-queue.ts';
import type { Deframer, Frame, FrameFault } from './frame.ts';

/**
 * What a scan of the waiting bytes found: a frame or fault (`item`) of so many bytes, bytes to skip without one, or
 * nothing yet. A fault's offset is counted from the front of the queue.
 */
export interface Scan {
  readonly bytes: number;
  readonly item?: Frame | FrameFault;
}

/** Looks at the front of the queue; gives nothing while bytes are missing. `frames` counts the data frames so far. */
export type Scanner = (
  queue: ByteQueue,
  limits: { readonly frameBytesMax: number; readonly frames: number },
) => Scan | undefined;

/** The deframer of the profiles that mark the end of a frame by bytes instead of a length. */
export class ScanningDeframer implements Deframer {
  readonly #scan: Scanner;
  readonly #queue = new ByteQueue();
  readonly junkBytes = 0;
  #frameBytesMax: number;
  #offset = 0;
  #frames = 0;
  #fillCount = 0;
  #ended = false;

  constructor(scan: Scanner, frameBytesMax: number) {
    this.#scan = scan;
    this.#frameBytesMax = frameBytesMax;
  }

  get partial(): boolean {
    return this.#queue.length > 0;
  }

  get bufferedBytes(): number {
    return this.#queue.length;
  }

  limit(frameBytesMax: number): void {
    this.#frameBytesMax = frameBytesMax;
  }

  push(bytes: Buffer): void {
    if (!this.#ended) this.#queue.push(bytes);
  }

  next(): Frame | FrameFault | undefined {
    while (!this.#ended && this.#queue.length > 0) {
      const found = this.#scan(this.#queue, { frameBytesMax: this.#frameBytesMax, frames: this.#frames });
      if (found === undefined) return undefined;
      const { item } = found;
      if (item?.type === 'fault') {
        this.#ended = true;
        this.#queue.clear();
        return { ...item, offset: this.#offset + item.offset };
      }
      const offset = this.#offset;
      this.#offset += found.bytes;
      this.#queue.skip(found.bytes);
      if (item === undefined) {
        this.#fillCount += found.bytes;
        continue;
      }
      if (item.type === 'data') this.#frames += 1;
      const fillCount = this.#fillCount;
      this.#fillCount = 0;
      return { ...item, offset, ...(fillCount === 0 ? {} : { carried: { ...item.carried, fillCount } }) };
    }
    return undefined;
  }
}
