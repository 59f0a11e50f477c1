/** What a session knows and what can happen to it. The rules that join the two are `stepSession`. */
import type { FaultCode } from '../../faults/fault.ts';
import type { ConnectTerms, Frame, Newline } from '../framing/frame.ts';
import type { CloseReason, SendOutcome } from '../link.ts';
import type { SessionRules } from '../profile.ts';

/** Who called: the client dialled, the switch answered. */
export type Role = 'client' | 'switch';

/** The figures one link lives by. Times that the switch sets are taken from its connect answer where there is one. */
export interface LinkSettings {
  readonly frameBytesMax: number;
  readonly messageBytesMax: number;
  /** The client sends a heartbeat after this much silence; the switch closes after twice as much. */
  readonly maxIdleMs: number;
  /** How long an acknowledgement or the echo of a heartbeat may take. */
  readonly defaultTimeoutMs: number;
  readonly openTimeoutMs: number;
  /** How long the rest of a frame, or the next frame of a message, may take. */
  readonly completeTimeoutMs: number;
  /** How long bytes we wrote may wait for the peer to take them, and how long a polite close may take. */
  readonly drainTimeoutMs: number;
  /** Payloads handed over and not yet answered; at this number the link stops reading. */
  readonly unansweredMax: number;
  /** Written bytes that may wait for the peer before the link stops reading. */
  readonly bufferedBytesMax: number;
  /** How many payloads may be under way towards the peer, at most what the profile allows. */
  readonly window: number;
  /** True only where the switch is known to recognise a repeated id (DESIGN.md 3): one resend of any payload. */
  readonly resendAny: boolean;
  /** A quirk: the second attempt gets a new exchange id instead of keeping its own. */
  readonly resendNewId: boolean;
  /** What the client asks for in its connect frame. */
  readonly wish: Pick<ConnectTerms, 'minor' | 'coding' | 'newline'>;
}

/** A digest by which two payloads are known to be the same bytes; SHA-256, given by whoever may call on the machine. */
export type Digest = (payload: Buffer) => string;

/** A payload of ours whose fate is not known yet. */
export interface UnderWay {
  readonly exchangeId: number;
  /** The id on the wire: the same, unless `resendNewId` gave the second attempt another; the block number by parity. */
  readonly wireId: number;
  readonly payload: Buffer;
  readonly repeatable: boolean;
  readonly sentAtMs: number;
  /** When it left for the first time; a peer that asks to wait is waited for so much longer and no more. */
  readonly firstSentAtMs: number;
  /** True once it was sent a second time, or is about to be. */
  readonly resent: boolean;
  /** True while the owner of the link is putting the second attempt on file. */
  readonly waitsForFiling: boolean;
  /** True once the peer was asked which block it acknowledged last (parity profiles). */
  readonly enquired: boolean;
}

/** A message of several frames, its parts newest first. */
export interface Assembly {
  readonly exchangeId: number;
  readonly parts: PartList | undefined;
  readonly bytes: number;
  readonly tooLong: boolean;
  readonly touchedAtMs: number;
}

export interface PartList {
  readonly part: Buffer;
  readonly before: PartList | undefined;
}

/** A payload handed over and not yet answered. */
export interface Owed {
  readonly token: number;
  readonly exchangeId: number;
  readonly digest: string;
  readonly ackWanted: boolean;
  /** True for a block that came before: its acknowledgement shows the same parity again (wire.md 6). */
  readonly isRepeat: boolean;
}

/** The block acknowledged last, where blocks carry no number: the same one again is known by its bytes (wire.md 6). */
export interface LastBlock {
  readonly digest: string;
  readonly final: boolean;
  readonly atMs: number;
  /** True once it came again and was acknowledged again. */
  readonly isReacked: boolean;
}

/** The same bytes under the same id, come again while the first copy is unanswered. */
export interface HeldCopy {
  readonly exchangeId: number;
  readonly digest: string;
  readonly payload: Buffer;
}

/**
 * What was acknowledged lately, newest first, by which a repeated message is known (wire.md 14.3). A list that shares its
 * tail, because it grows with every message.
 */
export interface Recent {
  readonly exchangeId: number;
  readonly digest: string;
  readonly atMs: number;
  /** How many stand behind it, itself included. */
  readonly count: number;
  /** The largest id among them. */
  readonly idMax: number;
  readonly before: Recent | undefined;
}

export interface SessionState {
  readonly role: Role;
  readonly phase: 'opening' | 'open' | 'ending' | 'closed';
  readonly rules: SessionRules;
  readonly settings: LinkSettings;
  readonly digest: Digest;
  /** The agreed largest frame and times, in bytes and milliseconds. */
  readonly frameBytesMax: number;
  readonly maxIdleMs: number;
  readonly timeoutMs: number;
  /** How a line of text ends; none before it is agreed, and where nothing is. */
  readonly newline: Newline | undefined;
  readonly startedAtMs: number;
  readonly lastActivityMs: number;
  readonly lastReceivedMs: number;
  /** The id last given out here, and the last the peer began a message with. */
  readonly lastId: number;
  readonly peerId: number;
  /** Blocks acknowledged by the peer and by us, whose parity the next acknowledgement shows (wire.md 6). */
  readonly blocksOut: number;
  readonly blocksIn: number;
  readonly lastBlock: LastBlock | undefined;
  readonly beat: { readonly exchangeId: number; readonly sentAtMs: number } | undefined;
  readonly partialSinceMs: number | undefined;
  readonly underWay: readonly UnderWay[];
  readonly assembly: Assembly | undefined;
  readonly owed: readonly Owed[];
  readonly held: readonly HeldCopy[];
  readonly recent: Recent | undefined;
  readonly nextToken: number;
}

