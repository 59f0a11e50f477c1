import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Head, HeadSeal } from '../../../../src/switch/ledger/heads.ts';
import type { HeadFiles } from '../../../../src/switch/ledger/second-place/head-files.ts';
import { HeadKeeper, type HeadsOptions } from '../../../../src/switch/ledger/second-place/head-keeper.ts';
import { manualClock } from '../../../console/manual-clock.ts';

const seal = new HeadSeal(new Uint8Array(32).fill(3));
const headAt = (seq: number): Head => ({ seq, hash: seq.toString(16).padStart(64, '0') });

/** What stands in the second place before the start: lines, and what is in the two places of the newest head. */
interface Found {
  readonly lines: readonly string[];
  readonly newest: readonly string[];
}

/** Files in memory whose every call waits until the test lets it go on, or makes it fail. */
function heldFiles(found: Found) {
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
    read: (writer) =>
      call('read', {
        lines: found.lines.map((line) => `${line}\n`).join(''),
        newest: found.newest.length === 0 ? [] : [{ writer, slots: found.newest }],
      }),
    append: (line) => call(`${seal.read(line)?.kind ?? 'line'} ${seal.read(line)?.seq}`, undefined),
    writeNewest: (_, slot, line) => call(`newest ${seal.read(line, 'newest')?.seq} in ${slot}`, undefined),
  };
  return { files, calls, done, most: () => mostAtOnce };
}

/** Lets everything go on that waits for a call which has ended. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function keeping(found: Found = { lines: [line(4)], newest: [] }, more: HeadsOptions = {}) {
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

test('where only the lines can be written they are, without saying that a newest head is beside them', async () => {
  const { clock, disk, heard, keeper, flow } = keeping();
  await flow();
  keeper.moved(headAt(5));
  clock.advance(60_000);
  await settle();
  expect(disk.calls.map((call) => call.what)).toEqual(['newest 5 in 1']);
  disk.calls[0]?.fail();
  await settle();
  expect(disk.calls.map((call) => call.what)).toEqual(['line 5']);
  await flow();
  expect(heard).toEqual(['failed']);
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
const besideNewest = (seq: number): string =>
  seal.line({ kind: 'kept', atMs: 1, writer: 'A', ...headAt(seq) }).trimEnd();
const other = seal.line({ atMs: 1, writer: 'A', seq: 4, hash: 'ab' }).trimEnd();
const forged = (text: string): string => text.replace('"seq":3', '"seq":2');

test.each([
  ['the newest head knows a later row', [line(3)], [newest(5), newest(6)], 'ROWS_LACKING 6', ['line 5', 'line 6']],
  ['a line knows a later row', [line(7)], [newest(3)], 'ROWS_LACKING 7', ['line 3']],
  ['the lines are gone, and a later row is known', [], [newest(9)], 'ROWS_LACKING 9', ['line 9', 'gap 4']],
  ['the last row is another', [other], [], 'OTHER_ROW 4', []],
  ['the lines are of another ledger', [forged(line(3))], [], 'OTHER_LEDGER 0', ['gap 4']],
  ['nothing is there of a chain that has rows', [line(9, 'B')], [], 'NOTHING_KNOWN 0', ['gap 4']],
  ['the newest head is gone', [line(1), besideNewest(3)], [], 'NEWEST_LOST 3', ['gap 4']],
  ['the newest head is older than its line', [besideNewest(3)], [newest(2)], 'NEWEST_LOST 3', ['line 2', 'gap 4']],
  ['the newest head is a line of before', [besideNewest(3)], [line(3)], 'NEWEST_LOST 3', ['gap 4']],
  ['the newest head is not ours', [line(3)], [forged(newest(3))], 'NEWEST_LOST 3', ['gap 4']],
])('a start doubts its ledger, and what told it stays for every proof: %s', async (_, lines, slots, doubt, written) => {
  const said: string[] = [];
  const onHeadsDoubted: HeadsOptions['onHeadsDoubted'] = (one) => said.push(`${one.reason} ${one.knownSeq}`);
  const { disk, flow } = keeping({ lines, newest: slots }, { onHeadsDoubted });
  await flow();
  expect(said).toEqual([doubt]);
  expect(disk.done).toEqual(['read', ...written, 'newest 4 in 0', 'kept 4']);
});

test.each([
  ['it ends where the ledger does', [besideNewest(4)], [newest(3), newest(4)], ['line 3']],
  ['a kill came before the line of the minute', [besideNewest(1)], [newest(2), newest(3)], ['line 2', 'line 3']],
  ['another chain is further', [line(4), line(9, 'B')], [newest(4)], []],
  ['a line and one newest head are torn', [line(4), line(4).slice(0, 40)], [newest(4), newest(4).slice(0, 90)], []],
])('a start says nothing when %s', async (_, lines, slots, written) => {
  const said: unknown[] = [];
  const { disk, flow } = keeping({ lines, newest: slots }, { onHeadsDoubted: (one) => said.push(one) });
  await flow();
  expect(said).toEqual([]);
  expect(disk.done).toEqual(['read', ...written, 'newest 4 in 0', 'kept 4']);
});

test('while the second place of before cannot be read, nothing there is overwritten', async () => {
  const { clock, disk, flow } = keeping({ lines: [line(1)], newest: [newest(9)] });
  await settle();
  disk.calls[0]?.fail();
  await settle();
  clock.advance(60_000);
  await settle();
  expect(disk.calls.map((call) => call.what)).toEqual(['read']);
  await flow();
  expect(disk.done).toEqual(['read', 'line 9', 'newest 4 in 0', 'kept 4']);
});
