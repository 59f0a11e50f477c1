/** The lock of a data folder: held by an open SQLite transaction, so that even SIGKILL frees it. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HitlineError } from '../../../faults/fault.ts';
import { makeFile } from './open-database.ts';

/** SQLITE_BUSY. */
const busy = 5;

/**
 * Takes the lock and gives the function that frees it. Fault: LEDGER_LOCKED when another process, or another part of
 * this one, has it. Nothing else may open and close `lock.db`: that would free a POSIX lock behind our back.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock.db');
  try {
    // Whoever may read it may hold a lock on it, and so keep the next gateway from starting.
    makeFile(file);
  } catch (cause) {
    throw new HitlineError('LEDGER_FAILED', { detail: 'The lock of the data folder cannot be made.', cause });
  }
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if ((cause as { errcode?: number }).errcode === busy) throw new HitlineError('LEDGER_LOCKED', { cause });
    throw new HitlineError('LEDGER_FAILED', { detail: 'The lock of the data folder cannot be taken.', cause });
  }
  return () => {
    if (db.isOpen) db.close();
  };
}
