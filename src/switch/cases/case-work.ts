/** What happens to cases around a message: opening and joining theirs, starting and stopping clocks, proposing a class. */
import { raise } from '../alarms/alarm.ts';
import type { Change } from '../change.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import type { OutboundState } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import { type CaseState, type ConfirmationClass, caseMachine, type Proposal, stopsClock } from './case.ts';

/** The most open cases looked through for a match; beyond it the gateway is not a Records Section any more. */
const openCasesMax = 5_000;

/** How long an answer may take: the clock of the priority. */
export function confirmMs(parts: Parts, priority: 'U' | 'R'): number {
  return priority === 'U' ? parts.config.clocks.confirmUrgentMs : parts.config.clocks.confirmRoutineMs;
}

/** Open cases of one side with this agency. */
export async function openCases(
  parts: Parts,
  side: 'ask' | 'answer',
  peerOri?: string,
): Promise<readonly { readonly id: string; readonly state: CaseState }[]> {
  const rows = await parts.ledger.states({
    stream: 'case',
    status: ['open'],
    key: side,
    ...(peerOri === undefined ? {} : { ori: peerOri }),
    order: 'oldest',
    limit: openCasesMax,
  });
  return rows.map((row) => ({ id: row.id, state: row.body as CaseState }));
}

/** A message of theirs that opens a case or joins one. */
export interface TheirRequest {
  readonly messageId: string;
  readonly peerOri: string;
  readonly nic: string;
  readonly ocaToken: string | null;
  readonly priority: 'U' | 'R' | null;
  readonly requestNumber: number;
  readonly readable: boolean;
}

/**
 * Opens a case for their request, or joins the open one of the same NIC, case number and agency: a repetition never
 * restarts the clock. Gives the case's id.
 */
export async function openOrJoin(parts: Parts, change: Change, request: TheirRequest): Promise<string> {
  const same = (await openCases(parts, 'answer', request.peerOri)).find(
    ({ state }) =>
      state.nic === request.nic &&
      (state.ocaToken === request.ocaToken || state.ocaToken === null || request.ocaToken === null),
  );
  const alarm = { alarmId: parts.ids.next('a'), messageId: request.messageId };
  if (same !== undefined) {
    await change.apply(caseMachine, same.id, {
      event: { type: 'REPEATED', questionId: request.messageId, requestNumber: request.requestNumber },
      actor: 'system',
    });
    await raise(change, request.readable ? 'YQ_REPEATED' : 'CASE_UNREADABLE', { ...alarm, caseId: same.id });
    return same.id;
  }
  const caseId = parts.ids.next('c');
  // What states no readable priority is taken for urgent: the stricter clock.
  const priority = request.priority ?? 'U';
  const limitMs = confirmMs(parts, priority);
  const dueAtMs = change.now.atMs + limitMs;
  await change.apply(caseMachine, caseId, {
    event: {
      type: 'OPENED',
      side: 'answer',
      peerOri: request.peerOri,
      nic: request.nic,
      ocaToken: request.ocaToken,
      priority,
      requestNumber: request.requestNumber,
      questionId: request.messageId,
      addresses: [request.peerOri],
      dueAtMs,
      readable: request.readable,
    },
    actor: 'system',
  });
  await armAnswerClock(change, caseId, { startedAtMs: change.now.atMs, dueAtMs });
  const code = priority === 'U' ? 'YQ_RECEIVED_URGENT' : 'YQ_RECEIVED_ROUTINE';
  await raise(change, request.readable ? code : 'CASE_UNREADABLE', { ...alarm, caseId });
  return caseId;
}

/** The clock of our answer and its two warnings, at half and at four fifths of its time. */
export async function armAnswerClock(
  change: Change,
  caseId: string,
  clock: { readonly startedAtMs: number; readonly dueAtMs: number },
): Promise<void> {
  const on = { stream: 'case', id: caseId, caseId } as const;
  const limitMs = clock.dueAtMs - clock.startedAtMs;
  await arm(change, 'answer', { ...on, dueAtMs: clock.dueAtMs });
  for (const [kind, share] of [
    ['warn-half', 0.5],
    ['warn-late', 0.8],
  ] as const) {
    const dueAtMs = Math.round(clock.startedAtMs + limitMs * share);
    if (dueAtMs > change.now.atMs) await arm(change, kind, { ...on, dueAtMs });
  }
}

