/**
 * Text to bytes and back. What has no byte, or no character, is refused with its position in every charset: iconv-lite
 * alone would put `?`, or in EBCDIC the control character SUB, and say nothing (wire.md 16, trap 4).
 */
import iconv from 'iconv-lite';
import { type Fault, makeFault } from '../../faults/fault.ts';
import './ebcdic.ts';

const limits = {
  ascii: 0x7f,
  latin1: 0xff,
  cp037: 0xff,
  cp500: 0xff,
  cp1047: 0xff,
  'utf-8': 0x10_ffff,
} as const;

export type CharsetName = keyof typeof limits;

/** The names a config may use. */
export const charsetNames = Object.keys(limits) as CharsetName[];

/** How a line of text ends on the wire; inside hitline it is always U+000A. NEL is the EBCDIC new line, byte 15. */
export type LineEnd = 'LF' | 'CR' | 'CRLF' | 'NEL';

const lineEnds: Readonly<Record<LineEnd, string>> = { LF: '\n', CR: '\r', CRLF: '\r\n', NEL: '\u0085' };

/** What is read as such an end. Who ends lines by CR may well send CR LF. */
const endPatterns: Readonly<Record<LineEnd, string | RegExp>> = { ...lineEnds, CR: /\r\n?/g };

export const lineEndNames = Object.keys(lineEnds) as LineEnd[];

export function isCharsetName(name: string): name is CharsetName {
  return Object.hasOwn(limits, name);
}

export function isLineEnd(name: unknown): name is LineEnd {
  return lineEndNames.some((one) => one === name);
}

export interface TextCoding {
  readonly charset: CharsetName;
  /** Absent: line ends are left as they are. */
  readonly lineEnd?: LineEnd | undefined;
}

export type EncodeResult =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export type DecodeResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const faultCountMax = 100;

/** Bytes of a text, or CHAR_UNMAPPABLE for each character that has none: offset in characters, at most 100. */
export function encodeText(text: string, coding: TextCoding): EncodeResult {
  const { charset, lineEnd } = coding;
  const faults: Fault[] = [];
  const limit = limits[charset];
  let at = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    const isHalf = codePoint >= 0xd800 && codePoint <= 0xdfff;
    if ((codePoint > limit || isHalf) && faults.length < faultCountMax) {
      faults.push(makeFault('CHAR_UNMAPPABLE', { offset: at, detail: `Charset ${charset}.` }));
    }
    at += character.length;
  }
  if (faults.length > 0) return { ok: false, faults };
  const ended = lineEnd === undefined ? text : text.replace(/\r?\n/g, lineEnds[lineEnd]);
  if (ended !== text && lineEnd === 'NEL' && limit < 0x85) {
    return { ok: false, faults: [makeFault('CHAR_UNMAPPABLE', { offset: text.indexOf('\n'), detail: 'NEL.' })] };
  }
  return { ok: true, bytes: iconv.encode(ended, charset) };
}

/** Text of the bytes, or BYTE_UNMAPPABLE for each byte that is no character: offset in bytes, at most 100. */
export function decodeText(bytes: Uint8Array, coding: TextCoding): DecodeResult {
  const { charset, lineEnd } = coding;
  const faults = charset === 'ascii' ? asciiFaults(bytes) : charset === 'utf-8' ? utf8Faults(bytes) : [];
  if (faults.length > 0) return { ok: false, faults };
  const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), charset, {
    stripBOM: false,
  });
  return { ok: true, text: lineEnd === undefined ? text : text.replaceAll(endPatterns[lineEnd], '\n') };
}

function asciiFaults(bytes: Uint8Array): Fault[] {
  const faults: Fault[] = [];
  for (const [offset, byte] of bytes.entries()) {
    if (byte > 0x7f && faults.length < faultCountMax) faults.push(makeFault('BYTE_UNMAPPABLE', { offset }));
  }
  return faults;
}

function utf8Faults(bytes: Uint8Array): Fault[] {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return [];
  } catch {
    return [makeFault('BYTE_UNMAPPABLE', { offset: validUtf8Bytes(bytes) })];
  }
}

/** How many bytes from the front are whole UTF-8 characters; found by halving, since a valid front stays valid. */
function validUtf8Bytes(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (beginsValid(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  // The front may end inside a character that is cut; its first byte is where it goes wrong.
  let start = low;
  while (start > 0 && !isWhole(bytes.subarray(0, start))) start -= 1;
  return start;
}

function beginsValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function isWhole(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
