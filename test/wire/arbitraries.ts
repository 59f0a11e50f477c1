/** Frames and cuts by chance, for the laws of the deframers. */
import fc from 'fast-check';
import type { Deframer, Frame, FrameFault } from '../../src/wire/framing/frame.ts';

/** Cuts the bytes at these places. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const chunks: Buffer[] = [];
  let from = 0;
  for (const place of [...sorted, bytes.length]) {
    chunks.push(Buffer.from(bytes.subarray(from, place)));
    from = place;
  }
  return chunks;
}

/** Pushes every chunk and takes everything that comes out, without the offsets' help. */
export function deframe(deframer: Deframer, chunks: readonly Buffer[]): (Frame | FrameFault)[] {
  const items: (Frame | FrameFault)[] = [];
  for (const chunk of chunks) {
    deframer.push(chunk);
    for (let item = deframer.next(); item !== undefined; item = deframer.next()) items.push(item);
  }
  return items;
}

const exchangeId = fc.integer({ min: 1, max: 0xffff });

/** Payloads that look like the line itself: patterns, whole frames, plausible lengths. */
export const nastyPayload: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((one) => Buffer.from(one)),
      fc.constantFrom(
        Buffer.from('55aa00ff', 'hex'),
        Buffer.from('ff00aa55', 'hex'),
        Buffer.from('ff00aa5500000010', 'hex'),
        Buffer.from('ff00aa550000001000014159' + '55aa00ff', 'hex'),
        Buffer.from('ffff00', 'hex'),
      ),
    ),
    { maxLength: 5 },
  )
  .map((parts) => Buffer.concat(parts));

const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 80 });

/** Every type of frame of foxtalk-1. */
export const foxtalkFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('data' as const), exchangeId, final: fc.boolean(), payload: nastyPayload }),
  fc.record({ type: fc.constant('ack' as const), exchangeId }),
  fc.record({ type: fc.constant('nak' as const), exchangeId, reason: printable }),
  fc.record({ type: fc.constant('heartbeat' as const), exchangeId }),
  fc.record({
    type: fc.constant('connect' as const),
    exchangeId,
    terms: fc.record({
      major: fc.integer({ min: 0, max: 0xffff }),
      minor: fc.integer({ min: 0, max: 0xffff }),
      frameBytesMax: fc.integer({ min: 0, max: 0xffffffff }),
      maxIdleS: fc.integer({ min: 0, max: 0xffff }),
      defaultTimeoutS: fc.integer({ min: 0, max: 0xffff }),
      encryption: fc.boolean(),
      coding: fc.constantFrom('NON' as const, 'HEX' as const, 'B64' as const),
      newline: fc.constantFrom('LF' as const, 'CR' as const, 'CRLF' as const),
    }),
  }),
);

export const places = fc.array(fc.nat(4_000), { maxLength: 30 });
