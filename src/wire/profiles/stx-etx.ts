/** `stx-etx`: STX … ETX with ASCII ACK and NAK, or the alternating acknowledgements of bisync (wire.md 6). */
import type { ByteQueue } from '../framing/byte-queue.ts';
import type { ControlFrame, Frame, FrameFault } from '../framing/frame.ts';
import { type Scan, type Scanner, ScanningDeframer } from '../framing/scanning.ts';
import type { Quirks, WireProfile } from '../profile.ts';

const soh = 0x01;
const stx = 0x02;
const etx = 0x03;

/** The control bytes of one set. They come from the profile, never from the text's charset: ETB, EOT, ENQ, NAK differ. */
interface ControlSet {
  /** End of an intermediate block. */
  readonly etb: number;
  /** Fill that vendors drop over TCP, and that is skipped where it comes. */
  readonly syn: number | undefined;
  readonly acks: readonly [number[], number[]];
  /** The alternating acknowledgements where single ones are usual: taken too, and written only if they were read. */
  readonly otherAcks?: readonly [number[], number[]];
  readonly nak: readonly number[];
  readonly controls: readonly { readonly name: ControlFrame['name']; readonly bytes: readonly number[] }[];
}

const sets: Readonly<Record<'ascii' | 'ebcdic', ControlSet>> = {
  ascii: {
    etb: 0x17,
    syn: undefined,
    acks: [[0x06], [0x06]],
    otherAcks: [
      [0x10, 0x30],
      [0x10, 0x31],
    ],
    nak: [0x15],
    controls: [
      { name: 'ENQ', bytes: [0x05] },
      { name: 'EOT', bytes: [0x04] },
      { name: 'WACK', bytes: [0x10, 0x3b] },
    ],
  },
  ebcdic: {
    etb: 0x26,
    syn: 0x32,
    acks: [
      [0x10, 0x70],
      [0x10, 0x61],
    ],
    nak: [0x3d],
    controls: [
      { name: 'ENQ', bytes: [0x2d] },
      { name: 'EOT', bytes: [0x37] },
      { name: 'WACK', bytes: [0x10, 0x6b] },
      { name: 'DISC', bytes: [0x10, 0x37] },
    ],
  },
};

const fault = (code: FrameFault['code'], offset: number): Scan => ({ bytes: 0, item: { type: 'fault', code, offset } });

/** The frames that have no text, with their bytes. */
function bareFrames(set: ControlSet): readonly { readonly bytes: readonly number[]; readonly frame: Frame }[] {
  return [
    { bytes: set.acks[1], frame: { type: 'ack', exchangeId: 1 } },
    { bytes: set.acks[0], frame: { type: 'ack', exchangeId: 0 } },
    ...(set.otherAcks ?? []).map((bytes, at) => {
      const parity = at === 0 ? 0 : 1;
      return { bytes, frame: { type: 'ack', exchangeId: parity, carried: { parity } } } as const;
    }),
    { bytes: set.nak, frame: { type: 'nak', exchangeId: 0, reason: 'REFUSED' } },
    ...set.controls.map(({ name, bytes }) => ({ bytes, frame: { type: 'control', exchangeId: 0, name } as const })),
  ];
}

function makeScanner(set: ControlSet): Scanner {
  const bare = bareFrames(set);
  return (queue, { frameBytesMax, frames }) => {
    const first = queue.byte(0);
    if (first === set.syn) return { bytes: 1 };
    if (first === stx || first === soh) return scanText(queue, { set, frameBytesMax, exchangeId: frames + 1 });
    const candidates = bare.filter(({ bytes }) => bytes[0] === first);
    if (candidates.length === 0) return fault('FRAME_START', 0);
    for (const { bytes, frame } of candidates) {
      if (bytes.length === 1) return { bytes: 1, item: frame };
      if (queue.length > 1 && queue.byte(1) === bytes[1]) return { bytes: 2, item: frame };
    }
    return queue.length > 1 ? fault('FRAME_TYPE', 1) : undefined;
  };
}

