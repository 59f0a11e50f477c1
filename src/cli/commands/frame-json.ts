/**
 * A frame as one JSON object, which can be turned back into the same bytes: a payload of ASCII is `payload`, any other
 * `payloadHex`, and a frame whose bytes its fields do not tell in full carries them as `hex`.
 */
import { z } from 'zod';
import { HitlineError } from '../../faults/fault.ts';
import type { Frame } from '../../wire/framing/frame.ts';
import type { WireProfile } from '../../wire/profile.ts';
import { shapeFaults } from '../json-input.ts';

const u16 = z.int().min(0).max(0xffff);
const u32 = z.int().min(0).max(0xffff_ffff);
const hex = z.string().regex(/^([0-9a-f]{2})*$/i);
/** Where the frame began in the stream it was read from; building it again does not need it. */
const offset = z.int().min(0).optional();
const status = u16.exactOptional();
const common = { exchangeId: u32, offset, hex: hex.optional() };

const frameSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('connect'),
    ...common,
    terms: z.strictObject({
      major: u16,
      minor: u16,
      frameBytesMax: u32,
      maxIdleS: u16,
      defaultTimeoutS: u16,
      encryption: z.boolean(),
      coding: z.enum(['NON', 'HEX', 'B64']),
      newline: z.enum(['LF', 'CR', 'CRLF']),
    }),
  }),
  z.strictObject({
    type: z.literal('data'),
    ...common,
    final: z.boolean(),
    ackWanted: z.boolean().exactOptional(),
    payload: z.string().optional(),
    payloadHex: hex.optional(),
  }),
  z.strictObject({ type: z.literal('ack'), ...common, status }),
  z.strictObject({ type: z.literal('nak'), ...common, reason: z.string(), status }),
  z.strictObject({ type: z.literal('heartbeat'), ...common, reply: z.boolean().exactOptional(), status }),
  z.strictObject({ type: z.literal('unsupported'), ...common, name: z.string() }),
]);

const ourNames: ReadonlySet<string> = new Set(
  frameSchema.options.flatMap((option) => [...Object.keys(option.shape), 'terms', 'major', 'minor', 'frameBytesMax']),
);

/** The JSON object of a frame that was read from `bytes`. */
export function frameToJson(frame: Frame, bytes: Buffer, profile: WireProfile): object {
  const exact = profile.encode(frame).equals(bytes) ? {} : { hex: bytes.toString('hex') };
  if (frame.type !== 'data') return { ...frame, ...exact };
  const { payload, ...rest } = frame;
  const isAscii = payload.every((byte) => byte < 0x80);
  const shown = isAscii ? { payload: payload.toString('latin1') } : { payloadHex: payload.toString('hex') };
  return { ...rest, ...shown, ...exact };
}

/** The bytes of the frame that a JSON object stands for; throws INPUT_SHAPE. `line` is where it stood, from 1. */
export function frameFromJson(
  value: unknown,
  { profile, line }: { readonly profile: WireProfile; readonly line: number },
): Buffer {
  const read = frameSchema.safeParse(value);
  if (!read.success) {
    const issues = read.error.issues.map((issue) => ({ code: issue.code, path: [line, ...issue.path] }));
    throw new HitlineError('INPUT_SHAPE', { faults: shapeFaults(issues, ourNames) });
  }
  const { hex: exact, offset: _where, ...frame } = read.data;
  if (exact !== undefined) return Buffer.from(exact, 'hex');
  if (frame.type !== 'data') return profile.encode(frame);
  const { payload, payloadHex, ...rest } = frame;
  const bytes = payloadHex === undefined ? Buffer.from(payload ?? '', 'utf8') : Buffer.from(payloadHex, 'hex');
  return profile.encode({ ...rest, payload: bytes });
}
