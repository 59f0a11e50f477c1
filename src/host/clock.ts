/** Time and timers as a port, so that tests can own both. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC by the wall clock; it may step. */
  wallMs(): number;
  /** Milliseconds by a clock that only goes forward; its zero means nothing. */
  monoMs(): number;
  /** Calls `action` once after at least `delayMs` milliseconds; gives a function that calls it off. */
  after(delayMs: number, action: () => void): () => void;
}

/** setTimeout waits at most this long; a longer wait is made of several. */
const timerMsMax = 2_000_000_000;

/** The machine's own clock. A timer never fires before its time: setTimeout alone may be half a millisecond early. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(delayMs, action) {
    const dueAtMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = dueAtMs - performance.now();
      if (leftMs <= 0) {
        action();
        return;
      }
      timer = setTimeout(wait, Math.min(Math.ceil(leftMs), timerMsMax));
    };
    timer = setTimeout(wait, Math.max(0, Math.min(Math.ceil(delayMs), timerMsMax)));
    return () => clearTimeout(timer);
  },
};