export type SessionEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'fault'; readonly code: FaultCode; readonly offset?: number }
  /** A chunk was read; `partial` says that an unfinished frame waits, `framed` that at least one was finished. */
  | { readonly type: 'read'; readonly partial: boolean; readonly framed: boolean }
  | { readonly type: 'send'; readonly exchangeId: number; readonly payload: Buffer; readonly repeatable: boolean }
  /** The second attempt is on file and may leave. */
  | { readonly type: 'resend'; readonly exchangeId: number }
  | { readonly type: 'answer'; readonly token: number; readonly refusal?: string; readonly status?: number | undefined }
  | { readonly type: 'tick' }
  | { readonly type: 'peer-ended' }
  | { readonly type: 'close'; readonly reason: CloseReason };

export type SessionEffect =
  | { readonly type: 'write'; readonly frame: Frame }
  | {
      readonly type: 'deliver';
      readonly token: number;
      readonly exchangeId: number;
      readonly payload: Buffer;
      readonly duplicate: boolean;
    }
  | { readonly type: 'outcome'; readonly exchangeId: number; readonly outcome: SendOutcome }
  | { readonly type: 'opened'; readonly frameBytesMax: number }
  /** Put the second attempt on file, then give the event `resend`. */
  | { readonly type: 'file-resend'; readonly exchangeId: number }
  | {
      readonly type: 'notice';
      readonly code: FaultCode;
      readonly exchangeId?: number;
      readonly offset?: number;
    }
  | { readonly type: 'close'; readonly reason: CloseReason };

export interface Step {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** How many acknowledged messages are remembered, and for how long. */
export const recentCountMax = 64;
export const recentMs = 600_000;

export interface SessionStart {
  readonly role: Role;
  readonly rules: SessionRules;
  readonly settings: LinkSettings;
  readonly digest: Digest;
  /** The id before the first one given out; by chance, so that two sessions rarely use the same ids. */
  readonly lastId: number;
  /** What was acknowledged on the link before this one to the same peer. */
  readonly recent?: Recent | undefined;
  readonly nowMs: number;
}

/** A session whose connection was just made. Profiles without a connect exchange are opened by the event `connected`. */
export function startSession(start: SessionStart): SessionState {
  const { settings, rules, nowMs } = start;
  return {
    role: start.role,
    phase: 'opening',
    rules,
    settings,
    digest: start.digest,
    frameBytesMax: settings.frameBytesMax,
    maxIdleMs: settings.maxIdleMs,
    timeoutMs: settings.defaultTimeoutMs,
    newline: undefined,
    startedAtMs: nowMs,
    lastActivityMs: nowMs,
    lastReceivedMs: nowMs,
    lastId: start.lastId,
    peerId: -1,
    blocksOut: 0,
    blocksIn: 0,
    lastBlock: undefined,
    beat: undefined,
    partialSinceMs: undefined,
    underWay: [],
    assembly: undefined,
    owed: [],
    held: [],
    recent: start.recent,
    nextToken: 1,
  };
}

/** False while the owner of the link owes as many answers as he may: bytes stay with the peer. */
export function isReading(state: SessionState): boolean {
  return state.owed.length + state.held.length < state.settings.unansweredMax;
}

/** How many more payloads may be sent now. */
export function windowFree(state: SessionState): number {
  if (state.phase !== 'open') return 0;
  return Math.max(0, state.settings.window - state.underWay.length);
}

/** The next exchange id: never 0, not the last one used, none under way. */
export function nextExchangeId(state: SessionState): number {
  const max = state.rules.exchangeIdMax;
  let id = state.lastId;
  do {
    id = id >= max ? 1 : id + 1;
  } while (state.underWay.some((one) => one.exchangeId === id || (state.rules.answers === 'id' && one.wireId === id)));
  return id;
}

/** Ends the session: every payload under way is lost, for it may have arrived. */
export function closeSession(state: SessionState, reason: CloseReason, before: readonly SessionEffect[] = []): Step {
  if (state.phase === 'closed') return { state, effects: before };
  const lost = state.underWay.map(
    ({ exchangeId }): SessionEffect => ({ type: 'outcome', exchangeId, outcome: { type: 'lost', exchangeId } }),
  );
  return {
    state: {
      ...state,
      phase: 'closed',
      underWay: [],
      assembly: undefined,
      owed: [],
      held: [],
      partialSinceMs: undefined,
    },
    effects: [...before, ...lost, { type: 'close', reason }],
  };
}
