/**
 * What each method of the console contract does. Decode and shape are the door's; here it is decided who may, and the
 * rooms are asked. One funnel, `requireRole`, decides about persons; `requireCoj` about the designated console.
 */
import type { Gives, Takes } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import { alarmMachine } from '../alarms/alarm.ts';
import {
  type Actor,
  acceptMessage,
  refuseMessage,
  releaseMessage,
  resolveMessage,
  withdrawMessage,
} from '../approval/approval-desk.ts';
import type { ConfirmationClass } from '../cases/case.ts';
import { classifyAnswer, closeByPerson, linkMessage, recordCheck, recordContact } from '../cases/case-desk.ts';
import { asAnswer, draftAnswer, mayAnswer } from '../cases/our-answer.ts';
import { inboundMachine } from '../intake/inbound-message.ts';
import { roomFault } from '../intake/room.ts';
import { fileAndSend } from '../outbound/at-once.ts';
import { fileDraft, layOut } from '../outbound/drafting.ts';
import { isUnheld } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import type { People } from '../people/people.ts';
import { alarmViewOf, caseRowOf, messageRowOf } from '../records/views.ts';
import { type TraceHandlerPorts, traceHandlers } from '../traces/trace-handlers.ts';
import type { ConsoleSession, Handlers } from './console-door.ts';
import { recordedHandlers, requireRole } from './console-roles.ts';
import { type LedgerDesk, ledgerHandlers } from './ledger-handlers.ts';
import { lookHandlers, recordHandlers } from './record-handlers.ts';

const boxes: Readonly<Record<'inbound' | 'held' | 'sent', readonly string[]>> = {
  inbound: ['RECEIVED', 'MATCHED', 'UNSOLICITED', 'QUARANTINED', 'DELIVERED', 'READ'],
  held: ['HELD'],
  sent: [
    'APPROVED',
    'QUEUED',
    'SENT',
    'ACKED',
    'ANSWERED',
    'REFUSED',
    'WITHDRAWN',
    'EXPIRED',
    'NAKED',
    'IN_DOUBT',
    'REJECTED',
  ],
};

/** Only the console designated to send accepts and drafts what leaves as record, confirmation or telling. */
function requireCoj(parts: Parts, session: ConsoleSession): void {
  const console = parts.config.consoles.find((one) => one.id === session.consoleId);
  if (console?.coj !== true) throw new HitlineError('NOT_AT_COJ');
}

interface Desk {
  readonly parts: Parts;
  readonly people: People;
}

/**
 * Who approves: the person logged on at a console of his own, or, over the operator's shoulder, whoever gives identifier
 * and factor for this one act; the operator's session stays.
 */
async function approverOf(desk: Desk, session: ConsoleSession, given: Takes<'release'>['approver']): Promise<Actor> {
  if (given === undefined) return { osn: requireRole(session, 'supervisor') };
  const own = requireRole(session, 'operator', 'supervisor');
  const verified = await desk.people.verify(given.osn, given.factor, { device: session.consoleId, use: 'act' });
  if (!verified.ok) throw new HitlineError(verified.code);
  if (!verified.person.roles.includes('supervisor')) throw new HitlineError('ROLE_MISSING');
  return { osn: verified.person.osn, overShoulderOf: own };
}

/** Every method but hello, logon and logoff, which the door itself answers. */
export function makeHandlers(
  desk: LedgerDesk & TraceHandlerPorts,
  status: (session: ConsoleSession) => Promise<Gives<'status'>>,
): Handlers {
  return recordedHandlers(desk.parts, {
    status: (_params, session) => status(session),
    ...languageHandlers(desk.parts),
    ...listHandlers(desk.parts),
    ...messageHandlers(desk),
    ...caseHandlers(desk.parts),
    ...alarmHandlers(desk.parts),
    // Every box, but not what the gateway itself told a station.
    ...lookHandlers(desk, [...boxes.inbound, ...boxes.held, ...boxes.sent]),
    ...recordHandlers(desk),
    ...ledgerHandlers(desk),
    ...traceHandlers(desk),
  });
}

type Part<Name extends keyof Handlers> = Pick<Handlers, Name>;

const anybody = ['operator', 'supervisor', 'auditor', 'custodian'] as const;

function languageHandlers({ language }: Parts): Part<'language'> {
  return {
    async language(_params, session) {
      requireRole(session, ...anybody);
      return { stateProfile: language.profile ?? null };
    },
  };
}

function listHandlers(parts: Parts): Part<'list' | 'cases' | 'alarms'> {
  return {
    async list({ box, limit }, session) {
      requireRole(session, ...anybody);
      const rows = await parts.ledger.states({ stream: 'message', status: boxes[box], order: 'newest', limit });
      return { rows: rows.map(messageRowOf) };
    },
    async cases({ open, limit }, session) {
      requireRole(session, ...anybody);
      const status = open ? ['open'] : ['open', 'closed'];
      const rows = await parts.ledger.states({ stream: 'case', status, order: 'newest', limit });
      return { rows: rows.map(caseRowOf) };
    },
    async alarms(_params, session) {
      requireRole(session, ...anybody);
      const rows = await parts.ledger.states({ stream: 'alarm', status: ['RAISED'], order: 'newest', limit: 500 });
      return { rows: rows.map(alarmViewOf) };
    },
  };
}

