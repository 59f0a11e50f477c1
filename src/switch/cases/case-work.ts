/** What happens to cases around a message: opening and joining theirs, starting and stopping clocks, proposing a class. */
import { type AlarmCode, raise } from '../alarms/alarm.ts';
import type { Change, Held } from '../change.ts';
import { arm, callOff, type DeadlineKind, isArmed } from '../deadlines/deadline.ts';
import type { OutboundState } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import { type CaseState, caseMachine, type Proposal } from './case.ts';

/** The most open cases looked through for a match; beyond it the gateway is not a Records Section any more. */
const openCasesMax = 5_000;
/** So many of an agency's answered cases are looked through when it asks a second time. */
const closedCasesMax = 100;

/** The clocks of a case itself; one of them, or the approval of a message of its own, is always armed while it is open. */
const caseClocks: readonly DeadlineKind[] = ['confirm', 'answer', 'telephone', 'follow-up'];
export const everyClock: readonly DeadlineKind[] = [...caseClocks, 'warn-half', 'warn-late'];

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
export async function openOrJoin({ parts, change }: Work, request: TheirRequest): Promise<string> {
  const open = await openCases(parts, 'answer', request.peerOri);
  const joined = await joinable(change, open, request);
  if (joined !== undefined) {
    await joinCase({ parts, change }, joined, request);
    return joined.id;
  }
  if (request.requestNumber > 1) {
    const answered = await answeredCases(parts, request.peerOri);
    const over = await joinable(change, answered, request);
    if (over !== undefined) {
      await reopen(change, over, { cause: `REQUEST ${request.requestNumber}`, messageId: null });
      await joinCase({ parts, change }, over, request);
      return over.id;
    }
  }
  return openAnswerCase({ parts, change }, request);
}

/** The case of the same record and case number, as it is in this change. */
async function joinable(
  change: Change,
  among: readonly { readonly id: string; readonly state: CaseState }[],
  request: TheirRequest,
): Promise<Held<CaseState> | undefined> {
  // Two requests that name no record may be about two persons: each is a case, or the answer to one would end both.
  if (request.nic === '') return undefined;
  for (const { id, state } of among) {
    if (state.nic !== request.nic) continue;
    if (state.ocaToken !== request.ocaToken && state.ocaToken !== null && request.ocaToken !== null) continue;
    const held = await change.get(caseMachine, id);
    if (held?.state.status === state.status) return held;
  }
  return undefined;
}

/** Cases of theirs that our answer closed, newest first: a second request for one says that the answer is not there. */
async function answeredCases(
  parts: Parts,
  peerOri: string,
): Promise<readonly { readonly id: string; readonly state: CaseState }[]> {
  const rows = await parts.ledger.states({
    stream: 'case',
    status: ['closed'],
    key: 'answer',
    ori: peerOri,
    order: 'newest',
    limit: closedCasesMax,
  });
  return rows
    .map((row) => ({ id: row.id, state: row.body as CaseState }))
    .filter(({ state }) => state.closedReason === 'ANSWERED');
}

async function joinCase({ parts, change }: Work, held: Held<CaseState>, request: TheirRequest): Promise<void> {
  const isRaised = request.priority === 'U' && held.state.priority === 'R';
  const urgentDueAtMs = change.now.atMs + confirmMs(parts, 'U');
  const state = await change.apply(caseMachine, held.id, {
    event: {
      type: 'REPEATED',
      // What can't be read is no better question than the one before.
      questionId: request.readable ? request.messageId : held.state.questionId,
      requestNumber: request.requestNumber,
      ...(isRaised ? { urgentDueAtMs } : {}),
    },
    actor: 'system',
  });
  // What is due sooner, or late already, keeps the clock and the alarms that it has.
  if (isRaised && state.dueAtMs === urgentDueAtMs) {
    await callOff(change, held.id, ['follow-up']);
    await armAnswerClock(change, held.id, { startedAtMs: change.now.atMs, dueAtMs: urgentDueAtMs });
  }
  const alarm = (code: AlarmCode): Promise<void> =>
    raise(change, code, { alarmId: parts.ids.next('a'), messageId: request.messageId, caseId: held.id });
  const repeated = request.requestNumber > 1 ? 'YQ_REPEATED' : 'YQ_AGAIN';
  if (!request.readable || !isRaised || request.requestNumber > 1)
    await alarm(request.readable ? repeated : 'CASE_UNREADABLE');
  if (isRaised) await alarm('YQ_RAISED');
}

