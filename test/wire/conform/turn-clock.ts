import { systemClock } from '../../../src/host/clock.ts';
import type { LinkClock } from '../../../src/wire/clock.ts';

/**
 * A clock of which one millisecond passes with each turn of this process's loop, and never quicker than the machine's own.
 * Who waits by it for somebody in the same process waits for so many chances that he had, however long the machine stood still.
 */
export function turnClock(): LinkClock & { close(): void } {
  let nowMs = 0;
  let waiting: { readonly atMs: number; readonly action: () => void }[] = [];
  let stop = (): void => undefined;
  const turn = (): void => {
    stop = systemClock.after(1, () => {
      nowMs += 1;
      const due = waiting.filter(({ atMs }) => atMs <= nowMs);
      waiting = waiting.filter(({ atMs }) => atMs > nowMs);
      turn();
      for (const { action } of due) action();
    });
  };
  turn();
  return {
    wallMs: () => systemClock.wallMs(),
    monoMs: () => nowMs,
    after(delayMs, action) {
      const one = { atMs: nowMs + Math.max(1, delayMs), action };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((other) => other !== one);
      };
    },
    close: () => stop(),
  };
}
