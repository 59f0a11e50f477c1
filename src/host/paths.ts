/** Where things lie on the machine: the data folder, and sockets whose names are short enough for the kernel. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { HitlineError } from '../faults/fault.ts';
import { createDurableFile } from './durable-file.ts';

/** The kernel takes 108 bytes with the final zero for the name of a unix socket. */
const socketBytesMax = 107;
const modeFileName = 'mode';

/** The files of a data folder. */
export interface DataPaths {
  readonly folder: string;
  readonly ledgerFile: string;
  readonly lockFile: string;
  readonly redisFolder: string;
}

/** Names the files of a data folder; nothing is made. */
export function dataPaths(folder: string): DataPaths {
  const base = resolve(folder);
  return {
    folder: base,
    ledgerFile: join(base, 'ledger.db'),
    lockFile: join(base, 'lock.db'),
    redisFolder: join(base, 'redis'),
  };
}

/**
 * Makes the data folder (mode 0700) when there is none and marks it as practice or live; a folder of the other kind is
 * refused, so that the two never share one (DESIGN.md, law 10). Fault: DATA_FOLDER_UNUSABLE.
 */
export function claimDataFolder(folder: string, options: { practice: boolean }): DataPaths {
  const paths = dataPaths(folder);
  const kind = options.practice ? 'practice' : 'live';
  let found: string;
  try {
    mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
    if ((statSync(paths.folder).mode & 0o077) !== 0) throw unusable('Others may enter it; it must have mode 0700.');
    found = readOrWrite(join(paths.folder, modeFileName), kind);
  } catch (cause) {
    if (cause instanceof HitlineError) throw cause;
    throw unusable('It could not be made or read.', cause);
  }
  if (found !== kind) throw unusable(`It belongs to another kind of system, and this one is ${kind}.`);
  return paths;
}

/**
 * The name of a unix socket that goes with a data folder: in it when that is short enough, else in a folder of the
 * user's own (mode 0700) below the machine's temporary folder. Fault: DATA_FOLDER_UNUSABLE.
 */
export function socketPath(folder: string, name: string): string {
  const inside = join(resolve(folder), name);
  if (Buffer.byteLength(inside) <= socketBytesMax) return inside;
  const owner = userInfo().uid;
  const digest = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  const outside = join(tmpdir(), `hitline-${owner}-${digest}`);
  mkdirSync(outside, { recursive: true, mode: 0o700 });
  const stat = lstatSync(outside);
  if (!stat.isDirectory() || stat.uid !== owner || (stat.mode & 0o077) !== 0) {
    throw unusable('The folder for its sockets belongs to somebody else.');
  }
  const path = join(outside, name);
  if (Buffer.byteLength(path) > socketBytesMax) throw unusable('No name for a socket is short enough.');
  return path;
}

/** Removes the folder that `socketPath` made outside the data folder, once nothing is in it any more. */
export function leaveSocketFolder(path: string, folder: string): void {
  if (dirname(path) === resolve(folder)) return;
  try {
    rmdirSync(dirname(path));
  } catch {
    // Another socket of the same data folder is still in it, or it has gone already.
  }
}

/** Writes the file when there is none, and gives what is in it. */
function readOrWrite(file: string, text: string): string {
  try {
    createDurableFile(file, `${text}\n`);
    return text;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return readFileSync(file, 'utf8').trim();
  }
}

function unusable(detail: string, cause?: unknown): HitlineError {
  return new HitlineError('DATA_FOLDER_UNUSABLE', { detail, ...(cause === undefined ? {} : { cause }) });
}
