/** What bears a reference of ours: it belongs to its question, or, when anything contradicts that, to nobody. */
import { type AlarmCode, raise } from '../alarms/alarm.ts';
import { takeClassByMap } from '../cases/answer-class.ts';
import { caseMachine, type Proposal } from '../cases/case.ts';
import { answerFailed, propose } from '../cases/case-work.ts';
import { draftAgain, requestWaits } from '../cases/next-request.ts';
import type { Change, Held } from '../change.ts';
import { arm, callOff } from '../deadlines/deadline.ts';
import { holdKinds } from '../outbound/drafting.ts';
import { keepAnswerWait } from '../outbound/message-end.ts';
import { isUnheld, type OutboundState, type OutboundStatus, outboundMachine } from '../outbound/outbound-message.ts';
import type { Work } from '../parts.ts';
import { answeringSource } from '../routing/expected-sources.ts';
import { contradictions } from '../routing/matching.ts';
import { inboundMachine } from './inbound-message.ts';
import { alarmOf, type Reading, shownVerdict, sourceOf } from './reading.ts';

/** An answer and what it says it answers. */
export interface Pairing {
  readonly messageId: string;
  readonly reading: Reading;
  readonly question: Held<OutboundState>;
}

/** Sorts what bears a reference of ours, by the text that was asked: matched and alarmed, or put in quarantine. */
export async function sortByReference(
  { parts, change }: Work,
  pairing: Pairing & { readonly asked: string | undefined },
): Promise<void> {
  const { messageId, reading, question } = pairing;
  if (question.state.attempts === 0) {
    await quarantine({ parts, change }, messageId, {
      reason: 'REFERENCE NEVER SENT',
      caseId: null,
      questionId: question.id,
    });
    return;
  }
  const asked = parts.language.parse(pairing.asked ?? '');
  const against = asked.ok
    ? contradictions(asked.message, {
        message: reading.message,
        gist: reading.gist,
        reply: reading.reply,
        named: parts.language.readValues(reading.text),
        table: parts.language.keyTable(reading.key),
        answerKeys: parts.language.keyTable(question.state.key)?.replies ?? [],
      })
    : ['QUESTION'];
  const { caseId } = question.state;
  if (against.length > 0) {
    await quarantine({ parts, change }, messageId, {
      reason: `CONTRADICTS ${against.join(' ')}`,
      caseId,
      questionId: question.id,
    });
    return;
  }
  await attach({ parts, change }, pairing);
}

/** Attaches an answer to its question, with all that follows for its case, its clocks and whoever asked. */
export async function attach({ parts, change }: Work, pairing: Pairing): Promise<void> {
  const { messageId, reading, question } = pairing;
  const { caseId, stationId } = question.state;
  await change.apply(inboundMachine, messageId, {
    event: { type: 'MATCHED', questionId: question.id, caseId, owedTo: stationId === null ? [] : [stationId] },
    actor: 'system',
  });
  if (reading.key === 'ER' || reading.key === 'SM') {
    await sortSwitchStatus({ parts, change }, pairing);
    return;
  }
  await markAnswered({ parts, change }, pairing);
  await alarmForAnswer({ parts, change }, pairing);
}

/** Puts a message where it stops nothing until a person has read it. */
export async function quarantine(
  { parts, change }: Work,
  messageId: string,
  why: { readonly reason: string; readonly caseId: string | null; readonly questionId: string },
): Promise<void> {
  await change.apply(inboundMachine, messageId, {
    event: { type: 'QUARANTINED', reason: why.reason, questionId: why.questionId },
    actor: 'system',
  });
  await raise(change, 'CONTRADICTION', { alarmId: parts.ids.next('a'), messageId, caseId: why.caseId });
}

/** Who answered. A key of the State's own is put to the State alone, whatever header its answer bears. */
function answererOf({ reading, question }: Pairing): string {
  const [only, ...others] = question.state.expects;
  if (only === 'STATE' && others.length === 0) return 'STATE';
  return answeringSource(question.state, { source: sourceOf(reading), senderOri: reading.senderOri });
}

const onTheLine: readonly OutboundStatus[] = ['SENT', 'ACKED'];

async function markAnswered({ parts, change }: Work, pairing: Pairing): Promise<void> {
  const { messageId, reading, question } = pairing;
  const after = await change.apply(outboundMachine, question.id, {
    event: {
      type: 'ANSWERED',
      answerId: messageId,
      source: answererOf(pairing),
      ...(reading.reply.sources === undefined ? {} : { alsoFrom: reading.reply.sources }),
      ...(isUnheld(question.state.keyClass) ? { verdict: shownVerdict(reading.reply) } : {}),
    },
    actor: 'system',
  });
  // It arrived, so that nothing of it waits to leave any more; of what is on the line nothing did.
  if (after.status === 'ANSWERED') await callOff(change, question.id, [...holdKinds, 'answer-wait']);
  else if (!onTheLine.includes(question.state.status)) await callOff(change, question.id, holdKinds);
  await keepAnswerWait({ parts, change }, question.id, after);
}

