/** The memory of a link that goes on where another process left off (wire.md 14.3). */
import { type Recent, recentCountMax } from './state.ts';

/** What was acknowledged before this process lived, as its owner has it on file. */
export interface AcknowledgedBefore {
  readonly exchangeId: number;
  /** SHA-256 of the payload in lower-case hex. */
  readonly sha256: string;
  readonly agoMs: number;
}

/** The newest of them as a session remembers them; `nowMs` comes from the clock that only goes forward. */
export function recentFrom(before: readonly AcknowledgedBefore[], nowMs: number): Recent | undefined {
  return before
    .toSorted((one, other) => other.agoMs - one.agoMs)
    .slice(-recentCountMax)
    .reduce<Recent | undefined>(
      (older, { exchangeId, sha256, agoMs }) => ({
        exchangeId,
        digest: Buffer.from(sha256, 'hex').toString('latin1'),
        atMs: nowMs - agoMs,
        count: (older?.count ?? 0) + 1,
        idMax: Math.max(exchangeId, older?.idMax ?? 0),
        before: older,
      }),
      undefined,
    );
}
