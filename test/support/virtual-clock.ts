import { setImmediate } from 'node:timers';
import type { Clock } from '../../src/host/clock.ts';

/** A clock whose time passes only when a test says so, and whose wall can be stepped like a real one. */
export interface VirtualClock extends Clock {
  /** Lets time pass, running each timer at its moment and letting all that follows from it settle. */
  pass(byMs: number): Promise<void>;
  /** Moves the wall alone. */
  step(byMs: number): void;
  timerCount(): number;
}

/** Lets every promise that can go on now go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((done) => setImmediate(done));
}

export function virtualClock(startWallMs = 1_800_000_000_000): VirtualClock {
  let monoMs = 0;
  let wallOffsetMs = startWallMs;
  const timers = new Set<{ readonly atMs: number; readonly action: () => void }>();
  return {
    wallMs: () => monoMs + wallOffsetMs,
    monoMs: () => monoMs,
    after(delayMs, action) {
      const timer = { atMs: monoMs + Math.max(0, delayMs), action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(byMs) {
      const endMs = monoMs + byMs;
      await settle();
      for (;;) {
        const next = [...timers].filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        timers.delete(next);
        monoMs = Math.max(monoMs, next.atMs);
        next.action();
        await settle();
      }
      monoMs = endMs;
    },
    step(byMs) {
      wallOffsetMs += byMs;
    },
    timerCount: () => timers.size,
  };
}
