/**
 * Heads: the last row of each chain, authenticated with a key of their own. One copy stands in the ledger and moves with
 * every commit; others go to a second place, so that a cut tail or a rewritten chain is found (second-place/).
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
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
 * What a head in the second place is: a `line` for good; a line for good that was `kept` beside the newest head, which therefore
 * must be there; or the `newest` one, which is overwritten.
 */
export type HeadKind = 'line' | 'kept' | 'newest';

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

  /** The code of the head that stands in the ledger. */
  mac(writer: string, head: Head): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify(['head', writer, head.seq, head.hash]))
      .digest('hex');
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
      if ((read.kind === 'newest') !== (place === 'newest')) return undefined;
      return sameCode(this.#lineMac(read), String(read.mac)) ? ordered(read) : undefined;
    } catch {
      return undefined;
    }
  }

  #lineMac(head: WrittenHead): string {
    const said = JSON.stringify([head.kind ?? 'line', head.atMs, head.writer, head.seq, head.hash]);
    return createHmac('sha256', this.#key).update(said).digest('hex');
  }
}

function ordered({ kind = 'line', atMs, writer, seq, hash }: WrittenHead): WrittenHead {
  return { ...(kind === 'line' ? {} : { kind }), atMs, writer, seq, hash };
}

/** Appends a line to the second place and waits for its disk. Throws the file system's own error. */
export async function appendHead(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    // A line cut by a power failure stays alone on its line.
    await handle.write((await endsTorn(handle)) ? `\n${line}` : line);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1') !== '\n';
}

/** What the second place says: every head, and how many whole lines were not written with this key. */
export interface SecondPlace {
  readonly heads: readonly WrittenHead[];
  readonly falseCount: number;
}

/** The second place as it stands, for who has its key later; a file that is not there says nothing. */
export async function readSecondPlace(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

/** Reads the second place; a file that is not there says nothing. */
export async function readHeads(file: string, seal: HeadSeal): Promise<SecondPlace> {
  return headsIn(await readSecondPlace(file), seal);
}

/** What these lines of a second place say. */
export function headsIn(text: string, seal: HeadSeal): SecondPlace {
  const heads: WrittenHead[] = [];
  let falseCount = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const head = seal.read(line);
    if (head !== undefined) heads.push(head);
    else if (line.endsWith('}')) falseCount += 1;
  }
  return { heads, falseCount };
}
