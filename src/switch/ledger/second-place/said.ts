/** What the second place says, from its text. Pure. */
import type { Head, HeadSeal, WrittenHead } from '../heads.ts';
import { type Restored, readRestored, restoredMark } from './restored.ts';

/** The text of the second place as it stands, for who has its key later. */
export interface SecondPlaceText {
  readonly lines: string;
  /** Where reading the lines begins, when not at the first. */
  readonly from?: number;
  /** The newest heads: what stands in the two places of each file, and whose it is by its name. */
  readonly newest: readonly { readonly writer: string; readonly slots: readonly string[] }[];
}

export const noText: SecondPlaceText = { lines: '', newest: [] };

/** What the second place says: the heads that a ledger must have, the restores, and what is wrong with the place itself. */
export interface SecondPlace {
  readonly heads: readonly WrittenHead[];
  /** Whole lines and newest heads that were not written with this key for where they stand. */
  readonly falseCount: number;
  readonly restores: readonly Restored[];
  /** Starts that did not find there what must have been. */
  readonly gaps: readonly WrittenHead[];
  /** What is missing there now, and of which chain. */
  readonly missing: readonly Missing[];
}

export interface Missing {
  readonly writer: string;
  readonly what: string;
}

const headName = (head: Head & { readonly writer: string }): string => `${head.writer} ${head.seq} ${head.hash}`;

/** Reads line after line: a restore takes the place of what was said of its chains before. */
class Reading {
  readonly #seal: HeadSeal;
  heads: WrittenHead[] = [];
  falseCount = 0;
  readonly restores: Restored[] = [];
  readonly gaps: WrittenHead[] = [];
  /** Writers of whom there is a line. */
  readonly lined = new Set<string>();
  /** Writers whose newest head must be there, and the last row it must reach; 0 when a restore has taken that back. */
  readonly kept = new Map<string, number>();
  readonly #gone = new Set<string>();

  constructor(seal: HeadSeal) {
    this.#seal = seal;
  }

  lines(text: string, from: number): void {
    let at = from;
    for (const line of text.slice(from).split('\n')) {
      if (line.startsWith(restoredMark)) this.#restored(readRestored(line, text.slice(0, at), this.#seal), line);
      else if (line !== '') this.#head(this.#seal.read(line), line);
      at += line.length + 1;
    }
  }

  #head(head: WrittenHead | undefined, line: string): void {
    if (head === undefined) {
      this.#false(line);
      return;
    }
    this.heads.push(head);
    this.#gone.delete(headName(head));
    this.lined.add(head.writer);
    if (head.kind === 'kept') this.kept.set(head.writer, head.seq);
    if (head.kind === 'gap') this.gaps.push(head);
  }

  #restored(said: Restored | undefined, line: string): void {
    if (said === undefined) {
      this.#false(line);
      return;
    }
    this.restores.push(said);
    // The copy was held against these heads; from here on its own head binds every row before it.
    const restored = new Map(said.chains.map((chain) => [chain.writer, chain.sharedSeq]));
    for (const head of this.heads) {
      if (head.seq > (restored.get(head.writer) ?? head.seq)) this.#gone.add(headName(head));
    }
    this.heads = this.heads.filter((head) => !restored.has(head.writer));
    for (const { writer, seq, hash } of said.chains) {
      this.lined.add(writer);
      this.#gone.delete(headName({ writer, seq, hash }));
      if (this.kept.has(writer)) this.kept.set(writer, 0);
      if (seq > 0) this.heads.push({ atMs: said.atMs, writer, seq, hash });
    }
  }

  /** A line that a power failure cut has no end; anything else that is not ours was changed or brought here. */
  #false(line: string): void {
    if (line.endsWith('}')) this.falseCount += 1;
  }

  /** One of the two places may be torn. A head that a restore took away, and that was not yet overwritten, says nothing. */
  newest({ writer, slots }: SecondPlaceText['newest'][number]): string | undefined {
    const read = slots.map((line) => this.#seal.read(line, 'newest')).filter((head) => head?.writer === writer);
    const heads = read as readonly WrittenHead[];
    if (heads.length === 0) return 'the newest head in the second place is not authentic';
    const standing = heads.filter((head) => !this.#gone.has(headName(head)));
    this.heads.push(...standing);
    if (!this.lined.has(writer)) return 'the second place has lost the lines of this chain';
    const last = standing.reduce((most, head) => Math.max(most, head.seq), 0);
    if (last < (this.kept.get(writer) ?? 0)) return 'the newest head in the second place is older than its lines';
    return undefined;
  }
}

/** What this text says under this key. */
export function said(text: SecondPlaceText, seal: HeadSeal): SecondPlace {
  const reading = new Reading(seal);
  reading.lines(text.lines, text.from ?? 0);
  const missing: Missing[] = [];
  for (const newest of text.newest) {
    const what = reading.newest(newest);
    if (what !== undefined) missing.push({ writer: newest.writer, what });
  }
  const there = new Set(text.newest.map((newest) => newest.writer));
  for (const writer of reading.kept.keys()) {
    if (!there.has(writer)) missing.push({ writer, what: 'the second place has lost the newest head of this chain' });
  }
  const { heads, falseCount, restores, gaps } = reading;
  return { heads, falseCount, restores, gaps, missing };
}

/** Whether a head stands in these lines, whatever its kind: every line names it with the same letters. */
export function standsIn(lines: string, { writer, seq, hash }: WrittenHead): boolean {
  return lines.includes(JSON.stringify({ writer, seq, hash }).slice(1, -1));
}
