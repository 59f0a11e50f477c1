/**
 * How a message of ours ends without an answer. Whatever the reason, in the same unit its clocks end, its case is never left
 * without one, what was to go with it goes nowhere, and who asked is told.
 */
import { messageDropped } from '../cases/case-work.ts';
import type { Act } from '../change.ts';
import { arm, callOff, isArmed } from '../deadlines/deadline.ts';
import { tellRequester } from '../delivery/tell-station.ts';
import type { Work } from '../parts.ts';
import { type OutboundEvent, type OutboundState, outboundMachine } from './outbound-message.ts';

/** The most messages of one case that are looked through at a time; a case has a handful. */
const caseMessagesMax = 500;

/** Takes the step that ends a message, and everything that follows from it. */
export async function endMessage(
  { parts, change }: Work,
  end: { readonly id: string; readonly act: Act<OutboundEvent>; readonly line: string },
): Promise<OutboundState> {
  const state = await change.apply(outboundMachine, end.id, end.act);
  await messageEnded({ parts, change }, { id: end.id, state, line: end.line });
  return state;
}

/** What follows from the end of a message whose step is taken. */
export async function messageEnded(
  { parts, change }: Work,
  ended: { readonly id: string; readonly state: OutboundState; readonly line: string },
): Promise<void> {
  const { id, state } = ended;
  await callOff(change, id, ['approval', 'hold-expiry', 'release-limit', 'answer-wait']);
  await messageDropped({ parts, change }, { id, state });
  await tellRequester({ parts, change }, { id, state }, { status: state.status, line: ended.line });
  if (state.caseId === null) return;
  await withdrawWaiting({ parts, change }, state.caseId, {
    actor: 'system',
    line: 'The message it goes with will not leave.',
    fits: (one) => one.companionOf === id,
  });
}

/**
 * What is known to have arrived waits for its answers until a moment and no longer, however it came to be known: by a late
 * acknowledgement, by a part of the answers, by a person. A request to confirm a hit has the clock of its case instead.
 */
export async function keepAnswerWait({ parts, change }: Work, id: string, state: OutboundState): Promise<void> {
  const isMissing = state.expects.some((source) => !state.answered.includes(source));
  if (state.status !== 'ACKED' || state.key === 'YQ' || !isMissing) return;
  if (await isArmed(change, id, ['answer-wait'])) return;
  const dueAtMs = change.now.atMs + parts.config.clocks.answerWaitMs;
  await arm(change, 'answer-wait', { stream: 'message', id, caseId: null, dueAtMs });
}

/** Takes back what waits in a case: held, or released and not yet sent. What has just left is left alone. */
export async function withdrawWaiting(
  { parts, change }: Work,
  caseId: string,
  which: { readonly actor: string; readonly line: string; fits(state: OutboundState): boolean },
): Promise<void> {
  const waiting = ['HELD', 'QUEUED'];
  const rows = await parts.ledger.states({
    stream: 'message',
    parent: caseId,
    status: waiting,
    limit: caseMessagesMax,
  });
  for (const row of rows) {
    const held = await change.get(outboundMachine, row.id);
    if (held === undefined || !waiting.includes(held.state.status) || !which.fits(held.state)) continue;
    await endMessage(
      { parts, change },
      {
        id: row.id,
        act: { event: { type: 'WITHDRAWN' }, actor: which.actor },
        line: which.line,
      },
    );
  }
}
