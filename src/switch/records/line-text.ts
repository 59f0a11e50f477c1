/**
 * Between the bytes of a line and the texts of the gateway: the charset and line end that the door or upstream is set to.
 * What has no byte is refused when it is drafted; what is no text is kept and shown byte by byte.
 */
import { type Fault, HitlineError } from '../../faults/fault.ts';
import { decodeText, encodeText, type TextCoding } from '../../wire/charsets/charset.ts';
import { profileNewlines } from '../../wire/profiles.ts';

/**
 * How texts are coded on a line: as the configuration says; where it names no line end, as the two sides agreed when the
 * link opened, or as the profile always has it (wire.md 4.2, 5.4).
 */
export function codingOf(
  line: { readonly profile: string; readonly text: TextCoding },
  agreed?: TextCoding['lineEnd'],
): TextCoding {
  const { charset, lineEnd = agreed ?? profileNewlines[line.profile] } = line.text;
  return { charset, lineEnd };
}

/** A text from the line. `faults` says where its bytes are none of the charset; the text then shows every byte as one character. */
export interface LineText {
  readonly text: string;
  readonly faults: readonly Fault[];
}

/** Reads the bytes of a message as the line codes them. Never throws. */
export function textFrom(payload: Buffer, coding: TextCoding): LineText {
  const decoded = decodeText(payload, coding);
  return decoded.ok ? { text: decoded.text, faults: [] } : { text: payload.toString('latin1'), faults: decoded.faults };
}

/** The characters of a text that the line has no byte for, each as a fault. */
export function faultsFor(text: string, coding: TextCoding): readonly Fault[] {
  const encoded = encodeText(text, coding);
  return encoded.ok ? [] : encoded.faults;
}

/** The bytes of a text for the line; throws with every fault when it has none, which drafting has made sure of. */
export function bytesFor(text: string, coding: TextCoding): Buffer {
  const encoded = encodeText(text, coding);
  if (!encoded.ok) throw new HitlineError('CHAR_UNMAPPABLE', { faults: encoded.faults });
  return encoded.bytes;
}

/** What is kept of a received message: its text, and its bytes beside it where the text alone would not give them back. */
export function keptOf(payload: Buffer, text: string): Readonly<Record<string, Uint8Array>> {
  const kept = { text: Buffer.from(text, 'utf8') };
  return Buffer.from(text, 'latin1').equals(payload) ? kept : { ...kept, raw: payload };
}
