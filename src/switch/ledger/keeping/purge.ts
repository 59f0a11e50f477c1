/** Destroying what may no longer be kept: by the retention table only, by two people, never under a hold. */
import { HitlineError } from '../../../faults/fault.ts';
import type { Ledger, Unit } from '../ledger.ts';
import { rowsByWriter, tombstoneType } from '../tombstone.ts';
import { cutoffMs, type RetentionDays } from './retention.ts';

/** Rows one tombstone names at most, so that an event stays small. */
export const purgeRowsMax = 1_000;

/** A row that still has a text or search tokens. */
export interface PurgeableRow {
  readonly writer: string;
  readonly seq: number;
  readonly stream: string;
  readonly id: string;
  readonly atMs: number;
}

/** Rows of a stream filed before a moment, and where it is known that none is older, from there on. */
export interface PurgeQuery {
  readonly stream: string;
  readonly fromMs?: number;
  readonly beforeMs: number;
  readonly limit: number;
}

/** What a ledger can tell a purge. Both adapters can. */
export interface PurgeSource extends Ledger {
  /** Such rows as still have texts or tokens, the oldest first. */
  purgeable(query: PurgeQuery): Promise<readonly PurgeableRow[]>;
}

export interface PurgeOrder {
  readonly id: string;
  readonly retention: RetentionDays;
  /** The OSN of who asks and of who agrees: two people. */
  readonly askedBy: string;
  readonly agreedBy: string;
  readonly atMs: number;
  readonly monoMs: number;
}

/** Status of a hold's row: stream `system`, key `HOLD`. While one stands, nothing is purged. */
export const holdKey = 'HOLD';
export const holdStanding = 'STANDING';
/** The id of the row, on the same stream, that moves whenever a hold is placed. */
export const holdCountId = 'hold-count';

/** The unit that destroys these rows and says so for ever, to be guarded by `holdCountId`. Fault: SAME_PERSON. */
export function purgeUnit(rows: readonly PurgeableRow[], order: PurgeOrder, stream: string): Unit {
  if (order.askedBy === order.agreedBy) throw new HitlineError('SAME_PERSON');
  return {
    entries: [
      {
        stream: 'system',
        id: order.id,
        version: 1,
        type: tombstoneType,
        atMs: order.atMs,
        monoMs: order.monoMs,
        actor: order.askedBy,
        data: { rows: rowsByWriter(rows), stream, agreedBy: order.agreedBy, days: order.retention[stream] ?? null },
      },
    ],
    purge: rows.map(({ writer, seq }) => ({ writer, seq })),
  };
}

/**
 * Purges what the retention table no longer keeps. Gives how many rows lost their texts. Faults: SAME_PERSON,
 * LEDGER_HELD while a litigation hold stands.
 */
export async function purgeByRetention(ledger: PurgeSource, order: PurgeOrder): Promise<number> {
  if (order.askedBy === order.agreedBy) throw new HitlineError('SAME_PERSON');
  let count = 0;
  for (const stream of Object.keys(order.retention)) {
    const beforeMs = cutoffMs(order.retention, stream, order.atMs);
    if (beforeMs === undefined) continue;
    // All before it is purged: whoever looks there again for each part reads everything that was ever purged.
    let fromMs: number | undefined;
    for (let part = 1; ; ) {
      // Read before the holds are: one that is placed from here on moves it, and the unit falls.
      const holdCount = (await ledger.state('system', holdCountId))?.version ?? 0;
      const holds = await ledger.states({ stream: 'system', key: holdKey, status: [holdStanding], limit: 1 });
      if (holds.length > 0) throw new HitlineError('LEDGER_HELD');
      const rows = await ledger.purgeable({
        stream,
        beforeMs,
        limit: purgeRowsMax,
        ...(fromMs === undefined ? {} : { fromMs }),
      });
      if (rows.length === 0) break;
      const unit = purgeUnit(rows, { ...order, id: `${order.id}-${stream}-${part}` }, stream);
      const guards = [{ stream: 'system', id: holdCountId, version: holdCount } as const];
      const [receipt] = await ledger.append([{ ...unit, guards }]);
      if (receipt?.ok === false && receipt.id === holdCountId) continue;
      if (receipt?.ok !== true) throw new HitlineError('CONFLICT');
      count += rows.length;
      part += 1;
      fromMs = rows.at(-1)?.atMs;
    }
  }
  return count;
}
