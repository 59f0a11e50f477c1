/** Whether there is room for one more (law 6): at the cap whoever brings it is told, and nothing is dropped in silence. */
import { isUnheld, type SendClass } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';

/** The most messages that may wait for approval, and how many more there is room for when they are confirmations. */
export const heldMax = 2_000;
export const heldReserve = 500;
/** The most inquiries that may wait for the line. */
export const queuedMax = 5_000;

/** True when one more may wait. Room is kept for YQ, YR and whatever else belongs to an open case. */
export function hasRoom(
  parts: Pick<Parts, 'counts'>,
  one: { readonly keyClass: SendClass; readonly caseId?: string | undefined },
): boolean {
  if (isUnheld(one.keyClass)) return parts.counts.of('message', 'QUEUED') < queuedMax;
  const kept = one.keyClass === 'confirm' || one.caseId !== undefined ? heldReserve : 0;
  return parts.counts.of('message', 'HELD') < heldMax + kept;
}
