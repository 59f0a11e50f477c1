/**
 * Notices a ledger that fails, and one that neither keeps nor refuses: a disk that hangs, a database behind a dead line. The
 * house hears of it at once, whoever asked.
 */
import { HitlineError } from '../faults/fault.ts';
import type { Clock } from '../host/clock.ts';
import type { Ledger } from './ledger/ledger.ts';

/** What has waited for so many looks is late: 0.7 s at most, so that the alarm is on every screen within a second. */
const looksMax = 7;
const lookEveryMs = 100;

/** The same ledger. `failed` is called for each failure, and each 0.7 s while something waits longer than that to be kept. */
export interface WatchedLedger {
  readonly ledger: Ledger;
  /** Looks no more. */
  close(): void;
}

/** Watches a ledger. Looks are counted, not milliseconds: a process that was itself held up sees nothing late. */
export function watchLedger(ledger: Ledger, ports: { readonly clock: Clock; failed(): void }): WatchedLedger {
  const waiting = new Map<symbol, number>();
  let callOff: (() => void) | undefined;
  const look = (): void => {
    callOff = undefined;
    if (waiting.size === 0) return;
    let isLate = false;
    for (const [work, looks] of waiting) {
      const isDue = looks + 1 >= looksMax;
      waiting.set(work, isDue ? 0 : looks + 1);
      isLate ||= isDue;
    }
    lookLater();
    if (isLate) ports.failed();
  };
  const lookLater = (): void => {
    callOff ??= ports.clock.after(lookEveryMs, look);
  };
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof HitlineError && error.code === 'LEDGER_FAILED') ports.failed();
      throw error;
    }
  };
  const kept = async <T>(receipts: Promise<T>): Promise<T> => {
    const work = Symbol();
    waiting.set(work, 0);
    lookLater();
    try {
      return await told(receipts);
    } finally {
      waiting.delete(work);
    }
  };
  return {
    ledger: {
      append: (units) => kept(ledger.append(units)),
      state: (stream, id) => told(ledger.state(stream, id)),
      states: (query) => told(ledger.states(query)),
      history: (stream, id) => told(ledger.history(stream, id)),
      events: (query) => told(ledger.events(query)),
      text: (event, name) => told(ledger.text(event, name)),
      token: (kind, value) => ledger.token(kind, value),
      verify: () => ledger.verify(),
      close: () => ledger.close(),
    },
    close() {
      callOff?.();
      waiting.clear();
    },
  };
}
