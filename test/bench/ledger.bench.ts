/**
 * What keeping a message costs: text, event, state row and four search tokens, encrypted and chained, against a bare
 * one-row commit of SQLite on the same disk in the same run. Then reading, searching and starting with a full ledger.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Unit } from '../../src/switch/ledger/ledger.ts';
import { openLedger, type SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import type { Bench } from './rounds.ts';

const masterKey = new Uint8Array(32).fill(7);
const text = Buffer.from(`1N01COJ10000001.QW.CO0990100.NAM/RECORD,SAMPLE.DOB/19800101.${'X'.repeat(240)}`);
const startMs = Date.UTC(2026, 0, 1);
/** Messages of a day in the filled ledger. */
const perDay = 5_000;

function message(n: number): Unit {
  const atMs = startMs + Math.floor((n / perDay) * 86_400_000);
  return {
    entries: [
      {
        stream: 'message',
        id: `m-${String(n).padStart(9, '0')}`,
        version: 1,
        type: 'RECEIVED',
        atMs,
        monoMs: n,
        actor: 'system',
        data: { key: 'QW', size: text.length, class: 'inquiry' },
        texts: { raw: text },
        state: {
          status: n % 3 === 0 ? 'SENT' : 'ACKED',
          key: 'QW',
          ori: 'CO0990100',
          osn: `PR01${n % 50}`,
          link: 'upstream',
          body: { reference: `R${n}`, key: 'QW', priority: 'R', attempts: [] },
        },
        tokens: [
          { kind: 'NAM', value: `RECORD${n % 40_000}, SAMPLE` },
          { kind: 'NAM1', value: `RECORD${n % 40_000}, SAMPLE` },
          { kind: 'LIC', value: `PRX${n}` },
          { kind: 'NIC', value: `W${n}` },
        ],
      },
    ],
  };
}

/** Appends `count` messages with so many callers waiting at a time; gives messages a second. */
async function fill(ledger: SqliteLedger, from: number, how: { count: number; depth: number }): Promise<number> {
  const startedMs = performance.now();
  let next = from;
  const caller = async (): Promise<void> => {
    while (next < from + how.count) {
      const n = next;
      next += 1;
      const [receipt] = await ledger.append([message(n)]);
      if (receipt?.ok !== true) throw new Error('a message was not kept');
    }
  };
  await Promise.all(Array.from({ length: how.depth }, caller));
  return how.count / ((performance.now() - startedMs) / 1_000);
}

/** Commits one-row inserts in groups, as bare as SQLite can: rows a second. */
function bareRate(db: DatabaseSync, how: { count: number; depth: number }): number {
  const insert = db.prepare('INSERT INTO bare(body) VALUES (?)');
  const startedMs = performance.now();
  for (let n = 0; n < how.count; n += how.depth) {
    db.exec('BEGIN IMMEDIATE');
    for (let row = 0; row < how.depth; row += 1) insert.run(text);
    db.exec('COMMIT');
  }
  return how.count / ((performance.now() - startedMs) / 1_000);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function writing(bench: Bench, root: string): Promise<void> {
  const bare = new DatabaseSync(join(root, 'bare.db'));
  bare.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare(id INTEGER PRIMARY KEY, body BLOB)',
  );
  const ledger = await openLedger({ folder: join(root, 'writing'), writer: 'gw1', masterKey });
  let filed = 0;
  for (const depth of [1, 32, 256]) {
    const count = (depth === 1 ? 1_000 : 10_000) * (bench.short ? 1 : 2);
    await bench.compare({
      case: `messages kept, ${depth} in flight (baseline: bare one-row commits, ${depth} a commit)`,
      unit: 'messages/s',
      ours: async () => {
        filed += count;
        return fill(ledger, filed - count, { count, depth });
      },
      baseline: async () => bareRate(bare, { count: count - (count % depth), depth }),
    });
  }
  await ledger.close();
  bare.close();
}

async function full(bench: Bench, root: string, total: number): Promise<void> {
  const folder = join(root, 'full');
  const empty = join(root, 'empty');
  let ledger = await openLedger({ folder, writer: 'gw1', masterKey });
  let small = await openLedger({ folder: empty, writer: 'gw1', masterKey });
  await fill(small, 0, { count: 1_000, depth: 256 });
  bench.note(`filling a ledger with ${total} messages`);
  const rate = await fill(ledger, 0, { count: total, depth: 256 });
  bench.note(`filled at ${Math.round(rate)} messages/s`);
  const probe = 10_000;
  let filed = total;
  let smallFiled = 1_000;
  await bench.compare({
    case: `messages kept with ${total} on file, 256 in flight (baseline: with few on file)`,
    unit: 'messages/s',
    runs: 3,
    ours: () => {
      filed += probe;
      return fill(ledger, filed - probe, { count: probe, depth: 256 });
    },
    baseline: () => {
      smallFiled += probe;
      return fill(small, smallFiled - probe, { count: probe, depth: 256 });
    },
  });
  const day = Math.floor(total / perDay / 2);
  const fromMs = startMs + day * 86_400_000;
  const newest = (of: SqliteLedger, at: number) =>
    timed(() => of.states({ stream: 'message', fromMs: at, untilMs: at + 86_400_000, limit: 100 }));
  const bareNote = `(baseline: the same with few on file)`;
  await bench.compare({
    case: `newest 100 of a day, ${total} on file ${bareNote}`,
    unit: 'ms',
    ours: () => newest(ledger, fromMs),
    baseline: () => newest(small, startMs),
  });
  const byToken = (of: SqliteLedger, value: string) =>
    timed(() => of.states({ stream: 'message', token: { kind: 'LIC', value }, limit: 100 }));
  await bench.compare({
    case: `first page for one plate, ${total} on file ${bareNote}`,
    unit: 'ms',
    ours: () => byToken(ledger, `PRX${bench.random.below(total)}`),
    baseline: () => byToken(small, 'PRX7'),
  });
  const read = async (of: SqliteLedger, count: number): Promise<number> => {
    const first = 1 + bench.random.below(Math.max(1, total - count));
    return timed(() =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          of.text({ writer: 'gw1', seq: of === small ? 1 + (n % 1_000) : first + n }, 'raw'),
        ),
      ),
    );
  };
  await bench.compare({
    case: `5000 messages read and decrypted, ${total} on file ${bareNote}`,
    unit: 'ms',
    ours: () => read(ledger, 5_000),
    baseline: () => read(small, 5_000),
  });
  const start = async (of: SqliteLedger, at: string, n: number): Promise<[SqliteLedger, number]> => {
    await of.close();
    const startedMs = performance.now();
    const opened = await openLedger({ folder: at, writer: 'gw1', masterKey });
    await opened.append([message(n)]);
    return [opened, performance.now() - startedMs];
  };
  await bench.compare({
    case: `start-up to the first message kept, ${total} on file ${bareNote}`,
    unit: 'ms',
    ours: async () => {
      const [opened, ms] = await start(ledger, folder, filed);
      ledger = opened;
      filed += 1;
      return ms;
    },
    baseline: async () => {
      const [opened, ms] = await start(small, empty, smallFiled);
      small = opened;
      smallFiled += 1;
      return ms;
    },
  });
  await small.close();
  await ledger.close();
}

export async function run(bench: Bench): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'hitline-bench-ledger-'));
  try {
    await writing(bench, root);
    await full(bench, root, bench.short ? 20_000 : 5_000_000);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