/** A block of text, with its header where SOH opens one: both go up as they are, up to the first ETX or ETB. */
function scanText(
  queue: ByteQueue,
  options: { readonly set: ControlSet; readonly frameBytesMax: number; readonly exchangeId: number },
): Scan | undefined {
  const { set, frameBytesMax, exchangeId } = options;
  const hasHeader = queue.byte(0) === soh;
  const textFrom = hasHeader ? queue.indexOf(stx, 1) + 1 : 1;
  const end = firstOf(queue.indexOf(etx, 1), queue.indexOf(set.etb, 1));
  const headerOpen = hasHeader && textFrom === 0;
  if (headerOpen && end !== -1) return bounded('FRAME_NESTED', end, frameBytesMax);
  const nested = headerOpen ? -1 : firstOf(queue.indexOf(stx, textFrom), queue.indexOf(soh, textFrom));
  if (nested !== -1 && (end === -1 || nested < end)) return bounded('FRAME_NESTED', nested, frameBytesMax);
  if (end === -1) return queue.length + 1 > frameBytesMax ? fault('FRAME_LENGTH', frameBytesMax) : undefined;
  if (end < textFrom) return bounded('FRAME_NESTED', end, frameBytesMax);
  if (end + 1 > frameBytesMax) return fault('FRAME_LENGTH', frameBytesMax);
  const final = queue.byte(end) === etx;
  const block = queue.peek(end);
  return {
    bytes: end + 1,
    item: {
      type: 'data',
      exchangeId,
      final,
      // Every block of the alternating kind is acknowledged by itself.
      ...(final ? {} : { ackWanted: true }),
      payload: block.subarray(textFrom),
      ...(hasHeader ? { header: block.subarray(1, textFrom - 1) } : {}),
    },
  };
}

/** Says what is wrong at a place, or that the frame was too long before it came to that place. */
function bounded(code: FrameFault['code'], at: number, frameBytesMax: number): Scan {
  return at >= frameBytesMax ? fault('FRAME_LENGTH', frameBytesMax) : fault(code, at);
}

function firstOf(a: number, b: number): number {
  if (a === -1 || b === -1) return Math.max(a, b);
  return Math.min(a, b);
}

function encodeFrame(frame: Frame, set: ControlSet): Buffer {
  const fillCount = set.syn === undefined ? 0 : (frame.carried?.fillCount ?? 0);
  const bytes = encodeBare(frame, set);
  return fillCount === 0 ? bytes : Buffer.concat([Buffer.alloc(fillCount, set.syn), bytes]);
}

function encodeBare(frame: Frame, set: ControlSet): Buffer {
  switch (frame.type) {
    case 'data': {
      const header = frame.header === undefined ? [] : [Buffer.from([soh]), frame.header];
      const end = Buffer.from([frame.final ? etx : set.etb]);
      return Buffer.concat([...header, Buffer.from([stx]), frame.payload, end]);
    }
    case 'ack': {
      const { parity } = frame.carried ?? {};
      const other = parity === undefined ? undefined : set.otherAcks?.[parity];
      return Buffer.from(other ?? set.acks[frame.exchangeId & 1 ? 1 : 0]);
    }
    case 'control':
      return Buffer.from(set.controls.find(({ name }) => name === frame.name)?.bytes ?? []);
    default:
      return Buffer.from(set.nak);
  }
}

/** Makes the profile; the quirk `controlBytes` chooses between ASCII and the alternating EBCDIC acknowledgements. */
export function stxEtx(quirks: Quirks = {}): WireProfile {
  const kind = quirks.controlBytes ?? 'ascii';
  const set = sets[kind];
  const scan = makeScanner(set);
  return {
    name: 'stx-etx',
    rules: {
      negotiates: false,
      answers: kind === 'ascii' ? 'order' : 'parity',
      exchangeIdMax: 0xffff_ffff,
      windowMax: 1,
      window: 1,
      forbiddenBytes: [soh, stx, etx, set.etb],
      heartbeat: false,
      overheadBytes: 2,
      multiFrame: false,
      endsByEot: true,
    },
    frameBytesMax: 65_536,
    makeDeframer: (frameBytesMax) => new ScanningDeframer(scan, frameBytesMax),
    encode: (frame) => encodeFrame(frame, set),
  };
}
