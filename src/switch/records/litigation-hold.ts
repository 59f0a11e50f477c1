/** Litigation holds: while one stands, nothing is purged. One person may place a hold; it takes two to lift it. */
import type { Machine, Stepped } from '../change.ts';
import { holdKey, holdStanding } from '../ledger/keeping/purge.ts';
import type { JsonObject } from '../ledger/ledger.ts';

export interface HoldState extends JsonObject {
  readonly status: typeof holdStanding | 'LIFTED';
}

export type HoldEvent = { readonly type: 'HOLD_PLACED' } | { readonly type: 'HOLD_LIFTED'; readonly agreedBy: string };

/** The machine of holds; the reasons are texts, kept encrypted. */
export const holdMachine: Machine<HoldState, HoldEvent> = {
  stream: 'system',
  step(state, event): Stepped<HoldState> {
    if (event.type === 'HOLD_PLACED') {
      if (state !== undefined) return { ok: false, code: 'ALREADY_DONE' };
      return { ok: true, state: { status: holdStanding }, effects: [] };
    }
    if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
    if (state.status !== holdStanding) return { ok: false, code: 'ALREADY_DONE' };
    return { ok: true, state: { status: 'LIFTED' }, effects: [] };
  },
  row: (state) => ({ status: state.status, key: holdKey, body: state }),
};
