/** The state rows that events make: what `verify` compares and `rebuild` writes. Pure. */
import { readStateText } from './chain.ts';
import type { EventTable, StateTable } from './schema.ts';

/** What of an event makes a state row. */
export type FoldedEvent = Pick<EventTable, 'stream' | 'id' | 'version' | 'at_ms' | 'state'>;

/** The state row that the events of one thing, oldest first, make; undefined when none of them carries a state. */
export function foldedState(events: readonly FoldedEvent[]): StateTable | undefined {
  const first = events.find((event) => event.state !== null);
  const latest = events.findLast((event) => event.state !== null);
  const last = events.at(-1);
  if (first === undefined || latest?.state == null || last === undefined) return undefined;
  const { dueAtMs, ...columns } = readStateText(latest.state);
  return {
    stream: last.stream,
    id: last.id,
    version: last.version,
    ...columns,
    due_at_ms: dueAtMs,
    created_at_ms: first.at_ms,
    updated_at_ms: last.at_ms,
  };
}
