/** Says in the second place that a copy takes the place of the ledger, before it does. */
import { emptyHead, type Head, type HeadSeal, type WrittenHead } from '../heads.ts';
import { appendLine } from './head-files.ts';
import { readSecondPlace } from './reading.ts';
import { type Restored, type RestoredChain, restoredLine } from './restored.ts';
import { type SecondPlaceText, said, standsIn } from './said.ts';

/** Who restores, and when. */
export interface RestoreMark {
  /** The account of the machine. */
  readonly by: string;
  readonly atMs: number;
}

/** A copy whose heads are proved. */
export interface RestoredCopy {
  readonly seal: HeadSeal;
  readonly madeAtMs: number;
  readonly writers: readonly (Head & { readonly writer: string })[];
  /** The hash of a row that the copy has. */
  hashAt(writer: string, seq: number): Promise<string | undefined>;
}

/**
 * Appends the line, on a machine that never had this ledger as the first one. What only the newest heads tell becomes a line
 * before it: they are soon overwritten. Gives the restore as it was written. Throws the file system's own error.
 */
export async function markRestored(headsFile: string, copy: RestoredCopy, mark: RestoreMark): Promise<Restored> {
  for (const head of unlinedHeads(await readSecondPlace(headsFile), copy.seal)) {
    await appendLine(headsFile, copy.seal.line(head));
  }
  const text = await readSecondPlace(headsFile);
  const lines = text.lines === '' || text.lines.endsWith('\n') ? text.lines : `${text.lines}\n`;
  const restored = { ...mark, copyMadeAtMs: copy.madeAtMs, chains: await chainsOf(text, copy) };
  await appendLine(headsFile, restoredLine(restored, lines, copy.seal));
  return restored;
}

function unlinedHeads(text: SecondPlaceText, seal: HeadSeal): readonly WrittenHead[] {
  return text.newest
    .flatMap(({ slots }) => slots.map((line) => seal.read(line, 'newest')))
    .filter((head) => head !== undefined)
    .filter((head) => !standsIn(text.lines, head))
    .map(({ kind: _, ...head }) => head);
}

/** Every chain that the second place or the copy knows: where it goes on, how far it was known, and what both have of it. */
async function chainsOf(text: SecondPlaceText, copy: RestoredCopy): Promise<readonly RestoredChain[]> {
  const known = Map.groupBy(said(text, copy.seal).heads, (head) => head.writer);
  const ends = new Map<string, Head>(copy.writers.map(({ writer, seq, hash }) => [writer, { seq, hash }]));
  const chains: RestoredChain[] = [];
  for (const writer of [...new Set([...known.keys(), ...ends.keys()])].sort()) {
    const end = ends.get(writer) ?? emptyHead;
    const heads = (known.get(writer) ?? []).toSorted((a, b) => b.seq - a.seq);
    const { seq, hash } = heads[0] ?? end;
    chains.push({ writer, ...end, was: { seq, hash }, sharedSeq: await sharedSeq(heads, end, copy) });
  }
  return chains;
}

/** The last row that is in the copy and was known. Nobody wrote each row down: a copy that contradicts nothing is a beginning. */
async function sharedSeq(heads: readonly WrittenHead[], end: Head, copy: RestoredCopy): Promise<number> {
  let isOther = false;
  for (const { writer, seq, hash } of heads) {
    if (seq > end.seq) continue;
    if (seq === 0 || (await copy.hashAt(writer, seq)) === hash) return isOther ? seq : end.seq;
    isOther = true;
  }
  return isOther ? 0 : end.seq;
}
