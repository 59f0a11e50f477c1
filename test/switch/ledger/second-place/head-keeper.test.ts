import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Head, HeadSeal } from '../../../../src/switch/ledger/heads.ts';
import type { FoundHeads, HeadFiles } from '../../../../src/switch/ledger/second-place/head-files.ts';
import { HeadKeeper, type HeadsOptions } from '../../../../src/switch/ledger/second-place/head-keeper.ts';
import { manualClock } from '../../../console/manual-clock.ts';

const seal = new HeadSeal(new Uint8Array(32).fill(3));
const headAt = (seq: number): Head => ({ seq, hash: seq.toString(16).padStart(64, '0') });

/** Files in memory whose every call waits until the test lets it go on, or makes it fail. */
function heldFiles(found: FoundHeads = { lines: [], newest: [] }) {
  const calls: { readonly what: string; readonly go: () => void; readonly fail: () => void }[] = [];
  const done: string[] = [];
  let mostAtOnce = 0;
  const call = <T>(what: string, value: T): Promise<T> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        calls.splice(calls.indexOf(one), 1);
      };
      const one = {
        what,
        go: () => {
          leave();
          done.push(what);
          resolve(value);
        },
        fail: () => {
          leave();
          reject(new Error('the disk'));
        },
      };
      calls.push(one);
      mostAtOnce = Math.max(mostAtOnce, calls.length);
    });
  const files: HeadFiles = {
    read: () => call('read', found),
    append: (line) => call(`${seal.read(line)?.kind ?? 'line'} ${seal.read(line)?.seq}`, undefined),
    writeNewest: (_, slot, line) => call(`newest ${seal.read(line, 'newest')?.seq} in ${slot}`, undefined),
  };
  return { files, calls, done, most: () => mostAtOnce };
}

/** Lets everything go on that waits for a call which has ended. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function keeping(found?: FoundHeads, more: HeadsOptions = {}) {
  const clock = manualClock();
  const disk = heldFiles(found);
  const heard: string[] = [];
  const options = {
    onHeadsFailed: () => heard.push('failed'),
    onHeadsWell: () => heard.push('well'),
    ...more,
    files: disk.files,
  };
  const keeper = new HeadKeeper({ writer: 'A', seal, clock, head: headAt(4) }, options);
  /** Ends every call there is, and those that follow from it. */
  const flow = async (): Promise<void> => {
    for (await settle(); disk.calls.length > 0; await settle()) disk.calls[0]?.go();
  };
  return { clock, disk, heard, keeper, flow };
}

test('the newest head goes there within a second, a line each minute, and a chain that stands still writes nothing', async () => {
  const { clock, disk, keeper, flow } = keeping();
  await flow();
  expect(disk.done).toEqual(['read', 'newest 4 in 0', 'kept 4']);
  for (let seq = 5; seq <= 9; seq += 1) keeper.moved(headAt(seq));
  await flow();
  expect(disk.done).toHaveLength(3);
  clock.advance(999);
  await flow();
  expect(disk.done.slice(3)).toEqual(['newest 9 in 1']);
  clock.advance(60_000);
  await flow();
  expect(disk.done.slice(4)).toEqual(['kept 9']);
  clock.advance(600_000);
  await flow();
  expect(disk.done).toHaveLength(5);
  const closed = keeper.close();
  await flow();
  await closed;
  expect(disk.done).toHaveLength(5);
  expect(clock.waiting()).toBe(0);
});

