import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutoffMs, retentionFaults, retentionTable } from '../../../src/switch/ledger/keeping/retention.ts';
import { judgeSpace, reserveBytes } from '../../../src/switch/ledger/keeping/space.ts';

const dayMs = 86_400_000;
const gigabyte = 1_073_741_824;

describe('room on the disk', () => {
  test('is low when less than thirty days of growth are left, and reserved when only the reserve is', () => {
    const facts = { ledgerBytes: gigabyte, firstAtMs: 0, nowMs: 10 * dayMs };
    const judged = (freeBytes: number) => judgeSpace({ ...facts, freeBytes }).verdict;
    expect(judged(reserveBytes + 4 * gigabyte)).toBe('ample');
    expect(judged(reserveBytes + 2 * gigabyte)).toBe('low');
    expect(judged(reserveBytes + 1)).toBe('low');
    expect(judged(reserveBytes)).toBe('reserve');
    expect(judged(0)).toBe('reserve');
  });

  test('an empty ledger has room as long as the reserve is untouched', () => {
    expect(judgeSpace({ freeBytes: reserveBytes + 1, ledgerBytes: 4096, nowMs: 5 })).toMatchObject({
      verdict: 'ample',
    });
  });

  test('more free space never makes the verdict worse', () => {
    const rank = { reserve: 0, low: 1, ample: 2 } as const;
    const bytes = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 0, max: 5_000 * dayMs }), (free, more, ledgerBytes, ageMs) => {
        const judged = (freeBytes: number) =>
          judgeSpace({ freeBytes, ledgerBytes, firstAtMs: 0, nowMs: ageMs }).verdict;
        expect(rank[judged(free + more)]).toBeGreaterThanOrEqual(rank[judged(free)]);
      }),
    );
  });
});

describe('the retention table', () => {
  test('refuses a class that is not there, one that is kept for ever, and fewer days than its rule', () => {
    expect(retentionFaults({ message: 366, case: 3 * 366 })).toEqual([]);
    expect(retentionFaults({ message: 365 })).toHaveLength(1);
    expect(retentionFaults({ system: 10_000 })).toHaveLength(1);
    expect(retentionFaults({ other: 10_000 })).toHaveLength(1);
  });

  test('ends nothing that is not named, and nothing before its rule', () => {
    expect(cutoffMs({}, 'message', 1_000 * dayMs)).toBeUndefined();
    for (const row of retentionTable) {
      const days = row.daysMin ?? 100_000;
      expect(cutoffMs({ [row.stream]: days - 1 }, row.stream, 0)).toBeUndefined();
      const least = cutoffMs({ [row.stream]: days }, row.stream, 2 * days * dayMs);
      expect(least).toBe(row.daysMin === undefined ? undefined : days * dayMs);
    }
  });
});
