/** Proves a ledger in PostgreSQL from outside its gateway, which may run meanwhile: one moment of it is walked. */
import type { KeyObject } from 'node:crypto';
import { HitlineError } from '../../../faults/fault.ts';
import { openMasterKey } from '../cipher.ts';
import { HeadSeal } from '../heads.ts';
import { proveLedger } from '../keeping/prove.ts';
import type { VerifyReport } from '../ledger.ts';
import { readHeads } from '../second-place/reading.ts';
import { readSecrets } from '../secrets.ts';
import { openReaders } from './connection.ts';
import { databaseError } from './dialing.ts';
import { schemaFault } from './own-tables.ts';

/** A database and what opens it. The address may hold a password and so never stands in an error. */
export interface DatabaseKeys {
  readonly url: string;
  readonly masterKey: Uint8Array;
  readonly headsFile: string;
  /** The public key to test the signatures of the seals with. */
  readonly trusted?: KeyObject | undefined;
}

/** The error to throw for a database that could not be asked; one that has not our tables holds no ledger. */
export function askedError(cause: unknown): HitlineError {
  if ((cause as { readonly code?: unknown }).code !== '42P01') return databaseError(cause);
  return new HitlineError('LEDGER_FAILED', { detail: 'The database holds no ledger.', cause });
}

/** Walks everything on connections that the server lets read only. Faults: LEDGER_KEY_WRONG, those of the line. */
export async function verifyDatabase(keys: DatabaseKeys): Promise<VerifyReport> {
  const master = openMasterKey(keys.masterKey);
  const db = openReaders({ url: keys.url, writer: '' });
  try {
    // The second place first: what it knows is in the database, so the moment that the walk sees must have it.
    const known = await readSecrets(db, master).catch((error: unknown) => {
      if (error instanceof HitlineError && error.code === 'LEDGER_BROKEN') return undefined;
      throw error;
    });
    const second = known === undefined ? undefined : await readHeads(keys.headsFile, new HeadSeal(known.head));
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((moment) =>
        proveLedger(moment, {
          master,
          second: async () => second,
          trusted: keys.trusted,
          integrity: () => schemaFault(moment),
        }),
      );
  } catch (cause) {
    throw askedError(cause);
  } finally {
    await db.destroy();
  }
}
