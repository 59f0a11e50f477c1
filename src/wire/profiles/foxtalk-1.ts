/** `foxtalk-1`: compatible with FoxTalk 1.x, plain payloads (wire.md 4). */
import type { FaultCode } from '../../faults/fault.ts';
import {
  EnvelopeDeframer,
  type EnvelopeRules,
  envelopeRules,
  frameBytesLimit,
  startPattern,
  stopPattern,
} from '../framing/envelope.ts';
import {
  type ConnectTerms,
  type Frame,
  type FrameFault,
  type Newline,
  type ObjectCoding,
  printableReason,
} from '../framing/frame.ts';
import type { Quirks, WireProfile } from '../profile.ts';

const patternBytes = 4;
const connectPayloadBytes = 20;
const yes = 0x59;
const no = 0x4e;

/** Newline codes are always four bytes (wire.md 4.2). */
const newlineCodes: Readonly<Record<Newline, string>> = { LF: 'LF  ', CR: 'CR  ', CRLF: 'CRLF' };
const codings: readonly ObjectCoding[] = ['NON', 'HEX', 'B64'];
const typeLetters = {
  connect: 0x43,
  data: 0x4d,
  ack: 0x41,
  nak: 0x4e,
  heartbeat: 0x48,
} as const;
const encryptionLetters: Readonly<Record<number, string>> = { 75: 'K', 73: 'I', 69: 'E' };

/** Writes the 20 bytes of a connect frame (wire.md 4.2). */
export function encodeConnectTerms(terms: ConnectTerms): Buffer {
  const payload = Buffer.alloc(connectPayloadBytes);
  payload.writeUInt16BE(terms.major, 0);
  payload.writeUInt16BE(terms.minor, 2);
  payload.writeUInt32BE(terms.frameBytesMax, 4);
  payload.writeUInt16BE(terms.maxIdleS, 8);
  payload.writeUInt16BE(terms.defaultTimeoutS, 10);
  payload.writeUInt8(terms.encryption ? yes : no, 12);
  payload.write(terms.coding, 13, 'latin1');
  payload.write(newlineCodes[terms.newline], 16, 'latin1');
  return payload;
}

/** Reads them back; a number is the place of the first byte that is not allowed. */
export function decodeConnectTerms(payload: Buffer): ConnectTerms | number {
  const encryption = payload.readUInt8(12);
  if (encryption !== yes && encryption !== no) return 12;
  const coding = codings.find((one) => one === payload.toString('latin1', 13, 16));
  if (coding === undefined) return 13;
  const code = payload.toString('latin1', 16, 20);
  const newline = (Object.keys(newlineCodes) as Newline[]).find((one) => newlineCodes[one] === code);
  if (newline === undefined) return 16;
  return {
    major: payload.readUInt16BE(0),
    minor: payload.readUInt16BE(2),
    frameBytesMax: payload.readUInt32BE(4),
    maxIdleS: payload.readUInt16BE(8),
    defaultTimeoutS: payload.readUInt16BE(10),
    encryption: encryption === yes,
    coding,
    newline,
  };
}

function fault(code: FaultCode, offset: number): FrameFault {
  return { type: 'fault', code, offset };
}

/**
 * Reads one whole frame whose patterns and length were checked; `offset` is where it began in the stream and `lengthBytes`
 * how wide its length field is, after which all else comes.
 */
