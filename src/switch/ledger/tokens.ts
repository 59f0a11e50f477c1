/** Search tokens: keyed digests of identifiers, so that what is encrypted can still be found. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { TokenKind } from './ledger.ts';

/** Bytes kept of each HMAC-SHA256: enough that two identifiers never meet, half of what the index would hold. */
export const tokenBytes = 16;

function bare(value: string): string {
  return value
    .normalize('NFC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * What two spellings of one identifier have in common. NAM: the last name (all before the comma). NAM1: last name and
 * first initial. All others: capital letters and digits only.
 */
export function normalise(kind: TokenKind, value: string): string {
  if (kind !== 'NAM' && kind !== 'NAM1') return bare(value);
  const comma = value.indexOf(',');
  const last = bare(comma < 0 ? value : value.slice(0, comma));
  if (kind === 'NAM') return last;
  return `${last},${comma < 0 ? '' : [...bare(value.slice(comma + 1))].slice(0, 1).join('')}`;
}

/** Makes tokens under the ledger's search key. */
export class Tokens {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** The first 16 bytes of HMAC-SHA256 over the kind and the normalised value. */
  of(kind: TokenKind, value: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(`${kind}\0${normalise(kind, value)}`)
      .digest()
      .subarray(0, tokenBytes);
  }
}

/** Rows whose tokens share a block. */
export const blockRows = 8_192;

/**
 * The block of the index to which the tokens of a row belong. Tokens are chance by nature: an index that took them one by
 * one would touch a page for each. So they stand in their events alone until their block is full, and are then put into
 * the index together, in their order. A search looks through the events of the open block, then through the index.
 */
export function blockOf(seq: number): number {
  return Math.floor(seq / blockRows);
}

/** The blocks of a writer that were filled when its chain grew from one row to another: they can be put into the index. */
export function blocksFilled(from: { readonly seq: number }, to: { readonly seq: number }): readonly number[] {
  const first = blockOf(from.seq);
  return Array.from({ length: Math.max(0, blockOf(to.seq) - first) }, (_, index) => first + index);
}

/** Whether a token stands among the tokens of a row. */
export function hasToken(tokens: Uint8Array, token: Uint8Array): boolean {
  for (let from = 0; from < tokens.length; from += tokenBytes) {
    // The first byte tells nearly always, and a search asks this of thousands of rows.
    if (tokens[from] === token[0] && Buffer.compare(tokens.subarray(from, from + tokenBytes), token) === 0) return true;
  }
  return false;
}

/** The tokens of a row one by one, as they stand one after another in its event. */
export function splitTokens(tokens: Uint8Array | null): readonly Uint8Array[] {
  return Array.from({ length: (tokens?.length ?? 0) / tokenBytes }, (_, index) =>
    (tokens ?? new Uint8Array(0)).subarray(index * tokenBytes, (index + 1) * tokenBytes),
  );
}
