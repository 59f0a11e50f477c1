/** The state table written anew from the events, which are the truth. */
import type { Transaction } from 'kysely';
import { type FoldedEvent, foldedState } from '../folded-state.ts';
import type { LedgerTables, StateTable } from '../schema.ts';

/** Events read at once. */
const pageEvents = 1_000;
/** Rows written at once: of 13 columns each, which both databases take as parameters of one statement. */
const insertRows = 500;

/** Empties the state table and folds every thing's events into it, within the caller's transaction; gives how many rows it made. */
export async function rebuildStates(change: Transaction<LedgerTables>): Promise<number> {
  await change.deleteFrom('state').execute();
  let count = 0;
  let rows: StateTable[] = [];
  const write = async (): Promise<void> => {
    if (rows.length > 0) await change.insertInto('state').values(rows).execute();
    count += rows.length;
    rows = [];
  };
  for await (const own of things(change)) {
    const row = foldedState(own);
    if (row !== undefined) rows.push(row);
    if (rows.length === insertRows) await write();
  }
  await write();
  return count;
}

/** The events of one thing after another, each thing's from its oldest on. */
async function* things(change: Transaction<LedgerTables>): AsyncGenerator<readonly FoldedEvent[]> {
  let own: FoldedEvent[] = [];
  let after = { stream: '', id: '', version: 0 };
  for (;;) {
    const page = await change
      .selectFrom('event')
      .select(['stream', 'id', 'version', 'at_ms', 'state'])
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('stream', 'id', 'version'), '>', tuple(after.stream, after.id, after.version)),
      )
      .orderBy('stream')
      .orderBy('id')
      .orderBy('version')
      .limit(pageEvents)
      .execute();
    for (const event of page) {
      if (own[0] !== undefined && (own[0].stream !== event.stream || own[0].id !== event.id)) {
        yield own;
        own = [];
      }
      own.push(event);
    }
    after = page.at(-1) ?? after;
    if (page.length < pageEvents) break;
  }
  if (own.length > 0) yield own;
}
