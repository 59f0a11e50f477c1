/** One entry as the rows that every database keeps for it. */
import { type ChainRow, hashOf, sha256Hex, stateText } from './chain.ts';
import type { Chance, MasterKey } from './cipher.ts';
import type { ReadyEntry } from './prepare.ts';
import type { EventTable, TextTable } from './schema.ts';
import { sealText } from './vault.ts';

/** Where a row goes, and with what it is sealed. */
export interface RowPlace {
  readonly writer: string;
  readonly seq: number;
  /** Hash of the row before it. */
  readonly prev: string;
  readonly master: MasterKey;
  readonly chance: Chance;
}

export interface Rows {
  readonly event: EventTable;
  readonly texts: readonly TextTable[];
}

/** Encrypts the texts of an entry, binds it to the row before it, and gives its rows. */
export function makeRows(entry: ReadyEntry, place: RowPlace): Rows {
  const { writer, seq, prev } = place;
  const sealed = sealTexts(entry, place);
  const row: ChainRow = {
    writer,
    seq,
    stream: entry.stream,
    id: entry.id,
    version: entry.version,
    type: entry.type,
    atMs: entry.atMs,
    monoMs: entry.monoMs,
    actor: entry.actor,
    data: entry.data,
    state: entry.state === null ? null : stateText(entry.state),
    texts: sealed.digests,
    tokensSha256: entry.tokens === null ? null : sha256Hex(entry.tokens),
  };
  const { atMs, monoMs, tokensSha256, ...same } = row;
  return {
    event: {
      ...same,
      at_ms: atMs,
      mono_ms: monoMs,
      tokens: entry.tokens,
      tokens_sha256: tokensSha256,
      prev,
      hash: hashOf(prev, row),
    },
    texts: sealed.texts,
  };
}

function sealTexts(
  entry: ReadyEntry,
  { writer, seq, master, chance }: RowPlace,
): { digests: string | null; texts: readonly TextTable[] } {
  if (entry.textNames.length === 0) return { digests: null, texts: [] };
  const digests: Record<string, string> = {};
  const texts: TextTable[] = [];
  for (const [index, name] of entry.textNames.entries()) {
    const clear = entry.texts[index] ?? new Uint8Array(0);
    const sealed = sealText(clear, { writer, seq, name }, { master, chance });
    digests[name] = sha256Hex(sealed.ciphertext);
    texts.push({
      writer,
      seq,
      name,
      key_id: sealed.keyId,
      ciphertext: sealed.ciphertext,
      master_id: sealed.masterId,
      wrapped: sealed.wrappedKey,
    });
  }
  return { digests: JSON.stringify(digests), texts };
}
