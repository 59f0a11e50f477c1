/** Reads all there is of a stream, however long it has grown: the ledger itself gives no more than a page at a time. */
import type { StateQuery, StoredEvent, StoredState } from '../../../src/switch/ledger/ledger.ts';
import type { LookedAt } from './beside.ts';

/** The ledger gives no more at a time. */
const rowsMax = 5_000;

/** Every event of a stream, in the order of filing. Events of one moment may stand on two pages and are taken once. */
export async function allEvents(
  ledger: Pick<LookedAt, 'events'>,
  stream: StoredEvent['stream'],
): Promise<readonly StoredEvent[]> {
  const all = new Map<string, StoredEvent>();
  for (let untilMs: number | undefined; ; ) {
    const page = await ledger.events({ stream, limit: rowsMax, ...(untilMs === undefined ? {} : { untilMs }) });
    const before = all.size;
    for (const event of page) all.set(`${event.writer} ${event.seq}`, event);
    const oldest = page.at(-1);
    if (page.length < rowsMax || oldest === undefined) break;
    // A checker that does not see everything would call anything lawful.
    if (all.size === before) throw new Error(`more ${stream} events of one moment than can be read at once`);
    untilMs = oldest.atMs + 1;
  }
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

/** Every thing of a stream that stands at one of these; the newest first. */
export async function allStates(
  ledger: Pick<LookedAt, 'states'>,
  query: Pick<StateQuery, 'stream' | 'status'>,
): Promise<readonly StoredState[]> {
  const all = new Map<string, StoredState>();
  for (let untilMs: number | undefined; ; ) {
    const page = await ledger.states({ ...query, limit: rowsMax, ...(untilMs === undefined ? {} : { untilMs }) });
    const before = all.size;
    for (const row of page) all.set(row.id, row);
    const oldest = page.at(-1);
    if (page.length < rowsMax || oldest === undefined) break;
    if (all.size === before) throw new Error(`more ${query.stream} rows of one moment than can be read at once`);
    untilMs = oldest.createdAtMs + 1;
  }
  return [...all.values()];
}
