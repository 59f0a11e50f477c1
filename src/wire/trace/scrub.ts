/** Masks payloads so that a trace shows how the line behaved and nothing of what was said (law 5). */
import type { Frame } from '../framing/frame.ts';
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

/** Every byte of a frame that a peer chose freely: payload, header, reason, and whatever else it carried. */
function scrubFrame(frame: Frame): Frame {
  const { carried } = frame;
  const extra = carried?.extra === undefined ? {} : { carried: { ...carried, extra: scrubPayload(carried.extra) } };
  if (frame.type === 'data') {
    const header = frame.header === undefined ? {} : { header: scrubPayload(frame.header) };
    return { ...frame, ...extra, ...header, payload: scrubPayload(frame.payload) };
  }
  if (frame.type !== 'nak') return { ...frame, ...extra };
  return { ...frame, ...extra, reason: scrubPayload(Buffer.from(frame.reason)).toString('latin1') };
}

/**
 * The masked bytes of one frame. Only frames can be masked, and bytes that are none never come here: what cannot be
 * understood is not written at all.
 */
export function scrubbedBytes(profile: WireProfile, frame: Frame): Buffer {
  return profile.encode(scrubFrame(frame));
}
