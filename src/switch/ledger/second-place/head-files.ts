/** The second place as the gateway writes it: lines for good in one file, and the newest head of each chain in one of its own. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { newestFile, readNewest, type Slot, writeNewest } from './newest.ts';
import { mentions } from './reading.ts';
import { restoredMark } from './restored.ts';
import type { SecondPlaceText } from './said.ts';

/** The files that a `HeadKeeper` writes; each call waits for their disk and throws the file system's own error. */
export interface HeadFiles {
  /** What a start of this writer must know: the last of the lines at least, and its own newest head. */
  read(writer: string): Promise<SecondPlaceText>;
  append(line: string): Promise<void>;
  writeNewest(writer: string, slot: Slot, line: string): Promise<void>;
}

/** What a start reads of the lines: what stands before it, a proof reads. */
const tailBytes = 65_536;

/** The files on a disk, the lines under this name. */
export function headFiles(headsFile: string): HeadFiles {
  return {
    async read(writer) {
      const lines = await lastLines(headsFile, writer);
      const slots = await readNewest(newestFile(headsFile, writer));
      return { ...lines, newest: slots === undefined ? [] : [{ writer, slots }] };
    },
    append: (line) => appendLine(headsFile, line),
    writeNewest: (writer, slot, line) => writeNewest(newestFile(headsFile, writer), slot, line),
  };
}

/** Appends a line to the second place and waits for its disk. Throws the file system's own error. */
export async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    // A line cut by a power failure stays alone on its line.
    await handle.write((await endsTorn(handle)) ? `\n${line}` : line);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1') !== '\n';
}

/**
 * The last lines, in which the chain is named unless it is in none. Whether a restore is true, all that stands before it
 * tells, so that with one among them all lines are given, and where the last of them begin.
 */
async function lastLines(file: string, writer: string): Promise<Pick<SecondPlaceText, 'lines' | 'from'>> {
  const tail = await readTail(file);
  if (tail.isWhole) return { lines: tail.text };
  const isEnough = mentions(tail.text, writer);
  if (isEnough && !tail.text.includes(restoredMark)) return { lines: tail.text };
  const lines = await readFile(file, 'utf8');
  return isEnough ? { lines, from: lines.lastIndexOf('\n', lines.length - tailBytes) + 1 } : { lines };
}

async function readTail(file: string): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return { text: '', isWhole: true };
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return { text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), isWhole: from === 0 };
  } finally {
    await handle.close();
  }
}
