/** A log-on, or a factor given for one act, as a machine of its own: when, where, by whom, and how it ended. */
import type { Machine, Stepped } from '../change.ts';
import type { State } from '../ledger/ledger.ts';

export type LogonState = {
  readonly status: 'on' | 'done' | 'refused';
  readonly device: string;
  /** Null when nobody has the identifier that was typed; that stands encrypted beside the event. */
  readonly osn: string | null;
};

/** Why a log-on ended. */
export type LogoffReason =
  | 'person'
  | 'idle'
  | 'too long'
  | 'connection closed'
  | 'taken over'
  | 'console taken'
  | 'account changed'
  | 'restart';

export type LogonEvent =
  | { readonly type: 'logged on'; readonly osn: string; readonly device: string }
  | { readonly type: 'factor given'; readonly osn: string; readonly device: string }
  | { readonly type: 'logon refused'; readonly osn: string | null; readonly device: string; readonly code: string }
  | { readonly type: 'logged off'; readonly why: LogoffReason };

/** Moves a log-on: it begins with one of three events, and only one that is on can end. */
export function stepLogon(state: LogonState | undefined, event: LogonEvent): Stepped<LogonState> {
  if (event.type === 'logged off') {
    if (state?.status !== 'on') return { ok: false, code: 'ALREADY_DONE' };
    return { ok: true, state: { ...state, status: 'done' }, effects: [] };
  }
  if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
  const status = { 'logged on': 'on', 'factor given': 'done', 'logon refused': 'refused' } as const;
  const next: LogonState = { status: status[event.type], device: event.device, osn: event.osn };
  return { ok: true, state: next, effects: [] };
}

export const logonMachine: Machine<LogonState, LogonEvent> = {
  stream: 'session',
  step: stepLogon,
  row: (state): State => ({
    status: state.status,
    link: state.device,
    ...(state.osn === null ? {} : { osn: state.osn }),
    body: state,
  }),
};
