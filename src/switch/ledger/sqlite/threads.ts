/** What the ledger and its worker threads say to one another. */

import type { CallOutcome } from '../commit-queue.ts';
import type { Head } from '../heads.ts';
import type { PacketRow } from '../keeping/packet.ts';
import type { PurgeableRow } from '../keeping/purge.ts';
import type { SealedHead } from '../keeping/seal.ts';
import type { EventQuery, StateQuery, StoredEvent, StoredState, Stream, VerifyReport } from '../ledger.ts';
import type { Secrets } from '../secrets.ts';
import type { PackedCalls } from './passing/packing.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly folder: string;
  readonly writer: string;
  readonly masterKey: Uint8Array;
  readonly headsFile: string | undefined;
}

export type CommitterAsk =
  | { readonly type: 'open'; readonly secrets: Secrets }
  | { readonly type: 'commit'; readonly calls: PackedCalls }
  | { readonly type: 'cap'; readonly pagesMax: number }
  /** What was purged is to go from the log, if a reader hindered that before. */
  | { readonly type: 'forget' }
  | { readonly type: 'close' };

export type CommitterSay =
  | { readonly type: 'ready'; readonly head: Head }
  | { readonly type: 'failed'; readonly code: string; readonly text: string }
  /** JSON of a `Done`. */
  | { readonly type: 'done'; readonly words: string }
  | { readonly type: 'closed' };

/** What became of each call of a batch, and where the chain stands after it. */
export interface Done {
  readonly outcomes: readonly CallOutcome[];
  readonly head: Head;
}

/** A question to the reading thread and what answers it. */
export interface ReaderMethods {
  /** Makes the tables and secrets when they are not there, and brings them up to date; gives the secrets. */
  prepare(): Secrets;
  state(stream: Stream, id: string): StoredState | undefined;
  states(query: StateQuery): readonly StoredState[];
  history(stream: Stream, id: string): readonly StoredEvent[];
  events(query: EventQuery): readonly StoredEvent[];
  text(writer: string, seq: number, name: string): Uint8Array | undefined;
  purgeable(query: { stream: string; beforeMs: number; limit: number }): readonly PurgeableRow[];
  packetRows(things: readonly { stream: Stream; id: string }[]): readonly PacketRow[];
  chainHeads(): readonly SealedHead[];
  firstAtMs(): number | undefined;
  verify(): VerifyReport;
}

/** A question on its way: its number, what is asked, in which words. Flat, because each object in it would cost a clone. */
export type ReaderAsk = readonly [ask: number, method: keyof ReaderMethods, ...words: readonly unknown[]];

export type ReaderSay =
  | { readonly ask: number; readonly ok: true; readonly value: unknown }
  | { readonly ask: number; readonly ok: false; readonly code: string; readonly text: string };

/** Answers on their way back. */
export interface ReaderAnswers {
  /** A text says only its length here. */
  readonly words: readonly (ReaderSay | { readonly ask: number; readonly length: number })[];
  /** The texts one after another, in the order of the words; absent when all of them are empty. */
  readonly bytes?: Uint8Array;
}
