/** What a start finds in the second place, held against where the ledger stands. Pure. */
import type { Head, HeadSeal, WrittenHead } from '../heads.ts';
import { type SecondPlaceText, said, standsIn } from './said.ts';

/** Why a start cannot believe that its ledger is whole. */
export interface Doubt {
  /**
   * The ledger lacks rows that were known, or its last row is another one; the heads are those of another ledger; the newest
   * head was taken away, so that rows of the last minute may be missing unnoticed; or there is nothing of a chain that has rows.
   */
  readonly reason: 'ROWS_LACKING' | 'OTHER_ROW' | 'OTHER_LEDGER' | 'NEWEST_LOST' | 'NOTHING_KNOWN';
  /** The last row that the ledger has of this chain. */
  readonly seq: number;
  /** The last row that the second place knows of. */
  readonly knownSeq: number;
}

export interface Known {
  /** Lines to be written before the newest head is overwritten: what else it alone would say, and a gap. */
  readonly unlined: readonly string[];
  readonly doubt: Doubt | undefined;
}

/** Takes what was found, and what is to be said of the head on disk now; gives what must not be lost, and the doubt. */
export function findKnown(found: SecondPlaceText, now: WrittenHead, seal: HeadSeal): Known {
  const place = said(found, seal);
  const own = place.heads.filter((head) => head.writer === now.writer);
  const isUnknown = own.length === 0 && now.seq > 0;
  const isLost = place.missing.some((one) => one.writer === now.writer);
  const isGap = isUnknown || isLost;
  const unlined = found.newest
    .flatMap(({ slots }) => slots.map((line) => seal.read(line, 'newest')))
    .filter((head) => head?.writer === now.writer)
    .filter((head) => head !== undefined && !standsIn(found.lines, head));
  return {
    unlined: [
      ...(unlined as readonly WrittenHead[]).map(({ kind: _, ...head }) => seal.line(head)),
      ...(isGap ? [seal.line({ ...now, kind: 'gap' })] : []),
      // The first line of a chain stands before its first newest head.
      ...(own.length === 0 && !isGap ? [seal.line(now)] : []),
    ],
    doubt: doubtOf(own, now, { isForeign: place.falseCount > 0, isUnknown, isLost }),
  };
}

function doubtOf(
  known: readonly WrittenHead[],
  now: Head,
  place: { readonly isForeign: boolean; readonly isUnknown: boolean; readonly isLost: boolean },
): Doubt | undefined {
  const { seq, hash } = now;
  const knownSeq = known.reduce((most, head) => Math.max(most, head.seq), 0);
  const doubt = (reason: Doubt['reason']): Doubt => ({ reason, seq, knownSeq });
  if (knownSeq > seq) return doubt('ROWS_LACKING');
  if (known.some((head) => head.seq === seq && head.hash !== hash)) return doubt('OTHER_ROW');
  if (place.isForeign) return doubt('OTHER_LEDGER');
  if (place.isLost) return doubt('NEWEST_LOST');
  return place.isUnknown ? doubt('NOTHING_KNOWN') : undefined;
}
