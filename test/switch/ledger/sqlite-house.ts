/** A ledger on SQLite in a folder of its own under the machine's temporary folder. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type LedgerOptions, openLedger, type SqliteLedger } from '../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import type { LedgerHouse } from '../../conformance/ledger.ts';

/** The master key of the tests. */
export const masterKey = new Uint8Array(32).fill(7);

export interface SqliteHouse extends LedgerHouse {
  readonly folder: string;
  readonly headsFile: string;
  open(writer?: string, more?: Partial<LedgerOptions>): Promise<SqliteLedger>;
}

export async function sqliteHouse(): Promise<SqliteHouse> {
  const root = mkdtempSync(join(tmpdir(), 'hitline-ledger-'));
  const folder = join(root, 'data');
  const headsFile = join(root, 'heads');
  return {
    folder,
    headsFile,
    open: (writer = 'gw1', more = {}) => openLedger({ folder, writer, masterKey, headsFile, ...more }),
    async tamper(sql) {
      const db = new DatabaseSync(join(folder, 'ledger.db'));
      db.exec(sql);
      db.close();
    },
    async read(sql) {
      const db = new DatabaseSync(join(folder, 'ledger.db'), { readOnly: true });
      const rows = db.prepare(sql).all();
      db.close();
      return rows;
    },
    // lock.db is left alone: opening and closing it here would free the lock that this very process holds.
    async bytesOnDisk() {
      const files = readdirSync(folder).filter((name) => name !== 'lock.db');
      return [...files.map((name) => readFileSync(join(folder, name))), readFileSync(headsFile)];
    },
    async remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
