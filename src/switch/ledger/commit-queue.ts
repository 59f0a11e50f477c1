/** Callers in front, one committer behind: takes all that waits, and tells each caller what became of his units. */
import { HitlineError } from '../../faults/fault.ts';
import type { Receipt, Stream } from './ledger.ts';
import type { ReadyUnit } from './prepare.ts';

/** What became of one unit: the numbers of its rows, or the stream that had moved on. */
export type UnitOutcome =
  | { readonly ok: true; readonly seqs: readonly number[] }
  | { readonly ok: false; readonly stream: string; readonly id: string };

/** What became of the units that one caller gave together; `why` is a code of the database. */
export type CallOutcome =
  | { readonly ok: true; readonly units: readonly UnitOutcome[] }
  | { readonly ok: false; readonly why: string };

export interface CommitQueueOptions {
  readonly writer: string;
  /** Units that may wait for the disk; beyond it a caller is told QUEUE_FULL. 10,000 unless said otherwise. */
  readonly unitsMax?: number | undefined;
  /** Batches handed over at once. */
  readonly batchesMax: number;
  /** Commits the calls in one transaction; gives an outcome for each, after the fsync. May reject: then all fall. */
  commit(calls: readonly (readonly ReadyUnit[])[]): Promise<readonly CallOutcome[]>;
}

interface Call {
  readonly units: readonly ReadyUnit[];
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (error: HitlineError) => void;
}

const unitsMaxDefault = 10_000;
const batchUnitsMax = 512;

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #waiting: Call[] = [];
  #unitCount = 0;
  #underWay = 0;
  #flushing = false;
  #shut = false;
  #drained: (() => void) | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Faults: QUEUE_FULL, and LEDGER_FAILED when nothing was kept or that cannot be known. */
  append(units: readonly ReadyUnit[]): Promise<readonly Receipt[]> {
    return new Promise((resolve, reject) => {
      if (this.#shut) throw new HitlineError('LEDGER_FAILED', { detail: 'It is closed.' });
      if (this.#unitCount + units.length > (this.#options.unitsMax ?? unitsMaxDefault)) {
        throw new HitlineError('QUEUE_FULL');
      }
      this.#waiting.push({ units, resolve, reject });
      this.#unitCount += units.length;
      this.#flushSoon();
    });
  }

  /** Takes nothing more and waits until everything taken has its answer. */
  async drain(): Promise<void> {
    this.#shut = true;
    if (this.#unitCount === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  /** The committer is gone for good: what still waits was not kept. */
  fall(): void {
    this.#shut = true;
    for (const call of this.#waiting.splice(0)) this.#settle(call, { ok: false, why: 'The committer has stopped.' });
  }

  /**
   * While a batch is under way it waits for the end of this turn, so that callers of the same turn share one fsync. With
   * none under way it goes as soon as those who append together have done so: another turn of the loop would be lost.
   */
  #flushSoon(): void {
    if (this.#flushing || this.#underWay >= this.#options.batchesMax) return;
    this.#flushing = true;
    const flush = (): void => {
      this.#flushing = false;
      this.#flush();
    };
    if (this.#underWay === 0) queueMicrotask(flush);
    else setImmediate(flush);
  }

  #flush(): void {
    if (this.#waiting.length === 0 || this.#underWay >= this.#options.batchesMax) return;
    // A fair share of all that is under way, so that one batch is made ready while another is at the disk.
    const share = Math.min(batchUnitsMax, Math.ceil(this.#unitCount / this.#options.batchesMax));
    let units = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || units < share)) {
      units += this.#waiting[count]?.units.length ?? 0;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    this.#underWay += 1;
    this.#options.commit(batch.map((call) => call.units)).then(
      (outcomes) => this.#finish(batch, outcomes),
      (error: unknown) => this.#finish(batch, [], error),
    );
    if (this.#waiting.length > 0) this.#flushSoon();
  }

  #finish(batch: readonly Call[], outcomes: readonly CallOutcome[], error?: unknown): void {
    this.#underWay -= 1;
    for (const [index, call] of batch.entries()) {
      this.#settle(call, outcomes[index] ?? { ok: false, why: 'The committer gave no answer.' }, error);
    }
    if (this.#waiting.length > 0) this.#flushSoon();
  }

  #settle(call: Call, outcome: CallOutcome, cause?: unknown): void {
    this.#unitCount -= call.units.length;
    if (outcome.ok) call.resolve(outcome.units.map((unit) => this.#receipt(unit)));
    else
      call.reject(
        new HitlineError('LEDGER_FAILED', { detail: outcome.why, ...(cause === undefined ? {} : { cause }) }),
      );
    if (this.#unitCount === 0) this.#drained?.();
  }

  #receipt(unit: UnitOutcome): Receipt {
    if (!unit.ok) return { ok: false, code: 'CONFLICT', stream: unit.stream as Stream, id: unit.id };
    return { ok: true, entries: unit.seqs.map((seq) => ({ writer: this.#options.writer, seq })) };
  }
}
