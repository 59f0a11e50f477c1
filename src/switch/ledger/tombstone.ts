/** Tombstones: events that say whose texts or search tokens were taken away, so that a chain with holes can still be proved. Pure. */

/** The type of a tombstone, on the stream `system`. */
export const tombstoneType = 'PURGED';
/** The type of the event that names rows whose search tokens were removed although their texts stay, on the same stream. */
export const tokensDroppedType = 'TOKENS_DROPPED';

/** The rows that such an event names; its data is `{rows: {writer: [seq, …]}, …}`. */
export function purgedRows(data: string): readonly { readonly writer: string; readonly seq: number }[] {
  const { rows } = JSON.parse(data) as { rows?: Record<string, readonly number[]> };
  return Object.entries(rows ?? {}).flatMap(([writer, seqs]) => seqs.map((seq) => ({ writer, seq })));
}

/** Rows as such an event names them. */
export function rowsByWriter(
  rows: readonly { readonly writer: string; readonly seq: number }[],
): Readonly<Record<string, readonly number[]>> {
  const byWriter = Map.groupBy(rows, (row) => row.writer);
  return Object.fromEntries([...byWriter].map(([writer, own]) => [writer, own.map((row) => row.seq)]));
}
