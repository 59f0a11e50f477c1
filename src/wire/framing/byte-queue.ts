const none = Buffer.alloc(0);

/**
 * Bytes that have come and are not yet a whole frame. A chunk is kept as it is; only when a frame is split over chunks
 * are bytes copied, into a store that doubles, so that a peer who sends one byte at a time costs no more than twice
 * what it sent. Slices given out stay valid: a store is only ever appended to.
 */
export class ByteQueue {
  #bytes: Buffer = none;
  #start = 0;
  #end = 0;
  #owned = false;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.length === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#owned = false;
      return;
    }
    const needed = this.length + chunk.length;
    if (!this.#owned || this.#end + chunk.length > this.#bytes.length) {
      const store = Buffer.allocUnsafe(Math.max(64, needed * 2));
      this.#bytes.copy(store, 0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
      this.#bytes = store;
      this.#owned = true;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** The byte `at` places from the front, which must be there. */
  byte(at: number): number {
    return this.#bytes.readUInt8(this.#start + at);
  }

  u16(at: number): number {
    return this.#bytes.readUInt16BE(this.#start + at);
  }

  u32(at: number): number {
    return this.#bytes.readUInt32BE(this.#start + at);
  }

  /** Where `byte` stands at or after place `from`, or -1. */
  indexOf(byte: number, from: number): number {
    const at = this.#bytes.subarray(0, this.#end).indexOf(byte, this.#start + from);
    return at === -1 ? -1 : at - this.#start;
  }

  /** The first `count` bytes, which stay. */
  peek(count: number): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + count);
  }

  /** Takes `count` bytes off the front. */
  take(count: number): Buffer {
    const taken = this.peek(count);
    this.skip(count);
    return taken;
  }

  /** Drops `count` bytes from the front. */
  skip(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.clear();
  }

  clear(): void {
    this.#bytes = none;
    this.#start = 0;
    this.#end = 0;
    this.#owned = false;
  }
}
