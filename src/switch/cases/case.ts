/**
 * One hit confirmation from its first YQ to its end (DESIGN.md, section 4), as a pure machine. `ask` is our YQ to them,
 * `answer` theirs to us. Its clock is a deadline of its own; the case knows what the clock means.
 */
import type { Effect, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

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
  readonly addresses: readonly string[];
  readonly owner: string;
  readonly startedAtMs: number | null;
  readonly dueAtMs: number | null;
  readonly stoppedAtMs: number | null;
  readonly overdue: boolean;
  readonly outcome: ConfirmationClass | null;
  readonly proposal: Proposal | null;
  readonly checked: boolean;
  readonly answerId: string | null;
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
    }
  | {
      readonly type: 'CLOCK_STARTED';
      readonly questionId: string;
      readonly requestNumber: number;
      readonly dueAtMs: number;
    }
  | ({ readonly type: 'PROPOSED' } & Proposal)
  | {
      readonly type: 'CLASSIFIED';
      readonly messageId: string;
      readonly as: ConfirmationClass;
      readonly stoppedAtMs: number;
      readonly untilMs: number | null;
    }
  | { readonly type: 'LAPSED'; readonly nextDrafted: boolean }
  | {
      readonly type: 'NEXT_DRAFTED';
      readonly questionId: string;
      readonly requestNumber: number;
      readonly addresses: readonly string[];
    }
  | { readonly type: 'TELEPHONE'; readonly cause: string }
  | { readonly type: 'REPEATED'; readonly questionId: string; readonly requestNumber: number }
  | { readonly type: 'CHECKED' }
  | { readonly type: 'ANSWER_DRAFTED'; readonly messageId: string; readonly as: ConfirmationClass }
  | { readonly type: 'ANSWER_DROPPED'; readonly messageId: string }
  | {
      readonly type: 'ANSWERED';
      readonly messageId: string;
      readonly as: ConfirmationClass;
      readonly untilMs: number | null;
    }
  | { readonly type: 'REOPENED'; readonly cause: string }
  | { readonly type: 'OWNED' }
  | { readonly type: 'CLOSED'; readonly reasonCode: string };

/** Which classes stop a clock. In process without a time, and unclear, do not. */
export function stopsClock(as: ConfirmationClass): boolean {
  return as !== 'in-process' && as !== 'unclear';
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
    phase: event.side === 'ask' ? 'WAITING FOR APPROVAL' : waiting,
    peerOri: event.peerOri,
    nic: event.nic,
    ocaToken: event.ocaToken,
    priority: event.priority,
    requestNumber: event.requestNumber,
    questionId: event.questionId,
    addresses: event.addresses,
    owner: 'DUTY',
    startedAtMs: event.dueAtMs === null ? null : createdAtMs,
    dueAtMs: event.dueAtMs,
    stoppedAtMs: null,
    overdue: event.side === 'answer' && event.requestNumber > 1,
    outcome: null,
    proposal: null,
    checked: false,
    answerId: null,
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

function stepAsk(state: CaseState, event: CaseEvent): CaseState | undefined {
  switch (event.type) {
    case 'CLOCK_STARTED':
      return {
        ...state,
        phase: 'CLOCK RUNNING',
        questionId: event.questionId,
        requestNumber: event.requestNumber,
        startedAtMs: state.startedAtMs ?? event.dueAtMs,
        dueAtMs: event.dueAtMs,
        stoppedAtMs: null,
        overdue: state.overdue,
      };
    case 'PROPOSED': {
      const { type: _type, ...proposal } = event;
      return { ...state, proposal: proposal as Proposal, phase: 'YR RECEIVED - ACCEPT ITS CLASS' };
    }
    case 'CLASSIFIED':
      return {
        ...state,
        proposal: null,
        outcome: event.as,
        phase: outcomePhase[event.as],
        stoppedAtMs: stopsClock(event.as) ? event.stoppedAtMs : null,
        dueAtMs: stopsClock(event.as) ? event.untilMs : state.dueAtMs,
      };
    case 'NEXT_DRAFTED':
      return {
        ...state,
        questionId: event.questionId,
        requestNumber: event.requestNumber,
        addresses: event.addresses,
        phase: `REQUEST ${state.requestNumber} LAPSED - REQUEST ${event.requestNumber} HELD`,
      };
    case 'TELEPHONE':
      return { ...state, phase: 'NOT DELIVERED - TELEPHONE THE AGENCY' };
    default:
      return undefined;
  }
}

function stepAnswer(state: CaseState, event: CaseEvent): CaseState | undefined {
  switch (event.type) {
    case 'REPEATED':
      return {
        ...state,
        questionId: event.questionId,
        requestNumber: Math.max(state.requestNumber, event.requestNumber),
        overdue: true,
        phase: `OVERDUE - REQUEST ${event.requestNumber}: THE STATE MAY CANCEL THE RECORD`,
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

/** Our YR was acknowledged: the clock stops, and the case is over unless a time was named or extradition is open. */
function answered(state: CaseState, event: Extract<CaseEvent, { type: 'ANSWERED' }>, atMs: number): CaseState {
  if (!stopsClock(event.as)) return { ...state, phase: outcomePhase[event.as], answerId: null, outcome: event.as };
  const over = event.as === 'confirmed' || event.as === 'not-confirmed';
  return {
    ...state,
    outcome: event.as,
    stoppedAtMs: atMs,
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
    const dueAtMs = state.dueAtMs ?? context.now.atMs;
    return {
      ...state,
      status: 'open',
      closedReason: null,
      stoppedAtMs: null,
      answerId: null,
      outcome: null,
      dueAtMs,
      phase: `ANSWER DID NOT ARRIVE - ${event.cause}`,
    };
  }
  if (state.status === 'closed') return undefined;
  switch (event.type) {
    case 'OWNED':
      return { ...state, owner: context.actor };
    case 'LAPSED':
      return { ...state, overdue: true, phase: lapsedPhase(state, event.nextDrafted) };
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
export const caseMachine: Machine<CaseState, CaseEvent> = {
  stream: 'case',
  step,
  row: (state) => ({
    status: state.status,
    key: state.side,
    ori: state.peerOri,
    osn: state.owner,
    body: state,
  }),
};
