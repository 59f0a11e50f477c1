/** What people do to cases: accept a YR's class, link, check the source document, answer, close. */

import type { SourceCheck } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { Change, Held } from '../change.ts';
import { callOff, isArmed } from '../deadlines/deadline.ts';
import { inboundMachine } from '../intake/inbound-message.ts';
import { withdrawWaiting } from '../outbound/message-end.ts';
import type { Parts } from '../parts.ts';
import { isSoonEnough, takeClass } from './answer-class.ts';
import { type CaseState, type ConfirmationClass, caseMachine } from './case.ts';
import { closeCase, keepClock } from './case-work.ts';
import { draftAgain } from './next-request.ts';

async function openCase(change: Change, id: string): Promise<Held<CaseState>> {
  const held = await change.get(caseMachine, id);
  if (held === undefined) throw new HitlineError('NOT_FOUND');
  if (held.state.status === 'closed') throw new HitlineError('ALREADY_DONE');
  return held;
}

/** The moment a message was received, which is where a clock stops. */
async function receivedAtMs(change: Change, messageId: string): Promise<number> {
  const held = await change.get(inboundMachine, messageId);
  if (held === undefined || held.state.direction !== 'in') throw new HitlineError('NOT_FOUND');
  return held.state.createdAtMs;
}

/** What a person says about a YR. */
export interface ClassWord {
  readonly osn: string;
  readonly messageId: string;
  readonly as: ConfirmationClass;
  readonly untilMs?: number;
}

/**
 * A person accepts, or corrects, the class of a YR. A class that stops the clock stops it as of the YR's receipt, what still
 * waits to be asked is taken back, and who asked is told at once; one that does not lets the same clock run on.
 */
export async function classifyAnswer(parts: Parts, caseId: string, word: ClassWord): Promise<string> {
  return parts.change(async (change) => {
    const held = await openCase(change, caseId);
    const message = await change.get(inboundMachine, word.messageId);
    if (message === undefined || message.state.direction !== 'in') throw new HitlineError('NOT_FOUND');
    const proposed = held.state.proposal?.messageId === word.messageId ? held.state.proposal : undefined;
    if (message.state.caseId !== caseId && proposed === undefined) throw new HitlineError('NOT_FOUND');
    // The network's own words about a message are nobody's answer to it.
    if (['ER', 'SM'].includes(message.state.key)) throw new HitlineError('NOT_FOUND');
    if (message.state.caseId !== caseId) {
      await change.apply(inboundMachine, message.id, { event: { type: 'LINKED', caseId }, actor: word.osn });
    }
    const untilMs = word.as === 'time-named' ? namedTime(change, word, proposed?.untilMs ?? null) : null;
    const { messageId, as, osn } = word;
    const state = await takeClass({ parts, change }, held, {
      messageId,
      as,
      stoppedAtMs: message.state.createdAtMs,
      untilMs,
      actor: osn,
    });
    await change.apply(caseMachine, caseId, { event: { type: 'OWNED' }, actor: osn });
    return state.phase;
  });
}

function namedTime(change: Change, word: ClassWord, proposedMs: number | null): number {
  const untilMs = word.untilMs ?? proposedMs;
  if (untilMs === null) throw new HitlineError('HOURS_MISSING');
  if (!isSoonEnough(change, untilMs)) throw new HitlineError('BAD_REQUEST');
  return Math.ceil(untilMs);
}

/** A person says that an unmatched message belongs to this case. */
export async function linkMessage(
  parts: Parts,
  caseId: string,
  word: { readonly osn: string; readonly messageId: string },
): Promise<string> {
  return parts.change(async (change) => {
    const held = await openCase(change, caseId);
    const linked = await change.get(inboundMachine, word.messageId);
    if (linked?.state.sorted === 'QUARANTINED') throw new HitlineError('IN_QUARANTINE');
    const own = linked?.state.caseId == null ? undefined : await change.get(caseMachine, linked.state.caseId);
    // Their request stays in the case that it opened, which would have no question else.
    if (own?.state.side === 'answer') throw new HitlineError('ALREADY_DONE');
    await change.apply(inboundMachine, word.messageId, { event: { type: 'LINKED', caseId }, actor: word.osn });
    if (held.state.side === 'ask' && held.state.proposal === null) {
      await change.apply(caseMachine, caseId, {
        event: {
          type: 'PROPOSED',
          messageId: word.messageId,
          proposed: 'unclear',
          why: 'Linked by hand.',
          receivedAtMs: await receivedAtMs(change, word.messageId),
          untilMs: null,
          linkNeeded: false,
        },
        actor: word.osn,
      });
    }
    return held.state.phase;
  });
}

/** Records the look at the source document. The words are kept encrypted; the case knows that there was a look. */
export async function recordCheck(
  parts: Parts,
  caseId: string,
  word: { readonly osn: string; readonly check: SourceCheck },
): Promise<string> {
  return parts.change(async (change) => {
    await openCase(change, caseId);
    const state = await change.apply(caseMachine, caseId, {
      event: { type: 'CHECKED' },
      actor: word.osn,
      texts: { check: Buffer.from(JSON.stringify(word.check), 'utf8') },
    });
    await change.apply(caseMachine, caseId, { event: { type: 'OWNED' }, actor: word.osn });
    if (word.check.identityAgrees && word.check.stillOutstanding) return state.phase;
    // What was drafted on an earlier look may not confirm what a later one denies.
    await withdrawWaiting({ parts, change }, caseId, {
      actor: word.osn,
      line: 'The source document was looked at again and does not bear it out.',
      fits: (one) => one.answersAs === 'confirmed',
    });
    return state.phase;
  });
}

/** What was said at the telephone. */
export interface Contact {
  readonly who: string;
  readonly number: string;
  readonly atMs: number;
  readonly said: string;
}

/**
 * Records a telephone contact, which alone ends the telephone clock of a request that was not delivered; a request that
 * documents it is drafted and held.
 */
export async function recordContact(
  parts: Parts,
  caseId: string,
  word: { readonly osn: string; readonly contact: Contact },
): Promise<string> {
  return parts.change(async (change) => {
    const held = await openCase(change, caseId);
    if (!(await isArmed(change, caseId, ['telephone']))) throw new HitlineError('ALREADY_DONE');
    const texts = { contact: Buffer.from(JSON.stringify(word.contact), 'utf8') };
    await change.apply(caseMachine, caseId, { event: { type: 'CONTACTED' }, actor: word.osn, texts });
    const state = await change.apply(caseMachine, caseId, { event: { type: 'OWNED' }, actor: word.osn });
    await callOff(change, caseId, ['telephone']);
    await keepClock({ parts, change }, caseId);
    const { requestNumber, addresses } = held.state;
    const remarks = 'DOCUMENTS OUR TELEPHONE CALL. PLEASE ANSWER BY YR';
    await draftAgain({ parts, change }, held, { requestNumber, addresses, remarks });
    return state.phase;
  });
}

/** A person closes a case with a reason; every clock of it ends. */
export async function closeByPerson(
  parts: Parts,
  caseId: string,
  word: { readonly osn: string; readonly reason: string },
): Promise<string> {
  return parts.change(async (change) => {
    await openCase(change, caseId);
    await closeCase(change, caseId, { actor: word.osn, reasonCode: 'BY PERSON', reason: word.reason });
    await withdrawWaiting({ parts, change }, caseId, {
      actor: word.osn,
      line: 'The Records Section closed the case before the message left.',
      fits: () => true,
    });
    return 'closed';
  });
}
