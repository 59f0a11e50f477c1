/** The second place as the gateway writes it: lines for good in one file, and the newest head of each chain in one of its own. */
import { open } from 'node:fs/promises';
import { appendHead } from '../heads.ts';
import { newestFile, readNewest, type Slot, writeNewest } from './newest.ts';

/** What a start reads of the second place. */
export interface FoundHeads {
  /** The last of the lines. */
  readonly lines: readonly string[];
  /** What stands as the newest head of the chain that was asked for. */
  readonly newest: readonly string[];
}

/** The files that a `HeadKeeper` writes; each call waits for their disk and throws the file system's own error. */
export interface HeadFiles {
  read(writer: string): Promise<FoundHeads>;
  append(line: string): Promise<void>;
  writeNewest(writer: string, slot: Slot, line: string): Promise<void>;
}

/** Read of the lines at a start: what stands before it, a proof reads. */
const tailBytes = 65_536;

/** The files on a disk, the lines under this name. */
export function headFiles(headsFile: string): HeadFiles {
  return {
    async read(writer) {
      return { lines: await lastLines(headsFile), newest: await readNewest(newestFile(headsFile, writer)) };
    },
    append: (line) => appendHead(headsFile, line),
    writeNewest: (writer, slot, line) => writeNewest(newestFile(headsFile, writer), slot, line),
  };
}

async function lastLines(file: string): Promise<readonly string[]> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return (from === 0 ? lines : lines.slice(1)).filter((line) => line !== '');
  } finally {
    await handle.close();
  }
}
