/** Work on a data folder while no gateway has it: verify, rotate, rebuild, backup, restore. Each takes the folder's lock but the backup. */
import type { KeyObject } from 'node:crypto';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { type MasterKey, openMasterKey } from '../cipher.ts';
import { rebuildStates } from '../keeping/rebuild.ts';
import { rotateMasterKey } from '../keeping/rotate.ts';
import type { VerifyReport } from '../ledger.ts';
import type { LedgerTables } from '../schema.ts';
import { readHeads } from '../second-place/reading.ts';
import type { RestoreMark } from '../second-place/restoring.ts';
import { readSecrets } from '../secrets.ts';
import { isThere, makeCopy, openCopy, proveCopy, secondPlaceFor, sync, unusable } from './copy-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { kyselyOn } from './node-sqlite.ts';
import { ledgerFile, openReading, openWriting } from './open-database.ts';
import { proveFile } from './prove-file.ts';
import { settleLog } from './settle-log.ts';

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
}

async function withOpen<T>(
  connection: DatabaseSync,
  masterKey: Uint8Array,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  try {
    const master = openMasterKey(masterKey);
    const db = kyselyOn(connection);
    await readSecrets(db, master);
    return await work({ connection, db, master });
  } finally {
    if (connection.isOpen) connection.close();
  }
}

async function mustExist(file: string): Promise<void> {
  if (await isThere(file)) return;
  throw new HitlineError('FILE_UNREADABLE', { detail: 'There is no ledger in this folder.' });
}

/** Takes the lock of a folder; what a gateway that was killed left in the log is in the file then. */
function lockSettled(folder: string): () => void {
  const unlock = lockFolder(folder);
  settleLog(folder);
  return unlock;
}

/**
 * Proves a ledger that no gateway has open; with a trusted public key the signatures of its seals too. Faults:
 * LEDGER_LOCKED, LEDGER_KEY_WRONG, FILE_UNREADABLE.
 */
export async function verifyFolder(
  keys: FolderKeys & { readonly trusted?: KeyObject | undefined },
): Promise<VerifyReport> {
  await mustExist(ledgerFile(keys.folder));
  const unlock = lockSettled(keys.folder);
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
  const unlock = lockSettled(keys.folder);
  try {
    return await withOpen(openWriting(keys.folder), keys.masterKey, async ({ connection, db, master }) => {
      connection.exec('PRAGMA secure_delete = ON');
      const to = openMasterKey(keys.newKey);
      const count = await db.transaction().execute((change) => rotateMasterKey(change, { from: master, to }));
      sweep(connection);
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return count;
    });
  } finally {
    unlock();
  }
}

/**
 * Writes the file anew, so that no byte which is no longer used holds what the old key opens. The new key is in force
 * already: a disk without room for a second copy must not make that untrue.
 */
function sweep(connection: DatabaseSync): void {
  try {
    // The copy on the way is as large as the ledger: too large for memory.
    connection.exec('PRAGMA temp_store = FILE');
    connection.exec('VACUUM');
  } catch {
    // The old key file is then worth keeping as secret as before.
  }
}

/** Lets a copy stand for itself: one that kept its log in a second file could not be read where nothing can be written. */
function withoutLog(file: string): void {
  const copy = new DatabaseSync(file);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/**
 * Copies a ledger into a new folder while its gateway runs, then opens the copy and proves it. Gives the copy's report.
 * Faults: BACKUP_UNUSABLE (the folder is there, or the copy does not verify), LEDGER_KEY_WRONG, FILE_UNREADABLE.
 */
export async function backupFolder(
  keys: FolderKeys & { readonly to: string; readonly nowMs: number },
): Promise<VerifyReport> {
  await mustExist(ledgerFile(keys.folder));
  settleLog(keys.folder);
  return makeCopy(keys, (file) =>
    withOpen(openReading(keys.folder), keys.masterKey, async ({ connection }) => {
      // The copy is of one moment, which a reading transaction holds: else each commit of the gateway would begin it anew.
      connection.exec('BEGIN');
      connection.prepare('SELECT seq FROM head').all();
      await backup(connection, file);
      withoutLog(file);
      connection.exec('COMMIT');
    }),
  );
}

/**
 * Puts a copy into a data folder that has no ledger. It is proved, and named in the second place as what stands here from now
 * on, before it gets its name. Faults: BACKUP_UNUSABLE, LEDGER_LOCKED, LEDGER_KEY_WRONG.
 */
export async function restoreFolder(
  keys: FolderKeys & { readonly from: string; readonly mark: RestoreMark },
): Promise<VerifyReport> {
  const copy = await openCopy(keys.from, keys.masterKey);
  const second = await secondPlaceFor(copy, keys.headsFile);
  await mkdir(keys.folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(keys.folder);
  const draft = join(keys.folder, 'restoring');
  try {
    if (await isThere(ledgerFile(keys.folder))) throw unusable('There is a ledger in the data folder already.');
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await copyFile(copy.file, ledgerFile(draft));
    await sync(ledgerFile(draft));
    const report = await proveCopy(draft, { masterKey: keys.masterKey, headsFile: second.headsFile });
    if (!report.ok) throw unusable('It does not verify.');
    const marked = await second.mark(report, keys.mark);
    await rename(ledgerFile(draft), ledgerFile(keys.folder));
    await sync(keys.folder);
    return marked;
  } finally {
    await rm(draft, { recursive: true, force: true });
    unlock();
  }
}

/** Writes the states anew from their events, for a state table that was damaged; gives how many rows there are now. */
export async function rebuildFolder(keys: FolderKeys): Promise<number> {
  await mustExist(ledgerFile(keys.folder));
  const unlock = lockSettled(keys.folder);
  try {
    return await withOpen(openWriting(keys.folder), keys.masterKey, async ({ db }) => {
      return db.transaction().execute(rebuildStates);
    });
  } finally {
    unlock();
  }
}
