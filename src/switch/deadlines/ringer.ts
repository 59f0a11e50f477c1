/** Rings bells side by side, but never the same bell twice at once and never more than a cap: the one ringing hand. */
import { HitlineError } from '../../faults/fault.ts';
import type { Bell, Ring } from './scheduler.ts';

/** So many rings may be under way at once; enough for the ledger to file them in few commits. */
const ringingMax = 256;

/** The name of a bell everywhere: `kind-id-version`. Two bells of one name are one bell. */
export function bellName(bell: Bell): string {
  return `${bell.kind}-${bell.id}-${bell.version}`;
}

/** The code of whatever a ring threw: never its words, which may hold a value. */
export function codeOf(error: unknown): string {
  return error instanceof HitlineError ? error.code : 'INTERNAL';
}

export interface Ringer {
  /**
   * Rings the bell unless it is ringing now or the cap is reached; tells whether it did. `done` hears whether the ring
   * went well. What a ring throws stays here: the row still stands in the ledger and is rung again from there.
   */
  offer(bell: Bell, done?: (ok: boolean) => void): boolean;
  /** How many more may be offered now. */
  room(): number;
  /** Resolves when one of the rings under way has ended, at once when there is none. */
  next(): Promise<void>;
  /** The code of the last ring that failed; undefined after one that went well. */
  trouble(): string | undefined;
  /** Resolves when nothing rings any more. */
  idle(): Promise<void>;
}

/** Makes a ringer over what is done at a ring. */
export function makeRinger(ring: Ring): Ringer {
  const ringing = new Map<string, Promise<void>>();
  let trouble: string | undefined;
  const ringOnce = async (bell: Bell): Promise<boolean> => {
    try {
      await ring(bell);
      trouble = undefined;
      return true;
    } catch (error) {
      trouble = codeOf(error);
      return false;
    }
  };
  return {
    offer(bell, done) {
      const name = bellName(bell);
      if (ringing.has(name) || ringing.size >= ringingMax) return false;
      const rung = ringOnce(bell).then((ok) => {
        ringing.delete(name);
        done?.(ok);
      });
      ringing.set(name, rung);
      return true;
    },
    room: () => ringingMax - ringing.size,
    async next() {
      if (ringing.size > 0) await Promise.race(ringing.values());
    },
    trouble: () => trouble,
    async idle() {
      while (ringing.size > 0) await Promise.all(ringing.values());
    },
  };
}
