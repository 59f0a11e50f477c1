/**
 * Freeing what contradicted its question: nothing leaves quarantine but by a named person's word, with a reason. He says that
 * it belongs to that question after all, or that it is no answer of ours; then it is sorted like anything that comes.
 */
import { HitlineError } from '../../faults/fault.ts';
import { outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import { textOfMessage } from '../records/message-text.ts';
import { inboundMachine } from './inbound-message.ts';
import { readText } from './reading.ts';
import { attach } from './sort-answer.ts';
import { sortUnsolicited, sortYrWithoutControl } from './sort-unasked.ts';

/**
 * Frees a message. Gives its new status. Faults: NOT_FOUND; ALREADY_DONE when it is not in quarantine, or belongs to a
 * question that never left, which nothing can answer.
 */
export async function freeQuarantined(
  parts: Parts,
  id: string,
  word: { readonly osn: string; readonly belongs: boolean; readonly reason: string },
): Promise<string> {
  return parts.change(async (change) => {
    const held = await change.get(inboundMachine, id);
    if (held?.state.direction !== 'in') throw new HitlineError('NOT_FOUND');
    const { suspectId } = held.state;
    await change.apply(inboundMachine, id, {
      event: { type: 'FREED', belongs: word.belongs },
      actor: word.osn,
      texts: { reason: Buffer.from(word.reason, 'utf8') },
    });
    const reading = readText((await textOfMessage(parts.ledger, id)) ?? '', parts.language);
    if (word.belongs) {
      const question = suspectId === undefined ? undefined : await change.get(outboundMachine, suspectId);
      if (question?.state.direction !== 'out' || question.state.attempts === 0) throw new HitlineError('ALREADY_DONE');
      await attach({ parts, change }, { messageId: id, reading, question });
    } else if (reading.key === 'YR') await sortYrWithoutControl({ parts, change }, id, reading);
    else await sortUnsolicited({ parts, change }, id, reading);
    return (await change.get(inboundMachine, id))?.state.status ?? '';
  });
}
