/**
 * Heads: the last row of each chain, authenticated with a key of their own. One copy stands in the ledger and moves with
 * every commit; others go to a second place, so that a cut tail or a rewritten chain is found (second-place/).
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { genesisHash } from './chain.ts';
import { sameCode } from './cipher.ts';
import type { VerifyReport } from './ledger.ts';

/** Where a chain ends: its last row, or `seq` 0 before the first. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export const emptyHead: Head = { seq: 0, hash: genesisHash };

/**
 * What a head in the second place is: a `line` for good; one that was `kept` beside the newest head, which therefore must be
 * there; a `gap`, written at a start that did not find what must be there; or the `newest` one itself, which is overwritten.
 */
const headKinds = ['line', 'kept', 'gap', 'newest'] as const;
export type HeadKind = (typeof headKinds)[number];

/** A head as it was at a moment. */
export interface WrittenHead extends Head {
  readonly atMs: number;
  readonly writer: string;
  /** A line unless said otherwise. */
  readonly kind?: HeadKind;
}

/**
 * Holds what `verify` found against a head that its caller knew before: rows cut off since then are named, although an old
 * head that was put back is authentic.
 */
export function heldAgainst(known: Head & { readonly writer: string }, report: VerifyReport): VerifyReport {
  if (!report.ok || known.seq === 0) return report;
  const found = report.writers.find((one) => one.writer === known.writer) ?? emptyHead;
  if (found.seq > known.seq || (found.seq === known.seq && found.hash === known.hash)) return report;
  const what = 'the tail is cut: the gateway itself filed a later row';
  return { ...report, ok: false, firstBroken: { writer: known.writer, seq: found.seq + 1, what } };
}

/** Authenticates heads. */
export class HeadSeal {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** The code of some words, the first of which says what they are, so that none can stand for words of another kind. */
  code(words: readonly [kind: string, ...rest: unknown[]]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(words)).digest('hex');
  }

  /** The code of the head that stands in the ledger. */
  mac(writer: string, head: Head): string {
    return this.code(['head', writer, head.seq, head.hash]);
  }

  holds(writer: string, head: Head, mac: string): boolean {
    return sameCode(this.mac(writer, head), mac);
  }

  /** One line for the second place. */
  line(head: WrittenHead): string {
    return `${JSON.stringify({ ...ordered(head), mac: this.#lineMac(head) })}\n`;
  }

  /** Reads a line back, or a newest head; undefined when it is not one that this key made for this place. */
  read(line: string, place: 'line' | 'newest' = 'line'): WrittenHead | undefined {
    try {
      const read = JSON.parse(line) as WrittenHead & { mac: string };
      if ((read.kind === 'newest') !== (place === 'newest') || !headKinds.includes(read.kind ?? 'line'))
        return undefined;
      return sameCode(this.#lineMac(read), String(read.mac)) ? ordered(read) : undefined;
    } catch {
      return undefined;
    }
  }

  #lineMac(head: WrittenHead): string {
    return this.code([head.kind ?? 'line', head.atMs, head.writer, head.seq, head.hash]);
  }
}

function ordered({ kind = 'line', atMs, writer, seq, hash }: WrittenHead): WrittenHead {
  return { ...(kind === 'line' ? {} : { kind }), atMs, writer, seq, hash };
}
