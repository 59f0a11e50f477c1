/** The asking side of one reading thread. */
import { Worker } from 'node:worker_threads';
import { type FaultCode, HitlineError } from '../../../faults/fault.ts';
import { unpackAnswers } from './passing/reader-answers.ts';
import type { ReaderAnswers, ReaderAsk, ReaderMethods, ReaderSay, ThreadData } from './threads.ts';

/** Room for what soon is gone. */
const freshMb = 12;
/** Many times the largest answer. A thread that may hold more sweeps so rarely that most of what it holds is gone long ago. */
const readingMb = 512;

/** A question and how its asker is told the answer. */
export interface Question {
  readonly method: keyof ReaderMethods;
  readonly words: readonly unknown[];
  readonly resolve: (value: never) => void;
  readonly reject: (error: HitlineError) => void;
}

/** Asks a reading thread of its own and gives its answers; it loads at once and opens the file with the first question. */
export class ReaderClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Question>();
  #asked = 0;
  #gone = false;

  /** `heapMbMax` is what the thread may hold besides what it has just made. */
  constructor(data: ThreadData, heapMbMax = readingMb) {
    const resourceLimits = { maxYoungGenerationSizeMb: freshMb, maxOldGenerationSizeMb: heapMbMax };
    this.#worker = new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData: data, resourceLimits });
    this.#worker.on('message', (answers: ReaderAnswers) => {
      for (const one of unpackAnswers(answers)) this.#hear(one);
    });
    this.#worker.on('error', () => this.#fall());
    this.#worker.on('exit', () => this.#fall());
  }

  /** Whether the thread has fallen or was closed: it answers nothing more. */
  get isGone(): boolean {
    return this.#gone;
  }

  /** Questions that it has not answered yet. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  ask<M extends keyof ReaderMethods>(
    method: M,
    ...words: Parameters<ReaderMethods[M]>
  ): Promise<ReturnType<ReaderMethods[M]>> {
    return new Promise((resolve, reject) => this.give([{ method, words, resolve, reject }]));
  }

  /** Passes questions together, to be answered at one moment of the file. */
  give(questions: readonly Question[]): void {
    if (this.#gone) {
      for (const { reject } of questions) reject(new HitlineError('LEDGER_FAILED', { detail: 'It is closed.' }));
      return;
    }
    const asks = questions.map((question): ReaderAsk => {
      this.#asked += 1;
      this.#waiting.set(this.#asked, question);
      return [this.#asked, question.method, ...question.words];
    });
    this.#worker.postMessage(asks);
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
