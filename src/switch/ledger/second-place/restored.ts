/**
 * The line "restored here" of the second place: somebody with the key put an older copy of the ledger in its place, and from
 * then on rows that were known are wanted no longer. It stands for good and is named by every proof (docs/decisions/0010).
 */
import { sha256Hex } from '../chain.ts';
import { sameCode } from '../cipher.ts';
import type { Head, HeadSeal } from '../heads.ts';

/** One chain at a restore: the head it goes on from. */
export interface RestoredChain extends Head {
  readonly writer: string;
  /** The furthest that the second place knew of it before. */
  readonly was: Head;
  /** The last row that both have, as far as is known. */
  readonly sharedSeq: number;
}

/** A restore as the second place tells it. */
export interface Restored {
  readonly atMs: number;
  /** The account of the machine on which it was done: an offline command knows no other name. */
  readonly by: string;
  /** When the copy was made. */
  readonly copyMadeAtMs: number;
  readonly chains: readonly RestoredChain[];
}

/** The code covers all that stands before the line: copied to another place, or after a line was taken away, it is false. */
function codeOf(said: Restored, before: string, seal: HeadSeal): string {
  const chains = said.chains.map(({ writer, seq, hash, was, sharedSeq }) => [
    writer,
    seq,
    hash,
    was.seq,
    was.hash,
    sharedSeq,
  ]);
  return seal.code(['restored', said.atMs, said.by, said.copyMadeAtMs, chains, sha256Hex(before)]);
}

/** Writes the line that is to follow this text. */
export function restoredLine(said: Restored, before: string, seal: HeadSeal): string {
  const { atMs, by, copyMadeAtMs, chains } = said;
  const mac = codeOf(said, before, seal);
  return `${JSON.stringify({ kind: 'restored', atMs, by, copyMadeAtMs, chains, mac })}\n`;
}

/** Reads a line that follows this text; undefined when it is not one that the key made for this place. */
export function readRestored(line: string, before: string, seal: HeadSeal): Restored | undefined {
  try {
    const { atMs, by, copyMadeAtMs, chains, mac } = JSON.parse(line) as Restored & { mac: string };
    const said: Restored = { atMs, by, copyMadeAtMs, chains };
    return sameCode(codeOf(said, before, seal), String(mac)) ? said : undefined;
  } catch {
    return undefined;
  }
}

/** How such a line begins. */
export const restoredMark = '{"kind":"restored"';
