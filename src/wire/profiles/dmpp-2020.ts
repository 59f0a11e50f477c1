/** `dmpp-2020`: compatible with DMPP-2020 as OpenFox speaks it; plain blocks, or AES-256-CBC with given keys (wire.md 5). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FaultCode, HitlineError } from '../../faults/fault.ts';
import { crc16Arc } from '../framing/crc-16-arc.ts';
import { EnvelopeDeframer, envelopeRules, frameBytesLimit, startPattern, stopPattern } from '../framing/envelope.ts';
import type { BlockSeal, Frame, FrameFault } from '../framing/frame.ts';
import type { BlockKey, Quirks, WireProfile } from '../profile.ts';

const plainOverheadBytes = 28;
const encryptionHeaderBytes = 26;
const plainHeader = 0x0010;
const encryptedHeader = 0x002a;
const dataAt = 24;
const fromSwitch = 0x0001;
const aes256Cbc = 0x0002;
const ivBytes = 16;
const nothing = Buffer.alloc(0);

/** Function codes (wire.md 5.2). */
const functions = {
  dataNoAck: 0x0001,
  dataAck: 0x0002,
  moreNoAck: 0x0003,
  moreAck: 0x0004,
  ack: 0x0011,
  nak: 0x0012,
  statusRequest: 0x0021,
  statusResponse: 0x0022,
} as const;

/** The two coded messages, whose meaning nobody published, and their positive responses. */
const codedMessages: readonly number[] = [0x0031, 0x0032];
const codedResponses: readonly number[] = [0x0041, 0x0042];

/** Status codes (wire.md 5.3). */
const status = { ok: 0x0001, temporary: 0x0012, ready: 0x0021, badFunction: 0x0041, unsupported: 0x0044 } as const;

const statusWords: Readonly<Record<number, string>> = {
  17: 'PERMANENT ERROR',
  18: 'TEMPORARY ERROR',
  19: 'LOGICAL ERROR',
  20: 'TOO LONG',
  33: 'READY',
  34: 'NOT READY',
  35: 'NOT AVAILABLE',
  65: 'BAD FUNCTION',
  66: 'BAD DESTINATION',
  67: 'BAD EXTENDED HEADER',
  68: 'UNSUPPORTED',
};

/** A status as words for a person. */
function reasonOf(code: number): string {
  return `${statusWords[code] ?? 'STATUS'} (${code.toString(16).toUpperCase().padStart(4, '0')})`;
}

interface BlockOptions {
  /** What the length leaves out. */
  readonly excludes: number;
  readonly keys: readonly BlockKey[];
  /** By how much a block on the wire is shorter than one whose length field has its full width. */
  readonly narrowedBytes: number;
}

/**
 * The length field of a block that is so long with a full-width field. Who leaves bytes out by the guide's misprint does so
 * where there is data: its empty blocks are right (wire.md 5.4, erratum).
 */
function lengthOf(wideBytes: number, dataBytes: number, { excludes, narrowedBytes }: BlockOptions): number {
  return wideBytes - narrowedBytes - (dataBytes === 0 ? 0 : excludes);
}

function fault(code: FaultCode, offset: number): FrameFault {
  return { type: 'fault', code, offset };
}

/** Reads one whole block whose patterns and length were checked. */
function readBlock(bytes: Buffer, offset: number, options: BlockOptions): Frame | FrameFault {
  const { keys } = options;
  const header = bytes.readUInt16BE(8);
  if (header !== plainHeader && header !== encryptedHeader) return fault('FRAME_HEADER', offset + 8);
  const isPlain = header === plainHeader;
  const overhead = isPlain ? plainOverheadBytes : plainOverheadBytes + encryptionHeaderBytes;
  if (bytes.readUInt32BE(16) !== bytes.length - overhead) return fault('FRAME_DATA_LENGTH', offset + 16);
  const data = bytes.subarray(overhead - 4, bytes.length - 4);
  const field = bytes.readUInt32BE(4);
  const length = field === lengthOf(bytes.length, data.length, options) ? undefined : field;
  if (isPlain) return frameOf({ bytes, offset, payload: data, plain: keys.length > 0, length });
  const opened = decrypt(bytes.subarray(dataAt, dataAt + encryptionHeaderBytes), data, keys);
  return typeof opened === 'string' ? fault(opened, offset + dataAt) : frameOf({ bytes, offset, ...opened, length });
}

/** The length of a block by its header: the fields before the data end the head, whatever the width of the length. */
function toldTotal(head: Buffer, overheadBytes: number): number {
  const at = head.length - dataAt;
  const encryption = head.readUInt16BE(at + 8) === encryptedHeader ? encryptionHeaderBytes : 0;
  return overheadBytes + encryption + head.readUInt32BE(at + 16);
}

interface Block {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly payload: Buffer;
  readonly seal?: BlockSeal;
  readonly plain?: boolean;
  /** The length field where it is not the one we would write. */
  readonly length: number | undefined;
}

