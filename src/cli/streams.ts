/** Standard input and output as the commands use them: capped, patient with slow readers, and safe on a screen. */
import { createReadStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { HitlineError } from '../faults/fault.ts';
import { pictures } from '../terminal/frame.ts';

/** The most a command that must have its whole input takes, in bytes: 16 times the largest message. */
export const inputBytesMax = 16 * 1_048_576;

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable;
}

/**
 * Opens the file, or standard input when there is no name or it is `-`. Reading it throws FILE_UNREADABLE when the file
 * is not there or may not be read.
 */
export async function* openInput(streams: Streams, file: string | undefined): AsyncGenerator<Buffer> {
  try {
    const source = file === undefined || file === '-' ? streams.stdin : createReadStream(file);
    for await (const chunk of source) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
}

/** Reads everything; throws FILE_UNREADABLE, or INPUT_TOO_LONG beyond `inputBytesMax`. */
export async function readInput(streams: Streams, file: string | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of openInput(streams, file)) {
    byteCount += chunk.length;
    if (byteCount > inputBytesMax)
      throw new HitlineError('INPUT_TOO_LONG', { detail: `At most ${inputBytesMax} bytes.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Writes and waits until the reader has room again. */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/**
 * Writes one JSON object a line. The control characters that JSON itself lets stand (DEL and C1, which can steer a
 * screen) are escaped too, and so are the marks that turn the direction of text: the object stays the same.
 */
export function writeJson(stream: Writable, value: unknown): Promise<void> {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return write(stream, `${text}\n`);
}

/**
 * Writes a text of the language. Into a pipe or file: exactly as it is. On a screen: line by line, each control character
 * as its picture, because a peer's text could otherwise steer the terminal.
 */
export function writeText(streams: Streams, text: string): Promise<void> {
  if (streams.stdout.isTTY !== true) return write(streams.stdout, text);
  const lines = text.split('\n').map(pictures);
  return write(streams.stdout, `${lines.join('\n')}\n`);
}
