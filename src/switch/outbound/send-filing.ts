/**
 * What the sender files about one message: SENT before its first byte leaves, and afterwards what became of it, with all
 * that follows for its case, its clocks and whoever asked.
 */
import type { Link, SendOutcome } from '../../wire/link.ts';
import { raise } from '../alarms/alarm.ts';
import { startAskClock, takeBackAskClock } from '../cases/case-work.ts';
import { answerArrived, isStillMeant } from '../cases/our-answer.ts';
import type { Change, Held } from '../change.ts';
import { arm, armAgain, callOff } from '../deadlines/deadline.ts';
import { tellRequester } from '../delivery/tell-station.ts';
import type { Parts, Work } from '../parts.ts';
import { fileIiiAnswer, iiiMachine, isIii, isIiiAnswer } from '../records/iii-log.ts';
import { bytesFor, codingOf } from '../records/line-text.ts';
import { textOfMessage } from '../records/message-text.ts';
import { armExpiry, holdKinds, sha256Of } from './drafting.ts';
import { endMessage, keepAnswerWait, messageEnded } from './message-end.ts';
import { attemptsMax, isUnheld, type OutboundState, outboundMachine } from './outbound-message.ts';

/** What may leave now. */
export interface Leaving {
  readonly id: string;
  readonly payload: Buffer;
  readonly repeatable: boolean;
}

/**
 * Files SENT with the frame's own row, from the events and not from the state row, and only for the very bytes that were
 * released. Gives what may leave, or undefined when the message is no longer to be sent.
 */
export async function fileSent(
  parts: Parts,
  link: Link,
  attempt: { readonly id: string; readonly exchangeId: number },
): Promise<Leaving | undefined> {
  return parts.change(async (change) => {
    const [held, text] = await Promise.all([
      change.fold(outboundMachine, attempt.id),
      textOfMessage(parts.ledger, attempt.id),
    ]);
    if (held?.state.status !== 'QUEUED') return undefined;
    if (text === undefined || sha256Of(text) !== held.state.sha256) {
      await endMessage(
        { parts, change },
        {
          id: attempt.id,
          act: { event: { type: 'WITHDRAWN' }, actor: 'system' },
          line: 'The text on file is not the one that was released; nothing was sent.',
        },
      );
      await raise(change, 'LEDGER_FAILED', { alarmId: parts.ids.next('a'), messageId: attempt.id });
      return undefined;
    }
    await callOff(change, attempt.id, holdKinds);
    return fileLeaving({ parts, change }, held, { link, exchangeId: attempt.exchangeId, text });
  });
}

/** Files that a queued message leaves now, with its frame's row and the clocks that count from here. */
export async function fileLeaving(
  { parts, change }: Work,
  held: Held<OutboundState>,
  departure: { readonly link: Link; readonly exchangeId: number; readonly text: string },
): Promise<Leaving> {
  const { id, state } = held;
  const { link, exchangeId, text } = departure;
  const payload = bytesFor(text, codingOf(parts.config.upstream, link.newline));
  const frameId = parts.frames.leaving(change, { link, exchangeId, payload, messageId: id });
  await change.apply(outboundMachine, id, {
    event: { type: 'SENT', frameId, exchangeId },
    actor: state.operator ?? state.requester,
  });
  await fileIiiOperator(change, held);
  await fileIiiAnswerOf({ parts, change }, held, text);
  await startAskClock({ parts, change }, id, state);
  if (state.expects.length > 0 && state.key !== 'YQ') {
    const dueAtMs = change.now.atMs + parts.config.clocks.answerWaitMs;
    await arm(change, 'answer-wait', { stream: 'message', id, caseId: null, dueAtMs });
  }
  return { id, payload, repeatable: isUnheld(state.keyClass) };
}

/** What was held is asked for by the operator who sends it; an inquiry by whoever asked. */
async function fileIiiOperator(change: Change, { id, state }: Held<OutboundState>): Promise<void> {
  const { operator, key, keyClass } = state;
  if (operator === null || !isIii(key, keyClass)) return;
  await change.apply(iiiMachine, id, { event: { type: 'SENT_BY', operator }, actor: operator });
}

/** An answer of ours that carries a history passes it on to whom it goes. */
async function fileIiiAnswerOf(
  { parts, change }: Work,
  { id, state }: Held<OutboundState>,
  text: string,
): Promise<void> {
  if (!isIiiAnswer(parts.language.keyTable(state.key))) return;
  const parsed = parts.language.parse(text);
  const message = parsed.ok ? parsed.message : { ...state, line: 'nlets' as const, fields: {} };
  await fileIiiAnswer(change, { messageId: id, message, operator: state.operator ?? state.requester });
}

