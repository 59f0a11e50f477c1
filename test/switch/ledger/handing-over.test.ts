/** What goes from the gateway's thread to the committer's, and in what portions. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chance } from '../../../src/switch/ledger/cipher.ts';
import { type CallOutcome, CommitQueue } from '../../../src/switch/ledger/commit-queue.ts';
import type { Entry } from '../../../src/switch/ledger/ledger.ts';
import { type ReadyUnit, readyUnit } from '../../../src/switch/ledger/prepare.ts';
import { packCalls, unpackCalls } from '../../../src/switch/ledger/sqlite/passing/packing.ts';
import { Tokens } from '../../../src/switch/ledger/tokens.ts';

const sealing = { tokens: new Tokens(new Uint8Array(32).fill(3)), chance: new Chance() };

const entry: fc.Arbitrary<Entry> = fc.record(
  {
    stream: fc.constantFrom('message' as const, 'frame' as const, 'act' as const),
    id: fc.string({ unit: 'binary' }),
    version: fc.integer({ min: 1, max: 1_000 }),
    type: fc.string(),
    atMs: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((ms) => !Object.is(ms, -0)),
    monoMs: fc.nat(),
    actor: fc.string(),
    data: fc.constant({ key: 'QW', list: [1, null, '"\u2028\\'] }),
    texts: fc.dictionary(fc.string({ minLength: 1 }), fc.uint8Array({ maxLength: 300 })),
    state: fc.record({ status: fc.string(), body: fc.constant({}) }),
    tokens: fc.array(fc.record({ kind: fc.constantFrom('NAM' as const, 'VIN' as const), value: fc.string() })),
  },
  { requiredKeys: ['stream', 'id', 'version', 'type', 'atMs', 'monoMs', 'actor', 'data'] },
);

/** The same with bytes as plain numbers: a piece of a larger run is no other thing than a run of its own. */
function bare(value: unknown): unknown {
  if (value instanceof Uint8Array) return Array.from(value);
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, one]) => [name, bare(one)]);
}

test('whatever is handed over arrives as it was', () => {
  const units = fc.array(fc.array(entry, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(units, { maxLength: 3 }), (calls) => {
      const ready = calls.map((call) => call.map((entries) => readyUnit({ entries }, sealing)));
      expect(bare(unpackCalls(structuredClone(packCalls(ready))))).toEqual(bare(ready));
    }),
  );
});

test('no clear text goes to the committer', () => {
  const clear = 'NAM/RECORD,SAMPLE.DOB/19800101';
  const unit = readyUnit(
    {
      entries: [
        {
          stream: 'message',
          id: 'm-1',
          version: 1,
          type: 'RECEIVED',
          atMs: 0,
          monoMs: 0,
          actor: 'system',
          data: {},
          texts: { raw: Buffer.from(clear) },
          tokens: [{ kind: 'NAM', value: 'RECORD, SAMPLE' }],
        },
      ],
    },
    sealing,
  );
  const { words, bytes } = packCalls([[unit]]);
  const all = words + Buffer.from(bytes).toString('latin1');
  expect(all).toContain('RECEIVED');
  for (const secret of [clear, 'RECORD', 'SAMPLE', '19800101']) expect(all).not.toContain(secret);
});

/** A committer that says when it was asked, and answers when it is told to. */
function slowCommitter(batchesMax: number) {
  const sizes: number[] = [];
  const waiting: (() => void)[] = [];
  const queue = new CommitQueue({
    writer: 'gw1',
    batchesMax,
    commit: (calls) => {
      sizes.push(calls.length);
      return new Promise<readonly CallOutcome[]>((resolve) => {
        waiting.push(() =>
          resolve(calls.map((units) => ({ ok: true, units: units.map(() => ({ ok: true, seqs: [1] })) }))),
        );
      });
    },
  });
  return { queue, sizes, answer: () => waiting.shift()?.() };
}

const nothing: ReadyUnit = { entries: [], guards: [], purge: [], dropTokens: [] };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what waits is shared between the batches, so that one is made ready while another is at the disk', async () => {
  const { queue, sizes, answer } = slowCommitter(2);
  const callers = Array.from({ length: 256 }, async () => {
    for (let call = 0; call < 3; call += 1) await queue.append([nothing]);
  });
  await turn();
  for (let batch = 0; batch < 6; batch += 1) {
    answer();
    await turn();
    await turn();
  }
  await Promise.all(callers);
  expect(sizes).toEqual([128, 128, 128, 128, 128, 128]);
});

test('with one batch at a time everything that waits goes together', async () => {
  const { queue, sizes, answer } = slowCommitter(1);
  const callers = Array.from({ length: 10 }, () => queue.append([nothing]));
  await turn();
  answer();
  await Promise.all(callers);
  expect(sizes).toEqual([10]);
});
