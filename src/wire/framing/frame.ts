/** Frames as every profile understands them; a codec turns them into bytes and back. */
import type { FaultCode } from '../../faults/fault.ts';

/**
 * Where a frame began, in bytes of the stream counted from 0, and what it said beside what its type tells; what we send
 * ourselves has neither.
 */
interface Placed {
  readonly offset?: number;
  readonly carried?: Carried;
}

/** What no rule of ours reads, kept so that a frame that was read can be written again byte by byte. */
export interface Carried {
  /** Bytes of a payload in a frame that has no use for one, or a reason as it came. */
  readonly extra?: Buffer;
  /** True when the frame says that more follows although its type cannot (foxtalk-1). */
  readonly more?: boolean;
  /** The destination, when it is not the usual one; the function and status of a block we have no type for (dmpp-2020). */
  readonly destination?: number;
  readonly code?: number;
  readonly status?: number;
  readonly seal?: BlockSeal;
  /** The length field, where a peer counted otherwise than the line's quirk says (dmpp-2020). */
  readonly length?: number;
  /** True for text that came in the clear on a line with keys. */
  readonly plain?: boolean;
  /** Fill characters before the frame; the parity of an acknowledgement where none is asked for (stx-etx). */
  readonly fillCount?: number;
  readonly parity?: 0 | 1;
}

/** By what a block was encrypted (dmpp-2020). */
export interface BlockSeal {
  readonly bookId: number;
  readonly keyId: number;
  readonly iv: Buffer;
  /** True when the block had the header of encryption and no data at all, not even padding. */
  readonly bare?: boolean;
}

/** The terms two sides agree on when a session opens (foxtalk-1). Times are in seconds, the frame in bytes. */
export interface ConnectTerms {
  readonly major: number;
  readonly minor: number;
  readonly frameBytesMax: number;
  readonly maxIdleS: number;
  readonly defaultTimeoutS: number;
  readonly encryption: boolean;
  readonly coding: ObjectCoding;
  readonly newline: Newline;
}

/** How objects other than text are coded inside the payload. */
export type ObjectCoding = 'NON' | 'HEX' | 'B64';

/** The line ending of the payload's text. */
export type Newline = 'LF' | 'CR' | 'CRLF';

export interface ConnectFrame extends Placed {
  readonly type: 'connect';
  readonly exchangeId: number;
  readonly terms: ConnectTerms;
}

export interface DataFrame extends Placed {
  readonly type: 'data';
  readonly exchangeId: number;
  /** False when more frames of the same message follow. */
  readonly final: boolean;
  /**
   * False when the sender wants no acknowledgement; absent means it wants one after the final frame; true on a frame that
   * is not final means that this frame is acknowledged by itself.
   */
  readonly ackWanted?: boolean;
  readonly payload: Buffer;
  /** What the profile says of the payload's kind (dmpp-2020). */
  readonly status?: number;
  /** The header that stood before the text (stx-etx). */
  readonly header?: Buffer;
}

export interface AckFrame extends Placed {
  readonly type: 'ack';
  readonly exchangeId: number;
  /** The status a profile puts beside it (dmpp-2020). */
  readonly status?: number;
}

export interface NakFrame extends Placed {
  readonly type: 'nak';
  readonly exchangeId: number;
  /** Printable ASCII. */
  readonly reason: string;
  readonly status?: number;
}

export interface HeartbeatFrame extends Placed {
  readonly type: 'heartbeat';
  readonly exchangeId: number;
  /** True for the answer, in profiles whose answer differs from the request. */
  readonly reply?: boolean;
  readonly status?: number;
}

/** A control character of its own, in the profiles that have them (wire.md 6). */
export interface ControlFrame extends Placed {
  readonly type: 'control';
  readonly exchangeId: number;
  readonly name: 'ENQ' | 'WACK' | 'EOT' | 'DISC';
}

/** A frame that is well formed and that this side has no use for. */
export interface UnsupportedFrame extends Placed {
  readonly type: 'unsupported';
  readonly exchangeId: number;
  /** The profile's own name of it, such as `K`. */
  readonly name: string;
  /** How the profile refuses it; `none` lets it pass unanswered, and without either the link closes. */
  readonly answer?: NakFrame | 'none';
}

export type Frame = ConnectFrame | DataFrame | AckFrame | NakFrame | HeartbeatFrame | ControlFrame | UnsupportedFrame;

/** Why the bytes are no frame, and at which byte of the stream. Nothing comes after it. */
export interface FrameFault {
  readonly type: 'fault';
  readonly code: FaultCode;
  readonly offset: number;
}

/**
 * Cuts a stream of bytes into frames. One per link. Its laws: the same frames come out however the bytes are cut; frames
 * before a bad byte come out; any bytes at all never make it throw; after a fault it is silent for good.
 */
export interface Deframer {
  /** Takes bytes as they came. */
  push(bytes: Buffer): void;
  /** Gives the next whole frame, or the fault that ends the stream, or nothing while bytes are missing. */
  next(): Frame | FrameFault | undefined;
  /** True while bytes of an unfinished frame wait. */
  readonly partial: boolean;
  /** How many bytes wait. */
  readonly bufferedBytes: number;
  /** Bytes skipped between frames under the resync quirk. */
  readonly junkBytes: number;
  /** Lowers or raises the largest frame taken from now on. */
  limit(frameBytesMax: number): void;
}

/** Keeps what a person or a screen may be shown of a peer's or handler's reason: printable ASCII, at most 80 characters. */
export function printableReason(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}
