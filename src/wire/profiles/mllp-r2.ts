/** `mllp-r2`: published framing with the commit acknowledgement of release 2 (wire.md 7). */
import type { ByteQueue } from '../framing/byte-queue.ts';
import type { DataFrame, Frame } from '../framing/frame.ts';
import { type Scan, type Scanner, ScanningDeframer } from '../framing/scanning.ts';
import type { WireProfile } from '../profile.ts';

const startByte = 0x0b;
const endByte = 0x1c;
const afterEndByte = 0x0d;
/** RECALLED: the two commit answers. */
const ackByte = 0x06;
const nakByte = 0x15;

const fault = (code: 'FRAME_START' | 'FRAME_LENGTH' | 'FRAME_STOP' | 'FRAME_NESTED', offset: number): Scan => ({
  bytes: 0,
  item: { type: 'fault', code, offset },
});

/** A frame ends at 1C directly followed by 0D; any other 1C, and any 0B inside, is a fault. */
const scan: Scanner = (queue, { frameBytesMax, frames }) => {
  if (queue.byte(0) !== startByte) return fault('FRAME_START', 0);
  const end = queue.indexOf(endByte, 1);
  const nested = queue.indexOf(startByte, 1);
  if (nested !== -1 && (end === -1 || nested < end)) {
    return nested >= frameBytesMax ? fault('FRAME_LENGTH', frameBytesMax) : fault('FRAME_NESTED', nested);
  }
  const smallest = end === -1 ? queue.length + 2 : end + 2;
  if (smallest > frameBytesMax) return fault('FRAME_LENGTH', frameBytesMax);
  if (end === -1 || queue.length < end + 2) return undefined;
  if (queue.byte(end + 1) !== afterEndByte) return fault('FRAME_STOP', end + 1);
  return { bytes: end + 2, item: read(queue, end, frames + 1) };
};

function read(queue: ByteQueue, end: number, exchangeId: number): Frame {
  const payload = queue.peek(end).subarray(1);
  if (payload.length === 1 && payload[0] === ackByte) return { type: 'ack', exchangeId: 0 };
  if (payload.length === 1 && payload[0] === nakByte) return { type: 'nak', exchangeId: 0, reason: 'REFUSED' };
  return { type: 'data', exchangeId, final: true, payload } satisfies DataFrame;
}

function encodeFrame(frame: Frame): Buffer {
  const body = frame.type === 'data' ? frame.payload : Buffer.from([frame.type === 'ack' ? ackByte : nakByte]);
  return Buffer.concat([Buffer.from([startByte]), body, Buffer.from([endByte, afterEndByte])]);
}

/** Makes the profile; it has no quirks. */
export function mllpR2(): WireProfile {
  return {
    name: 'mllp-r2',
    rules: {
      negotiates: false,
      answers: 'order',
      exchangeIdMax: 0xffff_ffff,
      windowMax: 1,
      window: 1,
      forbiddenBytes: [startByte, endByte],
      heartbeat: false,
      overheadBytes: 3,
      multiFrame: false,
    },
    frameBytesMax: 65_536,
    makeDeframer: (frameBytesMax) => new ScanningDeframer(scan, frameBytesMax),
    encode: encodeFrame,
  };
}
