/** A clock that stands still until a test moves it. */
export interface ManualClock {
  wallMs(): number;
  monoMs(): number;
  after(delayMs: number, action: () => void): () => void;
  /** Moves time on and runs what has become due, soonest first. */
  advance(byMs: number): void;
  /** How many timers wait. */
  waiting(): number;
}

export function manualClock(startMs = 1_800_000_000_000): ManualClock {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly action: () => void }>();
  return {
    wallMs: () => startMs + nowMs,
    monoMs: () => nowMs,
    after(delayMs, action) {
      const timer = { dueMs: nowMs + delayMs, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      for (;;) {
        const due = [...timers].filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = due.dueMs;
        due.action();
      }
      nowMs = endMs;
    },
    waiting: () => timers.size,
  };
}
