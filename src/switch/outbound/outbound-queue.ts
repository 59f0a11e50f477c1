import type { Bell, BellSource, Ring, SchedulerHealth } from '../deadlines/scheduler.ts';

/**
 * Carries the news that a message is ready to go to whoever owns its upstream link. Only a bell: the ledger holds the
 * message, and the handler moves its row by one guarded unit, so that two rings send once.
 */
export interface OutboundQueue {
  /** Rings from now on. What `source` says is ready is compared with the queue at the start and every 30 s, where a queue can lose it. */
  start(ring: Ring, source?: BellSource): Promise<void>;
  put(bell: Bell): Promise<void>;
  health(): SchedulerHealth;
  close(): Promise<void>;
}
