/** One live connection, whatever its profile. The line knows frames, exchange ids and acknowledgements, never keys. */
import type { FaultCode } from '../faults/fault.ts';
import type { Newline } from './framing/frame.ts';

/** How the far end of a connection is known. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** Our own end of the connection, address and port. */
  readonly localAddress?: string;
  /** SHA-256 of the peer's certificate in lower-case hex, when it showed one that the door's authority signed. */
  readonly certificateSha256?: string;
}

/** Why a link ended: a fault code of the line, or one of the ordinary ends. */
export type CloseReason = FaultCode | 'CLOSED_BY_US' | 'CLOSED_BY_PEER';

/** What became of a payload. `lost` and `timeout` mean: it may have arrived. `not-sent` means: no byte left. */
export type SendOutcome =
  | { readonly type: 'acked'; readonly exchangeId: number }
  | { readonly type: 'naked'; readonly exchangeId: number; readonly reason: string }
  | { readonly type: 'timeout'; readonly exchangeId: number }
  | { readonly type: 'lost'; readonly exchangeId: number }
  | { readonly type: 'not-sent'; readonly reason: CloseReason | 'BUSY' | 'TOO_LONG' };

/** A payload that arrived whole. Exactly one of the two answers must be called, once, after it is on file. */
export interface Incoming {
  readonly payload: Buffer;
  readonly exchangeId: number;
  /** True when the same bytes came under the same id shortly before and were acknowledged then. */
  readonly duplicate: boolean;
  acknowledge(): void;
  /**
   * Refuses with a printable ASCII reason of at most 80 characters. `status` is said in its place where a profile has
   * statuses: that of a temporary error unless given (wire.md 5.3).
   */
  refuse(reason: string, status?: number): void;
}

export interface LinkEvents {
  /** The session is open: negotiation is over and payloads may pass. */
  onOpen?(link: Link): void;
  onMessage(link: Link, incoming: Incoming): void;
  /** Called once, after which nothing else is called. */
  onClosed?(link: Link, reason: CloseReason): void;
  /**
   * A payload is about to be sent a second time under its id: put the attempt on file. It leaves when the promise is
   * fulfilled; when it is rejected the link closes instead. Without this method it leaves at once.
   */
  beforeResend?(link: Link, exchangeId: number): Promise<void>;
  /** Something worth a metric or a strict-mode report, such as a late acknowledgement; codes and offsets only. */
  onNotice?(
    link: Link,
    notice: {
      readonly code: FaultCode;
      readonly exchangeId?: number;
      readonly offset?: number;
      readonly bytes?: number;
    },
  ): void;
}

export interface Link {
  readonly id: string;
  readonly peer: Peer;
  readonly state: 'opening' | 'open' | 'closed';
  /** How a line of text ends by what both sides agreed on; undefined where a profile agrees on nothing (wire.md 4.2). */
  readonly newline?: Newline | undefined;
  /** How many more payloads may be under way now; 0 while the window is full or the link is not open. */
  readonly windowFree: number;
  /**
   * Sends one payload. Resolves when its fate is known, never rejects. A repeatable payload is sent once more with the
   * same exchange id when its acknowledgement times out; for any other a timeout closes the link.
   * `exchangeId` comes from `reserveExchangeId`, so that it can be on file before the first byte leaves.
   */
  send(payload: Buffer, options: { readonly repeatable: boolean; readonly exchangeId: number }): Promise<SendOutcome>;
  /** The id the next payload will carry: different from the last one used and from any under way. */
  reserveExchangeId(): number;
  close(reason?: CloseReason): Promise<void>;
}
