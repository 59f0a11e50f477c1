/** What a start finds in the second place, held against where the ledger stands. Pure. */
import type { Head, HeadSeal, WrittenHead } from '../heads.ts';
import type { FoundHeads } from './head-files.ts';

/** What the second place knows and this ledger does not have. */
export interface Lack {
  /** The last row that the ledger has of this chain. */
  readonly seq: number;
  /** The last row that the second place knows of; undefined when its heads are those of another ledger. */
  readonly knownSeq: number | undefined;
}

export interface Known {
  /** What only the newest heads say, as lines. */
  readonly unlined: readonly string[];
  readonly lack: Lack | undefined;
}

/** Takes what was found and the head on disk; gives what must not be lost, and what the ledger lacks. */
export function findKnown(found: FoundHeads, at: { writer: string; seal: HeadSeal; head: Head }): Known {
  const { seal, head } = at;
  const lines = found.lines.map((line) => seal.read(line));
  const newest = found.newest.map((line) => seal.read(line, 'newest'));
  const own = (heads: readonly (WrittenHead | undefined)[]): readonly WrittenHead[] =>
    heads.filter((one) => one?.writer === at.writer) as readonly WrittenHead[];
  const said = new Set(own(lines).map((one) => `${one.seq} ${one.hash}`));
  const unsaid = own(newest).filter((one) => !said.has(`${one.seq} ${one.hash}`));
  // A newest head that this key did not make would vanish with the next one; as a line it is named by every proof.
  const isTorn = newest.some((one) => one !== undefined);
  const foreign = isTorn ? [] : found.newest;
  return {
    unlined: [
      ...unsaid.map(({ kind: _, ...one }) => seal.line(one)),
      ...foreign.filter((line) => line.endsWith('}') && !found.lines.includes(line)).map((line) => `${line}\n`),
    ],
    lack: lackIn([...own(lines), ...own(newest)], {
      head,
      isForeign: [...found.lines, ...foreign].some((line) => line.endsWith('}') && seal.read(line) === undefined),
    }),
  };
}

function lackIn(known: readonly WrittenHead[], at: { head: Head; isForeign: boolean }): Lack | undefined {
  const { seq, hash } = at.head;
  const last = known.reduce((most, one) => (one.seq > most ? one.seq : most), 0);
  const isOther = known.some((one) => one.seq === seq && one.hash !== hash);
  if (last > seq || isOther) return { seq, knownSeq: last };
  return at.isForeign ? { seq, knownSeq: undefined } : undefined;
}
