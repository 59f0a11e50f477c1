/** A new master key: every data key and secret is wrapped anew; ciphertext, tokens and chain stay as they are. */
import type { Transaction } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { Chance, type MasterKey, unwrapSecret, wrapSecret } from '../cipher.ts';
import type { LedgerTables, TextTable } from '../schema.ts';
import { readSecrets } from '../secrets.ts';
import { rewrapDataKey } from '../vault.ts';

const pageRows = 500;

/** The data key of one text as it is to lie there from now on. */
export type NewlyWrapped = Pick<TextTable, 'writer' | 'seq' | 'name' | 'master_id' | 'wrapped'>;

export interface Rotation {
  readonly from: MasterKey;
  readonly to: MasterKey;
  /** Writes some data keys; one by one unless the database has a quicker way. */
  readonly write?: (rows: readonly NewlyWrapped[]) => Promise<void>;
}

/**
 * Re-wraps everything from one master key to another within the caller's transaction: whole or not at all. Gives how many
 * data keys there were. Faults: LEDGER_KEY_WRONG when something does not open with the old key, LEDGER_BROKEN when a secret
 * is missing; then the caller rolls back.
 */
export async function rotateMasterKey(change: Transaction<LedgerTables>, rotation: Rotation): Promise<number> {
  const { from, to } = rotation;
  await readSecrets(change, from);
  for (const secret of await change.selectFrom('secret').selectAll().execute()) {
    const clear = unwrapSecret(from, secret.name, secret.wrapped);
    if (secret.master_id !== from.id || clear === undefined) throw new HitlineError('LEDGER_KEY_WRONG');
    const wrapped = wrapSecret(to, secret.name, clear);
    await change.updateTable('secret').set({ master_id: to.id, wrapped }).where('name', '=', secret.name).execute();
  }
  return rewrapAll(change, rotation);
}

async function rewrapAll(change: Transaction<LedgerTables>, { from, to, write }: Rotation): Promise<number> {
  const chance = new Chance();
  const save = write ?? ((rows) => writeEach(change, rows));
  let count = 0;
  let after = { writer: '', seq: 0, name: '' };
  for (;;) {
    const page = await change
      .selectFrom('text')
      .select(['writer', 'seq', 'name', 'key_id', 'master_id', 'wrapped'])
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('writer', 'seq', 'name'), '>', tuple(after.writer, after.seq, after.name)),
      )
      .orderBy('writer')
      .orderBy('seq')
      .orderBy('name')
      .limit(pageRows)
      .execute();
    const rows = page.map((row): NewlyWrapped => {
      const place = { writer: row.writer, seq: row.seq, name: row.name };
      const sealed = { keyId: row.key_id, masterId: row.master_id, wrappedKey: row.wrapped };
      const wrapped = rewrapDataKey(sealed, place, { from, to, chance });
      if (wrapped === undefined) throw new HitlineError('LEDGER_KEY_WRONG');
      return { ...place, master_id: to.id, wrapped };
    });
    await save(rows);
    count += page.length;
    after = page.at(-1) ?? after;
    if (page.length < pageRows) return count;
  }
}

async function writeEach(change: Transaction<LedgerTables>, rows: readonly NewlyWrapped[]): Promise<void> {
  for (const { writer, seq, name, master_id, wrapped } of rows) {
    await change
      .updateTable('text')
      .set({ master_id, wrapped })
      .where('writer', '=', writer)
      .where('seq', '=', seq)
      .where('name', '=', name)
      .execute();
  }
}
