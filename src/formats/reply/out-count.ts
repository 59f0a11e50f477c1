/**
 * What the switch counted to a station, as it stands under a reply: `OUT: <station> <number> AT …` (DM 7.5). The shape is verified,
 * the meaning, one more for each message to that station, is inferred; so it may raise a notice and nothing else.
 */
export interface OutCount {
  /** A station's name at the switch as the text has it, which may be any word. */
  readonly station: string;
  readonly number: number;
}

const outLine = /^ *OUT: +([A-Z0-9]{1,11}) +(\d{1,10}) +AT +\d{2}[A-Z]{3}\d{4} +\d{2}:\d{2}:\d{2}/gm;

/** The last such line of a text, which is the switch's own: one above it may be quoted. Undefined when there is none. */
export function readOutCount(text: string): OutCount | undefined {
  if (!text.includes('OUT:')) return undefined;
  const found = [...text.replaceAll('\r', '\n').matchAll(outLine)].at(-1);
  const [, station, number] = found ?? [];
  return station === undefined || number === undefined ? undefined : { station, number: Number(number) };
}
