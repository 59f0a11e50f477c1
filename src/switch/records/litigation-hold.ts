/** Litigation holds: while one stands, nothing is purged. One person may place a hold; it takes two to lift it. */
import type { Changer, Machine, Stepped } from '../change.ts';
import { holdCountId, holdKey, holdStanding } from '../ledger/keeping/purge.ts';
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

/** How many holds were ever placed. A purge stands on its version, so that a hold which comes meanwhile stops it. */
const holdCount: Machine<{ readonly count: number }, { readonly type: 'HOLD_COUNTED' }> = {
  stream: 'system',
  step: (state) => ({ ok: true, state: { count: (state?.count ?? 0) + 1 }, effects: [] }),
  row: (state) => ({ status: 'COUNTED', body: state }),
};

/** Places a hold and gives its status. Once this resolves no purge destroys anything more. */
export async function placeHold(
  change: Changer,
  id: string,
  by: { readonly osn: string; readonly reason: string },
): Promise<string> {
  const { osn: actor, reason } = by;
  const texts = { reason: Buffer.from(reason, 'utf8') };
  const { status } = await change(async (work) => {
    await work.apply(holdCount, holdCountId, { event: { type: 'HOLD_COUNTED' }, actor });
    return work.apply(holdMachine, id, { event: { type: 'HOLD_PLACED' }, actor, texts });
  });
  return status;
}
