import type { LinkClock } from '../../src/wire/clock.ts';

/** A clock that stands still until it is told to move; timers fire in the order of their moments. */
export class VirtualClock implements LinkClock {
  #nowMs = 1_000;
  #timers: { readonly atMs: number; readonly action: () => void }[] = [];

  wallMs(): number {
    return 1_900_000_000_000 + this.#nowMs;
  }

  monoMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action();
    }
    this.#nowMs = untilMs;
  }
}
