/** Frames as plain data, for the command line and for whoever wants to look at bytes without a link. */
import { type Fault, makeFault } from '../faults/fault.ts';
import { type ConnectTerms, type Frame, printableReason } from './framing/frame.ts';
import type { Quirks, WireProfile } from './profile.ts';
import { wireProfile } from './profiles.ts';

export interface EncodeFramesOptions {
  /** What to make; `data` unless set. */
  readonly type?: 'data' | 'ack' | 'nak' | 'heartbeat' | 'connect';
  readonly exchangeId?: number;
  /** The largest frame; a longer payload is cut into several of the same exchange id. */
  readonly frameBytesMax?: number;
  /** The reason of a `nak`. */
  readonly reason?: string;
  /** The terms of a `connect`. */
  readonly terms?: Partial<ConnectTerms>;
  readonly quirks?: Quirks;
}

const plainTerms: ConnectTerms = {
  major: 1,
  minor: 1,
  frameBytesMax: 65_000,
  maxIdleS: 0,
  defaultTimeoutS: 0,
  encryption: false,
  coding: 'NON',
  newline: 'LF',
};

/** The bytes of one payload, or of one frame without payload. Throws PROFILE_UNKNOWN. */
export function encodeFrames(profileName: string, payload: Uint8Array, options: EncodeFramesOptions = {}): Buffer {
  const profile = wireProfile(profileName, options.quirks);
  const { type = 'data', exchangeId = 1 } = options;
  switch (type) {
    case 'data':
      return encodeData(profile, Buffer.from(payload), options);
    case 'nak':
      return profile.encode({ type, exchangeId, reason: printableReason(options.reason ?? '') });
    case 'connect':
      return profile.encode({ type, exchangeId, terms: { ...plainTerms, ...options.terms } });
    default:
      return profile.encode({ type, exchangeId });
  }
}

function encodeData(profile: WireProfile, payload: Buffer, options: EncodeFramesOptions): Buffer {
  const { exchangeId = 1, frameBytesMax = profile.frameBytesMax } = options;
  const room = Math.max(1, frameBytesMax - profile.rules.overheadBytes);
  const frames: Buffer[] = [];
  let from = 0;
  do {
    const part = profile.rules.multiFrame ? payload.subarray(from, from + room) : payload;
    from += part.length;
    frames.push(profile.encode({ type: 'data', exchangeId, final: from >= payload.length, payload: part }));
  } while (from < payload.length);
  return Buffer.concat(frames);
}

/** One frame as JSON can hold it: numbers and text, the payload both as text (one character a byte) and as hex. */
export interface PlainFrame {
  readonly type: Frame['type'];
  /** Where it began, in bytes. */
  readonly offset: number;
  readonly exchangeId: number;
  readonly final?: boolean;
  readonly ackWanted?: boolean;
  readonly payload?: string;
  readonly payloadHex?: string;
  readonly reason?: string;
  readonly status?: number;
  readonly reply?: boolean;
  readonly name?: string;
  readonly terms?: ConnectTerms;
}

export interface DecodedFrames {
  readonly frames: readonly PlainFrame[];
  /** At most one: nothing after the first fault is read. */
  readonly faults: readonly Fault[];
}

/** Reads all frames of these bytes; bytes of an unfinished one at the end are the fault FRAME_CUT. Throws PROFILE_UNKNOWN. */
export function decodeFrames(
  profileName: string,
  bytes: Uint8Array,
  options: { readonly frameBytesMax?: number; readonly quirks?: Quirks } = {},
): DecodedFrames {
  const profile = wireProfile(profileName, options.quirks);
  const deframer = profile.makeDeframer(options.frameBytesMax ?? profile.frameBytesMax);
  deframer.push(Buffer.from(bytes));
  const frames: PlainFrame[] = [];
  for (;;) {
    const item = deframer.next();
    if (item === undefined) break;
    if (item.type === 'fault') return { frames, faults: [makeFault(item.code, { offset: item.offset })] };
    frames.push(plainFrame(item));
  }
  const cut = deframer.partial ? [makeFault('FRAME_CUT', { offset: bytes.length - deframer.bufferedBytes })] : [];
  return { frames, faults: cut };
}

function plainFrame(frame: Frame): PlainFrame {
  const { offset = 0 } = frame;
  if (frame.type !== 'data') return { ...frame, offset };
  const { payload, ...rest } = frame;
  return { ...rest, offset, payload: payload.toString('latin1'), payloadHex: payload.toString('hex') };
}
