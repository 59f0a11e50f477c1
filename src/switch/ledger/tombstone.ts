/** Tombstones: events that say whose texts were destroyed, so that a chain with holes can still be proved. Pure. */

/** The type of a tombstone, on the stream `system`. */
export const tombstoneType = 'PURGED';

export function isTombstone(event: { readonly stream: string; readonly type: string }): boolean {
  return event.stream === 'system' && event.type === tombstoneType;
}

/** The rows that a tombstone names; its data is `{rows: {writer: [seq, …]}, …}`. */
export function purgedRows(data: string): readonly { readonly writer: string; readonly seq: number }[] {
  const { rows } = JSON.parse(data) as { rows?: Record<string, readonly number[]> };
  return Object.entries(rows ?? {}).flatMap(([writer, seqs]) => seqs.map((seq) => ({ writer, seq })));
}
