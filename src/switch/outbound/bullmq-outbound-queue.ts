/** The OutboundQueue on BullMQ: the news that a message is ready, for whichever gateway owns its upstream link. */

import type { BullmqOptions } from '../deadlines/bullmq-bells.ts';
import { BullmqBells } from '../deadlines/bullmq-bells.ts';
import type { Bell, BellSource, Ring, SchedulerHealth } from '../deadlines/scheduler.ts';
import type { OutboundQueue } from './outbound-queue.ts';

/** The reconciler compares what the ledger says is ready with what is in Redis this often, and at the start. */
const compareEachMs = 30_000;
/** What is taken from the ledger in one go. */
const bellsMax = 5_000;

class BullmqOutboundQueue implements OutboundQueue {
  readonly #bells: BullmqBells;
  #source: BellSource | undefined;
  #comparedMonoMs = 0;

  constructor(options: BullmqOptions) {
    this.#bells = new BullmqBells('outbound', options, (isStale) => this.#compare(isStale));
  }

  async start(ring: Ring, source?: BellSource): Promise<void> {
    this.#source = source;
    this.#bells.start(ring);
  }

  async put(bell: Bell): Promise<void> {
    this.#bells.add(bell);
  }

  health(): SchedulerHealth {
    return this.#bells.health();
  }

  close(): Promise<void> {
    return this.#bells.close();
  }

  /** Puts what is ready and not in Redis there again; news of what the sender has already moves nothing. */
  async #compare(isStale: boolean): Promise<void> {
    const nowMonoMs = this.#bells.clock.monoMs();
    if (this.#source === undefined || (!isStale && nowMonoMs - this.#comparedMonoMs < compareEachMs)) return;
    // A ledger that cannot be read now is no trouble of Redis; it is asked again at the next tick.
    const listed = await this.#source.dueAtOrBefore(Number.MAX_SAFE_INTEGER, bellsMax).catch(() => undefined);
    if (listed === undefined) return;
    for (const bell of await this.#bells.missing(listed)) this.#bells.add(bell);
    this.#comparedMonoMs = nowMonoMs;
  }
}

/**
 * Makes the OutboundQueue on BullMQ. `put` returns whether Redis answers or not; what Redis loses comes back with the
 * look the gateway takes at its ledger each second.
 */
export function bullmqOutboundQueue(options: BullmqOptions): OutboundQueue {
  return new BullmqOutboundQueue(options);
}