/** What a block says beside what its function tells; mostly nothing. */
function withCarried(frame: Frame, block: Block): Frame {
  const { bytes, payload, seal, length } = block;
  const plain = block.plain === true && frame.type === 'data';
  const destination = bytes.readUInt16BE(22);
  const extra = frame.type !== 'data' && payload.length > 0;
  const isUsual = destination === fromSwitch && seal === undefined && length === undefined && !extra && !plain;
  if (isUsual && frame.carried === undefined) return frame;
  return {
    ...frame,
    carried: {
      ...frame.carried,
      ...(destination === fromSwitch ? {} : { destination }),
      ...(extra ? { extra: payload } : {}),
      ...(seal === undefined ? {} : { seal }),
      ...(plain ? { plain } : {}),
      ...(length === undefined ? {} : { length }),
    },
  };
}

function frameOf(block: Block): Frame {
  return withCarried(plainFrameOf(block), block);
}

function plainFrameOf(block: Block): Frame {
  const { bytes, offset, payload } = block;
  const exchangeId = bytes.readUInt32BE(12);
  const code = bytes.readUInt16BE(20);
  switch (bytes.readUInt16BE(10)) {
    case functions.dataNoAck:
      return { type: 'data', exchangeId, final: true, ackWanted: false, payload, status: code, offset };
    case functions.dataAck:
      return { type: 'data', exchangeId, final: true, payload, status: code, offset };
    case functions.moreNoAck:
      return { type: 'data', exchangeId, final: false, payload, status: code, offset };
    case functions.moreAck:
      return { type: 'data', exchangeId, final: false, ackWanted: true, payload, status: code, offset };
    case functions.ack:
      return { type: 'ack', exchangeId, status: code, offset };
    case functions.nak:
      return { type: 'nak', exchangeId, reason: reasonOf(code), status: code, offset };
    case functions.statusRequest:
      return { type: 'heartbeat', exchangeId, status: code, offset };
    case functions.statusResponse:
      return { type: 'heartbeat', exchangeId, reply: true, status: code, offset };
    default:
      return unsupportedOf(block);
  }
}

/** A function we have no use for. A response is never answered, or two ends could refuse each other for ever. */
function unsupportedOf({ bytes, offset }: Block): Frame {
  const exchangeId = bytes.readUInt32BE(12);
  const code = bytes.readUInt16BE(10);
  const refusal = codedMessages.includes(code) ? status.unsupported : status.badFunction;
  return {
    type: 'unsupported',
    exchangeId,
    name: `function ${bytes.toString('hex', 10, 12)}`,
    answer: codedResponses.includes(code)
      ? 'none'
      : { type: 'nak', exchangeId, reason: reasonOf(refusal), status: refusal },
    offset,
    carried: { code, status: bytes.readUInt16BE(20) },
  };
}

type Opened = Required<Pick<Block, 'payload' | 'seal'>>;

/** Decrypts a block and holds it to its checksum; a code when that can't be done. */
function decrypt(header: Buffer, data: Buffer, keys: readonly BlockKey[]): Opened | FaultCode {
  if (header.readUInt16BE(0) !== encryptionHeaderBytes || header.readUInt16BE(2) !== aes256Cbc) return 'FRAME_HEADER';
  const bookId = header.readUInt16BE(4);
  const keyId = header.readUInt16BE(6);
  const key = keys.find((one) => one.bookId === bookId && one.keyId === keyId);
  if (key === undefined) return 'FRAME_KEY';
  const bare = data.length === 0;
  const seal = { bookId, keyId, iv: header.subarray(10, 10 + ivBytes), ...(bare ? { bare } : {}) };
  try {
    const decipher = createDecipheriv('aes-256-cbc', key.key, seal.iv);
    const payload = bare ? data : Buffer.concat([decipher.update(data), decipher.final()]);
    return crc16Arc(payload) === header.readUInt16BE(8) ? { payload, seal } : 'FRAME_CRC';
  } catch {
    // Bad padding and a wrong checksum are told apart by nobody outside.
    return 'FRAME_CRC';
  }
}

function encrypt(payload: Buffer, key: BlockKey, iv: Buffer): { readonly header: Buffer; readonly data: Buffer } {
  const header = Buffer.alloc(encryptionHeaderBytes);
  header.writeUInt16BE(encryptionHeaderBytes, 0);
  header.writeUInt16BE(aes256Cbc, 2);
  header.writeUInt16BE(key.bookId, 4);
  header.writeUInt16BE(key.keyId, 6);
  header.writeUInt16BE(crc16Arc(payload), 8);
  iv.copy(header, 10);
  const cipher = createCipheriv('aes-256-cbc', key.key, iv);
  return { header, data: Buffer.concat([cipher.update(payload), cipher.final()]) };
}

function functionOf(frame: Frame): { readonly code: number; readonly status: number } {
  switch (frame.type) {
    case 'data': {
      const final = frame.ackWanted === false ? functions.dataNoAck : functions.dataAck;
      const more = frame.ackWanted === true ? functions.moreAck : functions.moreNoAck;
      return { code: frame.final ? final : more, status: frame.status ?? status.ok };
    }
    case 'ack':
      return { code: functions.ack, status: frame.status ?? status.ok };
    case 'heartbeat':
      return {
        code: frame.reply === true ? functions.statusResponse : functions.statusRequest,
        status: frame.status ?? status.ready,
      };
    case 'nak':
      // Storage that failed is the ordinary reason to refuse, and may mend (wire.md 14.4).
      return { code: functions.nak, status: frame.status ?? status.temporary };
    default:
      return {
        code: frame.carried?.code ?? functions.nak,
        status: frame.carried?.status ?? status.badFunction,
      };
  }
}

