/** One entry as the rows that every database keeps for it. */
import { type ChainRow, hashOf, stateText } from './chain.ts';
import type { Chance, MasterKey } from './cipher.ts';
import type { ReadyEntry } from './prepare.ts';
import type { EventTable, TextTable } from './schema.ts';
import { type FreshText, placeText } from './vault.ts';

/** Where a row goes, and with what its data keys are wrapped. */
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

/** Gives the texts of an entry their place, binds it to the row before it, and gives its rows. */
export function makeRows(entry: ReadyEntry, place: RowPlace): Rows {
  const { writer, seq, prev } = place;
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
    texts: entry.digests,
    tokensSha256: entry.tokensSha256,
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
    texts: entry.texts.map((text) => textRow(text, place)),
  };
}

function textRow(text: FreshText, { writer, seq, ...how }: RowPlace): TextTable {
  const { name } = text;
  const { keyId, ciphertext, masterId, wrappedKey } = placeText(text, { writer, seq, name }, how);
  return { writer, seq, name, key_id: keyId, ciphertext, master_id: masterId, wrapped: wrappedKey };
}
