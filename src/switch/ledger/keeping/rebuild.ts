/** The state table written anew from the events, which are the truth. */
import type { Transaction } from 'kysely';
import { foldedState } from '../folded-state.ts';
import type { LedgerTables, StateTable } from '../schema.ts';

/** Things folded at once. */
const pageThings = 200;

/** Empties the state table and folds every thing's events into it, within the caller's transaction; gives how many rows it made. */
export async function rebuildStates(change: Transaction<LedgerTables>): Promise<number> {
  await change.deleteFrom('state').execute();
  let count = 0;
  const streams = await change.selectFrom('event').select('stream').distinct().execute();
  for (const { stream } of streams) {
    let after = '';
    for (;;) {
      const ids = await change
        .selectFrom('event')
        .select('id')
        .distinct()
        .where('stream', '=', stream)
        .where('id', '>', after)
        .orderBy('id')
        .limit(pageThings)
        .execute();
      const last = ids.at(-1);
      if (last === undefined) break;
      after = last.id;
      const rows = await foldAll(
        change,
        stream,
        ids.map((row) => row.id),
      );
      if (rows.length > 0) await change.insertInto('state').values(rows).execute();
      count += rows.length;
    }
  }
  return count;
}

async function foldAll(db: Transaction<LedgerTables>, stream: string, ids: readonly string[]): Promise<StateTable[]> {
  const events = await db
    .selectFrom('event')
    .selectAll()
    .where('stream', '=', stream)
    .where('id', 'in', [...ids])
    .orderBy('version')
    .execute();
  return [...Map.groupBy(events, (event) => event.id).values()].flatMap((own) => foldedState(own) ?? []);
}
