/** The ledger's own secrets, kept in it under the master key: a new master key changes neither tokens nor heads. */
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { HitlineError } from '../../faults/fault.ts';
import { type MasterKey, unwrapSecret, wrapSecret } from './cipher.ts';
import type { LedgerTables } from './schema.ts';

/** The key of the search tokens and the key of the heads. */
export interface Secrets {
  readonly token: Uint8Array;
  readonly head: Uint8Array;
}

/** Their names; a ledger has no other. */
export const secretNames = ['token', 'head'] as const;

/** A row that names another key than the one it opens with, or names this key and does not open, was changed. */
async function read(db: Kysely<LedgerTables>, name: string, master: MasterKey): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('secret').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) return undefined;
  const secret = unwrapSecret(master, name, row.wrapped);
  const isNamed = row.master_id === master.id;
  if (secret !== undefined && isNamed) return secret;
  throw new HitlineError(secret === undefined && !isNamed ? 'LEDGER_KEY_WRONG' : 'LEDGER_BROKEN');
}

/** Gives the secrets of a ledger that has them. Faults: LEDGER_KEY_WRONG, LEDGER_BROKEN when one was changed or is missing. */
export async function readSecrets(db: Kysely<LedgerTables>, master: MasterKey): Promise<Secrets> {
  const token = await read(db, 'token', master);
  const head = await read(db, 'head', master);
  if (token === undefined || head === undefined) throw new HitlineError('LEDGER_BROKEN');
  return { token, head };
}

async function isEmpty(db: Kysely<LedgerTables>): Promise<boolean> {
  return (await db.selectFrom('event').select('seq').limit(1).executeTakeFirst()) === undefined;
}

/** Gives the secrets, making them in an empty ledger. Faults as `readSecrets`. */
export async function openSecrets(db: Kysely<LedgerTables>, master: MasterKey): Promise<Secrets> {
  const known = await db.selectFrom('secret').select('name').executeTakeFirst();
  if (known === undefined && (await isEmpty(db))) {
    const made = secretNames.map((name) => {
      return { name, master_id: master.id, wrapped: wrapSecret(master, name, randomBytes(32)) };
    });
    // Of two gateways that start at once on an empty database the first one's secrets stand; in one statement, so that the
    // second never finds half of them.
    await db
      .insertInto('secret')
      .values(made)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return readSecrets(db, master);
}
