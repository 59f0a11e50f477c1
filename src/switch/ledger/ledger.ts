/**
 * The ledger port: the file of everything. It takes data, not callbacks (DESIGN.md, section 5): a unit is a list of entries
 * and guards, filed whole or not at all. One committer per process writes; a receipt is given only after the disk has it.
 */

/** Plain data that may stand in clear on disk: codes, ids, times, counts. Never the value of a sensitive field. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** The kinds of thing that have a history. */
export const streams = [
  'frame',
  'message',
  'case',
  'deadline',
  'person',
  'session',
  'station',
  'upstream',
  'reference',
  'alarm',
  /** The log of criminal-history requests (III) and of what was passed on. */
  'iii',
  /** What people did or were refused. */
  'act',
  'system',
] as const;
export type Stream = (typeof streams)[number];

/** What a stream looks like now: plain columns to search by, and the rest as a body. */
export interface State {
  readonly status: string;
  readonly key?: string;
  readonly ori?: string;
  readonly osn?: string;
  readonly link?: string;
  /** The id of what this belongs to: a message's case, a deadline's message or case. */
  readonly parent?: string;
  /** When it must be looked at; an armed deadline's moment. */
  readonly dueAtMs?: number;
  readonly body: JsonObject;
}

/**
 * Identifiers that can be searched for although their values are encrypted. ATN and RCP are of the criminal-history log alone:
 * who asked for a history, and who was given it afterwards.
 */
export type TokenKind = 'NAM' | 'NAM1' | 'LIC' | 'VIN' | 'SER' | 'NIC' | 'OCA' | 'FBI' | 'ATN' | 'RCP';

/**
 * One event of one stream. `version` is the version it makes; the stream must stand at `version - 1`, or the whole unit
 * is refused. `texts` are encrypted and live beside the chain; the chain holds their digests.
 */
export interface Entry {
  readonly stream: Stream;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly atMs: number;
  readonly monoMs: number;
  /** An OSN, a station id, or `system`. */
  readonly actor: string;
  readonly data: JsonObject;
  readonly texts?: Readonly<Record<string, Uint8Array>>;
  /** The row the stream has after this event; absent for streams that are only ever one event (frames). */
  readonly state?: State;
  readonly tokens?: readonly { readonly kind: TokenKind; readonly value: string }[];
}

/** A stream that must stand at this version (0 = must not exist) although the unit does not change it. */
export interface Guard {
  readonly stream: Stream;
  readonly id: string;
  readonly version: number;
}

export interface Unit {
  readonly entries: readonly Entry[];
  readonly guards?: readonly Guard[];
  /**
   * Rows whose texts, data keys and search tokens are destroyed with this unit; their events and digests stay. Made by
   * `purgeUnit` (keeping/purge.ts), whose entry is the tombstone that keeps the chain provable.
   */
  readonly purge?: readonly { readonly writer: string; readonly seq: number }[];
  /**
   * Rows whose search tokens alone are removed with this unit, because their subject was sealed; texts and keys stay. An
   * entry of type `TOKENS_DROPPED` must name the same rows.
   */
  readonly dropTokens?: readonly { readonly writer: string; readonly seq: number }[];
}

export type Receipt =
  | { readonly ok: true; readonly entries: readonly { readonly writer: string; readonly seq: number }[] }
  | { readonly ok: false; readonly code: 'CONFLICT'; readonly stream: Stream; readonly id: string };

export interface StoredState extends State {
  readonly stream: Stream;
  readonly id: string;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoredEvent {
  readonly writer: string;
  readonly seq: number;
  readonly stream: Stream;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly atMs: number;
  readonly monoMs: number;
  readonly actor: string;
  readonly data: JsonObject;
  /** Names of the texts kept with it. */
  readonly textNames: readonly string[];
}

export interface StateQuery {
  readonly stream: Stream;
  readonly status?: readonly string[];
  readonly key?: string;
  readonly ori?: string;
  readonly osn?: string;
  readonly link?: string;
  readonly parent?: string;
  /** Only rows whose dueAtMs is at or before this. */
  readonly dueAtOrBeforeMs?: number;
  /** Only things made at or after this moment, and before the other one. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  readonly token?: { readonly kind: TokenKind; readonly value: string };
  readonly order?: 'newest' | 'oldest' | 'due';
  /** At most 5,000. */
  readonly limit: number;
}

export interface EventQuery {
  readonly stream?: Stream;
  readonly type?: string;
  readonly actor?: string;
  readonly fromMs?: number;
  readonly untilMs?: number;
  readonly limit: number;
}

/** A restore as a proof names it. */
export interface RestoreSeen {
  readonly atMs: number;
  /** The account of the machine under which it was done. */
  readonly by: string;
  readonly copyMadeAtMs: number;
  /** Rows that the second place knew of and that are no longer there, of all chains together. */
  readonly goneCount: number;
  /** Each chain that lost rows: the first and the last of them. */
  readonly gone: readonly { readonly writer: string; readonly fromSeq: number; readonly toSeq: number }[];
}

/** What `verify` found; `firstBroken` names the first link that does not hold. */
export interface VerifyReport {
  readonly ok: boolean;
  readonly eventCount: number;
  readonly writers: readonly { readonly writer: string; readonly seq: number; readonly hash: string }[];
  /** Older copies that were put in the ledger's place, the first first: what is gone since then is wanted no longer. */
  readonly restores?: readonly RestoreSeen[];
  /**
   * Starts that did not find in the second place what must have been there: it is known since that row, and rows just before it
   * may be gone unnoticed.
   */
  readonly gaps?: readonly { readonly writer: string; readonly atMs: number; readonly seq: number }[];
  /** The daily seals, when they were tested with a public key. */
  readonly seals?: { readonly count: number; readonly signedCount: number };
  readonly firstBroken?: { readonly writer: string; readonly seq: number; readonly what: string };
}

/**
 * The file of everything. `append` gives one receipt a unit, in order, after the fsync; a CONFLICT touches its own unit
 * alone. It throws (LEDGER_FAILED) only when nothing of the call was kept, or when that cannot be known.
 */
export interface Ledger {
  append(units: readonly Unit[]): Promise<readonly Receipt[]>;
  state(stream: Stream, id: string): Promise<StoredState | undefined>;
  states(query: StateQuery): Promise<readonly StoredState[]>;
  /** The whole history of one thing, oldest first. */
  history(stream: Stream, id: string): Promise<readonly StoredEvent[]>;
  /** Newest first; `fromMs` is within, `untilMs` is not. */
  events(query: EventQuery): Promise<readonly StoredEvent[]>;
  /** The clear text kept under this name with that event. */
  text(event: { readonly writer: string; readonly seq: number }, name: string): Promise<Uint8Array | undefined>;
  /** A keyed digest of an identifier, the same every time, to compare without keeping the value. */
  token(kind: TokenKind, value: string): string;
  verify(): Promise<VerifyReport>;
  close(): Promise<void>;
}
