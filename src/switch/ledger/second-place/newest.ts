/**
 * The newest head of one chain: a small file in the second place, overwritten where it lies. It has two places of a fixed size
 * that are written in turn, so that a write which a power failure tears leaves the head of before.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One of the two places: a line, filled up with blanks. */
const slotBytes = 512;

export type Slot = 0 | 1;

const mark = '.newest-';

/** Where the newest head of this writer's chain stands, beside the lines of all writers. */
export function newestFile(headsFile: string, writer: string): string {
  return `${headsFile}${mark}${encodeURIComponent(writer)}`;
}

/** Whose newest head is in the file of this name, beside lines of that name; undefined for any other file. */
export function newestWriter(headsName: string, name: string): string | undefined {
  if (!name.startsWith(`${headsName}${mark}`)) return undefined;
  try {
    return decodeURIComponent(name.slice(headsName.length + mark.length));
  } catch {
    return undefined;
  }
}

/** Overwrites one place and waits for its disk; a file that is not there is made with both. Throws the file system's own error. */
export async function writeNewest(file: string, slot: Slot, line: string): Promise<void> {
  const record = Buffer.alloc(slotBytes, ' ');
  // A line that does not fit would run into the other place.
  if (record.write(line.trimEnd()) === slotBytes) throw new RangeError('the head does not fit its place');
  record.write('\n', slotBytes - 1);
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const { size } = await handle.stat();
    if (size >= 2 * slotBytes) {
      await handle.write(record, 0, slotBytes, slot * slotBytes);
      // Neither the size nor the place of the file changes, so that the disk need not be told of more than the bytes.
      await handle.datasync();
      return;
    }
    await handle.write(Buffer.concat([record, record]), 0, 2 * slotBytes, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(file));
}

/** The name of a new file is on disk too; a file system that syncs no folder has no need of it. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // Then it cannot be asked for.
  } finally {
    await handle?.close();
  }
}

/** The lines in both places as they stand, equal ones once; undefined when there is no file. */
export async function readNewest(file: string): Promise<readonly string[] | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2 * slotBytes), 0, 2 * slotBytes, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    const lines = [text.slice(0, slotBytes), text.slice(slotBytes)].map((line) => line.trim());
    return [...new Set(lines.filter((line) => line !== ''))];
  } finally {
    await handle.close();
  }
}
