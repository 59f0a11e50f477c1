/**
 * An outbound message from draft to answer (DESIGN.md, section 3), as a pure machine. No value of the message stands
 * in its state: texts are kept encrypted with the DRAFTED and HELD events, and the state knows their digest.
 */
import type { FaultCode } from '../../faults/fault.ts';
import type { KeyClass } from '../../formats/message.ts';
import type { Effect, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';
import { sealable } from '../records/sealable.ts';
import { endsRegion } from '../routing/expected-sources.ts';

export type OutboundStatus =
  | 'DRAFT'
  | 'REJECTED'
  | 'HELD'
  | 'APPROVED'
  | 'QUEUED'
  | 'SENT'
  | 'ACKED'
  | 'ANSWERED'
  | 'REFUSED'
  | 'WITHDRAWN'
  | 'EXPIRED'
  | 'NAKED'
  | 'IN_DOUBT';

/** A class of the key tables, or `unknown` for a key no table names: held, and never sent again. */
export type SendClass = KeyClass | 'unknown';

export interface OutboundState extends JsonObject {
  readonly direction: 'out';
  readonly status: OutboundStatus;
  readonly key: string;
  readonly keyClass: SendClass;
  readonly ori: string;
  readonly terminalId: string;
  readonly destinations: readonly string[];
  readonly priority: 'U' | 'R' | null;
  /** An OSN, a station id, or `system` for what a clock drafted. */
  readonly requester: string;
  readonly stationId: string | null;
  /** Everyone who drafted or edited it. */
  readonly drafters: readonly string[];
  readonly caseId: string | null;
  /** The message it goes with: approved in the same act, and never without it. */
  readonly companionOf: string | null;
  readonly requestNumber: number | null;
  readonly answersAs: string | null;
  /** For a YR that names a time: the moment it promises. */
  readonly answersUntilMs: number | null;
  readonly sha256: string;
  readonly stale: boolean;
  readonly operator: string | null;
  readonly approver: string | null;
  readonly attempts: number;
  readonly exchangeId: number | null;
  readonly sentAtMs: number | null;
  readonly ackedAtMs: number | null;
  readonly expects: readonly string[];
  readonly answered: readonly string[];
  readonly answerIds: readonly string[];
  /** The worst that its answers say, for an inquiry: a hit before READ IT before NO RECORD. */
  readonly verdict: string | null;
  /** An ER or SM said that it did not reach whom it was for. */
  readonly undelivered: boolean;
  readonly reason: string | null;
  readonly createdAtMs: number;
}

export type OutboundEvent =
  | {
      readonly type: 'DRAFTED';
      readonly key: string;
      readonly keyClass: SendClass;
      readonly ori: string;
      readonly terminalId: string;
      readonly destinations: readonly string[];
      readonly priority: 'U' | 'R' | null;
      readonly requester: string;
      readonly stationId: string | null;
      readonly caseId: string | null;
      readonly companionOf?: string | null;
      readonly requestNumber: number | null;
      readonly answersAs: string | null;
      readonly answersUntilMs: number | null;
      readonly sha256: string;
      readonly expects: readonly string[];
    }
  | { readonly type: 'REJECTED'; readonly codes: readonly string[] }
  | { readonly type: 'HELD' }
  | { readonly type: 'ACCEPTED' }
  | { readonly type: 'RELEASED'; readonly sha256: string; readonly overShoulderOf: string | null }
  | { readonly type: 'REFUSED'; readonly reasonGiven: boolean }
  | { readonly type: 'WITHDRAWN' }
  /** `atOnce`: it is SENT in the same unit, and no bell need tell anybody of it. */
  | { readonly type: 'QUEUED'; readonly atOnce?: boolean }
  | { readonly type: 'SENT'; readonly frameId: string; readonly exchangeId: number }
  | { readonly type: 'NOT_SENT'; readonly cause: string }
  | { readonly type: 'ACKED' }
  | { readonly type: 'NAKED' }
  | { readonly type: 'IN_DOUBT'; readonly cause: string }
  | { readonly type: 'RETRIED' }
  | {
      readonly type: 'ANSWERED';
      readonly answerId: string;
      readonly source: string;
      /** Others whose answers stand in the same text. */
      readonly alsoFrom?: readonly string[];
      readonly verdict?: string;
    }
  /** The network said something about it (ER, SM), which is no answer. */
  | { readonly type: 'STATUS_CAME'; readonly answerId: string; readonly undelivered: boolean }
  | { readonly type: 'ANSWER_WAIT_ENDED' }
  | { readonly type: 'STALED' }
  | { readonly type: 'EXPIRED' }
  | { readonly type: 'RESOLVED'; readonly decision: 'send-again' | 'arrived' | 'give-up' };

/** Only these may be sent again without a person's word, at most this many times in all. */
export const attemptsMax = 3;

/** Inquiries and history leave unheld and may be repeated; everything else, the unknown too, is held. */
export function isUnheld(keyClass: SendClass): boolean {
  return keyClass === 'inquiry' || keyClass === 'history';
}

/** Every state in which a message may be that has left at least once; `attempts` tells whether it did. */
const everLeft: readonly OutboundStatus[] = [
  'HELD',
  'QUEUED',
  'SENT',
  'ACKED',
  'ANSWERED',
  'REFUSED',
  'WITHDRAWN',
  'EXPIRED',
  'NAKED',
  'IN_DOUBT',
];

const hitWords = 'POSSIBLE HIT - UNCONFIRMED';
const severalWords = ' - READ EACH ANSWER';

/** How bad a verdict is: a hit that may be a want or property first, what nobody knows before what is no want, NO RECORD last. */
function rankOf(verdict: string): number {
  if (verdict === 'NO RECORD') return 0;
  if (!verdict.startsWith(hitWords)) return 1;
  if (verdict.includes('NOT A WANT')) return 2;
  return /KIND NOT KNOWN|CAVEAT AGAINST ARREST/.test(verdict) ? 3 : 4;
}

/** The worse of two verdicts; two hits that are not alike are each to be read. */
function worse(one: string | null, other: string | undefined): string | null {
  if (other === undefined || one === null || one === other) return other ?? one;
  const [worst, milder] = rankOf(one) >= rankOf(other) ? [one, other] : [other, one];
  const areHits = rankOf(milder) > 1;
  return areHits && !worst.endsWith(severalWords) ? `${worst}${severalWords}` : worst;
}

/** An answer settles every doubt, and whatever waited to be sent once more: the message did arrive. */
function answered(state: OutboundState, event: Extract<OutboundEvent, { type: 'ANSWERED' }>): Partial<OutboundState> {
  const sources = [...new Set([...state.answered, event.source, ...(event.alsoFrom ?? [])])];
  const whole = state.expects.every((source) => sources.includes(source));
  const kept = state.status === 'SENT' || state.status === 'ANSWERED' ? state.status : 'ACKED';
  return {
    answered: sources,
    answerIds: [...state.answerIds, event.answerId],
    verdict: worse(state.verdict, event.verdict),
    status: whole ? 'ANSWERED' : kept,
    reason: whole || state.status !== 'ANSWERED' ? null : state.reason,
  };
}

const startOf = (event: Extract<OutboundEvent, { type: 'DRAFTED' }>, createdAtMs: number): OutboundState => ({
  direction: 'out',
  status: 'DRAFT',
  key: event.key,
  keyClass: event.keyClass,
  ori: event.ori,
  terminalId: event.terminalId,
  destinations: event.destinations,
  priority: event.priority,
  requester: event.requester,
  stationId: event.stationId,
  drafters: [event.requester],
  caseId: event.caseId,
  companionOf: event.companionOf ?? null,
  requestNumber: event.requestNumber,
  answersAs: event.answersAs,
  answersUntilMs: event.answersUntilMs,
  sha256: event.sha256,
  stale: false,
  operator: null,
  approver: null,
  attempts: 0,
  exchangeId: null,
  sentAtMs: null,
  ackedAtMs: null,
  expects: event.expects,
  answered: [],
  answerIds: [],
  verdict: null,
  undelivered: false,
  reason: null,
  createdAtMs,
});

type Context = Parameters<Machine<OutboundState, OutboundEvent>['step']>[2];
type Move = (state: OutboundState, event: never, context: Context) => Partial<OutboundState> | FaultCode;

/** From which states an event is possible, and what it changes. */
const moves: Readonly<
  Record<Exclude<OutboundEvent['type'], 'DRAFTED'>, { readonly from: readonly OutboundStatus[]; readonly move: Move }>
> = {
  REJECTED: { from: ['DRAFT'], move: () => ({ status: 'REJECTED', reason: 'REJECTED' }) },
  HELD: { from: ['DRAFT'], move: (state) => (isUnheld(state.keyClass) ? 'ALREADY_DONE' : { status: 'HELD' }) },
  ACCEPTED: {
    from: ['HELD', 'APPROVED', 'QUEUED'],
    move: (state, _event, context) => (context.actor === state.approver ? 'SAME_PERSON' : { operator: context.actor }),
  },
  RELEASED: {
    from: ['HELD'],
    move: (state, event: { sha256: string }, context) => mayRelease(state, event.sha256, context.actor),
  },
  REFUSED: { from: ['HELD'], move: () => ({ status: 'REFUSED', reason: 'REFUSED' }) },
  WITHDRAWN: { from: ['HELD', 'APPROVED', 'QUEUED'], move: () => ({ status: 'WITHDRAWN', reason: 'WITHDRAWN' }) },
  QUEUED: {
    from: ['DRAFT', 'APPROVED'],
    move: (state) => (state.status === 'DRAFT' && !isUnheld(state.keyClass) ? 'NOT_ACCEPTED' : { status: 'QUEUED' }),
  },
  SENT: {
    from: ['QUEUED'],
    move: (state, event: { exchangeId: number }, context) => ({
      status: 'SENT',
      attempts: state.attempts + 1,
      exchangeId: event.exchangeId,
      sentAtMs: context.now.atMs,
    }),
  },
  NOT_SENT: {
    from: ['SENT'],
    move: (state) => ({ status: 'QUEUED', attempts: state.attempts - 1, exchangeId: null, sentAtMs: null }),
  },
  // An answer may precede the acknowledgement, and a late acknowledgement settles a doubt.
  ACKED: {
    from: ['SENT', 'IN_DOUBT', 'ANSWERED'],
    move: (state, _event, context) => ({
      status: state.status === 'ANSWERED' ? 'ANSWERED' : 'ACKED',
      ackedAtMs: context.now.atMs,
      reason: null,
    }),
  },
  NAKED: { from: ['SENT', 'IN_DOUBT'], move: () => ({ status: 'NAKED', reason: 'NAKED' }) },
  // What was answered in part, or spoken of by the network, did arrive, whatever became of its acknowledgement.
  IN_DOUBT: {
    from: ['SENT'],
    move: (state, event: { cause: string }) =>
      state.answered.length > 0 || state.undelivered
        ? { status: 'ACKED' }
        : { status: 'IN_DOUBT', reason: event.cause },
  },
  RETRIED: {
    from: ['IN_DOUBT'],
    move: (state) =>
      isUnheld(state.keyClass) && state.attempts < attemptsMax ? { status: 'QUEUED', reason: null } : 'ALREADY_DONE',
  },
  ANSWERED: {
    from: everLeft,
    move: (state, event: Extract<OutboundEvent, { type: 'ANSWERED' }>) =>
      state.attempts === 0 ? 'ALREADY_DONE' : answered(state, event),
  },
  STATUS_CAME: {
    from: everLeft,
    move: (state, event: { answerId: string; undelivered: boolean }) => {
      if (state.attempts === 0) return 'ALREADY_DONE';
      const answerIds = [...state.answerIds, event.answerId];
      if (!event.undelivered) return { answerIds };
      // What the network speaks of did reach the switch; that much is no longer in doubt.
      const status = state.status === 'IN_DOUBT' ? 'ACKED' : state.status;
      return { answerIds, undelivered: true, status, reason: 'NOT DELIVERED' };
    },
  },
  ANSWER_WAIT_ENDED: {
    from: ['SENT', 'ACKED'],
    move: (state) => ({ status: 'ANSWERED', reason: endsRegion(state) ? 'REGION ENDED BY TIME' : 'NO ANSWER IN TIME' }),
  },
  STALED: {
    from: ['APPROVED', 'QUEUED'],
    move: () => ({ status: 'HELD', stale: true, approver: null, reason: 'STALE' }),
  },
  EXPIRED: {
    from: ['HELD', 'QUEUED', 'IN_DOUBT'],
    move: (state) =>
      state.status === 'IN_DOUBT' && !isUnheld(state.keyClass)
        ? 'ALREADY_DONE'
        : { status: 'EXPIRED', reason: 'EXPIRED' },
  },
  RESOLVED: {
    from: ['IN_DOUBT', 'NAKED'],
    move: (state, event: { decision: string }, context) => {
      if (event.decision === 'arrived') return { status: 'ACKED', reason: 'A PERSON SAYS IT ARRIVED' };
      if (event.decision === 'give-up') return { status: 'WITHDRAWN', reason: 'GIVEN UP' };
      if (state.keyClass === 'unknown') return 'ALREADY_DONE';
      if (context.actor === state.operator || state.drafters.includes(context.actor)) return 'SAME_PERSON';
      return { status: 'QUEUED', approver: context.actor, undelivered: false, reason: null };
    },
  },
};

/** The approval rule: accepted, unchanged, and by somebody who neither asked, drafted, edited nor transmits. */
function mayRelease(state: OutboundState, sha256: string, approver: string): Partial<OutboundState> | FaultCode {
  if (state.operator === null) return 'NOT_ACCEPTED';
  if (approver === state.requester || approver === state.operator || state.drafters.includes(approver))
    return 'SAME_PERSON';
  if (sha256 !== state.sha256) return 'TEXT_CHANGED';
  return { status: 'APPROVED', approver, stale: false, reason: null };
}

function step(state: OutboundState | undefined, event: OutboundEvent, context: Context): Stepped<OutboundState> {
  const changed: Effect = { do: 'changed', what: 'message', id: context.id };
  if (event.type === 'DRAFTED') {
    if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
    return { ok: true, state: startOf(event, context.now.atMs), effects: [changed] };
  }
  if (state === undefined || state.direction !== 'out') return { ok: false, code: 'NOT_FOUND' };
  const rule = moves[event.type];
  if (!rule.from.includes(state.status)) return { ok: false, code: 'ALREADY_DONE' };
  const moved = rule.move(state, event as never, context);
  if (typeof moved === 'string') return { ok: false, code: moved };
  const next: OutboundState = { ...state, ...(moved as Partial<OutboundState>) } as OutboundState;
  const effects: Effect[] = [changed];
  const leavesAtOnce = event.type === 'QUEUED' && event.atOnce === true;
  if (next.status === 'QUEUED' && state.status !== 'QUEUED' && !leavesAtOnce) {
    effects.push({ do: 'ready', bell: { kind: 'send', id: context.id, version: context.version } });
  }
  return { ok: true, state: next, effects };
}

/** The machine of outbound messages. Its ids are the references that leave with them. */
export const outboundMachine = sealable<OutboundState, OutboundEvent>({
  stream: 'message',
  step,
  row: (state) => ({
    status: state.status,
    key: state.key,
    ori: state.ori,
    osn: state.operator ?? state.requester,
    ...(state.caseId === null ? {} : { parent: state.caseId }),
    body: state,
  }),
});