async function openAnswerCase({ parts, change }: Work, request: TheirRequest): Promise<string> {
  const caseId = parts.ids.next('c');
  // What states no readable priority is taken for urgent: the stricter clock.
  const priority = request.priority ?? 'U';
  const limitMs = confirmMs(parts, priority);
  const dueAtMs = change.now.atMs + limitMs;
  await change.begin(caseMachine, caseId, {
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
  const about = { messageId: request.messageId, caseId };
  const code = priority === 'U' ? 'YQ_RECEIVED_URGENT' : 'YQ_RECEIVED_ROUTINE';
  await raise(change, request.readable ? code : 'CASE_UNREADABLE', { alarmId: parts.ids.next('a'), ...about });
  if (request.requestNumber > 1) await raise(change, 'YQ_REPEATED', { alarmId: parts.ids.next('a'), ...about });
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
export async function startAskClock({ parts, change }: Work, messageId: string, message: OutboundState): Promise<void> {
  if (message.key !== 'YQ' || message.caseId === null) return;
  const held = await change.get(caseMachine, message.caseId);
  if (held === undefined || held.state.status === 'closed') return;
  const isRaised = message.priority === 'U' && held.state.priority === 'R';
  const dueAtMs = change.now.atMs + confirmMs(parts, isRaised ? 'U' : held.state.priority);
  await change.apply(caseMachine, held.id, {
    event: {
      type: 'CLOCK_STARTED',
      questionId: messageId,
      requestNumber: message.requestNumber ?? 1,
      dueAtMs,
      ...(isRaised ? { priority: 'U' } : {}),
    },
    actor: 'system',
  });
  await arm(change, 'confirm', { stream: 'case', id: held.id, caseId: held.id, dueAtMs });
  await callOff(change, held.id, ['follow-up']);
}

/** A YQ of ours never left, or the switch refused it: the clock that started with it is taken back. */
export async function takeBackAskClock(
  { parts, change }: Work,
  question: { readonly id: string; readonly state: OutboundState },
): Promise<void> {
  if (question.state.key !== 'YQ' || question.state.caseId === null) return;
  const held = await change.get(caseMachine, question.state.caseId);
  if (held?.state.status !== 'open' || held.state.questionId !== question.id) return;
  // An answer to an earlier request has stopped the clock meanwhile: what the case says of it stays.
  if (held.state.stoppedAtMs !== null) return;
  await change.apply(caseMachine, held.id, {
    event: { type: 'CLOCK_TAKEN_BACK', questionId: question.id },
    actor: 'system',
  });
  await callOff(change, held.id, ['confirm']);
  await keepClock({ parts, change }, held.id);
}

/** Gives an open case a follow-up when nothing else of its own is armed: no case is ever left without a clock. */
export async function keepClock({ parts, change }: Work, caseId: string): Promise<void> {
  if (await isArmed(change, caseId, caseClocks)) return;
  const dueAtMs = change.now.atMs + parts.config.clocks.followUpMs;
  await arm(change, 'follow-up', { stream: 'case', id: caseId, caseId, dueAtMs });
}

/** What we answered did not arrive: when it had stopped the clock, the case is open again at its original due time. */
export async function answerFailed(
  { parts, change }: Work,
  caseId: string,
  failure: { readonly cause: string; readonly messageId: string },
): Promise<void> {
  const held = await change.get(caseMachine, caseId);
  if (held === undefined) return;
  const { answeredBy, answerId } = held.state;
  // An older answer that is reported late takes nothing back from a newer one that arrived.
  if (answeredBy === failure.messageId || (answeredBy === null && answerId === failure.messageId))
    await reopen(change, held, failure);
  await raise(change, 'ANSWER_NOT_DELIVERED', {
    alarmId: parts.ids.next('a'),
    messageId: failure.messageId,
    caseId,
  });
}

async function reopen(
  change: Change,
  held: Held<CaseState>,
  why: { readonly cause: string; readonly messageId: string | null },
): Promise<void> {
  const state = await change.apply(caseMachine, held.id, { event: { type: 'REOPENED', ...why }, actor: 'system' });
  await callOff(change, held.id, ['follow-up']);
  const dueAtMs = state.dueAtMs ?? change.now.atMs;
  await armAnswerClock(change, held.id, { startedAtMs: state.startedAtMs ?? dueAtMs, dueAtMs });
}

/** A YR came that may answer our request: its class is proposed, and a person decides. */
export async function propose({ parts, change }: Work, caseId: string, proposal: Proposal): Promise<void> {
  const held = await change.get(caseMachine, caseId);
  const alarm = { alarmId: parts.ids.next('a'), messageId: proposal.messageId, caseId };
  const before = held?.state.proposal ?? null;
  // One that bears our reference is not pushed aside by one that only seems to belong.
  const weaker = before !== null && !before.linkNeeded && proposal.linkNeeded;
  if (held?.state.status === 'open' && !weaker) {
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
  await callOff(change, caseId, everyClock);
}

/**
 * A held message of an open case ended without leaving. The case may not be left without a clock: theirs still has its
 * own, ours gets a follow-up, so that a person closes it with a reason.
 */
export async function messageDropped(
  { parts, change }: Work,
  message: { readonly id: string; readonly state: OutboundState },
): Promise<void> {
  if (message.state.caseId === null) return;
  const held = await change.get(caseMachine, message.state.caseId);
  if (held === undefined || held.state.status === 'closed') return;
  const { side, answerId, questionId, stoppedAtMs } = held.state;
  if (side === 'answer' && answerId === message.id) {
    await change.apply(caseMachine, held.id, {
      event: { type: 'ANSWER_DROPPED', messageId: message.id },
      actor: 'system',
    });
  }
  if (side === 'ask' && questionId === message.id && stoppedAtMs === null) {
    await change.apply(caseMachine, held.id, {
      event: { type: 'QUESTION_DROPPED', questionId: message.id },
      actor: 'system',
    });
  }
  await keepClock({ parts, change }, held.id);
}
