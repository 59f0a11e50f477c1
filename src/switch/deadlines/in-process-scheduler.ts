/**
 * The Scheduler of a single machine without Redis: the ledger's due query and one timer. It keeps no bell of its own, so
 * that there is nothing to lose and a restart needs no rebuilding (DESIGN.md, section 5).
 */
import type { Clock } from '../../host/clock.ts';
import type { Ringer } from './ringer.ts';
import { bellName, codeOf, makeRinger } from './ringer.ts';
import type { Bell, BellSource, Ring, Scheduler, SchedulerHealth, TimedBell } from './scheduler.ts';
import type { SteadyClock } from './steady-clock.ts';
import { steadyClock } from './steady-clock.ts';

/** A look takes what is due within this and is followed by another no later, so that a row nobody told of is found. */
const lookAheadMs = 3_600_000;
/** After a look or a ring that failed, and while more is due than one look takes. */
const retryMs = 1_000;
/** What one look takes; the soonest come first. */
const bellsMax = 5_000;

class InProcessScheduler implements Scheduler {
  readonly #clock: SteadyClock;
  #source: BellSource | undefined;
  #ringer: Ringer | undefined;
  /** Rung well and still in the ledger at the last look: a row rings once, whatever its handler made of it. */
  readonly #rung = new Set<string>();
  #timer: { readonly atMs: number; readonly callOff: () => void } | undefined;
  #looking = false;
  #lookAgain = false;
  #closed = false;
  #trouble: string | undefined;

  constructor(clock: Clock) {
    this.#clock = steadyClock(clock);
  }

  async start(ring: Ring, source: BellSource): Promise<void> {
    this.#source = source;
    this.#ringer = makeRinger(ring);
    this.#look();
  }

  async arm(bell: TimedBell): Promise<void> {
    this.#lookAt(bell.dueAtMs);
  }

  async disarm(_bell: Bell): Promise<void> {
    // The ledger no longer lists it, and the ledger is asked again before every ring.
  }

  health(): SchedulerHealth {
    const trouble = this.#trouble ?? this.#ringer?.trouble();
    if (trouble === undefined) return { kind: 'in-process', ok: true, text: 'Clocks run in process, without Redis.' };
    return { kind: 'in-process', ok: false, text: `Clocks run in process; the last look or ring failed (${trouble}).` };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.callOff();
    await this.#ringer?.idle();
  }

  /** Sets the one timer, unless it is set for sooner. */
  #lookAt(atMs: number): void {
    if (this.#closed || this.#source === undefined) return;
    if (this.#timer !== undefined) {
      if (this.#timer.atMs <= atMs) return;
      this.#timer.callOff();
    }
    const callOff = this.#clock.after(Math.max(0, atMs - this.#clock.wallMs()), () => {
      this.#timer = undefined;
      this.#look();
    });
    this.#timer = { atMs, callOff };
  }

  #look(): void {
    if (this.#closed) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    void this.#ringDue().then((nextAtMs) => {
      this.#looking = false;
      const again = this.#lookAgain;
      this.#lookAgain = false;
      if (again) this.#look();
      else this.#lookAt(nextAtMs);
    });
  }

  /** Rings what is due by the steady time, and gives the moment of the next look. */
  async #ringDue(): Promise<number> {
    const [source, ringer] = [this.#source, this.#ringer];
    const nowMs = this.#clock.wallMs();
    if (source === undefined || ringer === undefined) return nowMs + lookAheadMs;
    let bells: readonly TimedBell[];
    try {
      bells = await source.dueAtOrBefore(nowMs + lookAheadMs, bellsMax);
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = codeOf(error);
      return this.#clock.wallMs() + retryMs;
    }
    this.#forgetGone(bells);
    for (const bell of bells) {
      // setTimeout, and a clock that is slewed back, may both come early: the moment itself is compared.
      if (bell.dueAtMs > this.#clock.wallMs()) return bell.dueAtMs;
      while (!this.#closed && ringer.room() === 0) await ringer.next();
      if (this.#closed) break;
      const name = bellName(bell);
      if (this.#rung.has(name)) continue;
      ringer.offer(bell, (ok) => {
        if (ok) this.#rung.add(name);
        else this.#lookAt(this.#clock.wallMs() + retryMs);
      });
    }
    const isCut = bells.length === bellsMax;
    return this.#clock.wallMs() + (isCut ? retryMs : lookAheadMs);
  }

  /** What the ledger no longer lists has moved on and need not be remembered. */
  #forgetGone(bells: readonly TimedBell[]): void {
    if (this.#rung.size === 0) return;
    const listed = new Set(bells.map(bellName));
    for (const name of this.#rung) if (!listed.has(name)) this.#rung.delete(name);
  }
}

/**
 * Makes the in-process Scheduler. It rings what its source lists as due, at the moment by the steady time and never
 * before; `arm` only moves the one timer, so file the row first. For a single gateway only.
 */
export function inProcessScheduler(clock: Clock): Scheduler {
  return new InProcessScheduler(clock);
}
