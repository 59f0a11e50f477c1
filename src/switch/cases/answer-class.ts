/** The class of a YR is taken: by a person, or by a State's map of letters that its profile marks verified. */
import { raise } from '../alarms/alarm.ts';
import type { Change, Held } from '../change.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import { tellRequester } from '../delivery/tell-station.ts';
import { withdrawWaiting } from '../outbound/message-end.ts';
import { outboundMachine } from '../outbound/outbound-message.ts';
import type { Work } from '../parts.ts';
import { type CaseState, type ConfirmationClass, caseMachine, type Proposal, stopsClock } from './case.ts';
import { confirmMs, keepClock } from './case-work.ts';

/** What is said of a YR, and who or what says so. */
export interface TakenClass {
  readonly messageId: string;
  readonly as: ConfirmationClass;
  /** When the YR was received: where a clock stops. */
  readonly stoppedAtMs: number;
  readonly untilMs: number | null;
  /** An OSN, or `system` with a `rule`. */
  readonly actor: string;
  /** The profile whose verified map says it, such as `CO 3`. */
  readonly rule?: string;
}

/** A named time further away than this is a slip of the fingers. */
const untilMsMax = 30 * 86_400_000;

/** Whether a time that a YR names can be meant. */
export function isSoonEnough(change: Change, untilMs: number): boolean {
  return Number.isFinite(untilMs) && untilMs >= 0 && untilMs <= change.now.atMs + untilMsMax;
}

/** Moves the case and all that hangs on its clock, and tells who asked. */
export async function takeClass({ parts, change }: Work, held: Held<CaseState>, taken: TakenClass): Promise<CaseState> {
  const { actor, ...said } = taken;
  const state = await change.apply(caseMachine, held.id, { event: { type: 'CLASSIFIED', ...said }, actor });
  if (stopsClock(taken.as)) await stopAskClock({ parts, change }, { id: held.id, state }, taken.messageId);
  else await goOnAsking(change, held, state);
  await tellOutcome({ parts, change }, state);
  return state;
}

/**
 * Takes a proposed class by itself, which only a map marked verified allows (DESIGN.md, section 4 and law 9), and gives whether
 * it did. `unclear` is never taken so, nor a class that comes after one that stopped the clock, nor while an earlier answer
 * waits for its person, nor an answer of anybody but the entering agency, nor a time too far away: those are a person's.
 */
export async function takeClassByMap(
  { parts, change }: Work,
  caseId: string,
  by: { readonly proposal: Proposal; readonly senderOri: string; readonly rule: string },
): Promise<boolean> {
  const { proposal, senderOri, rule } = by;
  const held = await change.get(caseMachine, caseId);
  if (held?.state.status !== 'open' || held.state.side !== 'ask') return false;
  const { stoppedAtMs, peerOri } = held.state;
  const isPersons = proposal.proposed === 'unclear' || proposal.linkNeeded || stoppedAtMs !== null;
  if (isPersons || senderOri !== peerOri || held.state.proposal !== null) return false;
  if (proposal.untilMs !== null && !isSoonEnough(change, proposal.untilMs)) return false;
  const { messageId, proposed, receivedAtMs, untilMs } = proposal;
  await change.apply(caseMachine, caseId, { event: { type: 'PROPOSED', ...proposal }, actor: 'system' });
  await takeClass({ parts, change }, held, {
    messageId,
    as: proposed,
    stoppedAtMs: receivedAtMs,
    untilMs,
    actor: 'system',
    rule,
  });
  await raise(change, 'YR_TAKEN', { alarmId: parts.ids.next('a'), messageId, caseId });
  return true;
}

async function stopAskClock(
  { parts, change }: Work,
  stopped: { readonly id: string; readonly state: CaseState },
  messageId: string,
): Promise<void> {
  const { id, state } = stopped;
  await callOff(change, id, ['confirm', 'telephone', 'follow-up']);
  const on = { stream: 'case', id, caseId: id } as const;
  if (state.dueAtMs === null) await keepClock({ parts, change }, id);
  // A named time is a new clock: when it lapses too, the next request is drafted.
  else await arm(change, 'confirm', { ...on, dueAtMs: state.dueAtMs });
  if (state.dueAtMs !== null && state.dueAtMs > (state.startedAtMs ?? 0) + confirmMs(parts, state.priority)) {
    await raise(change, 'TIME_TOO_LATE', { alarmId: parts.ids.next('a'), messageId, caseId: id });
  }
  await withdrawWaiting({ parts, change }, id, {
    actor: 'system',
    line: 'It was answered before it left.',
    fits: (one) => one.key === 'YQ' || one.companionOf !== null,
  });
}

/** A stop was taken back, or never given: the clock that was running runs on, at its own due time. */
async function goOnAsking(change: Change, before: Held<CaseState>, state: CaseState): Promise<void> {
  if (before.state.stoppedAtMs === null || state.dueAtMs === null) return;
  await callOff(change, before.id, ['follow-up']);
  await arm(change, 'confirm', { stream: 'case', id: before.id, caseId: before.id, dueAtMs: state.dueAtMs });
}

/** What the station that asked first is told of each class. Nobody may act on a record that was not confirmed. */
const outcomeLines: Readonly<Record<ConfirmationClass, string>> = {
  confirmed: 'The entering agency confirmed the record.',
  'not-confirmed': 'NOT CONFIRMED. DO NOT ACT ON THIS RECORD.',
  'time-named': 'NOT CONFIRMED. The entering agency named a time; do not act on this record alone.',
  'in-process': 'NOT CONFIRMED. The entering agency is still checking; the clock runs.',
  'valid-extradition-open': 'The record is valid; EXTRADITION IS NOT DECIDED.',
  unclear: 'NOT CONFIRMED. The answer is unclear; the clock runs.',
};

async function tellOutcome({ parts, change }: Work, state: CaseState): Promise<void> {
  const first = await change.get(outboundMachine, state.firstQuestionId);
  if (first === undefined || first.state.direction !== 'out' || state.outcome === null) return;
  await tellRequester({ parts, change }, first, {
    status: state.outcome.toUpperCase(),
    line: outcomeLines[state.outcome],
  });
}
