/** The Scheduler on BullMQ: delayed jobs that are bells, compared with the ledger so that a wiped Redis is filled again. */

import type { BullmqOptions } from './bullmq-bells.ts';
import { BullmqBells } from './bullmq-bells.ts';
import { bellName } from './ringer.ts';
import type { Bell, BellSource, Ring, Scheduler, SchedulerHealth, TimedBell } from './scheduler.ts';

/** The reconciler compares the bells due within this. */
const compareAheadMs = 3_600_000;
const compareEachMs = 30_000;
/** What is taken from the ledger in one go; the soonest come first and the rest follow as they draw near. */
const bellsMax = 5_000;
/** Bells rung so lately are not added again by a comparison that read the ledger before their ring was filed. */
const rungKeptMs = 10_000;

class BullmqScheduler implements Scheduler {
  readonly #bells: BullmqBells;
  readonly #epochKey: string;
  #source: BellSource | undefined;
  /** The mark found in Redis last; another one, or none, means that what was in Redis is gone. */
  #epoch: string | undefined;
  #comparedMonoMs = 0;
  readonly #rungMonoMs = new Map<string, number>();

  constructor(options: BullmqOptions) {
    this.#epochKey = `${options.prefix}:hitline-epoch`;
    this.#bells = new BullmqBells('deadlines', options, (isStale) => this.#compare(isStale));
  }

  async start(ring: Ring, source: BellSource): Promise<void> {
    this.#source = source;
    this.#bells.start(async (bell) => {
      await ring(bell);
      this.#rungMonoMs.delete(bellName(bell));
      this.#rungMonoMs.set(bellName(bell), this.#bells.clock.monoMs());
    });
  }

  async arm(bell: TimedBell): Promise<void> {
    this.#bells.add(bell, bell.dueAtMs);
  }

  async disarm(bell: Bell): Promise<void> {
    this.#bells.remove(bell);
  }

  health(): SchedulerHealth {
    return this.#bells.health();
  }

  close(): Promise<void> {
    return this.#bells.close();
  }

  /** Each second: is the mark still there? Every 30 s, and at once when it is not or may lack bells: which ones? */
  async #compare(isStale: boolean): Promise<void> {
    if (this.#source === undefined) return;
    const nowMonoMs = this.#bells.clock.monoMs();
    this.#forgetRung(nowMonoMs);
    const epoch = await this.#readEpoch();
    const isNew = isStale || epoch !== this.#epoch;
    if (!isNew && nowMonoMs - this.#comparedMonoMs < compareEachMs) return;
    const untilMs = isNew ? Number.MAX_SAFE_INTEGER : this.#bells.clock.wallMs() + compareAheadMs;
    // A ledger that cannot be read now is no trouble of Redis; it is asked again at the next tick.
    const listed = await this.#source.dueAtOrBefore(untilMs, bellsMax).catch(() => undefined);
    if (listed === undefined) {
      this.#epoch = undefined;
      return;
    }
    const known = listed.filter((bell) => !this.#rungMonoMs.has(bellName(bell)));
    for (const bell of await this.#bells.missing(known)) this.#bells.add(bell, bell.dueAtMs);
    this.#epoch = epoch;
    this.#comparedMonoMs = nowMonoMs;
  }

  /** The mark in Redis; made when there is none, so that the next reader sees a new one. */
  async #readEpoch(): Promise<string | undefined> {
    const { redis, clock } = this.#bells;
    const epoch = await redis.get(this.#epochKey);
    if (epoch !== null) return epoch;
    await redis.setnx(this.#epochKey, String(clock.wallMs()));
    return (await redis.get(this.#epochKey)) ?? undefined;
  }

  /** The map is in the order of the rings. */
  #forgetRung(nowMonoMs: number): void {
    for (const [name, atMs] of this.#rungMonoMs) {
      if (nowMonoMs - atMs <= rungKeptMs) return;
      this.#rungMonoMs.delete(name);
    }
  }
}

/**
 * Makes the Scheduler on BullMQ. Connects at once and for ever, waits for nothing: `start`, `arm` and `disarm` return
 * whether Redis answers or not, and `health` says what is wrong.
 */
export function bullmqScheduler(options: BullmqOptions): Scheduler {
  return new BullmqScheduler(options);
}