/** What is encrypted: by the seal a frame was read with, or by the first key whatever carries text. */
function sealed(frame: Frame, payload: Buffer | undefined, keys: readonly BlockKey[]) {
  const seal = frame.carried?.seal;
  // Acknowledgements and status blocks have nothing to hide.
  const wanted = frame.type === 'data' && frame.carried?.plain !== true ? keys[0] : undefined;
  const key = seal === undefined ? wanted : keys.find((one) => one.bookId === seal.bookId && one.keyId === seal.keyId);
  if (seal !== undefined && key === undefined) throw new HitlineError('FRAME_KEY');
  if (key === undefined) return undefined;
  const data = encrypt(payload ?? nothing, key, seal?.iv ?? randomBytes(ivBytes));
  return seal?.bare === true ? { ...data, data: nothing } : data;
}

function encodeFrame(frame: Frame, options: BlockOptions): Buffer {
  const payload = frame.type === 'data' ? frame.payload : frame.carried?.extra;
  const secret = sealed(frame, payload, options.keys);
  const data = secret?.data ?? payload;
  const dataBytes = data?.length ?? 0;
  const total = plainOverheadBytes + (secret === undefined ? 0 : encryptionHeaderBytes) + dataBytes;
  const bytes = Buffer.allocUnsafe(total);
  const { code, status: statusCode } = functionOf(frame);
  bytes.writeUInt32BE(startPattern, 0);
  bytes.writeUInt32BE(frame.carried?.length ?? lengthOf(total, dataBytes, options), 4);
  bytes.writeUInt16BE(secret === undefined ? plainHeader : encryptedHeader, 8);
  bytes.writeUInt16BE(code, 10);
  bytes.writeUInt32BE(frame.exchangeId, 12);
  bytes.writeUInt32BE(dataBytes, 16);
  bytes.writeUInt16BE(statusCode, 20);
  bytes.writeUInt16BE(frame.carried?.destination ?? fromSwitch, 22);
  secret?.header.copy(bytes, dataAt);
  data?.copy(bytes, total - 4 - dataBytes);
  bytes.writeUInt32BE(stopPattern, total - 4);
  return bytes;
}

/** A length field of 16 bits is so much narrower than the profile's own. */
const narrowBytes = 2;

/** The quirk of a narrow length field: the block is read as if the field had its full width. */
function readNarrow(bytes: Buffer, offset: number, options: BlockOptions): Frame | FrameFault {
  const wide = Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(narrowBytes), bytes.subarray(4)]);
  const found = readBlock(wide, offset, options);
  return found.type === 'fault' ? { ...found, offset: found.offset - narrowBytes } : found;
}

function encodeNarrow(frame: Frame, options: BlockOptions): Buffer {
  const wide = encodeFrame(frame, options);
  return Buffer.concat([wide.subarray(0, 4), wide.subarray(4 + narrowBytes)]);
}

/** Makes the profile, with the quirks of one peer. */
export function dmpp2020(quirks: Quirks = {}): WireProfile {
  const keys = quirks.blockKeys ?? [];
  const isNarrow = quirks.lengthBytes === 2;
  const narrowedBytes = isNarrow ? narrowBytes : 0;
  const overheadBytes = plainOverheadBytes - narrowedBytes;
  const options: BlockOptions = { excludes: quirks.lengthExcludesBytes ?? 0, keys, narrowedBytes };
  const read = isNarrow ? readNarrow : readBlock;
  const rules = envelopeRules(quirks, {
    frameBytesMin: overheadBytes,
    told: { headBytes: dataAt - narrowedBytes, totalOf: (head) => toldTotal(head, overheadBytes) },
    read: (bytes, offset) => read(bytes, offset, options),
  });
  // An encrypted block is longer by its header and up to one block of padding.
  const encryptionBytes = keys.length === 0 ? 0 : encryptionHeaderBytes + ivBytes;
  return {
    name: 'dmpp-2020',
    rules: {
      negotiates: false,
      answers: 'id',
      exchangeIdMax: 0xffff_ffff,
      windowMax: 255,
      window: 1,
      forbiddenBytes: [],
      heartbeat: true,
      overheadBytes: overheadBytes + encryptionBytes,
      multiFrame: true,
    },
    frameBytesMax: 32_768,
    times: { maxIdleMs: 30_000, defaultTimeoutMs: 5_000 },
    frameBytesLimit: frameBytesLimit(rules),
    makeDeframer: (frameBytesMax) => new EnvelopeDeframer(rules, frameBytesMax),
    encode: isNarrow ? (frame) => encodeNarrow(frame, options) : (frame) => encodeFrame(frame, options),
  };
}
