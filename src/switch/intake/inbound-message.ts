/** An inbound message from the upstream, from receipt to reading, as a pure machine (DESIGN.md, section 3). */
import type { Effect, Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';
import type { SendClass } from '../outbound/outbound-message.ts';
import { sealable } from '../records/sealable.ts';

/** The kind of a word of the gateway itself to a station: filed and delivered like an answer. */
export const noticeKind = 'gateway-notice';

export type InboundStatus = 'RECEIVED' | 'MATCHED' | 'UNSOLICITED' | 'QUARANTINED' | 'DELIVERED' | 'READ';

export interface InboundState extends JsonObject {
  readonly direction: 'in';
  readonly status: InboundStatus;
  /** How it was sorted, kept after delivery and reading. */
  readonly sorted: 'MATCHED' | 'UNSOLICITED' | 'QUARANTINED' | null;
  /** Empty when no key could be read. */
  readonly key: string;
  readonly keyClass: SendClass;
  readonly parsed: boolean;
  readonly ori: string;
  readonly destinations: readonly string[];
  readonly priority: 'U' | 'R' | null;
  readonly verdict: string;
  readonly kind: string;
  readonly source: string;
  readonly nics: readonly string[];
  readonly questionId: string | null;
  readonly caseId: string | null;
  readonly quarantineReason: string | null;
  /** The question that it seemed to contradict, while it is in quarantine. */
  readonly suspectId?: string;
  /** A named person must read it: hits, YQ, YR, `$.` notices, anything that did not parse. */
  readonly mustRead: boolean;
  /** Stations it is still owed to. */
  readonly owedTo: readonly string[];
  readonly deliveredTo: readonly string[];
  readonly readBy: readonly string[];
  readonly createdAtMs: number;
}

export type InboundEvent =
  | {
      readonly type: 'RECEIVED';
      readonly frameId: string;
      readonly key: string;
      readonly keyClass: SendClass;
      readonly parsed: boolean;
      readonly ori: string;
      readonly destinations: readonly string[];
      readonly priority: 'U' | 'R' | null;
      readonly verdict: string;
      readonly kind: string;
      readonly source: string;
      readonly nics: readonly string[];
      readonly faultCodes: readonly string[];
      /** Their control field, and what the network stamped on it: when it took and gave it on, each with a number. */
      readonly control?: string | null;
      readonly stamps?: JsonObject | null;
      /** Numbers of the switch's count to one of our stations that did not come before this message. */
      readonly gap?: JsonObject | null;
    }
  | {
      readonly type: 'MATCHED';
      readonly questionId: string;
      readonly caseId: string | null;
      readonly owedTo: readonly string[];
    }
  | { readonly type: 'UNSOLICITED'; readonly caseId: string | null }
  /** `questionId` is the question it seemed to contradict. */
  | { readonly type: 'QUARANTINED'; readonly reason: string; readonly questionId?: string }
  /** A person freed it, under his name and with a reason: it is sorted anew in the same unit. */
  | { readonly type: 'FREED'; readonly belongs: boolean }
  | { readonly type: 'LINKED'; readonly caseId: string }
  | { readonly type: 'DELIVERED'; readonly stationId: string }
  | { readonly type: 'READ' };

type Context = Parameters<Machine<InboundState, InboundEvent>['step']>[2];

function received(event: Extract<InboundEvent, { type: 'RECEIVED' }>, createdAtMs: number): InboundState {
  const alwaysRead = ['hit', 'confirmation', 'notice', 'error', 'status', 'reject'].includes(event.kind);
  return {
    direction: 'in',
    status: 'RECEIVED',
    sorted: null,
    key: event.key,
    keyClass: event.keyClass,
    parsed: event.parsed,
    ori: event.ori,
    destinations: event.destinations,
    priority: event.priority,
    verdict: event.verdict,
    kind: event.kind,
    source: event.source,
    nics: event.nics,
    questionId: null,
    caseId: null,
    quarantineReason: null,
    mustRead: !event.parsed || alwaysRead,
    owedTo: [],
    deliveredTo: [],
    readBy: [],
    createdAtMs,
  };
}

function next(
  state: InboundState,
  event: Exclude<InboundEvent, { type: 'RECEIVED' }>,
  actor: string,
): InboundState | undefined {
  switch (event.type) {
    case 'MATCHED':
      if (state.status !== 'RECEIVED') return undefined;
      return {
        ...state,
        status: 'MATCHED',
        sorted: 'MATCHED',
        questionId: event.questionId,
        caseId: event.caseId,
        owedTo: event.owedTo,
      };
    case 'UNSOLICITED':
      if (state.status !== 'RECEIVED') return undefined;
      return { ...state, status: 'UNSOLICITED', sorted: 'UNSOLICITED', caseId: event.caseId };
    case 'QUARANTINED':
      if (state.status !== 'RECEIVED') return undefined;
      return {
        ...state,
        status: 'QUARANTINED',
        sorted: 'QUARANTINED',
        quarantineReason: event.reason,
        mustRead: true,
        ...(event.questionId === undefined ? {} : { suspectId: event.questionId }),
      };
    case 'FREED': {
      if (state.sorted !== 'QUARANTINED') return undefined;
      const { suspectId: _, ...rest } = state;
      return { ...rest, status: 'RECEIVED', sorted: null, quarantineReason: null } as InboundState;
    }
    case 'LINKED':
      // What answers a question of ours belongs to that question's case, whoever says otherwise.
      if (state.sorted === 'MATCHED' || state.sorted === 'QUARANTINED' || state.caseId === event.caseId)
        return undefined;
      return { ...state, caseId: event.caseId };
    case 'DELIVERED': {
      if (!state.owedTo.includes(event.stationId)) return undefined;
      const owedTo = state.owedTo.filter((one) => one !== event.stationId);
      const status = owedTo.length === 0 && state.status !== 'READ' ? 'DELIVERED' : state.status;
      return { ...state, status, owedTo, deliveredTo: [...state.deliveredTo, event.stationId] };
    }
    case 'READ':
      if (state.readBy.includes(actor)) return undefined;
      return { ...state, status: 'READ', readBy: [...state.readBy, actor] };
  }
}

function step(state: InboundState | undefined, event: InboundEvent, context: Context): Stepped<InboundState> {
  const changed: Effect = { do: 'changed', what: 'message', id: context.id };
  if (event.type === 'RECEIVED') {
    if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
    // It is sorted in the same unit, and then it has changed for whoever may see it.
    return { ok: true, state: received(event, context.now.atMs), effects: [] };
  }
  // An outbound message lives in the same stream; none of these events is ever one of its own.
  if (state === undefined || state.direction !== 'in') return { ok: false, code: 'NOT_FOUND' };
  const moved = next(state, event, context.actor);
  if (moved === undefined) return { ok: false, code: 'ALREADY_DONE' };
  const deliveries: Effect[] =
    event.type === 'MATCHED' ? event.owedTo.map((stationId) => ({ do: 'deliver', stationId })) : [];
  return { ok: true, state: moved, effects: [changed, ...deliveries] };
}

/** Its case; while it is in quarantine, the question that it seemed to contradict, by which alone it can be found then. */
function parentOf({ caseId, suspectId }: InboundState): { readonly parent?: string } {
  const parent = caseId ?? suspectId;
  return parent === undefined ? {} : { parent };
}

/** The machine of inbound messages. */
export const inboundMachine = sealable<InboundState, InboundEvent>({
  stream: 'message',
  step,
  row: (state) => ({
    // What the gateway itself told a station stands in no list of messages.
    status: state.kind === noticeKind ? 'NOTICE' : state.status,
    key: state.key,
    ori: state.ori,
    ...parentOf(state),
    ...(state.owedTo.length === 0 ? {} : { link: state.owedTo[0] ?? '' }),
    body: state,
  }),
});
