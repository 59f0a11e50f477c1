/**
 * What keeping a message costs: text, event, state row and four search tokens, encrypted and chained, against a bare
 * one-row commit of SQLite on the same disk in the same run. Then reading, searching and starting with a full ledger.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../../src/switch/ledger/ledger.ts';
import { openLedger, type SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { bareRate, openBare, threadedBareRate } from './bare-commits.ts';
import { fill, fillFast, masterKey, message, perDay, startMs, text, timed } from './ledger-load.ts';
import type { Bench } from './rounds.ts';

async function writing(bench: Bench, root: string): Promise<void> {
  const bare = openBare(join(root, 'bare.db'));
  const ledger = await openLedger({ folder: join(root, 'writing'), writer: 'gw1', masterKey });
  let filed = 0;
  const countOf = (depth: number): number => (depth === 1 ? 1_000 : 10_000) * (bench.short ? 1 : 2);
  for (const depth of [1, 32, 256]) {
    const count = countOf(depth);
    await bench.compare({
      case: `messages kept, ${depth} in flight (baseline: bare one-row commits, ${depth} a commit)`,
      unit: 'messages/s',
      ours: async () => {
        filed += count;
        return fill(ledger, filed - count, { count, depth });
      },
      baseline: async () => bareRate(bare, text, { count: count - (count % depth), depth }),
    });
  }
  await bench.compare({
    case: 'messages kept, 1 in flight (baseline: bare one-row commits asked of a thread, 1 at a time)',
    unit: 'messages/s',
    ours: async () => {
      filed += countOf(1);
      return fill(ledger, filed - countOf(1), { count: countOf(1), depth: 1 });
    },
    baseline: () => threadedBareRate(join(root, 'threaded.db'), text, countOf(1)),
  });
  await ledger.close();
  bare.close();
}

/** A full ledger, which grows from stage to stage, and one with few messages, side by side. */
export interface Pair<Kind extends Ledger = SqliteLedger> {
  total: number;
  full: Kind;
  few: Kind;
  filedInFull: number;
  filedInFew: number;
}

export const fewCount = 1_000;
export const beside = '(baseline: the same with few on file)';

/** Messages a second into a ledger that was made for this and holds few. */
async function fillFew(root: string, count: number): Promise<number> {
  const folder = mkdtempSync(join(root, 'fresh-'));
  const fresh = await openLedger({ folder, writer: 'gw1', masterKey });
  await fill(fresh, 0, { count: fewCount, depth: 256 });
  const rate = await fill(fresh, fewCount, { count, depth: 256 });
  await fresh.close();
  rmSync(folder, { recursive: true });
  return rate;
}

async function writingFull(bench: Bench, pair: Pair, root: string): Promise<void> {
  const count = 10_000;
  await bench.compare({
    case: `messages kept with ${pair.total} on file, 256 in flight (baseline: the same with ${fewCount} on file)`,
    unit: 'messages/s',
    runs: 3,
    ours: () => {
      pair.filedInFull += count;
      return fill(pair.full, pair.filedInFull - count, { count, depth: 256 });
    },
    baseline: () => fillFew(root, count),
  });
}

/** Reading and searching; whichever database it is. */
export async function reading(bench: Bench, { total, full, few }: Pair<Ledger>): Promise<void> {
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
async function startAgain(of: SqliteLedger, folder: string, n: number): Promise<[SqliteLedger, number]> {
  await of.close();
  const startedMs = performance.now();
  const opened = await openLedger({ folder, writer: 'gw1', masterKey });
  await opened.append([message(n)]);
  return [opened, performance.now() - startedMs];
}

async function starting(bench: Bench, pair: Pair, folders: { full: string; few: string }): Promise<void> {
  let ms: number;
  await bench.compare({
    case: `start-up to the first message kept, ${pair.total} on file ${beside}`,
    unit: 'ms',
    ours: async () => {
      [pair.full, ms] = await startAgain(pair.full, folders.full, pair.filedInFull);
      pair.filedInFull += 1;
      return ms;
    },
    baseline: async () => {
      [pair.few, ms] = await startAgain(pair.few, folders.few, pair.filedInFew);
      pair.filedInFew += 1;
      return ms;
    },
  });
}

async function full(bench: Bench, root: string, stages: readonly number[]): Promise<void> {
  const folders = { full: join(root, 'full'), few: join(root, 'few') };
  const open = (folder: string) => openLedger({ folder, writer: 'gw1', masterKey });
  const pair: Pair = {
    total: 0,
    full: await open(folders.full),
    few: await open(folders.few),
    filedInFull: 0,
    filedInFew: fewCount,
  };
  await fill(pair.few, 0, { count: fewCount, depth: 256 });
  for (const total of stages) {
    bench.note(`filling a ledger with ${total} messages`);
    const startedMs = performance.now();
    const from = pair.filedInFull;
    await fillFast(bench, pair.full, { from, until: total });
    const rate = (total - from) / ((performance.now() - startedMs) / 1_000);
    bench.note(`filled at ${Math.round(rate)} messages/s`);
    pair.total = total;
    pair.filedInFull = total;
    await writingFull(bench, pair, root);
    await reading(bench, pair);
    await starting(bench, pair, folders);
  }
  await pair.few.close();
  await pair.full.close();
}

export async function run(bench: Bench): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'hitline-bench-ledger-'));
  try {
    await writing(bench, root);
    await full(bench, root, bench.short ? [20_000] : [1_000_000, 5_000_000]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
