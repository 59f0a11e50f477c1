/** Messages by the thousand for the benchmarks of the ledger, and how a ledger is filled with them. */
import type { Ledger, Unit } from '../../../src/switch/ledger/ledger.ts';
import type { Bench } from '../rounds.ts';

export const masterKey = new Uint8Array(32).fill(7);
/** What each message is. */
export const text = Buffer.from(`1N01COJ10000001.QW.CO0990100.NAM/RECORD,SAMPLE.DOB/19800101.${'X'.repeat(240)}`);
/** When the first message came. */
export const startMs = Date.UTC(2026, 0, 1);
/** Messages of a day in the filled ledger. */
export const perDay = 5_000;

/** A message with text, event, state row and four search tokens. */
export function message(n: number): Unit {
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
export async function fill(ledger: Ledger, from: number, how: { count: number; depth: number }): Promise<number> {
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

/** Messages in one call while a ledger is filled. */
const callMessages = 500;
const tellEvery = 500_000;

/** Appends `count` messages in large calls, as nobody would but who wants a full ledger soon. */
export async function fillFast(
  bench: Bench,
  ledger: Ledger,
  { from, until }: { from: number; until: number },
): Promise<void> {
  let next = from;
  let toldAtMs = performance.now();
  let told = from;
  const caller = async (): Promise<void> => {
    while (next < until) {
      const first = next;
      next = Math.min(until, first + callMessages);
      const receipts = await ledger.append(Array.from({ length: next - first }, (_, n) => message(first + n)));
      if (!receipts.every((receipt) => receipt.ok)) throw new Error('a message was not kept');
      if (next - told < tellEvery) continue;
      const rate = (next - told) / ((performance.now() - toldAtMs) / 1_000);
      bench.note(`${next} messages on file, the last ${next - told} at ${Math.round(rate)} messages/s`);
      told = next;
      toldAtMs = performance.now();
    }
  };
  await Promise.all(Array.from({ length: 3 }, caller));
}

/** How many milliseconds the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
