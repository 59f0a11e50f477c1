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

const u16 = fc.integer({ min: 0, max: 0xffff });
const validation = fc.integer({ min: 0, max: 0xffff_ffff });

/** Every type of block of dmpp-2020 that a session sends. */
export const dmppFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record(
    {
      type: fc.constant('data' as const),
      exchangeId: validation,
      final: fc.boolean(),
      payload: nastyPayload,
      status: u16,
    },
    { requiredKeys: ['type', 'exchangeId', 'final', 'payload', 'status'] },
  ),
  fc.record({ type: fc.constant('ack' as const), exchangeId: validation, status: u16 }),
  fc.record({ type: fc.constant('heartbeat' as const), exchangeId: validation, status: u16 }),
  fc.record({
    type: fc.constant('heartbeat' as const),
    exchangeId: validation,
    reply: fc.constant(true),
    status: u16,
  }),
);

const textBytes = (forbidden: readonly number[]) =>
  fc
    .array(
      fc.integer({ min: 0, max: 255 }).filter((byte) => !forbidden.includes(byte)),
      { maxLength: 40 },
    )
    .map((bytes) => Buffer.from(bytes));

/** Frames whose only id is their number in the stream; `number` them before comparing. */
export const asciiFrame: fc.Arbitrary<Frame> = fc.oneof(
  textBytes([1, 2, 3, 0x17]).map((payload): Frame => ({ type: 'data', exchangeId: 0, final: true, payload })),
  fc.constantFrom<Frame>(
    { type: 'ack', exchangeId: 1 },
    { type: 'nak', exchangeId: 0, reason: 'REFUSED' },
    { type: 'control', exchangeId: 0, name: 'ENQ' },
    { type: 'control', exchangeId: 0, name: 'EOT' },
    { type: 'control', exchangeId: 0, name: 'WACK' },
  ),
);

export const ebcdicFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.tuple(textBytes([1, 2, 3, 0x26]), fc.boolean()).map(
    ([payload, final]): Frame => ({
      type: 'data',
      exchangeId: 0,
      final,
      ...(final ? {} : { ackWanted: true }),
      payload,
    }),
  ),
  textBytes([1, 2, 3, 0x26]).map(
    (header): Frame => ({ type: 'data', exchangeId: 0, final: true, payload: Buffer.from('X'), header }),
  ),
  fc.constantFrom<Frame>(
    { type: 'ack', exchangeId: 0 },
    { type: 'ack', exchangeId: 1 },
    { type: 'nak', exchangeId: 0, reason: 'REFUSED' },
    { type: 'control', exchangeId: 0, name: 'ENQ' },
    { type: 'control', exchangeId: 0, name: 'EOT' },
    { type: 'control', exchangeId: 0, name: 'WACK' },
    { type: 'control', exchangeId: 0, name: 'DISC' },
  ),
);

export const mllpFrame: fc.Arbitrary<Frame> = fc.oneof(
  textBytes([0x0b, 0x1c])
    .filter((bytes) => !(bytes.length === 1 && (bytes[0] === 6 || bytes[0] === 0x15)))
    .map((payload): Frame => ({ type: 'data', exchangeId: 0, final: true, payload })),
  fc.constantFrom<Frame>({ type: 'ack', exchangeId: 0 }, { type: 'nak', exchangeId: 0, reason: 'REFUSED' }),
);

/** Data frames of a stream without ids are numbered from 1. */
export function number(frames: readonly Frame[]): Frame[] {
  let count = 0;
  return frames.map((frame) => {
    if (frame.type !== 'data') return frame;
    count += 1;
    return { ...frame, exchangeId: count };
  });
}

export const places = fc.array(fc.nat(4_000), { maxLength: 30 });
