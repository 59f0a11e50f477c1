/** Damage that a script can do to an answer, so that a client can be seen to survive it. Pure. */

/** cp037 bytes of the letters, digits and space; every other character becomes 6F, the question mark there. */
function ebcdicByte(code: number): number {
  if (code >= 0x41 && code <= 0x49) return 0xc1 + code - 0x41;
  if (code >= 0x4a && code <= 0x52) return 0xd1 + code - 0x4a;
  if (code >= 0x53 && code <= 0x5a) return 0xe2 + code - 0x53;
  if (code >= 0x30 && code <= 0x39) return 0xf0 + code - 0x30;
  if (code === 0x20) return 0x40;
  return code === 0x0a ? 0x0a : 0x6f;
}

/** The text as it looks when EBCDIC (cp037) is taken for Latin 1: nothing of it is readable. */
function garbled(text: string): string {
  return Array.from(text, (letter) => String.fromCharCode(ebcdicByte(letter.charCodeAt(0)))).join('');
}

/** Puts something into the middle of a text. */
function withInside(text: string, inside: string): string {
  const middle = Math.floor(text.length / 2);
  return text.slice(0, middle) + inside + text.slice(middle);
}

/** A DEL, a terminal escape sequence, a title change, an ETX and a lone carriage return (wire.md 15, text). */
const dirt = '\x7f\x1b[2J\x1b]0;SYNTHETIC\x07\x03\r';
/** A stop pattern, then a whole acknowledgement frame of foxtalk-1 (wire.md 15, embedded). */
const wholeFrame = '\x55\xaa\x00\xff\xff\x00\xaa\x55\x00\x00\x00\x10\x00\x01AY\x55\xaa\x00\xff';

/** What a script may ask to be done to a reply. */
export interface Damage {
  readonly garbled?: boolean | undefined;
  readonly dirty?: boolean | undefined;
  readonly embedded?: boolean | undefined;
}

/** The reply with everything done to it that was asked for. */
export function damage(text: string, wanted: Damage = {}): string {
  const first = wanted.garbled === true ? garbled(text) : text;
  const second = wanted.dirty === true ? withInside(first, dirt) : first;
  return wanted.embedded === true ? withInside(second, wholeFrame) : second;
}
