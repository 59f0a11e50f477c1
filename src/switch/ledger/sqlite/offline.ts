/** Work on a data folder while no gateway has it: verify, rotate, backup, restore. Each takes the folder's lock but the backup. */
import { createHash, createHmac, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { type MasterKey, openMasterKey, sameCode } from '../cipher.ts';
import { HeadSeal, readHeads, type SecondPlace } from '../heads.ts';
import { rebuildStates } from '../keeping/rebuild.ts';
import { rotateMasterKey } from '../keeping/rotate.ts';
import type { VerifyReport } from '../ledger.ts';
import type { LedgerTables } from '../schema.ts';
import { readSecrets } from '../secrets.ts';
import { lockFolder } from './folder-lock.ts';
import { kyselyOn } from './node-sqlite.ts';
import { ledgerFile, openReading, openWriting } from './open-database.ts';
import { proveFile } from './prove-file.ts';

/** A data folder and what opens it. */
export interface FolderKeys {
  readonly folder: string;
  readonly masterKey: Uint8Array;
  readonly headsFile?: string;
}

interface Opened {
  readonly connection: DatabaseSync;
  readonly db: Kysely<LedgerTables>;
  readonly master: MasterKey;
  readonly seal: HeadSeal;
}

async function withOpen<T>(
  connection: DatabaseSync,
  masterKey: Uint8Array,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  try {
    const master = openMasterKey(masterKey);
    const db = kyselyOn(connection);
    const secrets = await readSecrets(db, master);
    return await work({ connection, db, master, seal: new HeadSeal(secrets.head) });
  } finally {
    if (connection.isOpen) connection.close();
  }
}

async function mustExist(file: string): Promise<void> {
  await stat(file).catch((cause: unknown) => {
    throw new HitlineError('FILE_UNREADABLE', { detail: 'There is no ledger in this folder.', cause });
  });
}

/**
 * Proves a ledger that no gateway has open; with a trusted public key the signatures of its seals too. Faults:
 * LEDGER_LOCKED, LEDGER_KEY_WRONG, FILE_UNREADABLE.
 */
export async function verifyFolder(
  keys: FolderKeys & { readonly trusted?: KeyObject | undefined },
): Promise<VerifyReport> {
  await mustExist(ledgerFile(keys.folder));
  const unlock = lockFolder(keys.folder);
  try {
    return await proveFile(() => openWriting(keys.folder), {
      master: openMasterKey(keys.masterKey),
      trusted: keys.trusted,
      second: async (seal) => (keys.headsFile === undefined ? undefined : readHeads(keys.headsFile, seal)),
    });
  } finally {
    unlock();
  }
}

/** Puts a ledger under a new master key. Gives how many data keys were wrapped anew. Faults as `verifyFolder`. */
export async function rotateFolder(keys: FolderKeys & { readonly newKey: Uint8Array }): Promise<number> {
  await mustExist(ledgerFile(keys.folder));
  const unlock = lockFolder(keys.folder);
  try {
    return await withOpen(openWriting(keys.folder), keys.masterKey, async ({ connection, db, master }) => {
      connection.exec('PRAGMA secure_delete = ON');
      const count = await rotateMasterKey(db, { from: master, to: openMasterKey(keys.newKey) });
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return count;
    });
  } finally {
    unlock();
  }
}

/** What stands beside a copy. */
interface BackupManifest {
  readonly format: 'hitline-backup-1';
  readonly madeAtMs: number;
  readonly bytes: number;
  readonly sha256: string;
  /** HMAC over the lines above with a key of the ledger, so that only a copy that this ledger made is restored. */
  readonly mac: string;
}

const copyName = 'ledger.db';
const manifestName = 'manifest.json';

async function fileSha256(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(file)) digest.update(piece as Buffer);
  return digest.digest('hex');
}

function manifestMac(seal: HeadSeal, said: Omit<BackupManifest, 'mac'>): string {
  const statement = JSON.stringify([said.format, said.madeAtMs, said.bytes, said.sha256]);
  return createHmac('sha256', seal.mac('backup', { seq: 0, hash: said.sha256 }))
    .update(statement)
    .digest('hex');
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}

/** Of the second place only what a copy made earlier can know. */
async function headsUpTo(db: Kysely<LedgerTables>, second: SecondPlace): Promise<SecondPlace> {
  const heads = await db.selectFrom('head').select(['writer', 'seq']).execute();
  const ends = new Map(heads.map((head) => [head.writer, head.seq]));
  return { ...second, heads: second.heads.filter((head) => head.seq <= (ends.get(head.writer) ?? 0)) };
}

