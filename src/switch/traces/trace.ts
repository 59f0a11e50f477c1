/**
 * A trace of a line as a pure machine: asked for, running, ended, gone. One that shows what was said (raw) runs only by the
 * word of two people; every trace is gone a day after it began, whatever becomes of the gateway (docs/decisions/0007).
 */
import type { Machine, Stepped } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

/** A trace that began is gone after this. */
export const traceLifeMs = 86_400_000;
/** A raw trace that was asked for and that nobody approves lapses after this. */
export const askedMsMax = 600_000;
/** The row key of traces. */
export const traceKey = 'TRACE';

/** Why a trace records no more. */
export type TraceEnd = 'stopped' | 'time' | 'full' | 'disk' | 'restart' | 'closing';

export interface TraceState extends JsonObject {
  readonly status: 'ASKED' | 'RUNNING' | 'ENDED' | 'LAPSED' | 'GONE';
  /** `upstream`, a station's id, or a link's. */
  readonly of: string;
  readonly line: 'upstream' | 'station';
  readonly raw: boolean;
  readonly durationMs: number;
  readonly askedBy: string;
  readonly askedAtMs: number;
  readonly approvedBy: string | null;
  readonly startedAtMs: number | null;
  readonly end: string | null;
}

export type TraceEvent =
  | {
      readonly type: 'TRACE_ASKED';
      readonly of: string;
      readonly line: 'upstream' | 'station';
      readonly raw: boolean;
      readonly durationMs: number;
    }
  | { readonly type: 'TRACE_STARTED'; readonly overShoulderOf: string | null }
  | { readonly type: 'TRACE_ENDED'; readonly end: TraceEnd; readonly bytes: number }
  | { readonly type: 'TRACE_READ' }
  | { readonly type: 'TRACE_LAPSED' }
  /** Its key and its file are destroyed; `cause` says by which path. */
  | { readonly type: 'TRACE_GONE'; readonly cause: 'time' | 'start' | 'lost' };

/** When it is gone at the latest; nothing before it has begun. */
export function goneAtMs({ startedAtMs }: TraceState): number | undefined {
  return startedAtMs === null ? undefined : startedAtMs + traceLifeMs;
}

/** When it must be looked at next: lapse, end of recording, or the end of all. */
export function traceDueAtMs(state: TraceState): number | undefined {
  if (state.status === 'ASKED') return state.askedAtMs + askedMsMax;
  if (state.status === 'RUNNING') return (state.startedAtMs ?? 0) + state.durationMs;
  return state.status === 'ENDED' ? goneAtMs(state) : undefined;
}

/** The machine of traces. Reasons are texts, kept encrypted. */
export const traceMachine: Machine<TraceState, TraceEvent> = {
  stream: 'system',
  step(state, event, { now, actor }): Stepped<TraceState> {
    if (event.type === 'TRACE_ASKED') {
      if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
      const { of, line, raw, durationMs } = event;
      const asked = { of, line, raw, durationMs, askedBy: actor, askedAtMs: now.atMs } as const;
      return fine({ ...asked, status: 'ASKED', approvedBy: null, startedAtMs: null, end: null });
    }
    if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
    return stepKnown(state, event, { atMs: now.atMs, actor });
  },
  row(state) {
    const dueAtMs = traceDueAtMs(state);
    return { status: state.status, key: traceKey, body: state, ...(dueAtMs === undefined ? {} : { dueAtMs }) };
  },
};

function fine(state: TraceState): Stepped<TraceState> {
  return { ok: true, state, effects: [{ do: 'changed', what: 'status', id: traceKey }] };
}

function stepKnown(
  state: TraceState,
  event: Exclude<TraceEvent, { type: 'TRACE_ASKED' }>,
  by: { readonly atMs: number; readonly actor: string },
): Stepped<TraceState> {
  const { status } = state;
  const done = { ok: false, code: 'ALREADY_DONE' } as const;
  switch (event.type) {
    case 'TRACE_STARTED':
      if (status !== 'ASKED' || by.atMs >= state.askedAtMs + askedMsMax) return done;
      // What is masked shows nothing of what was said: one person may start it. What is raw takes another.
      if (state.raw && by.actor === state.askedBy) return { ok: false, code: 'SAME_PERSON' };
      return fine({ ...state, status: 'RUNNING', approvedBy: state.raw ? by.actor : null, startedAtMs: by.atMs });
    case 'TRACE_ENDED':
      return status === 'RUNNING' ? fine({ ...state, status: 'ENDED', end: event.end }) : done;
    case 'TRACE_READ':
      return status === 'RUNNING' || status === 'ENDED' ? fine(state) : { ok: false, code: 'NOT_FOUND' };
    case 'TRACE_LAPSED':
      return status === 'ASKED' ? fine({ ...state, status: 'LAPSED' }) : done;
    case 'TRACE_GONE':
      return status === 'RUNNING' || status === 'ENDED' ? fine({ ...state, status: 'GONE' }) : done;
  }
}
