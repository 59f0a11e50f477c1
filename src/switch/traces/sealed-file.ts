/** The records of a running trace, sealed one by one as they are written, behind the links' back and never in their way. */
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { HitlineError } from '../../faults/fault.ts';
import { Chance, encrypt } from '../ledger/cipher.ts';
import { boundRecord, sealedPath, type TraceFolder, type TraceKey } from './trace-folder.ts';

/** Bytes on disk at which a trace ends. */
export const traceBytesMax = 67_108_864;
/** Sealed bytes that may wait for a slow disk; beyond it the trace ends, because the links may not wait. */
const waitingBytesMax = 8_388_608;

/** So much goes into one record at most, so that a few of them fit a frame of the console line. */
const recordCharactersMax = 131_072;

export interface SealedFile {
  readonly write: (text: string) => void;
  readonly bytes: number;
  close(): Promise<void>;
}

export interface SealedFileOptions {
  readonly folder: TraceFolder;
  readonly key: TraceKey;
  readonly bytesMax?: number;
  /** Called once when nothing more is taken: the file is full, or the disk fails or cannot keep up. */
  readonly onEnd: (why: 'full' | 'disk') => void;
}

/** Opens a new file (mode 0600). Fault: TRACE_FILE. */
export async function openSealedFile(options: SealedFileOptions): Promise<SealedFile> {
  const stream = createWriteStream(sealedPath(options.folder, options.key.id), { flags: 'wx', mode: 0o600 });
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new HitlineError('TRACE_FILE', { cause });
  }
  return new RecordsOnDisk(stream, options);
}

class RecordsOnDisk implements SealedFile {
  readonly #stream: WriteStream;
  readonly #options: SealedFileOptions;
  readonly #chance = new Chance();
  #place = 0;
  #isOver = false;
  bytes = 0;

  constructor(stream: WriteStream, options: SealedFileOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('error', () => this.#end('disk'));
  }

  readonly write = (text: string): void => {
    for (let from = 0; from < text.length; from += recordCharactersMax) {
      this.#writeRecord(text.slice(from, from + recordCharactersMax));
    }
  };

  #writeRecord(text: string): void {
    if (this.#isOver) return;
    const { folder, key, bytesMax = traceBytesMax } = this.#options;
    const bound = boundRecord(folder, key, this.#place);
    const sealed = encrypt(key.key, Buffer.from(text, 'latin1'), { bound, chance: this.#chance });
    const isFull = this.bytes + 4 + sealed.length > bytesMax;
    if (isFull || this.#stream.writableLength > waitingBytesMax) {
      this.#end(isFull ? 'full' : 'disk');
      return;
    }
    const head = Buffer.alloc(4);
    head.writeUInt32BE(sealed.length, 0);
    this.#stream.write(Buffer.concat([head, sealed]));
    this.#place += 1;
    this.bytes += 4 + sealed.length;
  }

  #end(why: 'full' | 'disk'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnd(why);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    if (this.#stream.destroyed) return;
    const closed = once(this.#stream, 'close').catch(() => undefined);
    this.#stream.end();
    await closed;
  }
}
