/**
 * Where traces lie: a file of sealed records and a file with their key, wrapped by the master key, for each. No clear byte is
 * ever written. Whoever destroys the key has destroyed the trace, so that goes first.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HitlineError } from '../../faults/fault.ts';
import { createDurableFile } from '../../host/durable-file.ts';
import { Chance, decrypt, encrypt, type MasterKey } from '../ledger/cipher.ts';
import { traceLifeMs } from './trace.ts';

/** A clock that stands this much before a trace's beginning has gone back: nobody knows how old the trace is. */
const backMs = 2_000;
const folderName = 'traces';
const keyEnding = '.key';
const sealedEnding = '.trace';

const keyFile = z.strictObject({
  id: z.string(),
  startedAtMs: z.number(),
  keyId: z.string(),
  masterId: z.string(),
  wrapped: z.string(),
});
type KeyFile = z.infer<typeof keyFile>;

/** Whose traces these are: a trace of one kind opens nowhere in the other (DESIGN.md, law 10). */
export interface TraceFolder {
  readonly path: string;
  readonly kind: 'practice' | 'live';
  readonly master: MasterKey;
}

/** The folder of a data folder's traces, made when there is none. Fault: DATA_FOLDER_UNUSABLE. */
export function traceFolder(dataFolder: string, given: Omit<TraceFolder, 'path'>): TraceFolder {
  const path = join(dataFolder, folderName);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new HitlineError('DATA_FOLDER_UNUSABLE', { cause });
  }
  return { path, ...given };
}

/** The key of one trace at work. */
export interface TraceKey {
  readonly id: string;
  readonly keyId: string;
  readonly key: KeyObject;
}

function boundKey(folder: TraceFolder, file: Omit<KeyFile, 'wrapped'>): string {
  // The beginning is bound too: a key file whose times were changed opens nothing.
  return JSON.stringify(['trace_key', folder.kind, file.id, file.startedAtMs, file.keyId, file.masterId]);
}

/** The text that a record is bound to: its trace, its key and its place in the file. */
export function boundRecord({ kind }: Pick<TraceFolder, 'kind'>, key: TraceKey, place: number): string {
  return JSON.stringify(['trace', kind, key.id, key.keyId, place]);
}

/** Names the file of a trace's sealed records. */
export function sealedPath(folder: Pick<TraceFolder, 'path'>, id: string): string {
  return join(folder.path, `${id}${sealedEnding}`);
}

/** Makes the key of a trace; it is on disk, wrapped, when this returns. Fault: TRACE_FILE. */
export function makeTraceKey(folder: TraceFolder, id: string, startedAtMs: number): TraceKey {
  const chance = new Chance();
  const bytes = chance.take(32);
  const file = { id, startedAtMs, keyId: chance.take(8).toString('hex'), masterId: folder.master.id };
  const wrapped = encrypt(folder.master.wrapping, bytes, { bound: boundKey(folder, file), chance });
  try {
    const text = JSON.stringify({ ...file, wrapped: wrapped.toString('base64') });
    createDurableFile(join(folder.path, `${id}${keyEnding}`), text);
  } catch (cause) {
    throw new HitlineError('TRACE_FILE', { cause });
  }
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, keyId: file.keyId, key };
}

/** The key of a trace that is there; undefined when it is gone, or the master key is another one. */
export function openTraceKey(folder: TraceFolder, id: string): TraceKey | undefined {
  const file = readKeyFile(folder, id);
  if (file === undefined) return undefined;
  const bytes = decrypt(folder.master.wrapping, Buffer.from(file.wrapped, 'base64'), boundKey(folder, file));
  return bytes === undefined ? undefined : { id, keyId: file.keyId, key: createSecretKey(bytes) };
}

function readKeyFile(folder: Pick<TraceFolder, 'path'>, id: string): KeyFile | undefined {
  try {
    const read = keyFile.safeParse(JSON.parse(readFileSync(join(folder.path, `${id}${keyEnding}`), 'utf8')));
    return read.success && read.data.id === id ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** The ids of the traces that are there, by either of their files. */
export function tracesIn(folder: Pick<TraceFolder, 'path'>): ReadonlySet<string> {
  const ids = readdirSync(folder.path)
    .filter((name) => name.endsWith(keyEnding) || name.endsWith(sealedEnding))
    .map((name) => name.slice(0, name.lastIndexOf('.')));
  return new Set(ids);
}

/**
 * Destroys a trace: its key is written over and removed, then its records. On disk when this returns. What is not there is
 * no fault; what cannot be removed throws the system's error.
 */
export function destroyTrace(folder: Pick<TraceFolder, 'path'>, id: string): void {
  if (!existsSync(folder.path)) return;
  writeOver(join(folder.path, `${id}${keyEnding}`));
  rmSync(sealedPath(folder, id), { force: true });
  syncFolder(folder.path);
}

function writeOver(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === true) {
    const handle = openSync(file, 'r+');
    try {
      writeSync(handle, Buffer.alloc(fstatSync(handle).size), 0, undefined, 0);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
  rmSync(file, { force: true });
}

function syncFolder(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Before anything else at a start: destroys every trace whose day is over by the wall, whose key cannot be read, or that
 * lies in the future, because then the clock went back and its age is unknown. Drafts of a dead process go too.
 */
export function sweepTraces(dataFolder: string, nowMs: number): void {
  const folder = { path: join(dataFolder, folderName) };
  if (!existsSync(folder.path)) return;
  for (const name of readdirSync(folder.path)) if (name.startsWith('.')) writeOver(join(folder.path, name));
  for (const id of tracesIn(folder)) {
    const startedAtMs = readKeyFile(folder, id)?.startedAtMs;
    const isOver = startedAtMs === undefined || nowMs >= startedAtMs + traceLifeMs || nowMs < startedAtMs - backMs;
    if (isOver) destroyTrace(folder, id);
  }
}

/** Reads on from a place in the file: whole records only, until about so many bytes. Undefined when the file is gone. */
export function readSealed(
  file: string,
  from: number,
  bytesMax: number,
): { readonly records: readonly Buffer[]; readonly next: number } | undefined {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const records: Buffer[] = [];
    const size = fstatSync(handle).size;
    const head = Buffer.alloc(4);
    let next = from;
    while (next + 4 <= size && next - from < bytesMax) {
      readSync(handle, head, 0, 4, next);
      const length = head.readUInt32BE(0);
      // The last record may still be on its way to the disk.
      if (next + 4 + length > size) break;
      const record = Buffer.alloc(length);
      readSync(handle, record, 0, length, next + 4);
      records.push(record);
      next += 4 + length;
    }
    return { records, next };
  } finally {
    closeSync(handle);
  }
}
