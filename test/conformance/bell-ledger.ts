import type { Clock } from '../../src/host/clock.ts';
import { systemClock } from '../../src/host/clock.ts';
import { bellName } from '../../src/switch/deadlines/ringer.ts';
import type { Bell, BellSource, TimedBell } from '../../src/switch/deadlines/scheduler.ts';

/** One ring as the handler saw it. */
export interface Rung {
  readonly name: string;
  readonly atMs: number;
  /** By the clock of the rig, against the row's moment; negative would be early. */
  readonly lateMs: number;
  /** Whether the ring moved the row; a later ring of the same row moves nothing. */
  readonly moved: boolean;
}

/** A ledger of nothing but armed rows, which a ring moves on by one guarded step: what the gateway's own does. */
export class BellLedger implements BellSource {
  readonly rings: Rung[] = [];
  readonly #clock: Clock;
  readonly #rows = new Map<string, TimedBell>();
  readonly #filed = new Map<string, TimedBell>();
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Files an armed row, in place of an earlier version of it. */
  file(bell: TimedBell): TimedBell {
    this.#rows.set(bell.id, bell);
    this.#filed.set(bellName(bell), bell);
    return bell;
  }

  callOff(bell: Bell): void {
    this.#rows.delete(bell.id);
  }

  async dueAtOrBefore(atMs: number, limit: number): Promise<readonly TimedBell[]> {
    const due = [...this.#rows.values()].filter((row) => row.dueAtMs <= atMs);
    return due.sort((a, b) => a.dueAtMs - b.dueAtMs).slice(0, limit);
  }

  readonly ring = async (bell: Bell): Promise<void> => {
    const atMs = this.#clock.wallMs();
    const name = bellName(bell);
    const filed = this.#filed.get(name);
    const row = this.#rows.get(bell.id);
    const moved = row !== undefined && row.version === bell.version;
    if (moved) this.#rows.delete(bell.id);
    this.rings.push({ name, atMs, lateMs: atMs - (filed?.dueAtMs ?? Number.NaN), moved });
    for (const look of this.#waiting) look();
  };

  /** Resolves when the bell has rung. */
  rung(bell: Bell): Promise<Rung> {
    const name = bellName(bell);
    return this.#when(() => this.rings.find((one) => one.name === name));
  }

  /** Resolves when so many rings were heard. */
  async rungCount(count: number): Promise<void> {
    await this.#when(() => (this.rings.length >= count ? true : undefined));
  }

  ringsOf(bell: Bell): readonly Rung[] {
    return this.rings.filter((one) => one.name === bellName(bell));
  }

  #when<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
