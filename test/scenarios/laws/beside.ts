/** Reads a ledger beside the gateway that has it open, dead, alive or in this process: one moment of it, and nothing is written. */
import { existsSync, rmSync } from 'node:fs';
import type { Kysely } from 'kysely';
import { loadMasterKey } from '../../../src/host/keys.ts';
import { openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../src/switch/ledger/heads.ts';
import type { Ledger } from '../../../src/switch/ledger/ledger.ts';
import { openReaders } from '../../../src/switch/ledger/postgres/connection.ts';
import { LedgerReader } from '../../../src/switch/ledger/queries.ts';
import type { LedgerTables } from '../../../src/switch/ledger/schema.ts';
import { readHeads } from '../../../src/switch/ledger/second-place/reading.ts';
import { readSecrets } from '../../../src/switch/ledger/secrets.ts';
import { lockFolder } from '../../../src/switch/ledger/sqlite/folder-lock.ts';
import { kyselyOn } from '../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { ledgerFile, openReading } from '../../../src/switch/ledger/sqlite/open-database.ts';
import { Tokens } from '../../../src/switch/ledger/tokens.ts';
import { verifyLedger } from '../../../src/switch/ledger/verify.ts';

/** What the law checker asks a ledger. */
export type LookedAt = Pick<Ledger, 'events' | 'states' | 'verify'>;

/** Where a ledger lies. */
export interface LedgerPlace {
  /** The gateway's data folder; its heads lie beside it. */
  readonly dataFolder: string;
  readonly keyFile: string;
  /** The address of the database, of a ledger that is not embedded. */
  readonly databaseUrl?: string | undefined;
}

/** False before the first start of a gateway whose ledger is embedded; its database is there before the gateway. */
export function isLedgerThere(at: LedgerPlace): boolean {
  return at.databaseUrl !== undefined || existsSync(ledgerFile(at.dataFolder));
}

/** Gives the work one moment of the ledger: the one at which it first reads. */
export async function lookBeside<T>(at: LedgerPlace, work: (ledger: LookedAt) => Promise<T>): Promise<T> {
  if (at.databaseUrl !== undefined) return lookIntoDatabase(at, at.databaseUrl, work);
  const connection = openReading(at.dataFolder);
  try {
    const db = kyselyOn(connection);
    const integrity = async (): Promise<string | undefined> => {
      const row = connection.prepare('PRAGMA quick_check(1)').get() as { quick_check: string } | undefined;
      return row?.quick_check === 'ok' ? undefined : 'a page of the file is damaged';
    };
    const look = await looking(at, db);
    connection.exec('BEGIN');
    return await work(look(db, integrity));
  } finally {
    connection.close();
    forgetIndex(at.dataFolder);
  }
}

/** Of a ledger that no gateway has, the index of its log holds what this process had in memory: the next look would find that. */
function forgetIndex(dataFolder: string): void {
  try {
    const unlock = lockFolder(dataFolder);
    rmSync(`${ledgerFile(dataFolder)}-shm`, { force: true });
    unlock();
  } catch {
    // A gateway has it.
  }
}

async function lookIntoDatabase<T>(at: LedgerPlace, url: string, work: (ledger: LookedAt) => Promise<T>): Promise<T> {
  const db = openReaders({ url, writer: 'beside' });
  try {
    const look = await looking(at, db);
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((moment) => work(look(moment)));
  } finally {
    await db.destroy();
  }
}

/** Reads what opens the ledger, and its second place before it: what that knows is on disk, so the moment must have it. */
async function looking(at: LedgerPlace, db: Kysely<LedgerTables>) {
  const master = openMasterKey(
    loadMasterKey({ file: at.keyFile, practice: true, dataFolder: at.dataFolder, create: false }),
  );
  const secrets = await readSecrets(db, master);
  const seal = new HeadSeal(secrets.head);
  const second = await readHeads(`${at.dataFolder}.heads`, seal);
  return (moment: Kysely<LedgerTables>, integrity?: () => Promise<string | undefined>): LookedAt => {
    const reader = new LedgerReader(moment, { master, tokens: new Tokens(secrets.token) });
    return {
      events: (query) => reader.events(query),
      states: (query) => reader.states(query),
      verify: () => verifyLedger(moment, { master, seal, second, ...(integrity === undefined ? {} : { integrity }) }),
    };
  };
}