async function alarmForAnswer({ parts, change }: Work, pairing: Pairing): Promise<void> {
  const { messageId, reading, question } = pairing;
  const { caseId, key } = question.state;
  const alarm = (code: AlarmCode) => raise(change, code, { alarmId: parts.ids.next('a'), messageId, caseId });
  if (key === 'YQ' && caseId !== null) {
    await takeOrPropose({ parts, change }, caseId, pairing);
    return;
  }
  if (reading.reply.kind === 'reject' || reading.reply.kind === 'error') return alarm('REJECTED_BY_SWITCH');
  const code = alarmOf(reading.reply);
  // What accepts a change is no answer to a question: there it may be a hit that lost its head.
  const isAccepted = reading.reply.kind === 'acknowledgement' && !isUnheld(question.state.keyClass);
  if (code !== undefined && !isAccepted) await alarm(code);
}

/** An answer to our request: a class that the State's map is sure of is taken at once, any other waits for a person. */
async function takeOrPropose({ parts, change }: Work, caseId: string, { messageId, reading }: Pairing): Promise<void> {
  const { language } = parts;
  const read = reading.message === undefined ? undefined : language.classify(reading.message);
  const proposal: Proposal = {
    messageId,
    proposed: read?.proposed ?? 'unclear',
    why: read?.why ?? 'The text did not parse.',
    receivedAtMs: change.now.atMs,
    untilMs: read?.hours === undefined ? null : Math.ceil(change.now.atMs + read.hours * 3_600_000),
    linkNeeded: false,
  };
  const { profile } = language;
  if (read?.provenance === 'verified' && profile !== undefined) {
    const rule = `${profile.state} ${profile.version}`;
    const isTaken = await takeClassByMap({ parts, change }, caseId, { proposal, senderOri: reading.senderOri, rule });
    if (isTaken) return;
  }
  await propose({ parts, change }, caseId, proposal);
}

/** What the network says of a message: SM .02. means later, ER and SM .01. and .04. mean never; any other is to be read. */
function fateOf(reading: Reading): 'later' | 'never' | 'read' {
  const number = reading.reply.statusNumber;
  if (reading.key === 'ER') return 'never';
  if (number === 2) return 'later';
  return number === 1 || number === 4 || number === undefined ? 'never' : 'read';
}

/** The network said what became of a message of ours. That is no answer, and never stops the clock of one. */
async function sortSwitchStatus({ parts, change }: Work, pairing: Pairing): Promise<void> {
  const { messageId, reading, question } = pairing;
  const { caseId, key } = question.state;
  const fate = fateOf(reading);
  const copyOnly = fate === 'never' && key === 'YQ' && (await namesOnlyCopies(change, pairing));
  const after = await change.apply(outboundMachine, question.id, {
    event: { type: 'STATUS_CAME', answerId: messageId, undelivered: fate === 'never' && !copyOnly },
    actor: 'system',
  });
  // In doubt it waited to be asked again, or to grow too old for that.
  if (question.state.status === 'IN_DOUBT' && after.status === 'ACKED') await callOff(change, question.id, holdKinds);
  await keepAnswerWait({ parts, change }, question.id, after);
  const alarm = (code: AlarmCode) => raise(change, code, { alarmId: parts.ids.next('a'), messageId, caseId });
  if (fate === 'read') return alarm('READ_IT');
  if (fate === 'later') return alarm('FORWARD_LATER');
  if (copyOnly) return alarm('COPY_NOT_DELIVERED');
  if (key === 'YQ' && caseId !== null) {
    await telephone({ parts, change }, caseId, pairing);
    return alarm('NOT_DELIVERED');
  }
  if (key === 'YR' && caseId !== null)
    return answerFailed({ parts, change }, caseId, { cause: reading.key, messageId: question.id });
  await alarm('REJECTED_BY_SWITCH');
}

/** True when the words before the echo name addresses of ours, and the entering agency's is not among them. */
async function namesOnlyCopies(change: Change, { reading, question }: Pairing): Promise<boolean> {
  if (question.state.caseId === null) return false;
  const entering = (await change.get(caseMachine, question.state.caseId))?.state.peerOri;
  const echoAt = reading.text.search(/ORIGINAL\s+MESSAGE/);
  const words = echoAt < 0 ? reading.text : reading.text.slice(0, echoAt);
  const named = question.state.destinations.filter((one) => words.includes(one));
  return entering !== undefined && named.length > 0 && !named.includes(entering);
}

/**
 * The request did not reach the entering agency: in one step its answer clock becomes a telephone clock with the same due
 * time, owned by the operator who sent it. ER .22. says the form was wrong, so the request is drafted anew as well.
 */
async function telephone({ parts, change }: Work, caseId: string, { reading, question }: Pairing): Promise<void> {
  const held = await change.get(caseMachine, caseId);
  if (held?.state.status !== 'open' || held.state.stoppedAtMs !== null) return;
  const owner = question.state.operator ?? held.state.owner;
  const state = await change.apply(caseMachine, caseId, {
    event: { type: 'TELEPHONE', cause: reading.key, owner },
    actor: 'system',
  });
  await callOff(change, caseId, ['confirm']);
  const dueAtMs = state.dueAtMs ?? change.now.atMs;
  await arm(change, 'telephone', { stream: 'case', id: caseId, caseId, dueAtMs });
  if (reading.key !== 'ER' || reading.reply.statusNumber !== 22) return;
  // Said twice, or of a request beside which the next one waits: one draft is enough to be corrected and released.
  if (await requestWaits(parts, caseId)) return;
  const { requestNumber, addresses } = state;
  await draftAgain({ parts, change }, { ...held, state }, { requestNumber, addresses });
}
