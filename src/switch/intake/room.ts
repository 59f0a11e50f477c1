/** Whether there is room for one more (law 6): at the cap whoever brings it is told, and nothing is dropped in silence. */
import { isUnheld, type SendClass } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';

/** The most messages that may wait for approval, and how many more there is room for when they are confirmations. */
export const heldMax = 2_000;
export const heldReserve = 500;
/** The most inquiries that may wait for the line. */
export const queuedMax = 5_000;

/**
 * The code under which one more is refused, or undefined when it may come in. Room is kept for YQ, YR and whatever else
 * belongs to an open case: in the queues, and on the ledger's disk.
 */
export function roomFault(
  parts: Pick<Parts, 'counts' | 'room'>,
  one: { readonly keyClass: SendClass; readonly caseId?: string | undefined },
): 'QUEUE_FULL' | 'LEDGER_FULL' | undefined {
  const isKeptFor = one.keyClass === 'confirm' || one.caseId !== undefined;
  if (parts.room.verdict === 'reserve' && !isKeptFor) return 'LEDGER_FULL';
  if (isUnheld(one.keyClass)) return parts.counts.of('message', 'QUEUED') < queuedMax ? undefined : 'QUEUE_FULL';
  const kept = isKeptFor ? heldReserve : 0;
  return parts.counts.of('message', 'HELD') < heldMax + kept ? undefined : 'QUEUE_FULL';
}
