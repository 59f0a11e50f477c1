/** Tells what is wrong with a length field, from the bytes round the place where the stop pattern should have been. Pure. */
import type { StrictRuleName } from './strict-rules.ts';

const stopPattern = Buffer.from([0x55, 0xaa, 0x00, 0xff]);
/** How far behind its place a stop pattern is looked for. */
const searchBytesMax = 8_192;
/** The block length of the guide's tables leaves out this much (wire.md 5.4). */
const dmppShortBytes = 12;

/**
 * `bytes` are the last bytes of the stream, the first of them at `base`; `at` is where the stop pattern should begin.
 * Gives the rule that explains the distance to the real one, or nothing when none does.
 */
export function lengthMistake(bytes: Buffer, base: number, at: number): StrictRuleName | undefined {
  const from = at - base;
  if (from < 0 || from >= bytes.length) return undefined;
  const found = bytes.indexOf(stopPattern, from + 1);
  if (found === -1 || found - from > searchBytesMax) return undefined;
  const short = found - from;
  if (short === dmppShortBytes) return 'length-excludes-envelope';
  const start = bytes.lastIndexOf(Buffer.from([0xff, 0x00, 0xaa, 0x55]), from);
  if (start === -1) return undefined;
  const body = bytes.subarray(start + 12, found);
  // UTF-8 takes one byte more than a character for each byte of the form 10xxxxxx.
  const continuationBytes = body.filter((byte) => (byte & 0xc0) === 0x80).length;
  return continuationBytes === short ? 'length-in-chars' : undefined;
}