/** A YQ of ours is about to leave: its clock starts now, or starts anew for a further request. */
export async function startAskClock(
  parts: Parts,
  change: Change,
  messageId: string,
  message: OutboundState,
): Promise<void> {
  if (message.key !== 'YQ' || message.caseId === null) return;
  const held = await change.get(caseMachine, message.caseId);
  if (held === undefined || held.state.status === 'closed') return;
  const dueAtMs = change.now.atMs + confirmMs(parts, held.state.priority);
  await change.apply(caseMachine, held.id, {
    event: { type: 'CLOCK_STARTED', questionId: messageId, requestNumber: message.requestNumber ?? 1, dueAtMs },
    actor: 'system',
  });
  await arm(change, 'confirm', { stream: 'case', id: held.id, caseId: held.id, dueAtMs });
  await callOff(change, held.id, ['follow-up']);
}

/** A YR of ours was acknowledged: only now does the clock of their request stop. */
export async function answerArrived(
  parts: Parts,
  change: Change,
  answer: { readonly id: string; readonly state: OutboundState },
): Promise<void> {
  const { caseId, answersAs, answersUntilMs: untilMs } = answer.state;
  if (answer.state.key !== 'YR' || caseId === null || answersAs === null) return;
  const held = await change.get(caseMachine, caseId);
  if (held === undefined || held.state.status === 'closed') return;
  const as = answersAs as ConfirmationClass;
  const after = await change.apply(caseMachine, caseId, {
    event: { type: 'ANSWERED', messageId: answer.id, as, untilMs },
    actor: 'system',
  });
  if (stopsClock(as)) await callOff(change, caseId, ['answer', 'warn-half', 'warn-late', 'follow-up']);
  if (after.status === 'open' && stopsClock(as)) {
    const dueAtMs = untilMs ?? change.now.atMs + parts.config.clocks.followUpMs;
    await arm(change, 'follow-up', { stream: 'case', id: caseId, caseId, dueAtMs });
  }
}

/** What we answered did not arrive: the case is open again, at its original due time. */
export async function answerFailed(parts: Parts, change: Change, caseId: string, cause: string): Promise<void> {
  const held = await change.get(caseMachine, caseId);
  if (held === undefined) return;
  const before = held.state;
  const state = await change.apply(caseMachine, caseId, { event: { type: 'REOPENED', cause }, actor: 'system' });
  await callOff(change, caseId, ['follow-up']);
  const dueAtMs = state.dueAtMs ?? change.now.atMs;
  await armAnswerClock(change, caseId, { startedAtMs: before.startedAtMs ?? dueAtMs, dueAtMs });
  await raise(change, 'ANSWER_NOT_DELIVERED', { alarmId: parts.ids.next('a'), caseId });
}

/** A YR came that may answer our request: its class is proposed, and a person decides. */
export async function propose(parts: Parts, change: Change, caseId: string, proposal: Proposal): Promise<void> {
  const held = await change.get(caseMachine, caseId);
  const alarm = { alarmId: parts.ids.next('a'), messageId: proposal.messageId, caseId };
  if (held?.state.status === 'open') {
    await change.apply(caseMachine, caseId, { event: { type: 'PROPOSED', ...proposal }, actor: 'system' });
  }
  await raise(change, proposal.linkNeeded ? 'YR_WITHOUT_CONTROL' : 'YR_RECEIVED', alarm);
}

/** Closes a case and every clock of it. */
export async function closeCase(
  change: Change,
  caseId: string,
  by: { readonly actor: string; readonly reasonCode: string; readonly reason?: string },
): Promise<void> {
  await change.apply(caseMachine, caseId, {
    event: { type: 'CLOSED', reasonCode: by.reasonCode },
    actor: by.actor,
    ...(by.reason === undefined ? {} : { texts: { reason: Buffer.from(by.reason, 'utf8') } }),
  });
  await callOff(change, caseId, ['confirm', 'answer', 'warn-half', 'warn-late', 'follow-up']);
}

/**
 * A held message of an open case ended without leaving. The case may not be left without a clock: theirs still has its
 * own, ours gets a follow-up, so that a person closes it with a reason.
 */
export async function messageDropped(
  parts: Parts,
  change: Change,
  messageId: string,
  message: OutboundState,
): Promise<void> {
  if (message.caseId === null) return;
  const held = await change.get(caseMachine, message.caseId);
  if (held === undefined || held.state.status === 'closed') return;
  if (held.state.side === 'answer' && held.state.answerId === messageId) {
    await change.apply(caseMachine, held.id, { event: { type: 'ANSWER_DROPPED', messageId }, actor: 'system' });
    return;
  }
  if (held.state.side === 'ask' && held.state.questionId === messageId) {
    const dueAtMs = change.now.atMs + parts.config.clocks.followUpMs;
    await arm(change, 'follow-up', { stream: 'case', id: held.id, caseId: held.id, dueAtMs });
  }
}
