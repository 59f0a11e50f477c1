import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyHead, type Head, HeadSeal } from '../../../../src/switch/ledger/heads.ts';
import { restoredLine } from '../../../../src/switch/ledger/second-place/restored.ts';
import { type SecondPlace, said } from '../../../../src/switch/ledger/second-place/said.ts';

const seal = new HeadSeal(new Uint8Array(32).fill(5));

/** What a gateway, a kill, a start and somebody who restores leave there, one after another. */
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('file' as const), rows: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('minute' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('tear' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restore' as const), to: fc.nat(20) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

interface History {
  readonly lines: readonly string[];
  readonly slots: readonly string[];
  /** Where the ledger stands. */
  readonly head: Head;
  /** Every row that the ledger has now. */
  readonly rows: ReadonlyMap<number, string>;
  readonly restoreCount: number;
}

/** The files of one chain after these events, written in the order in which the product writes them. */
function play(events: readonly Event[]): History {
  let branch = 0;
  let rows = new Map<number, string>([[0, emptyHead.hash]]);
  let head: Head = emptyHead;
  let restoreCount = 0;
  const lines = [seal.line({ atMs: 1, writer: 'A', ...head }).trimEnd()];
  const slots = ['', ''];
  const newest = (): void => {
    slots.reverse();
    slots[0] = seal.line({ kind: 'newest', atMs: 1, writer: 'A', ...head }).trimEnd();
  };
  const text = (): string => lines.map((line) => `${line}\n`).join('');
  newest();
  for (const one of events) {
    if (one.type === 'file') {
      for (let n = 0; n < one.rows; n += 1) {
        head = { seq: head.seq + 1, hash: `${branch}-${head.seq + 1}`.padStart(64, '0') };
        rows.set(head.seq, head.hash);
      }
      newest();
    } else if (one.type === 'minute') {
      lines.push(seal.line({ kind: 'kept', atMs: 1, writer: 'A', ...head }).trimEnd());
    } else if (one.type === 'tear') {
      lines.push(lines[0]?.slice(0, 30) ?? '');
    } else {
      // The newest head becomes a line before the restore, and is overwritten at the start after it.
      lines.push(seal.line({ atMs: 1, writer: 'A', ...head }).trimEnd());
      const seq = Math.min(one.to, head.seq);
      const end = { seq, hash: rows.get(seq) ?? '' };
      const chain = { writer: 'A', ...end, was: head, sharedSeq: seq };
      lines.push(restoredLine({ atMs: 1, by: 'x', copyMadeAtMs: 1, chains: [chain] }, text(), seal).trimEnd());
      rows = new Map([...rows].filter(([at]) => at <= seq));
      head = end;
      branch += 1;
      restoreCount += 1;
      newest();
    }
  }
  return { lines, slots, head, rows, restoreCount };
}

function read(lines: readonly string[], slots: readonly string[]): SecondPlace {
  const newest = slots.length === 0 ? [] : [{ writer: 'A', slots: slots.filter((line) => line !== '') }];
  return said({ lines: lines.map((line) => `${line}\n`).join(''), newest }, seal);
}

const isQuiet = (place: SecondPlace): boolean => place.falseCount === 0 && place.missing.length === 0;

test('law: what was honestly written is never held against the ledger, and names every restore', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (events) => {
      const { lines, slots, head, rows, restoreCount } = play(events);
      for (const torn of [slots, [slots[0] ?? '', slots[1]?.slice(0, 50) ?? '']]) {
        const place = read(lines, torn);
        expect(isQuiet(place)).toBe(true);
        expect(place.restores).toHaveLength(restoreCount);
        for (const known of place.heads) expect(rows.get(known.seq)).toBe(known.hash);
        expect(place.heads).toContainEqual(expect.objectContaining(head));
      }
    }),
  );
});

/** What somebody without the key can do to the lines: take away, repeat and exchange those that there are. */
const edit = fc.oneof(
  fc.record({ type: fc.constant('cut' as const), at: fc.nat(60) }),
  fc.record({ type: fc.constant('end' as const), at: fc.nat(60) }),
  fc.record({ type: fc.constant('repeat' as const), at: fc.nat(60), to: fc.nat(60) }),
  fc.record({ type: fc.constant('swap' as const), at: fc.nat(60), to: fc.nat(60) }),
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function edited(lines: readonly string[], edits: readonly Edit[]): readonly string[] {
  let now = [...lines];
  for (const one of edits) {
    const at = one.at % Math.max(1, now.length);
    if (one.type === 'cut') now = now.toSpliced(at, 1);
    else if (one.type === 'end') now = now.slice(0, at);
    else {
      const to = one.to % Math.max(1, now.length);
      const line = now[at] ?? '';
      now = one.type === 'repeat' ? now.toSpliced(to, 0, line) : now.with(at, now[to] ?? '').with(to, line);
    }
    if (now.length === 0) return [];
  }
  return now;
}

test('law: whatever is done to the lines, the newest head is still asked for, or the place itself is named', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), fc.array(edit, { minLength: 1, maxLength: 4 }), (events, edits) => {
      const { lines, slots, head } = play(events);
      const place = read(edited(lines, edits), slots);
      if (isQuiet(place)) expect(place.heads).toContainEqual(expect.objectContaining(head));
    }),
  );
});

test('law: with an older newest head in its place the last line is still asked for, or the place itself is named', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), fc.nat(25), (events, count) => {
      const whole = play([...events, { type: 'minute' }]);
      const before = play(events.slice(0, count));
      const place = read(whole.lines, before.slots);
      if (isQuiet(place)) expect(place.heads).toContainEqual(expect.objectContaining(whole.head));
      expect(isQuiet(read(whole.lines, []))).toBe(false);
    }),
  );
});
