/** A wire profile: data for the session rules plus a small codec. Nothing here knows a socket. */
import type { Deframer, Frame } from './framing/frame.ts';

/** What one profile asks of a session; the state machine in `session/` reads it and has no profile of its own. */
export interface SessionRules {
  /** True when a connect exchange opens the session and settles the terms. */
  readonly negotiates: boolean;
  /** The largest exchange id; 0 when frames carry none and answers belong to the oldest message under way. */
  readonly exchangeIdMax: number;
  /** How many payloads may be under way per direction. */
  readonly window: number;
  /** True when the client keeps the link alive with heartbeats. */
  readonly heartbeat: boolean;
  /** Bytes of a data frame beside its payload. */
  readonly overheadBytes: number;
  /** True when a payload may be cut into several frames. */
  readonly multiFrame: boolean;
}

/** Deviations of single peers; all off unless the config of a door or upstream turns one on. */
export interface Quirks {
  /** The length field leaves out this many bytes of the frame (wire.md 5.4, erratum). */
  readonly lengthExcludesBytes?: number;
  /** Width of the length field in bytes, when it is not the profile's. */
  readonly lengthBytes?: 2 | 4;
  /** Skip up to this many bytes to find the next frame, instead of closing at the first fault (wire.md 11). */
  readonly resyncBytesMax?: number;
  /** A resent message gets a new exchange id instead of keeping its own. */
  readonly resendNewId?: boolean;
}

export interface WireProfile {
  readonly name: string;
  readonly rules: SessionRules;
  /** The largest frame unless the link's settings name another, in bytes. */
  readonly frameBytesMax: number;
  /** Times the profile fixes, where it does. */
  readonly times?: { readonly maxIdleMs?: number; readonly defaultTimeoutMs?: number };
  makeDeframer(frameBytesMax: number): Deframer;
  encode(frame: Frame): Buffer;
}
