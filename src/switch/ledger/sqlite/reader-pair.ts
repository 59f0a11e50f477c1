/** Two reading threads behind one: what is asked in great number is shared between them. */
import { HitlineError } from '../../../faults/fault.ts';
import type { Question, ReaderClient } from './reader-client.ts';
import type { ReaderMethods } from './threads.ts';

/** Questions that may wait for both threads; beyond it the asker is told QUEUE_FULL. */
const questionsMax = 10_000;
/** Questions in one message. */
const asksAtOnce = 128;

/** One reading thread, as far as a pair needs it. */
export type Reader = Pick<ReaderClient, 'isGone' | 'waitingCount' | 'give' | 'close'>;

/**
 * Asks one reading thread, and a second one that is begun only when it is needed: when more questions have waited than go in
 * one message, or when the first has fallen. What was asked of a thread that falls fails, and the other goes on, since reading
 * changes nothing and each has a connection of its own. A thread that has fallen is not replaced.
 */
export class ReaderPair {
  readonly #begin: () => Reader;
  readonly #first: Reader;
  #second: Reader | undefined;
  #isSecondOpen = false;
  #isClosed = false;
  #outbox: Question[] = [];

  constructor(begin: () => Reader) {
    this.#begin = begin;
    this.#first = begin();
  }

  ask<M extends keyof ReaderMethods>(
    method: M,
    ...words: Parameters<ReaderMethods[M]>
  ): Promise<ReturnType<ReaderMethods[M]>> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new HitlineError('LEDGER_FAILED', { detail: 'It is closed.' });
      if (this.#waitingCount() >= questionsMax) throw new HitlineError('QUEUE_FULL');
      this.#outbox.push({ method, words, resolve, reject });
      // After all that follows from what came: what several ask who were answered together goes together again.
      if (this.#outbox.length === 1) process.nextTick(() => this.#send());
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#first.close(), this.#second?.close()]);
  }

  #waitingCount(): number {
    return this.#outbox.length + this.#first.waitingCount + (this.#second?.waitingCount ?? 0);
  }

  /**
   * Questions of one turn go together: passing a message costs more than most answers. Many go in portions, so that the first
   * are answered while the last are still passed, and both threads have their share.
   */
  #send(): void {
    const asks = this.#outbox;
    this.#outbox = [];
    if (this.#first.isGone) this.#beginSecond();
    else if (asks.length + this.#first.waitingCount > asksAtOnce) this.#beginSecondAfter(asks);
    for (let from = 0; from < asks.length; from += asksAtOnce) {
      this.#idler().give(asks.slice(from, from + asksAtOnce));
    }
  }

  /** Of the threads that can answer now the one for which fewer wait. */
  #idler(): Reader {
    const first = this.#first;
    const second = this.#second;
    if (second === undefined || second.isGone) return first;
    if (first.isGone) return second;
    return this.#isSecondOpen && second.waitingCount < first.waitingCount ? second : first;
  }

  /** A thread that loads takes as much from the questions that wait now as it could give them, so it is begun when they are answered. */
  #beginSecondAfter(asks: Question[]): void {
    const last = asks.pop();
    if (last === undefined) return;
    const resolve = (value: never): void => {
      last.resolve(value);
      this.#beginSecond();
    };
    asks.push({ ...last, resolve });
  }

  /** Its first question is only to see that it has loaded: until then the first thread is quicker. */
  #beginSecond(): void {
    if (this.#second !== undefined || this.#isClosed) return;
    const second = this.#begin();
    this.#second = second;
    const resolve = (): void => {
      this.#isSecondOpen = true;
    };
    second.give([{ method: 'chainHeads', words: [], resolve, reject: () => undefined }]);
  }
}
