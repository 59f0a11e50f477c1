/**
 * What a court order or an expungement hides: a message, a case, a row of the criminal-history log. It stays on file, folds
 * and verifies as before; its row has the status SEALED, which is in no list, and to everybody but the custodian it is not
 * there. This is no daily seal (ledger/keeping/seal.ts), which hides nothing.
 */
import type { Happening, Machine } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

/** The status of the row of whatever is hidden. */
export const sealedStatus = 'SEALED';

export type SealEvent =
  | { readonly type: 'SEALED'; readonly sealId: string }
  | { readonly type: 'UNSEALED'; readonly sealId: string };

/** Under which order a thing is hidden; undefined when it is not. */
export function sealOf(state: JsonObject): string | undefined {
  const { sealId } = state;
  return typeof sealId === 'string' ? sealId : undefined;
}

/** The actors that are no person: what they do to a thing goes on although nobody may see it. */
const machines: readonly string[] = ['system', 'upstream'];

/**
 * The same machine for things that can be hidden. While one is, a person's act on it finds nothing: an answer other than
 * that for an id nobody has would tell that something is there.
 */
export function sealable<S extends JsonObject, E extends Happening>(machine: Machine<S, E>): Machine<S, E | SealEvent> {
  return {
    stream: machine.stream,
    step(state, event, context) {
      const sealId = state === undefined ? undefined : sealOf(state);
      if (isSealEvent(event)) {
        if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
        const fits = event.type === 'SEALED' ? sealId === undefined : sealId === event.sealId;
        if (!fits) return { ok: false, code: 'ALREADY_DONE' };
        const { sealId: _, ...open } = state;
        const next = event.type === 'SEALED' ? { ...open, sealId: event.sealId } : open;
        return { ok: true, state: next as unknown as S, effects: [] };
      }
      if (sealId !== undefined && !machines.includes(context.actor)) return { ok: false, code: 'NOT_FOUND' };
      const stepped = machine.step(state, event, context);
      if (sealId === undefined || !stepped.ok) return stepped;
      // It goes on, and no screen is told: an id that nobody may look at would tell that something is there.
      return { ...stepped, effects: stepped.effects.filter((effect) => effect.do !== 'changed') };
    },
    row(state) {
      const row = machine.row(state);
      if (sealOf(state) === undefined) return row;
      // What is hidden is owed to nobody and falls due nowhere.
      const { link: _, dueAtMs: __, ...plain } = row;
      return { ...plain, status: sealedStatus };
    },
  };
}

function isSealEvent<E extends Happening>(event: E | SealEvent): event is SealEvent {
  return event.type === 'SEALED' || event.type === 'UNSEALED';
}
