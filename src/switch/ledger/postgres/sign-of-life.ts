/**
 * Notices a server that has fallen silent: one that neither answers nor hangs up, although nobody may be waiting for it at
 * that moment. It is asked for a sign of life all the time, and whatever else waits for an answer is looked at as well.
 */
import type { Clock } from '../../../host/clock.ts';

const lookEveryMs = 100;
/** A sign of life is asked for at every second look, when the last one has come. */
const looksBetween = 2;
/** What has waited for so many looks is late; with the wait before a question an alarm is up within a second. */
const looksMax = 6;

export interface SignOfLifePorts {
  readonly clock: Pick<Clock, 'after'>;
  /** Asks the server for the least it can do; may reject. */
  ask(): Promise<unknown>;
  /** Called when something has waited for 0.6 s, and each 0.6 s again for as long as it waits. */
  silent(): void;
}

/** Looks are counted, not milliseconds: a process that was itself held up finds nothing late. */
export class SignOfLife {
  readonly #ports: SignOfLifePorts;
  readonly #waiting = new Map<symbol, number>();
  #looks = 0;
  #asking = false;
  #callOff: () => void = () => undefined;

  constructor(ports: SignOfLifePorts) {
    this.#ports = ports;
    this.#lookLater();
  }

  /** Gives the same answer, and looks at how long it takes. */
  async waitFor<T>(answer: Promise<T>): Promise<T> {
    const work = Symbol();
    this.#waiting.set(work, 0);
    try {
      return await answer;
    } finally {
      this.#waiting.delete(work);
    }
  }

  close(): void {
    this.#callOff();
    this.#waiting.clear();
  }

  #lookLater(): void {
    this.#callOff = this.#ports.clock.after(lookEveryMs, () => this.#look());
  }

  #look(): void {
    this.#lookLater();
    let isLate = false;
    for (const [work, looks] of this.#waiting) {
      const isDue = looks + 1 >= looksMax;
      this.#waiting.set(work, isDue ? 0 : looks + 1);
      isLate ||= isDue;
    }
    if (isLate) this.#ports.silent();
    this.#looks += 1;
    if (this.#looks % looksBetween === 0 && !this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    try {
      await this.waitFor(this.#ports.ask());
    } catch {
      // A connection that breaks says so itself.
    } finally {
      this.#asking = false;
    }
  }
}
