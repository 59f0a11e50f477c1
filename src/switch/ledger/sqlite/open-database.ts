/** Opening the ledger's file, and its settings. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type FaultCode, HitlineError } from '../../../faults/fault.ts';

/** Pages of 4 KiB the log may hold before it is copied into the file. */
const checkpointPages = 4_000;
/** A log that had to grow while somebody read one moment for long (a proof, a backup) is cut to this when he has done. */
const logBytesKept = 64 * 1_048_576;
/**
 * Pages kept in memory by the writing connection: those it writes again and again. More of them spare no time, for what it does
 * not write again it does not read either, and the kernel keeps the file's pages besides.
 */
const writingCacheKiB = 16_384;
/** For a reading one: what one question comes back to. The next forgets it all when anything was written meanwhile. */
const readingCacheKiB = 8_192;
/** How long a connection waits for another that holds the file. */
export const busyMs = 5_000;

/** The ledger's file within a data folder. */
export function ledgerFile(folder: string): string {
  return join(folder, 'ledger.db');
}

/**
 * Makes the file, readable for its owner alone. One that is there is not touched: whoever opens and closes a file ends every
 * lock that his process has on it, and then a stranger's program may take the log away from under the gateway.
 */
export function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Opens the one writing connection. The file is made when it is not there. */
export function openWriting(folder: string): DatabaseSync {
  makeFile(ledgerFile(folder));
  const db = new DatabaseSync(ledgerFile(folder), { timeout: busyMs });
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  db.exec(`PRAGMA journal_size_limit = ${logBytesKept}`);
  db.exec(`PRAGMA cache_size = -${writingCacheKiB}`);
  db.exec('PRAGMA temp_store = MEMORY');
  // A page that is split keeps no copy of the rows that moved, or a purge would not reach them there.
  db.exec('PRAGMA secure_delete = FAST');
  return db;
}

/** Opens a connection that can only read. */
export function openReading(folder: string): DatabaseSync {
  const db = new DatabaseSync(ledgerFile(folder), { readOnly: true, timeout: busyMs });
  db.exec(`PRAGMA cache_size = -${readingCacheKiB}`);
  return db;
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damagedCodes: readonly number[] = [11, 26];

/** Whether SQLite says that the file itself is damaged. Its finer codes have these in their lowest byte. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && damagedCodes.includes(errcode & 0xff);
}

/** What an error at opening is called: our own code, or SQLite's, whose sentences may quote what is kept. */
export function openingFailure(error: unknown): { readonly code: FaultCode; readonly text: string } {
  if (error instanceof HitlineError) return { code: error.code, text: '' };
  const { errcode } = error as { errcode?: number };
  if (errcode === undefined) return { code: 'LEDGER_FAILED', text: '' };
  return { code: isDamage(error) ? 'LEDGER_BROKEN' : 'LEDGER_FAILED', text: `SQLite says ${errcode}.` };
}
