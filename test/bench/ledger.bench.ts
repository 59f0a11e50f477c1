/**
 * What keeping a message costs: text, event, state row and four search tokens, encrypted and chained, against a bare
 * one-row commit of SQLite on the same disk in the same run. Then reading, searching and starting with a full ledger.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { bareRate, openBare, threadedBareRate } from './bare-commits.ts';
import { fullLedger, type LedgerHome } from './ledger/full-ledger.ts';
import { fill, masterKey, text } from './ledger/load.ts';
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

function homeIn(root: string): LedgerHome {
  const open = (folder: string) => openLedger({ folder, writer: 'gw1', masterKey });
  return {
    open: (which) => open(join(root, which)),
    async fresh() {
      const folder = mkdtempSync(join(root, 'fresh-'));
      return { ledger: await open(folder), remove: async () => rmSync(folder, { recursive: true }) };
    },
    keptCount: 10_000,
  };
}

export async function run(bench: Bench): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'hitline-bench-ledger-'));
  try {
    await writing(bench, root);
    await fullLedger(bench, homeIn(root), bench.short ? [20_000] : [1_000_000, 5_000_000]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
