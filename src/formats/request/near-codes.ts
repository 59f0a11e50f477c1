/**
 * Which field codes a sender may have meant. A code that no table has may be a word of a value, so that a fault never repeats it:
 * it says where the code stands, and which known ones are one slip of the fingers away.
 */

/** More than these would be no help. */
const nearMax = 3;

/** Whether one letter more, less, other, or two neighbours in the other order make one word of the other. */
function isOneSlipAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (long.length > short.length) return long.length === short.length + 1 && short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  return short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
}

/** A sentence that names those of the `known` codes that are near one that is none of them; undefined when there are none. */
export function nearCodes(known: Iterable<string>, code: string): string | undefined {
  const near = [...known].filter((one) => isOneSlipAway(one, code)).slice(0, nearMax);
  return near.length === 0 ? undefined : `Codes near it: ${near.join(' ')}.`;
}
