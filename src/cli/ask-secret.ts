/** Secrets of a person: typed without an echo, or the first line of a file that he alone can read; never an argument. */
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { HitlineError } from '../faults/fault.ts';
import { UsageError } from './command.ts';
import { decodeText } from './json-input.ts';
import { readInput, type Streams, write } from './streams.ts';

/** Asks at the terminal; what is typed goes nowhere, so that it is not shown. */
export async function askHidden(streams: Streams, question: string): Promise<string> {
  await write(streams.stderr, `${question}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: streams.stdin, output: nowhere, terminal: true });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    await write(streams.stderr, '\n');
  }
}

/** The first line of the file, or of standard input without one. Fault: FILE_UNREADABLE. */
export async function firstLine(streams: Streams, file?: string): Promise<string> {
  return decodeText(await readInput(streams, file)).split(/\r?\n/, 1)[0] ?? '';
}

/** A password from its file, which nobody else may read, or else from the terminal. Throws UsageError without either. */
export async function readSecret(
  streams: Streams,
  from: { readonly file: string | boolean | undefined; readonly option: string; readonly question: string },
): Promise<string> {
  if (typeof from.file === 'string') {
    if ((modeOf(from.file) & 0o077) !== 0) {
      throw new UsageError(`others may read the file of ${from.option}; it must have mode 0600`);
    }
    return firstLine(streams, from.file);
  }
  if (streams.stdin.isTTY !== true) throw new UsageError(`without a terminal ${from.option} is needed`);
  return askHidden(streams, from.question);
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode;
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
}
