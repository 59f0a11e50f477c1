/**
 * Who is expected to answer a question, and which of them an answer comes from. A question shows NO RECORD only when each of them has
 * said so: the State and NCIC for what goes through both, and over Nlets every address it was sent to. Behind a region stands a number
 * of answerers that nobody knows, so that a question to one is never answered whole: its wait ends by its deadline.
 */
import type { Message } from '../../formats/message.ts';
import type { OutboundState, SendClass } from '../outbound/outbound-message.ts';

/** Nlets answers for an address; the address stands behind. */
const nletsOf = (address: string): string => `NLETS ${address}`;

const regionWord = 'REGION ';

/**
 * Whether an unknown number of States answers for an address: a region, of which Z1 alone is published (nlets.md, 1.4), or NL, which
 * asks for a registration in several States at once; for the searches of Nlets' own log NL answers itself (NLETS N11, N19, N20).
 */
function isRegion(key: string, address: string): boolean {
  return /^Z[0-9]$/.test(address) || (address === 'NL' && key.startsWith('R'));
}

/** Which sources are expected to answer a message of this line and class; none for what nobody answers. */
export function expectedSources(
  message: Pick<Message, 'key' | 'line' | 'destinations'>,
  keyClass: SendClass,
): readonly string[] {
  // The entering agency stands first (DESIGN.md, section 4); control terminals have copies and owe no answer.
  if (message.key === 'YQ') return message.destinations.slice(0, 1).map(nletsOf);
  // A key of the State's own is put to the State alone.
  if (message.line === 'state') return keyClass === 'tell' ? [] : ['STATE'];
  const isAsked = keyClass === 'inquiry' || keyClass === 'history';
  if (!isAsked) return keyClass === 'record' ? ['NCIC'] : [];
  if (message.line === 'nlets') {
    const sourceOf = (one: string): string => (isRegion(message.key, one) ? regionWord + one : nletsOf(one));
    return [...new Set(message.destinations.map(sourceOf))];
  }
  return keyClass === 'history' ? ['STATE', 'III'] : ['STATE', 'NCIC'];
}

/**
 * The source among those a question expects that an answer comes from: over Nlets the address that its sender is, or the State
 * its sender is in; none of its States answers for a region that was asked.
 */
export function answeringSource(
  question: { readonly expects: readonly string[] },
  answer: { readonly source: string; readonly senderOri: string },
): string {
  if (question.expects.includes(answer.source)) return answer.source;
  const { senderOri } = answer;
  const named = [nletsOf(senderOri), nletsOf(senderOri.slice(0, 2))];
  const found = senderOri === '' ? undefined : named.find((one) => question.expects.includes(one));
  return found ?? answer.source;
}

type Asked = Pick<OutboundState, 'expects' | 'answered'>;

/** What is still expected, in two heaps: sources that can say their last word, and regions, which cannot. */
function missing({ expects, answered }: Asked): {
  readonly named: readonly string[];
  readonly regions: readonly string[];
} {
  const open = expects.filter((source) => !answered.includes(source));
  const isOfRegion = (source: string): boolean => source.startsWith(regionWord);
  return { named: open.filter((one) => !isOfRegion(one)), regions: open.filter(isOfRegion) };
}

/** Whether something came that no named source sent: from a region, as far as one was asked. */
function regionSpoke({ expects, answered }: Asked): boolean {
  return answered.some((source) => !expects.includes(source));
}

/** An address stands for itself: that it answers over Nlets need not be said. */
const wordsFor = (sources: readonly string[]): string => sources.map((one) => one.replace(/^NLETS /, '')).join(', ');

/** What a question waits for, as screens say it; empty when nothing is missing. */
export function waitWords(question: Asked): string {
  const { named, regions } = missing(question);
  const heaps = [wordsFor(named), regions.length === 0 ? '' : `${wordsFor(regions)} (NUMBER OF ANSWERS UNKNOWN)`];
  const words = heaps.filter((one) => one !== '').join(', ');
  return words === '' ? '' : `WAITING FOR ${words}`;
}

/** What did not come, once the wait is over, as screens and stations are told it; empty when nothing is missing. */
export function waitEndWords(question: Asked): string {
  const { named, regions } = missing(question);
  const spoke = regionSpoke(question);
  const silent = spoke ? named : [...named, ...regions];
  return [
    silent.length === 0 ? '' : `NO ANSWER FROM ${wordsFor(silent)}`,
    spoke && regions.length > 0 ? `${wordsFor(regions)} ENDED BY TIME - MORE ANSWERS MAY EXIST` : '',
  ]
    .filter((one) => one !== '')
    .join('; ');
}

/** Whether all that is missing when the wait ends is the rest of a region that did answer: its end, not somebody's silence. */
export function endsRegion(question: Asked): boolean {
  const { named, regions } = missing(question);
  return named.length === 0 && regions.length > 0 && regionSpoke(question);
}
