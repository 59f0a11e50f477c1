/**
 * What answers a question whose subject has been sealed since: it is about that subject too. It is kept and attached, hidden
 * with the question under the same order, and nobody is alarmed, because nobody may see it.
 */
import type { Change, Held } from '../change.ts';
import { type OutboundState, outboundMachine } from '../outbound/outbound-message.ts';
import type { Work } from '../parts.ts';
import { sealOf } from '../records/sealable.ts';
import { subjectSealMachine } from '../records/sealed-subjects.ts';
import { inboundMachine } from './inbound-message.ts';
import { type Reading, sourceOf } from './reading.ts';

/** The sealed question that this reference is of, if it is of one. */
export async function sealedQuestion(
  change: Change,
  reference: string | undefined,
): Promise<{ readonly question: Held<OutboundState>; readonly sealId: string } | undefined> {
  const question = reference === undefined ? undefined : await change.get(outboundMachine, reference);
  const sealId = question === undefined ? undefined : sealOf(question.state);
  return question === undefined || sealId === undefined ? undefined : { question, sealId };
}

/** Attaches a received message to its sealed question and hides it. Its search tokens must not have been filed. */
export async function sortSealed(
  { change }: Work,
  messageId: string,
  about: { readonly reading: Reading; readonly question: Held<OutboundState>; readonly sealId: string },
): Promise<void> {
  const { reading, question, sealId } = about;
  const { caseId } = question.state;
  await change.apply(inboundMachine, messageId, { event: { type: 'SEALED', sealId }, actor: 'system' });
  await change.apply(inboundMachine, messageId, {
    event: { type: 'MATCHED', questionId: question.id, caseId, owedTo: [] },
    actor: 'system',
  });
  await change.apply(outboundMachine, question.id, {
    event: { type: 'ANSWERED', answerId: messageId, source: sourceOf(reading) },
    actor: 'system',
  });
  await change.apply(subjectSealMachine, sealId, { event: { type: 'SUBJECT_JOINED', messageId }, actor: 'system' });
}
