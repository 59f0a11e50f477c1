/** A new master key: every data key and secret is wrapped anew; ciphertext, tokens and chain stay as they are. */
import type { Kysely } from 'kysely';
import { HitlineError } from '../../../faults/fault.ts';
import { Chance, type MasterKey, unwrapSecret, wrapSecret } from '../cipher.ts';
import type { LedgerTables } from '../schema.ts';
import { rewrapDataKey } from '../vault.ts';

const pageRows = 500;

/**
 * Re-wraps everything from one master key to another in one transaction: whole or not at all. Gives how many data keys
 * there were. Fault: LEDGER_KEY_WRONG when something does not open with the old key; then nothing has changed.
 */
export async function rotateMasterKey(
  db: Kysely<LedgerTables>,
  keys: { readonly from: MasterKey; readonly to: MasterKey },
): Promise<number> {
  return db.transaction().execute(async (change) => {
    for (const secret of await change.selectFrom('secret').selectAll().execute()) {
      const clear = unwrapSecret(keys.from, secret.name, secret.wrapped);
      if (secret.master_id !== keys.from.id || clear === undefined) throw new HitlineError('LEDGER_KEY_WRONG');
      const wrapped = wrapSecret(keys.to, secret.name, clear);
      await change
        .updateTable('secret')
        .set({ master_id: keys.to.id, wrapped })
        .where('name', '=', secret.name)
        .execute();
    }
    return rewrapAll(change, keys);
  });
}

async function rewrapAll(
  change: Kysely<LedgerTables>,
  keys: { readonly from: MasterKey; readonly to: MasterKey },
): Promise<number> {
  const chance = new Chance();
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
    for (const row of page) {
      const place = { writer: row.writer, seq: row.seq, name: row.name };
      const wrapped = rewrapDataKey({ keyId: row.key_id, masterId: row.master_id, wrappedKey: row.wrapped }, place, {
        ...keys,
        chance,
      });
      if (wrapped === undefined) throw new HitlineError('LEDGER_KEY_WRONG');
      await change
        .updateTable('text')
        .set({ master_id: keys.to.id, wrapped })
        .where('writer', '=', row.writer)
        .where('seq', '=', row.seq)
        .where('name', '=', row.name)
        .execute();
    }
    count += page.length;
    after = page.at(-1) ?? after;
    if (page.length < pageRows) return count;
  }
}
