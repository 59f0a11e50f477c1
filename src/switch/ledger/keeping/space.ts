/** Whether there is room for what will come: free space held against how fast the ledger grows. Pure. */

/** Room kept for YQ, YR and the documenting messages of open cases, and for whatever arrives (DESIGN.md, law 6). */
export const reserveBytes = 256 * 1_048_576;
/** Free space for fewer days than this is said to be low. */
const daysMin = 30;
const dayMs = 86_400_000;

export interface SpaceFacts {
  readonly freeBytes: number;
  readonly ledgerBytes: number;
  /** When the first event was filed; absent in an empty ledger. */
  readonly firstAtMs?: number;
  readonly nowMs: number;
}

/**
 * `ample`: go on. `low`: tell somebody. `reserve`: take no new outbound work but YQ, YR and the documenting messages of
 * open cases; what arrives is still filed.
 */
export interface Space {
  readonly verdict: 'ample' | 'low' | 'reserve';
  readonly freeBytes: number;
  readonly growthBytesPerDay: number;
  /** Days until only the reserve is left, at the growth so far; absent when nothing has grown. */
  readonly daysLeft?: number;
}

/** Judges the room that is left. */
export function judgeSpace(facts: SpaceFacts): Space {
  const { freeBytes, ledgerBytes, firstAtMs, nowMs } = facts;
  // A ledger of a few hours says little about a day; less than a day counts as one.
  const days = Math.max(1, (nowMs - (firstAtMs ?? nowMs)) / dayMs);
  const growthBytesPerDay = firstAtMs === undefined ? 0 : ledgerBytes / days;
  const usable = freeBytes - reserveBytes;
  if (usable <= 0) return { verdict: 'reserve', freeBytes, growthBytesPerDay, daysLeft: 0 };
  if (growthBytesPerDay === 0) return { verdict: 'ample', freeBytes, growthBytesPerDay };
  const daysLeft = usable / growthBytesPerDay;
  return { verdict: daysLeft < daysMin ? 'low' : 'ample', freeBytes, growthBytesPerDay, daysLeft };
}