function readFrame(bytes: Buffer, offset: number, lengthBytes: 2 | 4): Frame | FrameFault {
  const at = patternBytes + lengthBytes;
  const exchangeId = bytes.readUInt16BE(at);
  const type = bytes.readUInt8(at + 2);
  const end = bytes.readUInt8(at + 3);
  const payload = bytes.subarray(at + 4, bytes.length - patternBytes);
  const finalFault = fault('FRAME_FINAL', offset + at + 3);
  if (end !== yes && end !== no) return finalFault;
  const final = end === yes;
  if (type === typeLetters.data) return { type: 'data', exchangeId, final, payload, offset };
  const letter = encryptionLetters[type];
  if (letter !== undefined) {
    return { type: 'unsupported', exchangeId, name: letter, offset, carried: { extra: payload, more: !final } };
  }
  if (type === typeLetters.nak) return final ? nakOf({ exchangeId, payload, offset }) : finalFault;
  if (type !== typeLetters.connect && type !== typeLetters.ack && type !== typeLetters.heartbeat) {
    return fault('FRAME_TYPE', offset + at + 2);
  }
  if (!final) return finalFault;
  if (payload.length !== (type === typeLetters.connect ? connectPayloadBytes : 0)) {
    return fault('FRAME_PAYLOAD', offset + patternBytes);
  }
  if (type === typeLetters.ack) return { type: 'ack', exchangeId, offset };
  if (type === typeLetters.heartbeat) return { type: 'heartbeat', exchangeId, offset };
  const terms = decodeConnectTerms(payload);
  if (typeof terms === 'number') return fault('FRAME_PAYLOAD', offset + at + 4 + terms);
  return { type: 'connect', exchangeId, terms, offset };
}

/** A refusal; a reason that no screen may show as it came is kept beside what may be shown of it. */
function nakOf(one: { readonly exchangeId: number; readonly payload: Buffer; readonly offset: number }): Frame {
  const { exchangeId, payload, offset } = one;
  const said = payload.toString('latin1');
  const reason = printableReason(said);
  return { type: 'nak', exchangeId, reason, offset, ...(said === reason ? {} : { carried: { extra: payload } }) };
}

function payloadOf(frame: Frame): Buffer | undefined {
  if (frame.type === 'data') return frame.payload;
  if (frame.carried?.extra !== undefined) return frame.carried.extra;
  if (frame.type === 'nak') return Buffer.from(printableReason(frame.reason), 'latin1');
  if (frame.type === 'connect') return encodeConnectTerms(frame.terms);
  return undefined;
}

function encodeFrame(frame: Frame, rules: Pick<EnvelopeRules, 'lengthBytes' | 'lengthExcludesBytes'>): Buffer {
  const payload = payloadOf(frame);
  const at = patternBytes + rules.lengthBytes;
  const total = at + 8 + (payload?.length ?? 0);
  const bytes = Buffer.allocUnsafe(total);
  bytes.writeUInt32BE(startPattern, 0);
  bytes.writeUIntBE(total - rules.lengthExcludesBytes, patternBytes, rules.lengthBytes);
  bytes.writeUInt16BE(frame.exchangeId, at);
  const bare = frame.type === 'unsupported' || frame.type === 'control';
  bytes.writeUInt8(bare ? frame.name.charCodeAt(0) : typeLetters[frame.type], at + 2);
  const more = frame.type === 'data' ? !frame.final : frame.carried?.more === true;
  bytes.writeUInt8(more ? no : yes, at + 3);
  payload?.copy(bytes, at + 4);
  bytes.writeUInt32BE(stopPattern, total - patternBytes);
  return bytes;
}

/** Makes the profile, with the quirks of one peer. */
export function foxtalk1(quirks: Quirks = {}): WireProfile {
  const lengthBytes = quirks.lengthBytes ?? 4;
  const overheadBytes = 12 + lengthBytes;
  const rules = envelopeRules(quirks, {
    frameBytesMin: overheadBytes,
    read: (bytes, offset) => readFrame(bytes, offset, lengthBytes),
  });
  return {
    name: 'foxtalk-1',
    rules: {
      negotiates: true,
      answers: 'id',
      exchangeIdMax: 0xffff,
      windowMax: 1,
      window: 1,
      forbiddenBytes: [],
      heartbeat: true,
      overheadBytes,
      multiFrame: true,
    },
    frameBytesMax: 65_000,
    frameBytesLimit: frameBytesLimit(rules),
    makeDeframer: (frameBytesMax) => new EnvelopeDeframer(rules, frameBytesMax),
    encode: (frame) => encodeFrame(frame, rules),
  };
}
