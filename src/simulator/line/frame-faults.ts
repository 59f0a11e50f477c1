/** What scripted faults do to the bytes of one frame that is about to leave. Pure. */
import type { Frame } from '../../wire/framing/frame.ts';
import type { LineFault } from '../script.ts';

/** Bytes that leave now, and what follows them later or instead. */
export interface Mangled {
  readonly bytes: Buffer;
  /** Leaves `ms` later. */
  readonly rest?: { readonly bytes: Buffer; readonly ms: number };
  readonly close?: boolean;
}

type Encode = (frame: Frame) => Buffer;

const startPattern = Buffer.from([0xff, 0x00, 0xaa, 0x55]);
const nothing = Buffer.alloc(0);
const junk = Buffer.from('ff00aa00ff0d0a', 'hex');

/** Writes another length into a frame of the family that carries one; other frames stay as they are. */
function withLength(bytes: Buffer, length: number): Buffer {
  if (!bytes.subarray(0, 4).equals(startPattern)) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(length, 4);
  return copy;
}

function splitFrames(frame: Extract<Frame, { type: 'data' }>, partBytes: number, encode: Encode): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < frame.payload.length || from === 0; from += partBytes) {
    const payload = frame.payload.subarray(from, from + partBytes);
    const last = from + partBytes >= frame.payload.length;
    parts.push(encode({ ...frame, payload, final: last && frame.final }));
  }
  return Buffer.concat(parts);
}

/** A message of the switch's, as the script wants it to leave. */
export function mangleData(frame: Frame, bytes: Buffer, how: { fault: LineFault; encode: Encode }): Mangled {
  const { fault, encode } = how;
  switch (fault.fault) {
    case 'split-frames':
      return { bytes: frame.type === 'data' ? splitFrames(frame, fault.bytes, encode) : bytes };
    case 'length-too-large':
      return { bytes: withLength(bytes, 0x7fff_ffff) };
    case 'length-too-small':
      return { bytes: withLength(bytes, 5) };
    case 'junk-before':
      return { bytes: Buffer.concat([fault.hex === '' ? junk : Buffer.from(fault.hex, 'hex'), bytes]) };
    case 'bytes-inside': {
      const half = Math.ceil(bytes.length / 2);
      return { bytes: Buffer.concat([bytes.subarray(0, half), Buffer.from(fault.hex, 'hex'), bytes.subarray(half)]) };
    }
    case 'close-mid-frame':
      return { bytes: bytes.subarray(0, Math.ceil(bytes.length / 2)), close: true };
    case 'stop-split': {
      const cut = Math.max(0, bytes.length - 2);
      return { bytes: bytes.subarray(0, cut), rest: { bytes: bytes.subarray(cut), ms: fault.ms } };
    }
    case 'stop-wrong':
      return { bytes: Buffer.concat([bytes.subarray(0, -1), Buffer.from([0x00])]) };
    case 'repeat-frame':
      return { bytes: Buffer.concat([bytes, bytes]) };
    default:
      return { bytes };
  }
}

/** An acknowledgement or refusal, as the script wants it to leave. */
export function mangleAnswer(frame: Frame, bytes: Buffer, how: { fault: LineFault; encode: Encode }): Mangled {
  const { fault, encode } = how;
  if (fault.fault === 'drop-ack') return { bytes: nothing };
  if (fault.fault === 'ack-bytes') return { bytes: Buffer.from(fault.hex, 'hex') };
  if (fault.status !== undefined && (frame.type === 'ack' || frame.type === 'nak')) {
    return { bytes: encode({ ...frame, status: fault.status }) };
  }
  return { bytes };
}

/** The answer to a connect frame or heartbeat, as the script wants it to leave. */
export function mangleSession(frame: Frame, bytes: Buffer, how: { fault: LineFault; encode: Encode }): Mangled {
  const { fault, encode } = how;
  if (fault.fault === 'encryption-yes' && frame.type === 'connect') {
    return { bytes: encode({ ...frame, terms: { ...frame.terms, encryption: true } }) };
  }
  if (fault.fault === 'heartbeat-status' && frame.type === 'heartbeat' && fault.status !== undefined) {
    return { bytes: encode({ ...frame, status: fault.status }) };
  }
  if (fault.fault === 'no-connect-answer' || fault.fault === 'no-heartbeat-echo') return { bytes: nothing };
  return { bytes };
}