/** Files what became of a payload; `restart` stands for what a process that is dead now was waiting for. */
export async function fileOutcome(
  parts: Parts,
  id: string,
  outcome: SendOutcome | { readonly type: 'restart' },
): Promise<void> {
  await parts.change(async (change) => {
    const held = await change.get(outboundMachine, id);
    if (held === undefined) return;
    switch (outcome.type) {
      case 'acked':
        return fileAcked({ parts, change }, held);
      case 'naked':
        return fileNaked({ parts, change }, { held, reason: outcome.reason });
      case 'timeout':
      case 'lost':
      case 'restart':
        return fileDoubt({ parts, change }, { held, cause: outcome.type.toUpperCase() });
      case 'not-sent':
        return fileNotSent({ parts, change }, { held, cause: outcome.reason });
    }
  });
}

async function fileAcked({ parts, change }: Work, held: Held<OutboundState>): Promise<void> {
  if (!['SENT', 'IN_DOUBT', 'ANSWERED'].includes(held.state.status)) return;
  const state = await change.apply(outboundMachine, held.id, { event: { type: 'ACKED' }, actor: 'system' });
  // In doubt it waited to be asked again, or to grow too old for that.
  if (held.state.status === 'IN_DOUBT') await callOff(change, held.id, holdKinds);
  await answerArrived({ parts, change }, { id: held.id, state });
  await keepAnswerWait({ parts, change }, held.id, state);
}

async function fileNaked(
  { parts, change }: Work,
  { held, reason }: { readonly held: Held<OutboundState>; readonly reason: string },
): Promise<void> {
  if (!['SENT', 'IN_DOUBT'].includes(held.state.status)) return;
  const state = await change.apply(outboundMachine, held.id, {
    event: { type: 'NAKED' },
    actor: 'upstream',
    texts: { reason: Buffer.from(reason, 'utf8') },
  });
  await takeBackAskClock({ parts, change }, held);
  // The clock of their request was never stopped; the case only needs a new answer.
  await messageEnded({ parts, change }, { id: held.id, state, line: 'The State switch refused the message.' });
  await raise(change, 'NAKED', { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId });
}

async function fileDoubt(
  { parts, change }: Work,
  { held, cause }: { readonly held: Held<OutboundState>; readonly cause: string },
): Promise<void> {
  if (held.state.status !== 'SENT') return;
  const state = await change.apply(outboundMachine, held.id, { event: { type: 'IN_DOUBT', cause }, actor: 'system' });
  if (state.status !== 'IN_DOUBT') return;
  if (isUnheld(held.state.keyClass) && held.state.attempts < attemptsMax) {
    await armExpiry({ parts, change }, held.id, held.state.createdAtMs);
    return;
  }
  await raise(change, 'IN_DOUBT', { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId });
  const line = 'It may or may not have been sent; the Records Section decides. Do not send it again.';
  await tellRequester({ parts, change }, { id: held.id, state }, { status: 'IN_DOUBT', line });
}

/** While it was on its way its case was closed, answered or looked at again: what came back unsent does not leave any more. */
async function takeBackUnmeant({ parts, change }: Work, { id, state }: Held<OutboundState>): Promise<void> {
  if (await isStillMeant({ parts, change }, state)) return;
  await endMessage(
    { parts, change },
    { id, act: { event: { type: 'WITHDRAWN' }, actor: 'system' }, line: 'Its case went on before the message left.' },
  );
}

/** What never left is queued again, with every limit it had; what can never leave is taken back. */
async function fileNotSent(
  { parts, change }: Work,
  { held, cause }: { readonly held: Held<OutboundState>; readonly cause: string },
): Promise<void> {
  const { id, state } = held;
  if (state.status !== 'SENT') return;
  await change.apply(outboundMachine, id, { event: { type: 'NOT_SENT', cause }, actor: 'system' });
  await callOff(change, id, ['answer-wait']);
  if (isUnheld(state.keyClass)) await armExpiry({ parts, change }, id, state.createdAtMs);
  else await armAgain(change, id, 'release-limit');
  await takeBackAskClock({ parts, change }, held);
  const isUncarried = cause === 'TOO_LONG' || cause === 'PAYLOAD_BYTE';
  if (!isUncarried) return takeBackUnmeant({ parts, change }, held);
  await endMessage(
    { parts, change },
    {
      id,
      act: { event: { type: 'WITHDRAWN' }, actor: 'system' },
      line: 'The line to the State switch cannot carry this message.',
    },
  );
  await raise(change, 'CANNOT_LEAVE', { alarmId: parts.ids.next('a'), messageId: id, caseId: state.caseId });
}
