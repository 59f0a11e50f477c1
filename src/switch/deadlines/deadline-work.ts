/** What happens when a deadline falls due: one table, one action a kind. A ring is only a bell; the row decides. */
import { type AlarmCode, raise } from '../alarms/alarm.ts';
import { caseMachine } from '../cases/case.ts';
import { keepClock } from '../cases/case-work.ts';
import { draftNextRequest, requestWaits } from '../cases/next-request.ts';
import { tellRequester } from '../delivery/tell-station.ts';
import { armApproval } from '../outbound/drafting.ts';
import { endMessage } from '../outbound/message-end.ts';
import { isUnheld, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import { endsRegion, waitEndWords } from '../routing/expected-sources.ts';
import { arm, type DeadlineKind, type DeadlineState, deadlineMachine } from './deadline.ts';
import type { Bell, BellSource } from './scheduler.ts';

type Due = (work: Work, deadline: DeadlineState) => Promise<void>;

const alarmOnly = (code: AlarmCode): Due => {
  return async ({ parts, change }, deadline) => {
    await raise(change, code, { alarmId: parts.ids.next('a'), caseId: deadline.caseId, messageId: null });
  };
};

/** Our YQ was not answered in time: the next request is drafted and held; after the third only people can act. */
const confirmDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(caseMachine, deadline.about);
  if (held === undefined || held.state.status === 'closed') return;
  if (await requestWaits(parts, held.id)) {
    await change.apply(caseMachine, held.id, { event: { type: 'LAPSED', nextDrafted: true }, actor: 'system' });
    await keepClock({ parts, change }, held.id);
    return raise(change, 'REQUEST_LAPSED', { alarmId: parts.ids.next('a'), caseId: held.id });
  }
  const drafted = held.state.requestNumber < 3 && (await draftNextRequest({ parts, change }, held));
  if (!drafted) {
    await change.apply(caseMachine, held.id, { event: { type: 'LAPSED', nextDrafted: false }, actor: 'system' });
    await arm(change, 'follow-up', {
      stream: 'case',
      id: held.id,
      caseId: held.id,
      dueAtMs: change.now.atMs + parts.config.clocks.followUpMs,
    });
  }
  await raise(change, drafted ? 'REQUEST_LAPSED' : 'NO_ANSWER_LEFT', { alarmId: parts.ids.next('a'), caseId: held.id });
};

/** Their YQ was not answered in time. The alarm repeats until it is. */
const answerDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(caseMachine, deadline.about);
  if (held === undefined || held.state.status === 'closed') return;
  await change.apply(caseMachine, held.id, { event: { type: 'LAPSED', nextDrafted: false }, actor: 'system' });
  await raise(change, 'ANSWER_OVERDUE', { alarmId: parts.ids.next('a'), caseId: held.id });
  await followUp({ parts, change }, deadline, parts.config.clocks.approvalUrgentMs);
};

async function followUp({ parts, change }: Work, deadline: DeadlineState, waitMs?: number): Promise<void> {
  const dueAtMs = change.now.atMs + (waitMs ?? parts.config.clocks.followUpMs);
  await arm(change, 'follow-up', { stream: 'case', id: deadline.about, caseId: deadline.about, dueAtMs });
}

/** An open case asks to be acted on, again and again, until a person closes it. */
const followUpDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(caseMachine, deadline.about);
  if (held === undefined || held.state.status === 'closed') return;
  const { side, stoppedAtMs, requestNumber, overdue } = held.state;
  // A time we named is a promise: when it is over, the answer is as late as any. What was answered for good is closed.
  const waitingForUs = side === 'answer';
  const noAnswerLeft = side === 'ask' && stoppedAtMs === null && overdue && requestNumber >= 3;
  const code: AlarmCode = waitingForUs ? 'ANSWER_OVERDUE' : noAnswerLeft ? 'NO_ANSWER_LEFT' : 'FOLLOW_UP';
  await raise(change, code, { alarmId: parts.ids.next('a'), caseId: held.id });
  await followUp({ parts, change }, deadline, waitingForUs ? parts.config.clocks.approvalUrgentMs : undefined);
};

/** Nobody recorded a telephone contact in the time the answer had. The alarm repeats until somebody does. */
const telephoneDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(caseMachine, deadline.about);
  if (held === undefined || held.state.status === 'closed') return;
  await raise(change, 'TELEPHONE_DUE', { alarmId: parts.ids.next('a'), caseId: held.id });
  const dueAtMs = change.now.atMs + parts.config.clocks.approvalUrgentMs;
  await arm(change, 'telephone', { stream: 'case', id: held.id, caseId: held.id, dueAtMs });
};

