/**
 * The rows of frames: every frame that carries a message, in or out, exactly once, each attempt its own row (law 2). The
 * bytes themselves are kept once, with the message; the row has their digest.
 */
import { createHash } from 'node:crypto';
import type { Ids } from '../../host/ids.ts';
import type { Link, Peer } from '../../wire/link.ts';
import type { Change, Changer, Now } from '../change.ts';
import type { JsonObject } from '../ledger/ledger.ts';

/** One payload as it came over a link. */
export interface Arrival {
  readonly payload: Buffer;
  /** When it came: a slow disk may let it wait long before it is filed. The moment of its filing unless given. */
  readonly at?: Now;
  readonly linkId: string;
  readonly peerAddress: string;
  readonly peerPort?: number;
  /** Our own end of the connection, address and port. */
  readonly localAddress?: string;
  /** How the two sides agreed to end a line of text. */
  readonly newline?: Link['newline'];
  readonly exchangeId: number;
  /** The line saw the same bytes under the same id before and acknowledged them then. */
  readonly duplicate: boolean;
  /** The message that the same bytes from the same station became a short while ago. */
  readonly sameAs?: string;
}

/** Both ends of a link, as an arrival names them. */
export function endsOf({
  address,
  port,
  localAddress,
}: Peer): Pick<Arrival, 'peerAddress' | 'peerPort' | 'localAddress'> {
  return { peerAddress: address, peerPort: port, ...(localAddress === undefined ? {} : { localAddress }) };
}

/** A payload about to leave. */
export interface Departure {
  readonly link: Link;
  readonly exchangeId: number;
  readonly payload: Buffer;
  readonly messageId: string;
}

export interface Frames {
  arrived(
    change: Change,
    arrival: Arrival,
    from: { readonly actor: string; readonly messageId: string | null },
  ): string;
  /** Files the row of a departure, in the unit that lets it leave, and gives the row's id. */
  leaving(change: Change, departure: Departure): string;
  /** The line is about to repeat a departure under the same id: files that attempt's own row. */
  repeating(link: Link, exchangeId: number): Promise<void>;
  /** The link is gone, and with it what could have been repeated on it. */
  forget(link: Link): void;
}

/** How many departures of a link are remembered for a repetition. */
const underWayMax = 256;

/** SHA-256 of a payload in lower-case hex, as the row of its frame has it. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Builds the rows of one gateway. */
export function makeFrames(change: Changer, ids: Ids): Frames {
  const left = new Map<string, Map<number, JsonObject>>();
  const file = (
    work: Change,
    { actor, data, at }: { actor: string; data: JsonObject; at?: Now | undefined },
  ): string => {
    // A frame's id begins with that of its message, so that a message's frames are found without an index of their own.
    const { messageId } = data;
    const id = typeof messageId === 'string' ? `${messageId}/${ids.next('f')}` : ids.next('f');
    work.file({ stream: 'frame', id, type: 'FRAME', actor, data }, at);
    return id;
  };
  return {
    arrived(work, arrival, from) {
      const data: JsonObject = {
        direction: 'in',
        link: arrival.linkId,
        peer: arrival.peerAddress,
        peerPort: arrival.peerPort ?? null,
        local: arrival.localAddress ?? null,
        exchangeId: arrival.exchangeId,
        bytes: arrival.payload.length,
        sha256: sha256(arrival.payload),
        duplicate: arrival.duplicate,
        messageId: from.messageId,
      };
      return file(work, { actor: from.actor, data, at: arrival.at });
    },
    leaving(work, { link, exchangeId, payload, messageId }) {
      const data: JsonObject = {
        direction: 'out',
        link: link.id,
        peer: link.peer.address,
        peerPort: link.peer.port,
        local: link.peer.localAddress ?? null,
        exchangeId,
        bytes: payload.length,
        sha256: sha256(payload),
        duplicate: false,
        messageId,
      };
      const ofLink = left.get(link.id) ?? new Map<number, JsonObject>();
      left.set(link.id, ofLink);
      ofLink.delete(exchangeId);
      ofLink.set(exchangeId, data);
      // No line has more under way than its window, of which 255 is the widest.
      for (const oldest of ofLink.keys()) if (ofLink.size > underWayMax) ofLink.delete(oldest);
      return file(work, { actor: 'system', data });
    },
    async repeating(link, exchangeId) {
      const data = left.get(link.id)?.get(exchangeId);
      if (data === undefined) return;
      await change(async (work) => {
        file(work, { actor: 'system', data: { ...data, duplicate: true } });
      });
    },
    forget(link) {
      left.delete(link.id);
    },
  };
}
