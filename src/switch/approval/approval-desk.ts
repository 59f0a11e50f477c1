/**
 * The acts of approval: an operator at the COJ accepts, another person releases or refuses, either for reasons kept on
 * file. The rule of who may is in the message's own machine; here the moment, the deadlines and the words are filed.
 */
import { HitlineError } from '../../faults/fault.ts';
import { type ConfirmationClass, caseMachine } from '../cases/case.ts';
import { answerArrived, mayAnswer } from '../cases/our-answer.ts';
import type { Change, Held } from '../change.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import { armExpiry } from '../outbound/drafting.ts';
import { endMessage, keepAnswerWait, messageEnded } from '../outbound/message-end.ts';
import { isUnheld, type OutboundState, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';

/** Who does it, and over whose shoulder when it is not their own session. */
export interface Actor {
  readonly osn: string;
  readonly overShoulderOf?: string;
}

const reasonText = (reason: string) => ({ reason: Buffer.from(reason, 'utf8') });

/**
 * The operator at the COJ takes a held message as the one who will transmit it, with what goes with it, and its case as its
 * owner.
 */
export async function acceptMessage(parts: Parts, id: string, actor: Actor): Promise<string> {
  return parts.change(async (change) => {
    const act = { event: { type: 'ACCEPTED' }, actor: actor.osn } as const;
    const state = await change.apply(outboundMachine, id, act);
    for (const companion of await companionsOf({ parts, change }, { id, state }))
      await change.apply(outboundMachine, companion.id, act);
    if (state.caseId !== null) {
      const held = await change.get(caseMachine, state.caseId);
      if (held?.state.status === 'open')
        await change.apply(caseMachine, held.id, { event: { type: 'OWNED' }, actor: actor.osn });
    }
    return state.status;
  });
}

/** What waits to be approved in the same act as this message. */
async function companionsOf(
  { parts, change }: Work,
  of: { readonly id: string; readonly state: OutboundState },
): Promise<readonly Held<OutboundState>[]> {
  if (of.state.caseId === null) return [];
  const rows = await parts.ledger.states({ stream: 'message', parent: of.state.caseId, status: ['HELD'], limit: 50 });
  const companions: Held<OutboundState>[] = [];
  for (const row of rows) {
    const held = await change.get(outboundMachine, row.id);
    if (held?.state.status === 'HELD' && held.state.companionOf === of.id) companions.push(held);
  }
  return companions;
}

/** A text as it was shown: whose it is, and its digest. */
export interface Shown {
  readonly id: string;
  readonly sha256: string;
}

/**
 * Releases the very text whose digest was shown, and in the same act those shown with it. The state is folded from the
 * events, so that an edited row opens nothing; with the release the clock of its leaving starts.
 */
export async function releaseMessage(
  parts: Parts,
  id: string,
  release: { readonly actor: Actor; readonly sha256: string; readonly also?: readonly Shown[] },
): Promise<string> {
  return parts.change(async (change) => {
    const status = await releaseOne({ parts, change }, { id, sha256: release.sha256 }, release.actor);
    for (const shown of release.also ?? []) {
      const held = await change.get(outboundMachine, shown.id);
      if (held?.state.companionOf !== id) throw new HitlineError('NOT_FOUND');
      await releaseOne({ parts, change }, shown, release.actor);
    }
    return status;
  });
}

/** A message of ours, from its events. What came lies in the same stream and folds by another machine. Fault: NOT_FOUND. */
async function foldOurs(change: Change, id: string): Promise<Held<OutboundState>> {
  const row = await change.get(outboundMachine, id);
  const held = row?.state.direction === 'out' ? await change.fold(outboundMachine, id) : undefined;
  if (held === undefined) throw new HitlineError('NOT_FOUND');
  return held;
}

async function releaseOne({ parts, change }: Work, shown: Shown, actor: Actor): Promise<string> {
  const { id } = shown;
  const held = await foldOurs(change, id);
  if (held.state.companionOf !== null) {
    const main = await change.get(outboundMachine, held.state.companionOf);
    if (main === undefined || main.state.status === 'HELD') throw new HitlineError('COMPANION_FIRST');
  }
  await change.apply(outboundMachine, id, {
    event: { type: 'RELEASED', sha256: shown.sha256, overShoulderOf: actor.overShoulderOf ?? null },
    actor: actor.osn,
  });
  const state = await change.apply(outboundMachine, id, { event: { type: 'QUEUED' }, actor: 'system' });
  await callOff(change, id, ['approval', 'hold-expiry']);
  await armReleaseLimit({ parts, change }, id, state);
  return state.status;
}

/** The moment by which what a supervisor let go must have left; later it must be released again. */
async function armReleaseLimit({ parts, change }: Work, id: string, state: OutboundState): Promise<void> {
  const { clocks } = parts.config;
  const limitMs = state.keyClass === 'confirm' ? clocks.releaseLimitConfirmMs : clocks.releaseLimitRecordMs;
  const dueAtMs = change.now.atMs + limitMs;
  await arm(change, 'release-limit', { stream: 'message', id, caseId: state.caseId, dueAtMs });
}

/** Sends a held message back, with the reason. Who asked is told. */
export async function refuseMessage(
  parts: Parts,
  id: string,
  refusal: { readonly actor: Actor; readonly reason: string },
): Promise<string> {
  return parts.change(async (change) => {
    const state = await endMessage(
      { parts, change },
      {
        id,
        act: {
          event: { type: 'REFUSED', reasonGiven: true },
          actor: refusal.actor.osn,
          texts: reasonText(refusal.reason),
        },
        line: 'A supervisor refused the message; ask the Records Section.',
      },
    );
    return state.status;
  });
}

/** Takes back a message that has not left. Who asked is told. */
export async function withdrawMessage(
  parts: Parts,
  id: string,
  withdrawal: { readonly actor: Actor; readonly reason: string },
): Promise<string> {
  return parts.change(async (change) => {
    const state = await endMessage(
      { parts, change },
      {
        id,
        act: { event: { type: 'WITHDRAWN' }, actor: withdrawal.actor.osn, texts: reasonText(withdrawal.reason) },
        line: 'The message was taken back before it left.',
      },
    );
    return state.status;
  });
}

/** A person's word on a message whose fate is unknown, or that the switch refused. */
export async function resolveMessage(
  parts: Parts,
  id: string,
  resolution: {
    readonly actor: Actor;
    readonly decision: 'send-again' | 'arrived' | 'give-up';
    readonly reason: string;
  },
): Promise<string> {
  return parts.change(async (change) => {
    await foldOurs(change, id);
    const { decision, actor, reason } = resolution;
    const state = await change.apply(outboundMachine, id, {
      event: { type: 'RESOLVED', decision },
      actor: actor.osn,
      texts: reasonText(reason),
    });
    if (decision === 'arrived') {
      await answerArrived({ parts, change }, { id, state });
      await keepAnswerWait({ parts, change }, id, state);
    } else if (decision === 'give-up')
      await messageEnded(
        { parts, change },
        {
          id,
          state,
          line: 'It may not have arrived; the Records Section gave it up.',
        },
      );
    else await sendOnceMore({ parts, change }, id, state);
    return state.status;
  });
}

/** What a supervisor sends once more has a limit again, and an answer of ours is again the answer of its case. */
async function sendOnceMore({ parts, change }: Work, id: string, state: OutboundState): Promise<void> {
  if (isUnheld(state.keyClass)) await armExpiry({ parts, change }, id, change.now.atMs);
  else await armReleaseLimit({ parts, change }, id, state);
  if (state.caseId === null) return;
  const held = await change.get(caseMachine, state.caseId);
  if (held?.state.status === 'closed') throw new HitlineError('ALREADY_DONE');
  // A request that was answered, or beside which a later one stands, would set the clock and the count back.
  const isOver = held?.state.side === 'ask' && (held.state.stoppedAtMs !== null || held.state.questionId !== id);
  if (state.key === 'YQ' && isOver) throw new HitlineError('ALREADY_DONE');
  if (state.key === 'YR' && state.answersAs !== null)
    await mayAnswer({ parts, change }, { caseId: state.caseId, as: state.answersAs as ConfirmationClass });
  if (held?.state.side !== 'answer' || held.state.answerId === id || state.answersAs === null) return;
  // Two answers at once would contradict each other.
  if (held.state.answerId !== null) throw new HitlineError('ALREADY_DONE');
  await change.apply(caseMachine, held.id, {
    event: { type: 'ANSWER_DRAFTED', messageId: id, as: state.answersAs as ConfirmationClass },
    actor: 'system',
  });
}