/** A held message was not released in time: the alarm repeats; what belongs to a case never expires. */
const approvalDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(outboundMachine, deadline.about);
  if (held?.state.status !== 'HELD') return;
  await raise(change, 'APPROVAL_LATE', { alarmId: parts.ids.next('a'), messageId: held.id, caseId: held.state.caseId });
  const waitMs =
    held.state.priority === 'U' ? parts.config.clocks.approvalUrgentMs : parts.config.clocks.approvalRoutineMs;
  await arm(change, 'approval', {
    stream: 'message',
    id: held.id,
    caseId: held.state.caseId,
    dueAtMs: change.now.atMs + waitMs,
  });
};

/** What was released and has not left within its limit is held again and must be released again. */
const releaseLimitDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(outboundMachine, deadline.about);
  if (held === undefined || (held.state.status !== 'QUEUED' && held.state.status !== 'APPROVED')) return;
  const state = await change.apply(outboundMachine, held.id, { event: { type: 'STALED' }, actor: 'system' });
  await armApproval({ parts, change }, { id: held.id, caseId: state.caseId, priority: state.priority });
  await raise(change, 'STALE', { alarmId: parts.ids.next('a'), messageId: held.id, caseId: state.caseId });
};

const holdExpiryDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(outboundMachine, deadline.about);
  if (held === undefined) return;
  const waits = isUnheld(held.state.keyClass) ? ['QUEUED', 'IN_DOUBT'] : ['HELD'];
  if (!waits.includes(held.state.status)) return;
  await endMessage(
    { parts, change },
    {
      id: held.id,
      act: { event: { type: 'EXPIRED' }, actor: 'system' },
      line: 'The message expired without an answer; ask again if it is still needed.',
    },
  );
  await raise(change, 'EXPIRED', { alarmId: parts.ids.next('a'), messageId: held.id });
};

/** A message whose sources did not all answer in time. Later answers still attach. */
const answerWaitDue: Due = async ({ parts, change }, deadline) => {
  const held = await change.get(outboundMachine, deadline.about);
  if (held === undefined || (held.state.status !== 'SENT' && held.state.status !== 'ACKED')) return;
  const state = await change.apply(outboundMachine, held.id, { event: { type: 'ANSWER_WAIT_ENDED' }, actor: 'system' });
  const code = endsRegion(state) ? 'REGION_ENDED' : 'NO_ANSWER';
  await raise(change, code, { alarmId: parts.ids.next('a'), messageId: held.id });
  const line = `The wait for answers is over: ${waitEndWords(state)}. What comes later is passed on.`;
  await tellRequester({ parts, change }, { id: held.id, state }, { status: code, line });
};

const actions: Readonly<Record<DeadlineKind, Due>> = {
  confirm: confirmDue,
  answer: answerDue,
  telephone: telephoneDue,
  'warn-half': alarmOnly('CLOCK_HALF'),
  'warn-late': alarmOnly('CLOCK_LATE'),
  approval: approvalDue,
  'release-limit': releaseLimitDue,
  'hold-expiry': holdExpiryDue,
  'answer-wait': answerWaitDue,
  'follow-up': followUpDue,
};

/**
 * Answers a bell: when the row is still armed at that version and its moment has come, it fires and its action is filed,
 * all in one unit, so that it happens exactly once however often the bell rings.
 */
export async function fireDeadline(parts: Parts, bell: Bell): Promise<void> {
  await parts.change(async (change) => {
    const held = await change.get(deadlineMachine, bell.id);
    if (held?.state.status !== 'ARMED' || held.version !== bell.version) return;
    if (change.now.atMs < held.state.dueAtMs) return;
    await change.apply(deadlineMachine, bell.id, { event: { type: 'FIRED' }, actor: 'system' });
    await actions[held.state.kind]({ parts, change }, held.state);
  });
}

/** Where schedulers find what is armed: the ledger itself. */
export function deadlineSource(ledger: Parts['ledger']): BellSource {
  return {
    async dueAtOrBefore(atMs, limit) {
      const rows = await ledger.states({
        stream: 'deadline',
        status: ['ARMED'],
        dueAtOrBeforeMs: atMs,
        order: 'due',
        limit,
      });
      return rows.map((row) => ({ kind: 'deadline', id: row.id, version: row.version, dueAtMs: row.dueAtMs ?? atMs }));
    },
  };
}
