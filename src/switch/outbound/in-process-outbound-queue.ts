/** The OutboundQueue of a single gateway without Redis: rings in the same process, as soon as the caller has let go. */

import type { Ringer } from '../deadlines/ringer.ts';
import { bellName, makeRinger } from '../deadlines/ringer.ts';
import type { Bell, Ring, SchedulerHealth } from '../deadlines/scheduler.ts';
import type { OutboundQueue } from './outbound-queue.ts';

/** Bells that may wait here; one more is left to the look the gateway takes at its ledger each second. */
const waitingMax = 10_000;

class InProcessOutboundQueue implements OutboundQueue {
  #ringer: Ringer | undefined;
  readonly #waiting = new Map<string, Bell>();
  #pumping = false;
  #closed = false;
  #leftCount = 0;

  async start(ring: Ring): Promise<void> {
    this.#ringer = makeRinger(ring);
    this.#wake();
  }

  async put(bell: Bell): Promise<void> {
    if (this.#closed) return;
    if (this.#waiting.size >= waitingMax) {
      this.#leftCount += 1;
      return;
    }
    this.#waiting.set(bellName(bell), bell);
    this.#wake();
  }

  health(): SchedulerHealth {
    const kind = 'in-process';
    const trouble = this.#ringer?.trouble();
    if (trouble !== undefined) return { kind, ok: false, text: `The last ring of the send queue failed (${trouble}).` };
    if (this.#waiting.size >= waitingMax) {
      return { kind, ok: false, text: `The send queue is full; ${this.#leftCount} bells were left to the ledger.` };
    }
    return { kind, ok: true, text: 'The send queue runs in process.' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    await this.#ringer?.idle();
  }

  #wake(): void {
    const ringer = this.#ringer;
    if (this.#pumping || ringer === undefined) return;
    this.#pumping = true;
    queueMicrotask(() => void this.#pump(ringer));
  }

  async #pump(ringer: Ringer): Promise<void> {
    for (const [name, bell] of this.#waiting) {
      while (ringer.room() === 0) await ringer.next();
      if (this.#closed) break;
      // A bell that is ringing now is the same news; it is not rung again.
      ringer.offer(bell);
      this.#waiting.delete(name);
    }
    this.#pumping = false;
  }
}

/** Makes the in-process OutboundQueue. What it holds is lost with the process; the ledger still has every row. */
export function inProcessOutboundQueue(): OutboundQueue {
  return new InProcessOutboundQueue();
}