function messageHandlers(
  desk: Desk,
): Part<'draft' | 'accept' | 'release' | 'refuse' | 'withdraw' | 'resolve' | 'read'> {
  const { parts } = desk;
  return {
    draft: (params, session) => draftMessage(parts, params, session),
    async accept({ id }, session) {
      const osn = requireRole(session, 'operator');
      requireCoj(parts, session);
      return { status: await acceptMessage(parts, id, { osn }) };
    },
    async release({ id, sha256, approver, also }, session) {
      const actor = await approverOf(desk, session, approver);
      const release = { actor, sha256, ...(also === undefined ? {} : { also }) };
      return { status: await releaseMessage(parts, id, release) };
    },
    async refuse({ id, reason, approver }, session) {
      const actor = await approverOf(desk, session, approver);
      return { status: await refuseMessage(parts, id, { actor, reason }) };
    },
    async withdraw({ id, reason }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      return { status: await withdrawMessage(parts, id, { actor: { osn }, reason }) };
    },
    async resolve({ id, decision, reason, approver }, session) {
      const actor = await approverOf(desk, session, approver);
      return { status: await resolveMessage(parts, id, { actor, decision, reason }) };
    },
    async read({ id }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      const state = await parts.change((change) =>
        change.apply(inboundMachine, id, { event: { type: 'READ' }, actor: osn }),
      );
      return { status: state.status };
    },
  };
}

/** A person's new message. Inquiries leave under the console's own terminal id; everything else only from the COJ. */
async function draftMessage(parts: Parts, params: Takes<'draft'>, session: ConsoleSession): Promise<Gives<'draft'>> {
  const osn = requireRole(session, 'operator');
  const unheld = isUnheld(parts.language.classOf(params.key) ?? 'unknown');
  if (!unheld) requireCoj(parts, session);
  const table = parts.language.keyTable(params.key);
  if (table === undefined || table.bypass === true) throw new HitlineError('KEY_NOT_ALLOWED');
  const console = parts.config.consoles.find((one) => one.id === session.consoleId);
  const wish = await asAnswer(parts, {
    key: params.key,
    destinations: params.destinations,
    fields: params.fields,
    ori: parts.config.agency.ori,
    terminalId: (unheld ? console?.terminalId : undefined) ?? parts.config.upstream.terminalId,
    requester: osn,
    ...(params.caseId === undefined ? {} : { caseId: params.caseId }),
  });
  const laid = await layOut(parts, wish);
  if (!laid.ok) return { id: null, status: 'FAULTY', faults: [...laid.faults], warnings: [] };
  const full = roomFault(parts, { keyClass: parts.language.classOf(wish.key) ?? 'unknown', caseId: wish.caseId });
  if (full !== undefined) throw new HitlineError(full);
  const status = await fileAndSend(parts, laid.draft, async (change, draft) => {
    if (wish.key === 'YR') {
      const as = (wish.answersAs ?? 'unclear') as ConfirmationClass;
      await mayAnswer({ parts, change }, { caseId: wish.caseId, as });
    }
    return fileDraft({ parts, change }, wish, draft);
  });
  return { id: laid.draft.reference, status, faults: [], warnings: [...laid.draft.warnings] };
}

function caseHandlers(parts: Parts): Part<'link' | 'classify' | 'check' | 'contact' | 'answer' | 'close'> {
  return {
    async link({ caseId, messageId }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      return { status: await linkMessage(parts, caseId, { osn, messageId }) };
    },
    async classify({ caseId, messageId, as, untilMs }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      const word = { osn, messageId, as, ...(untilMs === undefined ? {} : { untilMs }) };
      return { status: await classifyAnswer(parts, caseId, word) };
    },
    async check({ caseId, check }, session) {
      const osn = requireRole(session, 'operator');
      return { status: await recordCheck(parts, caseId, { osn, check }) };
    },
    async contact({ caseId, contact }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      return { status: await recordContact(parts, caseId, { osn, contact }) };
    },
    async answer({ caseId, as, hoursToConfirm, remarks }, session) {
      const osn = requireRole(session, 'operator');
      requireCoj(parts, session);
      const name = session.person?.name ?? osn;
      const hours = hoursToConfirm === undefined ? {} : { hoursToConfirm };
      const drafted = await draftAnswer(parts, caseId, { osn, name, as, remarks, ...hours });
      return drafted.ok
        ? { id: drafted.id, status: drafted.status, faults: [], warnings: [...drafted.warnings] }
        : { id: null, status: 'FAULTY', faults: [...drafted.faults], warnings: [] };
    },
    async close({ caseId, reason }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      return { status: await closeByPerson(parts, caseId, { osn, reason }) };
    },
  };
}

function alarmHandlers(parts: Parts): Part<'silence'> {
  return {
    async silence({ alarmId }, session) {
      const osn = requireRole(session, 'operator', 'supervisor');
      const state = await parts.change((change) =>
        change.apply(alarmMachine, alarmId, { event: { type: 'SILENCED' }, actor: osn }),
      );
      return { status: state.status };
    },
  };
}
