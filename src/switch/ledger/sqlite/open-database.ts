/** Opening the ledger's file, its settings, and the secrets it holds under the master key. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HitlineError } from '../../../faults/fault.ts';
import { type MasterKey, unwrapSecret, wrapSecret } from '../cipher.ts';

/** Pages of 4 KiB the log may hold before it is copied into the file. */
const checkpointPages = 4_000;
const cacheKiB = 65_536;

/** The ledger's file within a data folder. */
export function ledgerFile(folder: string): string {
  return join(folder, 'ledger.db');
}

/** Opens the one writing connection. The file is made readable for its owner alone. */
export function openWriting(folder: string): DatabaseSync {
  closeSync(openSync(ledgerFile(folder), 'a', 0o600));
  const db = new DatabaseSync(ledgerFile(folder), { timeout: 5_000 });
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  db.exec(`PRAGMA cache_size = -${cacheKiB}`);
  db.exec('PRAGMA temp_store = MEMORY');
  return db;
}

/** Opens a connection that can only read. */
export function openReading(folder: string): DatabaseSync {
  const db = new DatabaseSync(ledgerFile(folder), { readOnly: true, timeout: 5_000 });
  db.exec(`PRAGMA cache_size = -${cacheKiB}`);
  return db;
}

/** The ledger's own secrets: the key of the search tokens and the key of the heads. */
export interface Secrets {
  readonly token: Uint8Array;
  readonly head: Uint8Array;
}

/** Gives the secrets, making them on the first start. Fault: LEDGER_KEY_WRONG. */
export function openSecrets(db: DatabaseSync, master: MasterKey): Secrets {
  const give = (name: string): Uint8Array => {
    const row = db.prepare('SELECT master_id, wrapped FROM secret WHERE name = ?').get(name) as
      | { master_id: string; wrapped: Uint8Array }
      | undefined;
    if (row !== undefined) {
      if (row.master_id !== master.id) throw new HitlineError('LEDGER_KEY_WRONG');
      return unwrapSecret(master, name, row.wrapped);
    }
    if (db.prepare('SELECT 1 FROM event LIMIT 1').get() !== undefined) throw new HitlineError('LEDGER_BROKEN');
    const secret = new Uint8Array(randomBytes(32));
    db.prepare('INSERT INTO secret(name, master_id, wrapped) VALUES (?, ?, ?)').run(
      name,
      master.id,
      wrapSecret(master, name, secret),
    );
    return secret;
  };
  return { token: give('token'), head: give('head') };
}
