/** The asking side of the reader thread. */
import { Worker } from 'node:worker_threads';
import { type FaultCode, HitlineError } from '../../../faults/fault.ts';
import type { ReaderAsk, ReaderMethods, ReaderSay, ThreadData } from './threads.ts';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: HitlineError) => void;
}

/** Questions that may wait for the reader; beyond it the asker is told QUEUE_FULL. */
const questionsMax = 10_000;
/** Questions in one message. */
const asksAtOnce = 128;

/** Asks a reader thread of its own and gives its answers; it loads at once and opens the file with the first question. */
export class ReaderClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #outbox: ReaderAsk[] = [];
  #asked = 0;
  #gone = false;

  constructor(data: ThreadData) {
    this.#worker = new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData: data });
    this.#worker.on('message', (said: readonly ReaderSay[]) => {
      for (const one of said) this.#hear(one);
    });
    this.#worker.on('error', () => this.#fall());
    this.#worker.on('exit', () => this.#fall());
  }

  ask<M extends keyof ReaderMethods>(
    method: M,
    ...words: Parameters<ReaderMethods[M]>
  ): Promise<ReturnType<ReaderMethods[M]>> {
    return new Promise((resolve, reject) => {
      if (this.#gone) throw new HitlineError('LEDGER_FAILED', { detail: 'It is closed.' });
      if (this.#waiting.size >= questionsMax) throw new HitlineError('QUEUE_FULL');
      this.#asked += 1;
      this.#waiting.set(this.#asked, { resolve, reject });
      this.#outbox.push({ ask: this.#asked, method, words });
      if (this.#outbox.length === 1) queueMicrotask(() => this.#send());
    });
  }

  /**
   * Questions of one turn go together: passing a message costs more than most answers. Many go in portions, so that the first
   * are answered while the last are still passed.
   */
  #send(): void {
    const asks = this.#outbox;
    this.#outbox = [];
    for (let from = 0; from < asks.length; from += asksAtOnce) {
      this.#worker.postMessage(asks.slice(from, from + asksAtOnce));
    }
  }

  async close(): Promise<void> {
    this.#gone = true;
    await this.#worker.terminate();
  }

  #hear(said: ReaderSay): void {
    const waiting = this.#waiting.get(said.ask);
    this.#waiting.delete(said.ask);
    if (said.ok) waiting?.resolve(said.value as never);
    else waiting?.reject(new HitlineError(said.code as FaultCode, said.text === '' ? {} : { detail: said.text }));
  }

  #fall(): void {
    this.#gone = true;
    for (const waiting of this.#waiting.values()) {
      waiting.reject(new HitlineError('LEDGER_FAILED', { detail: 'The reader has stopped.' }));
    }
    this.#waiting.clear();
  }
}
