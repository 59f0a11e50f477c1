/**
 * One hit confirmation from its first YQ to its end (DESIGN.md, section 4), as a pure machine. `ask` is our YQ to them,
 * `answer` theirs to us. Its clock is a deadline of its own; the case knows what the clock means.
 */
import type { Effect, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';
import { sealable } from '../records/sealable.ts';

export type ConfirmationClass =
  | 'confirmed'
  | 'not-confirmed'
  | 'time-named'
  | 'in-process'
  | 'valid-extradition-open'
  | 'unclear';

export interface Proposal extends JsonObject {
  readonly messageId: string;
  readonly proposed: ConfirmationClass;
  readonly why: string;
  readonly receivedAtMs: number;
  /** The moment a YR that names a time promises its answer for. */
  readonly untilMs: number | null;
  /** True when only NIC and sender agree: the person who accepts it also links it. */
  readonly linkNeeded: boolean;
}

export interface CaseState extends JsonObject {
  readonly side: 'ask' | 'answer';
  readonly status: 'open' | 'closed';
  readonly phase: string;
  readonly peerOri: string;
  readonly nic: string;
  /** A keyed digest of the case number, to compare by; the number itself is sensitive. */
  readonly ocaToken: string | null;
  readonly priority: 'U' | 'R';
  readonly requestNumber: number;
  /** The message that asked last: our YQ, or their YQ as received. */
  readonly questionId: string;
  /** The message that opened it; who sent that one is told how it ends. */
  readonly firstQuestionId: string;
  readonly addresses: readonly string[];
  readonly owner: string;
  readonly startedAtMs: number | null;
  readonly dueAtMs: number | null;
  readonly stoppedAtMs: number | null;
  /** The due time a stop put aside: what takes the stop back goes on with this clock and no other. */
  readonly dueBeforeStopMs: number | null;
  readonly overdue: boolean;
  readonly outcome: ConfirmationClass | null;
  readonly proposal: Proposal | null;
  readonly checked: boolean;
  /** Our YR that is drafted and not yet acknowledged. */
  readonly answerId: string | null;
  /** Our YR whose acknowledgement stopped the clock. */
  readonly answeredBy: string | null;
  readonly closedReason: string | null;
  readonly createdAtMs: number;
}

export type CaseEvent =
  | {
      readonly type: 'OPENED';
      readonly side: 'ask' | 'answer';
      readonly peerOri: string;
      readonly nic: string;
      readonly ocaToken: string | null;
      readonly priority: 'U' | 'R';
      readonly requestNumber: number;
      readonly questionId: string;
      readonly addresses: readonly string[];
      /** The answer clock starts with the case; the asking clock when the YQ has left. */
      readonly dueAtMs: number | null;
      readonly readable: boolean;
      /** An answer came to which no question of ours is known. */
      readonly stray?: boolean;
    }
  | {
      readonly type: 'CLOCK_STARTED';
      readonly questionId: string;
      readonly requestNumber: number;
      readonly dueAtMs: number;
      /** Given where the request that leaves is urgent and the case was not. */
      readonly priority?: 'U';
    }
  /** The line gave our YQ back unsent, or the switch refused it: no clock may run for what never left. */
  | { readonly type: 'CLOCK_TAKEN_BACK'; readonly questionId: string }
  | { readonly type: 'QUESTION_DROPPED'; readonly questionId: string }
  | ({ readonly type: 'PROPOSED' } & Proposal)
  | {
      readonly type: 'CLASSIFIED';
      readonly messageId: string;
      readonly as: ConfirmationClass;
      readonly stoppedAtMs: number;
      readonly untilMs: number | null;
      /** The State profile whose verified map says it, when no person did. */
      readonly rule?: string;
    }
  | { readonly type: 'LAPSED'; readonly nextDrafted: boolean }
  | {
      readonly type: 'NEXT_DRAFTED';
      readonly questionId: string;
      readonly requestNumber: number;
      readonly addresses: readonly string[];
    }
  | { readonly type: 'TELEPHONE'; readonly cause: string; readonly owner: string }
  | { readonly type: 'CONTACTED' }
  | {
      readonly type: 'REPEATED';
      readonly questionId: string;
      readonly requestNumber: number;
      /** It was routine and came again as urgent: when it is due as such. A request is never made less urgent. */
      readonly urgentDueAtMs?: number;
    }
  | { readonly type: 'CHECKED' }
  | { readonly type: 'ANSWER_DRAFTED'; readonly messageId: string; readonly as: ConfirmationClass }
  | { readonly type: 'ANSWER_DROPPED'; readonly messageId: string }
  | {
      readonly type: 'ANSWERED';
      readonly messageId: string;
      readonly as: ConfirmationClass;
      readonly untilMs: number | null;
    }
  | { readonly type: 'REOPENED'; readonly cause: string; readonly messageId: string | null }
  | { readonly type: 'OWNED' }
  | { readonly type: 'CLOSED'; readonly reasonCode: string };

/** Which classes stop a clock. In process without a time, and unclear, do not. */
export function stopsClock(as: ConfirmationClass): boolean {
  return as !== 'in-process' && as !== 'unclear';
}

/** Which answers of ours stop their clock: one that confirms, denies or names a time (DESIGN.md, section 4). */
export function answerStopsClock(as: ConfirmationClass, untilMs: number | null): boolean {
  return as === 'confirmed' || as === 'not-confirmed' || (as === 'time-named' && untilMs !== null);
}

/** What the screen says of an outcome. A record that was not confirmed must never be acted on. */
const outcomePhase: Readonly<Record<ConfirmationClass, string>> = {
  confirmed: 'CONFIRMED',
  'not-confirmed': 'NOT CONFIRMED - DO NOT ACT ON THIS RECORD',
  'time-named': 'NOT CONFIRMED - A TIME WAS NAMED',
  'in-process': 'NOT CONFIRMED - IN PROCESS, CLOCK RUNNING',
  'valid-extradition-open': 'VALID - EXTRADITION NOT DECIDED',
  unclear: 'NOT CONFIRMED - ANSWER UNCLEAR, CLOCK RUNNING',
};

type Context = Parameters<Machine<CaseState, CaseEvent>['step']>[2];

function opened(event: Extract<CaseEvent, { type: 'OPENED' }>, createdAtMs: number): CaseState {
  const waiting = event.readable ? 'ANSWER DUE' : 'READ IT - ANSWER DUE';
  return {
    side: event.side,
    status: 'open',
    phase:
      event.stray === true
        ? 'A YR TO NO QUESTION OF OURS - READ IT'
        : event.side === 'ask'
          ? 'WAITING FOR APPROVAL'
          : waiting,
    peerOri: event.peerOri,
    nic: event.nic,
    ocaToken: event.ocaToken,
    priority: event.priority,
    requestNumber: event.requestNumber,
    questionId: event.questionId,
    firstQuestionId: event.questionId,
    addresses: event.addresses,
    owner: 'DUTY',
    startedAtMs: event.dueAtMs === null ? null : createdAtMs,
    dueAtMs: event.dueAtMs,
    stoppedAtMs: null,
    dueBeforeStopMs: null,
    overdue: event.side === 'answer' && event.requestNumber > 1,
    outcome: null,
    proposal: null,
    checked: false,
    answerId: null,
    answeredBy: null,
    closedReason: null,
    createdAtMs,
  };
}

/** The phase of an asking case whose request lapsed. */
function lapsedPhase(state: CaseState, nextDrafted: boolean): string {
  if (state.side === 'answer') return 'OVERDUE - ANSWER NOW';
  if (nextDrafted) return `REQUEST ${state.requestNumber} LAPSED`;
  return `NO ANSWER AFTER REQUEST ${state.requestNumber} - ACT`;
}

function classified(state: CaseState, event: Extract<CaseEvent, { type: 'CLASSIFIED' }>): CaseState {
  const taken = { ...state, proposal: null, outcome: event.as, phase: outcomePhase[event.as] };
  // A person who corrects a class that had stopped the clock sets the same clock going again.
  const runningDueAtMs = state.stoppedAtMs === null ? state.dueAtMs : state.dueBeforeStopMs;
  if (!stopsClock(event.as)) return { ...taken, stoppedAtMs: null, dueAtMs: runningDueAtMs };
  return { ...taken, stoppedAtMs: event.stoppedAtMs, dueBeforeStopMs: runningDueAtMs, dueAtMs: event.untilMs };
}

function stepAsk(state: CaseState, event: CaseEvent): CaseState | undefined {
  switch (event.type) {
    case 'CLOCK_STARTED':
      return {
        ...state,
        phase: 'CLOCK RUNNING',
        questionId: event.questionId,
        // An earlier request that leaves once more does not set the count back.
        requestNumber: Math.max(state.requestNumber, event.requestNumber),
        startedAtMs: state.startedAtMs ?? event.dueAtMs,
        dueAtMs: event.dueAtMs,
        stoppedAtMs: null,
        priority: event.priority ?? state.priority,
      };
    case 'CLOCK_TAKEN_BACK':
      return {
        ...state,
        startedAtMs: event.questionId === state.firstQuestionId ? null : state.startedAtMs,
        dueAtMs: null,
        phase: 'NOT SENT',
      };
    case 'QUESTION_DROPPED':
      return { ...state, phase: 'NOT SENT - ACT OR CLOSE' };
    case 'PROPOSED': {
      const { type: _type, ...proposal } = event;
      return { ...state, proposal: proposal as Proposal, phase: 'YR RECEIVED - ACCEPT ITS CLASS' };
    }
    case 'CLASSIFIED':
      return classified(state, event);
    case 'NEXT_DRAFTED':
      return {
        ...state,
        questionId: event.questionId,
        requestNumber: event.requestNumber,
        addresses: event.addresses,
        phase: `REQUEST ${state.requestNumber} LAPSED - REQUEST ${event.requestNumber} HELD`,
      };
    case 'TELEPHONE':
      return { ...state, owner: event.owner, phase: 'NOT DELIVERED - TELEPHONE THE AGENCY' };
    case 'CONTACTED':
      // The telephone clock has ended, and nothing is due before the request that documents the contact has left.
      return { ...state, dueAtMs: null, phase: 'CONTACTED BY TELEPHONE - DOCUMENT IT' };
    default:
      return undefined;
  }
}

/** A routine request that came again as urgent: its clock is the urgent one, unless it was due sooner. */
function raised(state: CaseState, urgentDueAtMs: number | undefined): CaseState {
  if (urgentDueAtMs === undefined) return state;
  const dueAtMs = Math.min(state.dueAtMs ?? urgentDueAtMs, urgentDueAtMs);
  const phase = 'ASKED AGAIN AS URGENT - ANSWER DUE';
  return { ...state, priority: 'U', dueAtMs, stoppedAtMs: null, dueBeforeStopMs: null, phase };
}

function stepAnswer(state: CaseState, event: CaseEvent): CaseState | undefined {
  switch (event.type) {
    case 'REPEATED':
      return {
        ...raised(state, event.urgentDueAtMs),
        questionId: event.questionId,
        requestNumber: Math.max(state.requestNumber, event.requestNumber),
        // The first request once more, such as after a lost acknowledgement, is no second request.
        ...(event.requestNumber < 2
          ? {}
          : {
              overdue: true,
              phase: `OVERDUE - REQUEST ${event.requestNumber}: THE STATE MAY CANCEL THE RECORD`,
            }),
      };
    case 'CHECKED':
      return { ...state, checked: true };
    case 'ANSWER_DRAFTED':
      return { ...state, answerId: event.messageId, phase: 'ANSWER HELD' };
    case 'ANSWER_DROPPED':
      return state.answerId === event.messageId ? { ...state, answerId: null, phase: 'ANSWER DUE' } : undefined;
    default:
      return undefined;
  }
}

/** Our YR was acknowledged: the clock stops when it confirms, denies or names a time; only the first two end the case. */
function answered(state: CaseState, event: Extract<CaseEvent, { type: 'ANSWERED' }>, atMs: number): CaseState {
  const answerId = state.answerId === event.messageId ? null : state.answerId;
  const taken = { ...state, answerId, outcome: event.as };
  if (!answerStopsClock(event.as, event.untilMs)) return { ...taken, phase: outcomePhase[event.as] };
  const over = event.as !== 'time-named';
  return {
    ...taken,
    answeredBy: event.messageId,
    stoppedAtMs: atMs,
    dueBeforeStopMs: state.stoppedAtMs === null ? state.dueAtMs : state.dueBeforeStopMs,
    dueAtMs: over ? state.dueAtMs : event.untilMs,
    status: over ? 'closed' : 'open',
    closedReason: over ? 'ANSWERED' : null,
    phase: `ANSWERED - ${outcomePhase[event.as]}`,
  };
}

function next(
  state: CaseState,
  event: Exclude<CaseEvent, { type: 'OPENED' }>,
  context: Context,
): CaseState | undefined {
  if (event.type === 'REOPENED') {
    // The same clock again, at its original due time: what was answered did not arrive.
    const dueAtMs = state.dueBeforeStopMs ?? state.dueAtMs ?? context.now.atMs;
    return {
      ...state,
      status: 'open',
      closedReason: null,
      stoppedAtMs: null,
      answerId: state.answerId === event.messageId ? null : state.answerId,
      answeredBy: null,
      outcome: null,
      dueAtMs,
      overdue: state.overdue || event.messageId === null,
      phase: event.messageId === null ? `OVERDUE - ${event.cause}` : `ANSWER DID NOT ARRIVE - ${event.cause}`,
    };
  }
  if (state.status === 'closed') return undefined;
  switch (event.type) {
    case 'OWNED':
      return { ...state, owner: context.actor };
    case 'LAPSED':
      // The time that an agency named is over: nothing holds the clock of our request any more.
      return {
        ...state,
        overdue: true,
        stoppedAtMs: state.side === 'ask' ? null : state.stoppedAtMs,
        phase: lapsedPhase(state, event.nextDrafted),
      };
    case 'CLOSED':
      return { ...state, status: 'closed', closedReason: event.reasonCode, phase: `CLOSED - ${event.reasonCode}` };
    case 'ANSWERED':
      return state.side === 'answer' ? answered(state, event, context.now.atMs) : undefined;
    default:
      return state.side === 'ask' ? stepAsk(state, event) : stepAnswer(state, event);
  }
}

function step(state: CaseState | undefined, event: CaseEvent, context: Context): Stepped<CaseState> {
  const effects: Effect[] = [{ do: 'changed', what: 'case', id: context.id }];
  if (event.type === 'OPENED') {
    if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
    return { ok: true, state: opened(event, context.now.atMs), effects };
  }
  if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
  const moved = next(state, event, context);
  if (moved === undefined) return { ok: false, code: 'ALREADY_DONE' };
  // The first clock of an asking case starts when its first YQ left; later requests do not move that.
  const started =
    event.type === 'CLOCK_STARTED' && state.startedAtMs === null ? { ...moved, startedAtMs: context.now.atMs } : moved;
  return { ok: true, state: started, effects };
}

/** The machine of cases. */
export const caseMachine = sealable<CaseState, CaseEvent>({
  stream: 'case',
  step,
  row: (state) => ({
    status: state.status,
    key: state.side,
    ori: state.peerOri,
    osn: state.owner,
    body: state,
  }),
});