/** Opens a copy and proves it, against the second place as far as the copy reaches. */
async function proveCopy(folder: string, keys: Omit<FolderKeys, 'folder'>): Promise<VerifyReport> {
  const { headsFile, masterKey } = keys;
  return proveFile(() => openReading(folder), {
    master: openMasterKey(masterKey),
    second: async (seal, db) => (headsFile === undefined ? undefined : headsUpTo(db, await readHeads(headsFile, seal))),
  });
}

/**
 * Copies a ledger into a new folder while its gateway runs, then opens the copy and proves it. Gives the copy's report.
 * Faults: BACKUP_UNUSABLE (the folder is there, or the copy does not verify), LEDGER_KEY_WRONG, FILE_UNREADABLE.
 */
export async function backupFolder(
  keys: FolderKeys & { readonly to: string; readonly nowMs: number },
): Promise<VerifyReport> {
  await mustExist(ledgerFile(keys.folder));
  await mkdir(keys.to, { mode: 0o700 }).catch((cause: unknown) => {
    throw new HitlineError('BACKUP_UNUSABLE', { detail: 'The folder for it must be a new one.', cause });
  });
  const copy = join(keys.to, copyName);
  const report = await withOpen(openReading(keys.folder), keys.masterKey, async ({ connection, seal }) => {
    await writeFile(copy, '', { mode: 0o600 });
    await backup(connection, copy);
    const found = await proveCopy(keys.to, keys);
    const said = {
      format: 'hitline-backup-1',
      madeAtMs: keys.nowMs,
      bytes: (await stat(copy)).size,
      sha256: await fileSha256(copy),
    } as const;
    const manifest: BackupManifest = { ...said, mac: manifestMac(seal, said) };
    await writeFile(join(keys.to, manifestName), `${JSON.stringify(manifest)}\n`, { mode: 0o600 });
    return found;
  });
  if (!report.ok) throw new HitlineError('BACKUP_UNUSABLE', { detail: 'The copy does not verify.' });
  for (const path of [copy, join(keys.to, manifestName), keys.to]) await sync(path);
  return report;
}

/**
 * Puts a copy into a data folder that has no ledger. It is proved before it gets its name. Faults: BACKUP_UNUSABLE,
 * LEDGER_LOCKED, LEDGER_KEY_WRONG.
 */
export async function restoreFolder(keys: FolderKeys & { readonly from: string }): Promise<VerifyReport> {
  const copy = join(keys.from, copyName);
  const manifest = await readManifest(keys.from);
  if ((await fileSha256(copy)) !== manifest.sha256) throw unusable('Its bytes are not those that were copied.');
  await withOpen(openReading(keys.from), keys.masterKey, async ({ seal }) => {
    if (!sameCode(manifestMac(seal, manifest), manifest.mac)) throw unusable('Its manifest is not authentic.');
  });
  await mkdir(keys.folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(keys.folder);
  const draft = join(keys.folder, 'restoring');
  try {
    if (await isThere(ledgerFile(keys.folder))) throw unusable('There is a ledger in the data folder already.');
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await copyFile(copy, join(draft, copyName));
    await sync(join(draft, copyName));
    const report = await proveCopy(draft, keys);
    if (!report.ok) throw unusable('It does not verify.');
    await rename(join(draft, copyName), ledgerFile(keys.folder));
    await sync(keys.folder);
    return report;
  } finally {
    await rm(draft, { recursive: true, force: true });
    unlock();
  }
}

async function readManifest(folder: string): Promise<BackupManifest> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as BackupManifest;
    if (manifest.format !== 'hitline-backup-1') throw new Error('an unknown format');
    return { ...manifest, mac: String(manifest.mac) };
  } catch (cause) {
    throw new HitlineError('BACKUP_UNUSABLE', { detail: 'Its manifest cannot be read.', cause });
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function unusable(detail: string): HitlineError {
  return new HitlineError('BACKUP_UNUSABLE', { detail });
}

/** Writes the states anew from their events, for a state table that was damaged; gives how many rows there are now. */
export async function rebuildFolder(keys: FolderKeys): Promise<number> {
  await mustExist(ledgerFile(keys.folder));
  const unlock = lockFolder(keys.folder);
  try {
    return await withOpen(openWriting(keys.folder), keys.masterKey, async ({ db }) => {
      return rebuildStates(db);
    });
  } finally {
    unlock();
  }
}
