/** Masks payloads so that a trace shows how the line behaved and nothing of what was said (law 5). */
import type { Deframer, Frame } from '../framing/frame.ts';
import type { WireProfile } from '../profile.ts';

const letter = 0x58;
const digit = 0x39;
const kept = new Set(Buffer.from(' ./,-*\r\n', 'latin1'));

/**
 * The same number of bytes, of which nothing can be read: letters become X, digits 9, and only separators stay. Bytes that
 * are not ASCII become X too, so that a page of EBCDIC shows nothing either.
 */
export function scrubPayload(payload: Buffer): Buffer {
  const masked = Buffer.allocUnsafe(payload.length);
  for (const [at, byte] of payload.entries()) {
    masked[at] = kept.has(byte) ? byte : byte >= 0x30 && byte <= 0x39 ? digit : letter;
  }
  return masked;
}

function scrubFrame(frame: Frame): Frame {
  if (frame.type === 'data') {
    const header = frame.header === undefined ? {} : { header: scrubPayload(frame.header) };
    return { ...frame, ...header, payload: scrubPayload(frame.payload) };
  }
  return frame.type === 'nak'
    ? { ...frame, reason: scrubPayload(Buffer.from(frame.reason)).toString('latin1') }
    : frame;
}

/**
 * Scrubs one direction of one link. It gives whole frames only, and nothing at all of bytes that are no frame: what cannot
 * be understood cannot be masked either.
 */
export class Scrubber {
  readonly #profile: WireProfile;
  readonly #deframer: Deframer;
  #silent = false;

  constructor(profile: WireProfile, frameBytesMax: number) {
    this.#profile = profile;
    this.#deframer = profile.makeDeframer(frameBytesMax);
  }

  /** The masked bytes of the frames that these bytes complete. */
  push(bytes: Buffer): readonly Buffer[] {
    const masked: Buffer[] = [];
    if (this.#silent) return masked;
    this.#deframer.push(bytes);
    for (let item = this.#deframer.next(); item !== undefined; item = this.#deframer.next()) {
      if (item.type === 'fault') {
        this.#silent = true;
        break;
      }
      masked.push(this.#profile.encode(scrubFrame(item)));
    }
    return masked;
  }
}
