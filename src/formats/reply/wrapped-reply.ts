/** A reply that comes inside markup: read as its text is, with every place given in the markup. */
import type { Reply } from '../message.ts';
import { type ResponseText, readResponseText } from '../ofml/response-text.ts';

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Which stretch holds a character of the text, by halving; the nearest before it when none does. */
function stretchAt({ places }: ResponseText, at: number): ResponseText['places'][number] | undefined {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.textAt ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return places[low - 1];
}

/** From the first to past the last character in the markup, whole entities and whatever tags stand between. */
function inMarkup(response: ResponseText, { offset, length }: Place): Place {
  const first = stretchAt(response, offset);
  const last = stretchAt(response, offset + Math.max(1, length) - 1);
  if (first === undefined || last === undefined) return { offset: 0, length: 0 };
  const isEntity = (one: typeof first) => one.text.length !== one.length;
  const start = first.at + (isEntity(first) ? 0 : Math.min(offset - first.textAt, first.length));
  const inLast = Math.min(offset + length - last.textAt, last.length);
  return { offset: start, length: Math.max(0, last.at + (isEntity(last) ? last.length : inLast) - start) };
}

/**
 * Reads the reply that a response in markup holds with `readText`; undefined when the text holds none, to be read as it stands.
 * Words beside the reply are a remainder: with them nothing is NO RECORD.
 */
export function readWrappedReply(markup: string, readText: (text: string) => Reply): Reply | undefined {
  const response = readResponseText(markup);
  if (response === undefined) return undefined;
  const reply = readText(response.text);
  const placed = <Kept extends Place>(one: Kept): Kept => ({ ...one, ...inMarkup(response, one) });
  const records = reply.records.map((one) => ({
    ...placed(one),
    ...(one.caveat === undefined ? {} : { caveat: placed(one.caveat) }),
  }));
  const read = { ...reply, records, evidence: reply.evidence.map(placed) };
  if (!response.hasMore || reply.verdict !== 'NO RECORD') return read;
  return { ...read, verdict: 'READ IT', kind: 'other' };
}
