/**
 * What a row of the chain says and how it is bound to the row before it. Pure. Every adapter, `verify` and the check of
 * an export packet compute exactly this, so that a proof made by one can be tested by another.
 */
import { hash } from 'node:crypto';

/** The hash that stands before the first row of every writer. */
export const genesisHash = '0'.repeat(64);

/** The metadata of one event, as stored. JSON columns are kept as the very text that was hashed. */
export interface ChainRow {
  readonly writer: string;
  readonly seq: number;
  readonly stream: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly atMs: number;
  readonly monoMs: number;
  readonly actor: string;
  /** JSON text of the event's data. */
  readonly data: string;
  /** JSON text of the state the stream has after this event, or null. */
  readonly state: string | null;
  /** JSON text, name of each text → SHA-256 of its ciphertext in lower-case hex, or null when there are no texts. */
  readonly texts: string | null;
  /** SHA-256 of the search tokens in lower-case hex, or null when there are none. It outlives the tokens. */
  readonly tokensSha256: string | null;
}

/** SHA-256 as lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

/**
 * The hash of a row: SHA-256 over the hash of the row before it and the canonical metadata, which holds the digest of
 * each text's ciphertext. Canonical is a JSON array in a fixed order, so that no two rows can share a form.
 */
export function hashOf(prev: string, row: ChainRow): string {
  const canonical = JSON.stringify([
    prev,
    row.writer,
    row.seq,
    row.stream,
    row.id,
    row.version,
    row.type,
    row.atMs,
    row.monoMs,
    row.actor,
    row.data,
    row.state,
    row.texts,
    row.tokensSha256,
  ]);
  return hash('sha256', canonical, 'hex');
}

/** The columns of a state row in the order in which an event keeps them. */
export interface StateColumns {
  readonly status: string;
  readonly key: string | null;
  readonly ori: string | null;
  readonly osn: string | null;
  readonly link: string | null;
  readonly parent: string | null;
  readonly dueAtMs: number | null;
  /** JSON text. */
  readonly body: string;
}

/** The state as an event keeps it: `{"row":[status,key,ori,osn,link,parent,due],"body":…}`, the body's text unchanged. */
export function stateText(columns: StateColumns): string {
  const { status, key, ori, osn, link, parent, dueAtMs } = columns;
  return `{"row":${JSON.stringify([status, key, ori, osn, link, parent, dueAtMs])},"body":${columns.body}}`;
}

/** Reads what `stateText` wrote. Throws on anything else: the chain would have named it first. */
export function readStateText(text: string): StateColumns {
  const read = JSON.parse(text) as {
    row: [string, string | null, string | null, string | null, string | null, string | null, number | null];
    body: unknown;
  };
  const [status, key, ori, osn, link, parent, dueAtMs] = read.row;
  return { status, key, ori, osn, link, parent, dueAtMs, body: JSON.stringify(read.body) };
}
