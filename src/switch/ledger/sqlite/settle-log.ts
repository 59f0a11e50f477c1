/**
 * What a killed process left in the log goes into the file before anybody opens it as usual. SQLite would make the log's index
 * (`ledger.db-shm`) anew in the file system, and where the first frame it looks at is not whole it copies memory there that it never
 * filled: whatever the process had in it before, texts and keys not excepted.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ledgerFile } from './open-database.ts';

/**
 * Settles the log of a data folder. Alone with the file, SQLite keeps the index in memory. Does nothing where there is no log
 * or another connection has the file, and leaves every other trouble to the opening that follows, which names it.
 */
export function settleLog(folder: string): void {
  const file = ledgerFile(folder);
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const alone = new DatabaseSync(file, { timeout: 0 });
  try {
    alone.exec('PRAGMA locking_mode = EXCLUSIVE');
    alone.exec('PRAGMA synchronous = FULL');
    alone.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // It is opened as usual, then.
  } finally {
    alone.close();
  }
}
