/** What people do to cases: accept a YR's class, link, check the source document, answer, close. */

import type { SourceCheck } from '../../console/contract.ts';
import { type Fault, HitlineError } from '../../faults/fault.ts';
import { parseMessage } from '../../formats/language.ts';
import type { Message, Values } from '../../formats/message.ts';
import type { Change, Held } from '../change.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import { inboundMachine } from '../intake/inbound-message.ts';
import { endHoldDeadlines, fileDraft, layOut, type Wish } from '../outbound/drafting.ts';
import { type OutboundState, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import { textOfMessage } from '../records/message-text.ts';
import { type CaseState, type ConfirmationClass, caseMachine, stopsClock } from './case.ts';
import { closeCase } from './case-work.ts';

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

/**
 * A person accepts, or corrects, the class of a YR. A class that stops the clock stops it as of the YR's receipt; further
 * requests that still wait are taken back; a case that stays open keeps a clock.
 */
export async function classifyAnswer(
  parts: Parts,
  caseId: string,
  word: { readonly osn: string; readonly messageId: string; readonly as: ConfirmationClass; readonly untilMs?: number },
): Promise<string> {
  return parts.change(async (change) => {
    const held = await openCase(change, caseId);
    const message = await change.get(inboundMachine, word.messageId);
    const proposed = held.state.proposal?.messageId === word.messageId ? held.state.proposal : undefined;
    if (message?.state.caseId !== caseId && proposed === undefined) throw new HitlineError('NOT_FOUND');
    if (message?.state.caseId !== caseId) {
      await change.apply(inboundMachine, word.messageId, { event: { type: 'LINKED', caseId }, actor: word.osn });
    }
    const state = await change.apply(caseMachine, caseId, {
      event: {
        type: 'CLASSIFIED',
        messageId: word.messageId,
        as: word.as,
        stoppedAtMs: await receivedAtMs(change, word.messageId),
        untilMs: word.untilMs ?? null,
      },
      actor: word.osn,
    });
    await change.apply(caseMachine, caseId, { event: { type: 'OWNED' }, actor: word.osn });
    if (stopsClock(word.as)) await stopAskClock(parts, change, caseId, state);
    return state.phase;
  });
}

async function stopAskClock(parts: Parts, change: Change, caseId: string, state: CaseState): Promise<void> {
  await callOff(change, caseId, ['confirm']);
  const dueAtMs = state.dueAtMs ?? change.now.atMs + parts.config.clocks.followUpMs;
  await arm(change, 'follow-up', { stream: 'case', id: caseId, caseId, dueAtMs });
  const waiting = await parts.ledger.states({
    stream: 'message',
    parent: caseId,
    status: ['HELD', 'QUEUED'],
    limit: 10,
  });
  for (const row of waiting) {
    if ((row.body as OutboundState).key !== 'YQ') continue;
    await change.apply(outboundMachine, row.id, { event: { type: 'WITHDRAWN' }, actor: 'system' });
    await endHoldDeadlines(change, row.id);
  }
}

/** A person says that an unmatched message belongs to this case. */
export async function linkMessage(
  parts: Parts,
  caseId: string,
  word: { readonly osn: string; readonly messageId: string },
): Promise<string> {
  return parts.change(async (change) => {
    const held = await openCase(change, caseId);
    await change.apply(inboundMachine, word.messageId, { event: { type: 'LINKED', caseId }, actor: word.osn });
    if (held.state.side === 'ask' && held.state.proposal === null) {
      await change.apply(caseMachine, caseId, {
        event: {
          type: 'PROPOSED',
          messageId: word.messageId,
          proposed: 'unclear',
          why: 'Linked by hand.',
          receivedAtMs: await receivedAtMs(change, word.messageId),
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
    return state.phase;
  });
}

/** Which letter a class has in CON. The letters are recalled (nlets.md, 3.4); REM says the same in words. */
const confirmationLetter: Readonly<Record<ConfirmationClass, string>> = {
  confirmed: 'Y',
  'not-confirmed': 'N',
  'time-named': 'I',
  'in-process': 'I',
  'valid-extradition-open': 'E',
  unclear: 'I',
};

const confirmationWords: Readonly<Record<ConfirmationClass, string>> = {
  confirmed: 'RECORD CONFIRMED',
  'not-confirmed': 'RECORD NOT CONFIRMED DO NOT ACT',
  'time-named': 'CONFIRMATION IN PROCESS',
  'in-process': 'CONFIRMATION IN PROCESS',
  'valid-extradition-open': 'RECORD VALID EXTRADITION NOT DECIDED',
  unclear: 'SEE REMARKS',
};

/** What a person wants to answer to their request. */
export interface AnswerWish {
  readonly osn: string;
  readonly name: string;
  readonly as: ConfirmationClass;
  readonly hoursToConfirm?: number;
  readonly remarks: string;
}

export type Drafted =
  | { readonly ok: true; readonly id: string; readonly status: string; readonly warnings: readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Drafts and holds our YR. "Confirmed" cannot be drafted before the check of the source document is recorded and positive. */
export async function draftAnswer(parts: Parts, caseId: string, wish: AnswerWish): Promise<Drafted> {
  const row = await parts.ledger.state('case', caseId);
  if (row === undefined) throw new HitlineError('NOT_FOUND');
  const state = row.body as CaseState;
  if (state.side !== 'answer' || state.status === 'closed') throw new HitlineError('ALREADY_DONE');
  if (wish.as === 'confirmed' && !(await positivelyChecked(parts, caseId, state)))
    throw new HitlineError('SOURCE_CHECK_MISSING');
  const asked = parseMessage((await textOfMessage(parts.ledger, state.questionId)) ?? '');
  const outbound = answerWish(parts, { caseId, state, wish, asked: asked.ok ? asked.message : undefined });
  const laid = await layOut(parts, outbound);
  if (!laid.ok) return { ok: false, faults: laid.faults };
  return parts.change(async (change) => {
    const held = await openCase(change, caseId);
    if (held.state.answerId !== null) throw new HitlineError('ALREADY_DONE');
    const drafted = await fileDraft(parts, change, outbound, laid.draft);
    await change.apply(caseMachine, caseId, {
      event: { type: 'ANSWER_DRAFTED', messageId: laid.draft.reference, as: wish.as },
      actor: wish.osn,
    });
    return { ok: true, id: laid.draft.reference, status: drafted.status, warnings: laid.draft.warnings } as const;
  });
}

function answerWish(
  parts: Parts,
  given: {
    readonly caseId: string;
    readonly state: CaseState;
    readonly wish: AnswerWish;
    readonly asked: Message | undefined;
  },
): Wish {
  const { wish, state, asked } = given;
  const remarks = [confirmationWords[wish.as], wish.remarks.toUpperCase()].filter((one) => one !== '').join(' ');
  const said: Record<string, readonly string[]> = { CON: [confirmationLetter[wish.as]] };
  if (wish.hoursToConfirm !== undefined) said['HTC'] = [String(wish.hoursToConfirm)];
  const fields: Values = {
    ...repeated(asked, state),
    ...said,
    CNA: [wish.name.toUpperCase()],
    CAG: [parts.config.agency.name.toUpperCase()],
    REM: [remarks],
  };
  return {
    key: 'YR',
    destinations: [state.peerOri],
    fields,
    ori: parts.config.agency.ori,
    terminalId: parts.config.upstream.terminalId,
    requester: wish.osn,
    caseId: given.caseId,
    answersAs: wish.as,
    ...(wish.hoursToConfirm === undefined
      ? {}
      : { answersUntilMs: parts.clock.wallMs() + wish.hoursToConfirm * 3_600_000 }),
  };
}

/** A YR repeats what the YQ asked about. */
function repeated(asked: Message | undefined, state: CaseState): Values {
  if (asked === undefined) return { NIC: [state.nic] };
  const kept = [
    'RTY',
    'OCA',
    'NIC',
    'NAM',
    'DOB',
    'SEX',
    'LIC',
    'LIS',
    'LIY',
    'LIT',
    'VIN',
    'SER',
    'TYP',
    'REG',
    'BHN',
  ];
  return Object.fromEntries(Object.entries(asked.fields).filter(([code]) => kept.includes(code)));
}

/** The check on file for a case, newest first. */
export async function checkOnFile(parts: Parts, caseId: string): Promise<SourceCheck | undefined> {
  const events = await parts.ledger.history('case', caseId);
  const event = events.findLast((one) => one.type === 'CHECKED');
  if (event === undefined) return undefined;
  const bytes = await parts.ledger.text(event, 'check');
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as SourceCheck);
}

async function positivelyChecked(parts: Parts, caseId: string, state: CaseState): Promise<boolean> {
  if (!state.checked) return false;
  const check = await checkOnFile(parts, caseId);
  return check?.identityAgrees === true && check.stillOutstanding;
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
    for (const row of await parts.ledger.states({
      stream: 'message',
      parent: caseId,
      status: ['HELD', 'QUEUED'],
      limit: 20,
    })) {
      await change.apply(outboundMachine, row.id, { event: { type: 'WITHDRAWN' }, actor: word.osn });
      await endHoldDeadlines(change, row.id);
    }
    return 'closed';
  });
}
