/** The OutboundQueue on BullMQ: the news that a message is ready, for whichever gateway owns its upstream link. */

import type { BullmqOptions } from '../deadlines/bullmq-bells.ts';
import { BullmqBells } from '../deadlines/bullmq-bells.ts';
import type { Bell, Ring, SchedulerHealth } from '../deadlines/scheduler.ts';
import type { OutboundQueue } from './outbound-queue.ts';

class BullmqOutboundQueue implements OutboundQueue {
  readonly #bells: BullmqBells;

  constructor(options: BullmqOptions) {
    this.#bells = new BullmqBells('outbound', options);
  }

  async start(ring: Ring): Promise<void> {
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
}

/**
 * Makes the OutboundQueue on BullMQ. `put` returns whether Redis answers or not; what Redis loses comes back with the
 * look the gateway takes at its ledger each second.
 */
export function bullmqOutboundQueue(options: BullmqOptions): OutboundQueue {
  return new BullmqOutboundQueue(options);
}
