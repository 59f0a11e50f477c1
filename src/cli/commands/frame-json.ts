/**
 * A frame as one JSON object, which can be turned back into the same bytes: a payload of ASCII is `payload`, any other
 * `payloadHex` (so too `header`), and a frame whose bytes its fields do not tell in full carries them as `hex`.
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
    header: z.string().optional(),
    headerHex: hex.optional(),
    status,
  }),
  z.strictObject({ type: z.literal('ack'), ...common, status }),
  z.strictObject({ type: z.literal('nak'), ...common, reason: z.string(), status }),
  z.strictObject({ type: z.literal('heartbeat'), ...common, reply: z.boolean().exactOptional(), status }),
  z.strictObject({ type: z.literal('control'), ...common, name: z.enum(['ENQ', 'WACK', 'EOT', 'DISC']) }),
  z.strictObject({ type: z.literal('unsupported'), ...common, name: z.string() }),
]);

const ourNames: ReadonlySet<string> = new Set(
  frameSchema.options.flatMap((option) => [...Object.keys(option.shape), 'terms', 'major', 'minor', 'frameBytesMax']),
);

/** The JSON object of a frame that was read from `bytes`. */
export function frameToJson(frame: Frame, bytes: Buffer, profile: WireProfile): object {
  const { carried, ...told } = frame;
  const isExact = carried === undefined && profile.encode(frame).equals(bytes);
  const exact = isExact ? {} : { hex: bytes.toString('hex') };
  if (told.type === 'unsupported') {
    const { answer: _answer, ...shown } = told;
    return { ...shown, ...exact };
  }
  if (told.type !== 'data') return { ...told, ...exact };
  const { payload, header, ...rest } = told;
  return { ...rest, ...asText('header', header), ...asText('payload', payload), ...exact };
}

function asText(name: string, bytes: Buffer | undefined): Record<string, string> {
  if (bytes === undefined) return {};
  const isAscii = bytes.every((byte) => byte < 0x80);
  return isAscii ? { [name]: bytes.toString('latin1') } : { [`${name}Hex`]: bytes.toString('hex') };
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
  if (frame.type !== 'data') return encodeFrame(frame, profile);
  const { payload, payloadHex, header, headerHex, ...rest } = frame;
  const headerBytes = fromText(header, headerHex);
  return encodeFrame(
    {
      ...rest,
      payload: fromText(payload, payloadHex) ?? Buffer.alloc(0),
      ...(headerBytes === undefined ? {} : { header: headerBytes }),
    },
    profile,
  );
}

function fromText(text: string | undefined, hexText: string | undefined): Buffer | undefined {
  if (hexText !== undefined) return Buffer.from(hexText, 'hex');
  return text === undefined ? undefined : Buffer.from(text, 'utf8');
}

/**
 * Encodes a frame of ours and makes sure that it is one: throws PAYLOAD_BYTE when the profile would take a byte of the
 * payload for its own, FRAME_TYPE when it has no such type of frame.
 */
export function encodeFrame(frame: Frame, profile: WireProfile): Buffer {
  const isForbidden = (byte: number): boolean => profile.rules.forbiddenBytes.includes(byte);
  if (frame.type === 'data' && (frame.payload.some(isForbidden) || frame.header?.some(isForbidden) === true)) {
    throw new HitlineError('PAYLOAD_BYTE');
  }
  const bytes = profile.encode(frame);
  const deframer = profile.makeDeframer(bytes.length);
  deframer.push(bytes);
  if (deframer.next()?.type !== frame.type || deframer.partial) throw new HitlineError('FRAME_TYPE');
  return bytes;
}
