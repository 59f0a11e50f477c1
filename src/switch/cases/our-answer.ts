/** Our YR to a request of theirs: what it must rest on, and how it is laid out. */
import type { SourceCheck } from '../../console/contract.ts';
import { type Fault, HitlineError } from '../../faults/fault.ts';
import type { Message, Values } from '../../formats/message.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import { fileDraft, layOut, type Wish } from '../outbound/drafting.ts';
import { withdrawWaiting } from '../outbound/message-end.ts';
import type { OutboundState } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import { textOfMessage } from '../records/message-text.ts';
import { answerStopsClock, type CaseState, type ConfirmationClass, caseMachine } from './case.ts';
import { everyClock, openCases } from './case-work.ts';

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
  if (wish.as === 'time-named' && wish.hoursToConfirm === undefined) throw new HitlineError('HOURS_MISSING');
  const asked = parts.language.parse((await textOfMessage(parts.ledger, state.questionId)) ?? '');
  const outbound = answerWish(parts, { caseId, state, wish, asked: asked.ok ? asked.message : undefined });
  const laid = await layOut(parts, outbound);
  if (!laid.ok) return { ok: false, faults: laid.faults };
  return parts.change(async (change) => {
    await mayAnswer({ parts, change }, { caseId, as: wish.as });
    const drafted = await fileDraft({ parts, change }, outbound, laid.draft);
    return { ok: true, id: laid.draft.reference, status: drafted.status, warnings: laid.draft.warnings } as const;
  });
}

/**
 * The rule of our answers, whoever drafts one and by whatever form: nobody confirms a record unless the look at its source
 * document is on file and bears it out (DESIGN.md, section 4). Throws SOURCE_CHECK_MISSING.
 */
export async function mayAnswer(
  { parts, change }: Work,
  answer: { readonly caseId: string | undefined; readonly as: ConfirmationClass },
): Promise<void> {
  if (answer.as !== 'confirmed') return;
  const held = answer.caseId === undefined ? undefined : await change.get(caseMachine, answer.caseId);
  if (held === undefined || !(await positivelyChecked(parts, held.id, held.state)))
    throw new HitlineError('SOURCE_CHECK_MISSING');
}

/**
 * A YR that somebody wrote as a form or a station sent: what it says to which open case of theirs, so that it stops the
 * clock it answers and no other. A YR to no case of ours is given as it is.
 */
export async function asAnswer(parts: Parts, wish: Wish): Promise<Wish> {
  if (wish.key !== 'YR') return wish;
  const read = parts.language.classify({
    line: 'nlets',
    key: 'YR',
    ori: wish.ori,
    destinations: wish.destinations,
    fields: wish.fields,
  });
  const caseId = wish.caseId ?? (await caseAnswered(parts, wish));
  const said = { ...wish, answersAs: read.proposed };
  if (caseId === undefined) return said;
  const { hours } = read;
  return {
    ...said,
    caseId,
    ...(hours === undefined ? {} : { answersUntilMs: Math.floor(parts.clock.wallMs() + hours * 3_600_000) }),
  };
}

async function caseAnswered(parts: Parts, wish: Wish): Promise<string | undefined> {
  const nics = wish.fields['NIC'] ?? [];
  const fitting = (await openCases(parts, 'answer')).filter(
    ({ state }) => nics.includes(state.nic) && wish.destinations.includes(state.peerOri),
  );
  return fitting.length === 1 ? fitting[0]?.id : undefined;
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

/** A YR of ours was acknowledged: only now does the clock of their request stop. */
export async function answerArrived(
  { parts, change }: Work,
  answer: { readonly id: string; readonly state: OutboundState },
): Promise<void> {
  const { caseId, answersAs, answersUntilMs: untilMs, undelivered } = answer.state;
  // The acknowledgement of the switch says nothing once the network has said that it did not arrive.
  if (answer.state.key !== 'YR' || caseId === null || answersAs === null || undelivered) return;
  const held = await change.get(caseMachine, caseId);
  if (held?.state.status !== 'open' || held.state.side !== 'answer') return;
  const as = answersAs as ConfirmationClass;
  const after = await change.apply(caseMachine, caseId, {
    event: { type: 'ANSWERED', messageId: answer.id, as, untilMs },
    actor: 'system',
  });
  if (!answerStopsClock(as, untilMs)) return;
  await callOff(change, caseId, everyClock);
  if (after.status === 'open' && untilMs !== null) {
    await arm(change, 'follow-up', { stream: 'case', id: caseId, caseId, dueAtMs: untilMs });
  }
  if (after.status === 'open') return;
  // Drafted when this one was thought lost: a second answer would contradict it, or say it twice.
  await withdrawWaiting({ parts, change }, caseId, {
    actor: 'system',
    line: 'An earlier answer arrived and closed the case.',
    fits: (one) => one.key === 'YR',
  });
}

/**
 * Whether a message of a case that has not left is still to leave: its case is not closed, a request of ours was not answered,
 * and the look at the source document still bears a confirmation out.
 */
export async function isStillMeant({ parts, change }: Work, message: OutboundState): Promise<boolean> {
  const held = message.caseId === null ? undefined : await change.get(caseMachine, message.caseId);
  if (held === undefined) return true;
  const { status, side, stoppedAtMs } = held.state;
  if (status === 'closed') return false;
  if (side === 'ask') return stoppedAtMs === null || (message.key !== 'YQ' && message.companionOf === null);
  return message.answersAs !== 'confirmed' || positivelyChecked(parts, held.id, held.state);
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
