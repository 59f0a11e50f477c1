/** A wire profile: data for the session rules plus a small codec. Nothing here knows a socket. */
import type { Deframer, Frame } from './framing/frame.ts';

/** What one profile asks of a session; the state machine in `session/` reads it and has no profile of its own. */
export interface SessionRules {
  /** True when a connect exchange opens the session and settles the terms. */
  readonly negotiates: boolean;
  /**
   * How an answer finds its payload: by the exchange id it carries; by order, where frames carry none; or by the parity
   * of the block's number, where the two acknowledgements alternate (wire.md 6).
   */
  readonly answers: 'id' | 'order' | 'parity';
  /** The largest exchange id; where frames carry none it is only a number of ours. */
  readonly exchangeIdMax: number;
  /** How many payloads may be under way per direction at most, and unless the link's settings say otherwise. */
  readonly windowMax: number;
  readonly window: number;
  /** Bytes no payload may contain, because the receiver would take them for the frame's own. */
  readonly forbiddenBytes: readonly number[];
  /** True when the client keeps the link alive with heartbeats. */
  readonly heartbeat: boolean;
  /** Bytes of a data frame beside its payload. */
  readonly overheadBytes: number;
  /** True when a payload may be cut into several frames. */
  readonly multiFrame: boolean;
  /** True where EOT tells the peer that its acknowledgement is waited for no longer (wire.md 6). */
  readonly endsByEot?: boolean;
}

/** Deviations of single peers; all off unless the config of a door or upstream turns one on. */
export interface Quirks {
  /** The length field leaves out this many bytes of the frame (wire.md 5.4, erratum). */
  readonly lengthExcludesBytes?: number | undefined;
  /** Width of the length field in bytes, when it is not the profile's. */
  readonly lengthBytes?: 2 | 4 | undefined;
  /** Skip up to this many bytes to find the next frame, instead of closing at the first fault (wire.md 11). */
  readonly resyncBytesMax?: number | undefined;
  /** The control bytes of `stx-etx`: ASCII unless set; they never follow from the text's charset. */
  readonly controlBytes?: 'ascii' | 'ebcdic' | undefined;
  /** Keys for the blocks of `dmpp-2020`; the first one encrypts what is sent. */
  readonly blockKeys?: readonly BlockKey[];
}

/** A key both ends of a `dmpp-2020` line hold, named by two numbers. */
export interface BlockKey {
  readonly bookId: number;
  readonly keyId: number;
  /** 32 bytes: AES-256-CBC. */
  readonly key: Uint8Array;
}

export interface WireProfile {
  readonly name: string;
  readonly rules: SessionRules;
  /** The largest frame unless the link's settings name another, in bytes. */
  readonly frameBytesMax: number;
  /** The largest that its length field can tell, where that is less than a setting may ask for. */
  readonly frameBytesLimit?: number;
  /** Times the profile fixes, where it does. */
  readonly times?: { readonly maxIdleMs?: number; readonly defaultTimeoutMs?: number };
  makeDeframer(frameBytesMax: number): Deframer;
  encode(frame: Frame): Buffer;
}
