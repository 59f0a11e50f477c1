/** Reads a ledger beside the gateway that has it open, dead, alive or in this process: one moment of it, and nothing is written. */
import { loadMasterKey } from '../../../src/host/keys.ts';
import { openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { HeadSeal, readHeads } from '../../../src/switch/ledger/heads.ts';
import type { Ledger } from '../../../src/switch/ledger/ledger.ts';
import { LedgerReader } from '../../../src/switch/ledger/queries.ts';
import { readSecrets } from '../../../src/switch/ledger/secrets.ts';
import { kyselyOn } from '../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { openReading } from '../../../src/switch/ledger/sqlite/open-database.ts';
import { Tokens } from '../../../src/switch/ledger/tokens.ts';
import { verifyLedger } from '../../../src/switch/ledger/verify.ts';

/** What the law checker asks a ledger. */
export type LookedAt = Pick<Ledger, 'events' | 'states' | 'verify'>;

/** Gives the work one moment of the ledger: the one at which it first reads. */
export async function lookBeside<T>(
  at: { readonly dataFolder: string; readonly keyFile: string },
  work: (ledger: LookedAt) => Promise<T>,
): Promise<T> {
  const connection = openReading(at.dataFolder);
  try {
    const db = kyselyOn(connection);
    const master = openMasterKey(
      loadMasterKey({ file: at.keyFile, practice: true, dataFolder: at.dataFolder, create: false }),
    );
    const secrets = await readSecrets(db, master);
    const seal = new HeadSeal(secrets.head);
    // The second place first: what it knows is on disk, so the moment that is read must have it.
    const second = await readHeads(`${at.dataFolder}.heads`, seal);
    const reader = new LedgerReader(db, { master, tokens: new Tokens(secrets.token) });
    const integrity = async (): Promise<string | undefined> => {
      const row = connection.prepare('PRAGMA quick_check(1)').get() as { quick_check: string } | undefined;
      return row?.quick_check === 'ok' ? undefined : 'a page of the file is damaged';
    };
    connection.exec('BEGIN');
    return await work({
      events: (query) => reader.events(query),
      states: (query) => reader.states(query),
      verify: () => verifyLedger(db, { master, seal, integrity, second }),
    });
  } finally {
    connection.close();
  }
}
