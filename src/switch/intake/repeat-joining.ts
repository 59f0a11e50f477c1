/** A message that came before: joined to the first where that is certain, and marked for a person's eye where it is not. */
import { readGist } from '../../formats/language.ts';
import { raise } from '../alarms/alarm.ts';
import type { StationConfig } from '../config.ts';
import { notifyStation } from '../delivery/tell-station.ts';
import { isUnheld, type OutboundState, type OutboundStatus, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import type { Arrival } from '../records/frames.ts';
import { sealOf } from '../records/sealable.ts';

interface Named {
  readonly id: string;
  readonly state: OutboundState;
}

/** While the first is one of these, a second could only ask or say the same thing twice. */
const underWay: readonly OutboundStatus[] = ['DRAFT', 'HELD', 'APPROVED', 'QUEUED', 'SENT', 'ACKED', 'IN_DOUBT'];

/**
 * Whether the first still stands for the second. What has ended without leaving can be asked for anew, and an inquiry that
 * has its answers may be made again: what it says can have changed.
 */
function standsForBoth({ status, keyClass }: OutboundState): boolean {
  return underWay.includes(status) || (status === 'ANSWERED' && !isUnheld(keyClass));
}

/**
 * Joins an arrival to the message that the same bytes became before: its frame is filed as a possible duplicate of that
 * message, and the station is told which one it is. Only where the station's own reference stands in it: a message without
 * one may be meant as another. True when it was joined; else it is to be taken as new.
 */
export async function joinRepeat(
  parts: Parts,
  station: StationConfig,
  came: { readonly arrival: Arrival; readonly text: string },
): Promise<boolean> {
  const { arrival, text } = came;
  const { sameAs } = arrival;
  const { control } = readGist(text);
  if (sameAs === undefined || control === undefined) return false;
  return parts.change(async (change) => {
    const first = await change.get(outboundMachine, sameAs);
    if (first === undefined || first.state.stationId !== station.id || !standsForBoth(first.state)) return false;
    // Should the first end at this very moment, this is looked at again.
    await change.guard('message', sameAs);
    parts.frames.arrived(change, { ...arrival, duplicate: true }, { actor: station.id, messageId: sameAs });
    const notice = {
      status: 'DUPLICATE',
      reference: sameAs,
      control,
      lines: [
        `POSSIBLE DUPLICATE: the same message came before; it is ${first.state.status} and was not taken twice.`,
        'If another one is meant, send it under another control field.',
      ],
    };
    await notifyStation({ parts, change }, { station, notice, questionId: sameAs });
    // An alarm would name what is sealed to everybody.
    if (!isUnheld(first.state.keyClass) && sealOf(first.state) === undefined)
      await raiseSentAgain({ parts, change }, { id: sameAs, state: first.state });
    return true;
  });
}

/** One alarm until it is silenced: a station that repeats each half minute must not bury all others. */
async function raiseSentAgain({ parts, change }: Work, { id, state }: Named): Promise<void> {
  const query = { stream: 'alarm', key: 'SENT_AGAIN', status: ['RAISED'], order: 'newest', limit: 100 } as const;
  const raised = await parts.ledger.states(query);
  if (raised.some(({ body }) => body['messageId'] === id)) return;
  await raise(change, 'SENT_AGAIN', { alarmId: parts.ids.next('a'), messageId: id, caseId: state.caseId });
}

/** What was taken as new although its bytes came before is shown to whoever is to release it. */
export async function raiseSameText({ parts, change }: Work, { id, state }: Named): Promise<void> {
  await raise(change, 'SAME_TEXT', { alarmId: parts.ids.next('a'), messageId: id, caseId: state.caseId });
}
