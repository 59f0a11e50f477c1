/**
 * Filing what somebody wants to say. An inquiry that finds the line free is RECEIVED, QUEUED and SENT in one unit (DESIGN.md,
 * section 5), and leaves as soon as the disk has that; everything else waits for the line, or for people.
 */
import { HitlineError } from '../../faults/fault.ts';
import type { Change } from '../change.ts';
import type { Parts } from '../parts.ts';
import type { Draft } from './drafting.ts';
import { isUnheld, type OutboundState, outboundMachine } from './outbound-message.ts';
import { fileLeaving, type Leaving } from './send-filing.ts';

/** Files a draft with whatever else `file` files in the same unit, by `fileDraft`. Gives its status on file. */
export async function fileAndSend(
  parts: Parts,
  draft: Draft,
  file: (change: Change, draft: Draft) => Promise<OutboundState>,
): Promise<OutboundState['status']> {
  const mayLeave = isUnheld(parts.language.classOf(draft.message.key) ?? 'unknown');
  const place = mayLeave ? parts.line.place() : undefined;
  if (place === undefined) return (await parts.change((change) => file(change, draft))).status;
  let leaving: Leaving;
  try {
    leaving = await parts.change(async (change) => {
      await file(change, { ...draft, leavesAtOnce: true });
      const held = await change.get(outboundMachine, draft.reference);
      if (held === undefined) throw new HitlineError('NOT_FOUND');
      return fileLeaving({ parts, change }, held, { link: place.link, exchangeId: place.exchangeId, text: draft.text });
    });
  } catch (error) {
    place.giveBack();
    throw error;
  }
  place.leave(leaving);
  return 'SENT';
}