test('law: whatever comes when, one write at a time, in order, no head that was not told, each within a second when the disk is well', async () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('move' as const), by: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ type: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 70_000 }) }),
    fc.record({ type: fc.constant('disk' as const), isWell: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, disk, keeper, flow } = keeping();
      let seq = 4;
      for (const one of steps) {
        if (one.type === 'move') {
          seq += one.by;
          keeper.moved(headAt(seq));
        } else if (one.type === 'time') clock.advance(one.ms);
        else if (one.isWell) disk.calls[0]?.go();
        else disk.calls[0]?.fail();
        await settle();
        for (const what of disk.done.slice(1)) expect(Number(what.split(' ')[1])).toBeLessThanOrEqual(seq);
      }
      await flow();
      clock.advance(999);
      await flow();
      expect(disk.done.findLast((what) => what.startsWith('newest'))).toContain(`newest ${seq} `);
      const closed = keeper.close();
      await flow();
      await closed;
      expect(disk.most()).toBe(1);
      const seqs = disk.done.filter((what) => what !== 'read').map((what) => Number(what.split(' ')[1]));
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect(seqs.at(-1)).toBe(seq);
      expect(clock.waiting()).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('a write that hangs is said once, followed by no other, and said to be over when it ends', async () => {
  const { clock, disk, heard, keeper, flow } = keeping();
  await flow();
  keeper.moved(headAt(5));
  clock.advance(1_000);
  await settle();
  clock.advance(3_600_000);
  keeper.moved(headAt(6));
  clock.advance(3_600_000);
  await settle();
  expect(disk.calls.map((call) => call.what)).toEqual(['newest 5 in 1']);
  expect(heard).toEqual(['failed']);
  await flow();
  clock.advance(1_000);
  await flow();
  expect(heard).toEqual(['failed', 'well']);
  expect(disk.done.slice(-2)).toEqual(['kept 5', 'newest 6 in 0']);
});

test('a write that fails is said once and tried again, into the same of the two places', async () => {
  const { clock, disk, heard, keeper, flow } = keeping();
  await flow();
  keeper.moved(headAt(5));
  for (let n = 0; n < 3; n += 1) {
    clock.advance(1_000);
    await settle();
    expect(disk.calls.map((call) => call.what)).toEqual(['newest 5 in 1']);
    disk.calls[0]?.fail();
    await settle();
  }
  clock.advance(1_000);
  await flow();
  expect(disk.done.at(-1)).toBe('newest 5 in 1');
  expect(heard).toEqual(['failed', 'well']);
});

test('the end of the gateway waits for the last head, and not for a place that hangs', async () => {
  const well = keeping();
  await well.flow();
  well.keeper.moved(headAt(8));
  const closed = well.keeper.close();
  await well.flow();
  await closed;
  expect(well.disk.done.slice(-2)).toEqual(['newest 8 in 1', 'kept 8']);
  const hanging = keeping();
  const closing = hanging.keeper.close();
  await settle();
  hanging.clock.advance(2_000);
  await closing;
  expect(hanging.heard).toEqual(['failed']);
});

const newest = (seq: number): string => seal.line({ kind: 'newest', atMs: 1, writer: 'A', ...headAt(seq) }).trimEnd();
const line = (seq: number, writer = 'A'): string => seal.line({ atMs: 1, writer, ...headAt(seq) }).trimEnd();

test('what only the newest heads of before say becomes a line before they are overwritten', async () => {
  const { disk, flow } = keeping({ lines: [line(1), line(3)], newest: [newest(2), newest(3)] });
  await flow();
  expect(disk.done).toEqual(['read', 'line 2', 'newest 4 in 0', 'kept 4']);
});

test.each([
  ['the newest head knows a later row', { lines: [line(3)], newest: [newest(5), newest(6)] }, { seq: 4, knownSeq: 6 }],
  ['a line knows a later row', { lines: [line(7)], newest: [newest(3)] }, { seq: 4, knownSeq: 7 }],
  [
    'the last row is another',
    { lines: [seal.line({ atMs: 1, writer: 'A', seq: 4, hash: 'ab' }).trimEnd()], newest: [] },
    { seq: 4, knownSeq: 4 },
  ],
  [
    'the lines are of another ledger',
    { lines: [line(3).replace(/"seq":3/, '"seq":2')], newest: [] },
    { seq: 4, knownSeq: undefined },
  ],
  [
    'the newest head is of another ledger',
    { lines: [], newest: [newest(3).replace(/"seq":3/, '"seq":2')] },
    { seq: 4, knownSeq: undefined },
  ],
])('a start says what the ledger lacks: %s', async (_, found, lack) => {
  const said: unknown[] = [];
  const { disk, flow } = keeping(found, { onRowsLacking: (one) => said.push(one) });
  await flow();
  expect(said).toEqual([lack]);
  // And what told it is still there for every later proof.
  expect(disk.done.filter((what) => !what.startsWith('newest') && !what.startsWith('kept')).length).toBe(
    1 + found.newest.filter((one) => !found.lines.includes(one)).length,
  );
});

test.each([
  ['nothing is there', { lines: [], newest: [] }],
  ['it ends where the ledger does', { lines: [line(4)], newest: [newest(3), newest(4)] }],
  ['another chain is further', { lines: [line(9, 'B')], newest: [newest(4)] }],
  [
    'a line and one newest head are torn',
    { lines: [line(4), line(4).slice(0, 40)], newest: [newest(4), newest(4).slice(0, 90)] },
  ],
])('a start says nothing when %s', async (_, found) => {
  const said: unknown[] = [];
  const { flow } = keeping(found, { onRowsLacking: (one) => said.push(one) });
  await flow();
  expect(said).toEqual([]);
});

test('while the second place of before cannot be read, nothing there is overwritten', async () => {
  const { clock, disk, flow } = keeping({ lines: [], newest: [newest(9)] });
  await settle();
  disk.calls[0]?.fail();
  await settle();
  clock.advance(60_000);
  await settle();
  expect(disk.calls.map((call) => call.what)).toEqual(['read']);
  await flow();
  expect(disk.done).toEqual(['read', 'line 9', 'newest 4 in 0', 'kept 4']);
});
