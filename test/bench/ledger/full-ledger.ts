/**
 * What a full ledger costs beside one with few messages, whichever database they lie in: keeping, reading, searching, starting.
 */
import type { Ledger } from '../../../src/switch/ledger/ledger.ts';
import type { Bench } from '../rounds.ts';
import { fill, fillFast, message, perDay, startMs, timed } from './load.ts';

/** A full ledger, which grows from stage to stage, and one with few messages, side by side. */
export interface Pair {
  total: number;
  full: Ledger;
  few: Ledger;
  filedInFull: number;
  filedInFew: number;
}

/** Where the ledgers lie. */
export interface LedgerHome {
  /** Opens one of the two, and makes it the first time. */
  open(which: 'full' | 'few'): Promise<Ledger>;
  /** Makes one for a while. */
  fresh(): Promise<{ readonly ledger: Ledger; remove(): Promise<void> }>;
  /** Messages kept in one round at each stage. */
  readonly keptCount: number;
  /** What else is asked of both at each stage. */
  readonly also?: (pair: Pair) => Promise<void>;
}

export const fewCount = 1_000;
export const beside = '(baseline: the same with few on file)';

/** Messages a second into a ledger that was made for this and holds few. */
async function fillFew({ fresh, keptCount: count }: LedgerHome): Promise<number> {
  const { ledger, remove } = await fresh();
  await fill(ledger, 0, { count: fewCount, depth: 256 });
  const rate = await fill(ledger, fewCount, { count, depth: 256 });
  await ledger.close();
  await remove();
  return rate;
}

async function writingFull(bench: Bench, pair: Pair, home: LedgerHome): Promise<void> {
  const count = home.keptCount;
  await bench.compare({
    case: `messages kept with ${pair.total} on file, 256 in flight (baseline: the same with ${fewCount} on file)`,
    unit: 'messages/s',
    runs: 3,
    ours: () => {
      pair.filedInFull += count;
      return fill(pair.full, pair.filedInFull - count, { count, depth: 256 });
    },
    baseline: () => fillFew(home),
  });
}

async function reading(bench: Bench, { total, full, few }: Pair): Promise<void> {
  const dayMs = 86_400_000;
  const newest = (of: Ledger, fromMs: number) =>
    timed(() => of.states({ stream: 'message', fromMs, untilMs: fromMs + dayMs, limit: 100 }));
  await bench.compare({
    case: `newest 100 of a day, ${total} on file ${beside}`,
    unit: 'ms',
    ours: () => newest(full, startMs + Math.floor(total / perDay / 2) * dayMs),
    baseline: () => newest(few, startMs),
  });
  const byPlate = (of: Ledger, value: string) =>
    timed(() => of.states({ stream: 'message', token: { kind: 'LIC', value }, limit: 100 }));
  await bench.compare({
    case: `first page for one plate, ${total} on file ${beside}`,
    unit: 'ms',
    ours: () => byPlate(full, `PRX${bench.random.below(total)}`),
    baseline: () => byPlate(few, 'PRX7'),
  });
  const texts = 5_000;
  const read = (of: Ledger, seqOf: (n: number) => number) =>
    timed(() => Promise.all(Array.from({ length: texts }, (_, n) => of.text({ writer: 'gw1', seq: seqOf(n) }, 'raw'))));
  const first = 1 + bench.random.below(Math.max(1, total - texts));
  // Once untimed, since a ledger begins its second reading thread when so much has been asked of it.
  await read(full, (n) => first + n);
  await read(few, (n) => 1 + (n % fewCount));
  await bench.compare({
    case: `${texts} messages read and decrypted, ${total} on file ${beside}`,
    unit: 'ms',
    ours: () => read(full, (n) => first + n),
    baseline: () => read(few, (n) => 1 + (n % fewCount)),
  });
}

/** Closes a ledger, opens it again and keeps a message; gives it and how long that took. */
async function startAgain(of: Ledger, open: () => Promise<Ledger>, n: number): Promise<[Ledger, number]> {
  await of.close();
  const startedMs = performance.now();
  const opened = await open();
  await opened.append([message(n)]);
  return [opened, performance.now() - startedMs];
}

async function starting(bench: Bench, pair: Pair, home: LedgerHome): Promise<void> {
  let ms: number;
  await bench.compare({
    case: `start-up to the first message kept, ${pair.total} on file ${beside}`,
    unit: 'ms',
    ours: async () => {
      [pair.full, ms] = await startAgain(pair.full, () => home.open('full'), pair.filedInFull);
      pair.filedInFull += 1;
      return ms;
    },
    baseline: async () => {
      [pair.few, ms] = await startAgain(pair.few, () => home.open('few'), pair.filedInFew);
      pair.filedInFew += 1;
      return ms;
    },
  });
}

/** Fills a ledger from stage to stage, and compares it at each with one that holds few. */
export async function fullLedger(bench: Bench, home: LedgerHome, stages: readonly number[]): Promise<void> {
  const [full, few] = [await home.open('full'), await home.open('few')];
  const pair: Pair = { total: 0, full, few, filedInFull: 0, filedInFew: fewCount };
  await fill(few, 0, { count: fewCount, depth: 256 });
  for (const total of stages) {
    bench.note(`filling a ledger with ${total} messages`);
    const startedMs = performance.now();
    const from = pair.filedInFull;
    await fillFast(bench, pair.full, { from, until: total });
    const rate = (total - from) / ((performance.now() - startedMs) / 1_000);
    bench.note(`filled at ${Math.round(rate)} messages/s`);
    pair.total = total;
    pair.filedInFull = total;
    await writingFull(bench, pair, home);
    await reading(bench, pair);
    await home.also?.(pair);
    await starting(bench, pair, home);
  }
  await pair.few.close();
  await pair.full.close();
}
