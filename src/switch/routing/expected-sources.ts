/**
 * Who is expected to answer a question, and which of them an answer comes from. A question shows NO RECORD only when each of them has
 * said so: the State and NCIC for what goes through both, and over Nlets every address it was sent to.
 */
import type { Message } from '../../formats/message.ts';
import type { SendClass } from '../outbound/outbound-message.ts';

/** Nlets answers for an address; the address stands behind. */
const nletsOf = (address: string): string => `NLETS ${address}`;

/** Which sources are expected to answer a message of this line and class; none for what nobody answers. */
export function expectedSources(
  message: Pick<Message, 'key' | 'line' | 'destinations'>,
  keyClass: SendClass,
): readonly string[] {
  if (message.key === 'YQ') return ['NLETS'];
  // A key of the State's own is put to the State alone.
  if (message.line === 'state') return keyClass === 'tell' ? [] : ['STATE'];
  const isAsked = keyClass === 'inquiry' || keyClass === 'history';
  if (!isAsked) return keyClass === 'record' ? ['NCIC'] : [];
  if (message.line === 'nlets') return [...new Set(message.destinations.map(nletsOf))];
  return keyClass === 'history' ? ['STATE', 'III'] : ['STATE', 'NCIC'];
}

/**
 * The source among those a question expects that an answer comes from: over Nlets the address that its sender is, or the State
 * its sender is in; a region that was asked (`Z1`) has no end that could be known, so none of its States answers for it.
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
