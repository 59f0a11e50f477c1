/**
 * What comes from the upstream: never refused for its content. It is filed with its frame, sorted, attached to its question
 * or its case, and alarmed where a person must look, all in one unit; only then is it acknowledged.
 */
import { classifyConfirmation, classOf, keyTable, parseMessage, readGist, readReply } from '../../formats/language.ts';
import type { Gist, Message, Reply } from '../../formats/message.ts';
import { type AlarmCode, raise } from '../alarms/alarm.ts';
import { caseMachine } from '../cases/case.ts';
import { answerFailed, openCases, openOrJoin, propose } from '../cases/case-work.ts';
import type { Change, Held } from '../change.ts';
import { callOff } from '../deadlines/deadline.ts';
import { priorityOf, requestNumberOf } from '../outbound/drafting.ts';
import { type OutboundState, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import type { Arrival } from '../records/frames.ts';
import { textOfMessage } from '../records/message-text.ts';
import { contradictions, referenceIn, referenceInEcho } from '../routing/matching.ts';
import { inboundMachine } from './inbound-message.ts';
import { tokensOf } from './tokens.ts';

/** A text as far as it could be read. */
interface Reading {
  readonly text: string;
  readonly message: Message | undefined;
  readonly faultCodes: readonly string[];
  readonly gist: Gist;
  readonly reply: Reply;
  readonly key: string;
  readonly senderOri: string;
}

function readText(text: string): Reading {
  const parsed = parseMessage(text);
  const gist = readGist(text);
  const message = parsed.ok ? parsed.message : undefined;
  return {
    text,
    message,
    faultCodes: parsed.ok ? [] : parsed.faults.map((one) => one.code),
    gist,
    reply: readReply(text),
    key: message?.key ?? gist.key ?? '',
    senderOri: message?.ori ?? gist.senderOri ?? '',
  };
}

/** Files one arrival and everything that follows from it. Resolves when the disk has it; throws when it could not be kept. */
export async function takeFromUpstream(parts: Parts, arrival: Arrival): Promise<void> {
  if (arrival.duplicate) {
    await parts.change(async (change) => {
      parts.frames.arrived(change, arrival, { actor: 'upstream', messageId: null });
    });
    return;
  }
  const reading = readText(arrival.payload.toString('latin1'));
  await parts.change(async (change) => {
    const messageId = parts.ids.next('m');
    const frameId = parts.frames.arrived(change, arrival, { actor: 'upstream', messageId });
    const { reply } = reading;
    await change.apply(inboundMachine, messageId, {
      event: {
        type: 'RECEIVED',
        frameId,
        key: reading.key,
        keyClass: classOf(reading.key) ?? 'unknown',
        parsed: reading.message !== undefined || reply.kind !== 'other',
        ori: reading.senderOri,
        destinations: reading.gist.destinations,
        priority: reading.message === undefined ? null : priorityOf(reading.message),
        verdict: shownVerdict(reply),
        kind: reply.kind,
        source: sourceOf(reading),
        nics: reading.gist.nics,
        faultCodes: reading.faultCodes,
      },
      actor: 'upstream',
      texts: { text: arrival.payload },
      tokens:
        reading.message === undefined
          ? reading.gist.nics.map((value) => ({ kind: 'NIC' as const, value }))
          : tokensOf(reading.message),
    });
    await sort(parts, change, messageId, reading);
  });
}

/** A verdict as screens say it. A recalled rule alone never yields NO RECORD (law 9). */
function shownVerdict(reply: Reply): string {
  if (reply.verdict === 'HIT') return 'POSSIBLE HIT - UNCONFIRMED';
  if (reply.verdict === 'NO RECORD' && reply.evidence.some((one) => one.provenance === 'recalled')) return 'READ IT';
  return reply.verdict;
}

function sourceOf(reading: Reading): string {
  if (reading.reply.source !== undefined) return reading.reply.source;
  return reading.message?.line === 'nlets' || reading.message?.line === undefined
    ? 'NLETS'
    : reading.message.line === 'iii'
      ? 'III'
      : 'NCIC';
}

async function sort(parts: Parts, change: Change, messageId: string, reading: Reading): Promise<void> {
  const reference = referenceIn(reading.gist.control) ?? echoedReference(reading);
  if (reference !== undefined) {
    const question = await change.get(outboundMachine, reference);
    if (question !== undefined && question.state.direction === 'out') {
      await sortByReference(parts, change, { messageId, reading, question });
      return;
    }
    await quarantine(parts, change, messageId, 'REFERENCE UNKNOWN');
    return;
  }
  if (reading.key === 'YR') {
    await sortYrWithoutControl(parts, change, messageId, reading);
    return;
  }
  await sortUnsolicited(parts, change, messageId, reading);
}

function echoedReference(reading: Reading): string | undefined {
  return reading.key === 'ER' || reading.key === 'SM' ? referenceInEcho(reading.text) : undefined;
}

const hasLeft: readonly string[] = ['SENT', 'ACKED', 'ANSWERED', 'IN_DOUBT', 'NAKED'];

interface Pairing {
  readonly messageId: string;
  readonly reading: Reading;
  readonly question: Held<OutboundState>;
}

async function sortByReference(parts: Parts, change: Change, pairing: Pairing): Promise<void> {
  const { messageId, reading, question } = pairing;
  if (!hasLeft.includes(question.state.status)) {
    await quarantine(parts, change, messageId, 'REFERENCE NEVER SENT');
    return;
  }
  const asked = parseMessage((await textOfMessage(parts.ledger, question.id)) ?? '');
  const against = asked.ok
    ? contradictions(asked.message, {
        message: reading.message,
        gist: reading.gist,
        answerKeys: keyTable(question.state.key)?.replies ?? [],
      })
    : ['QUESTION'];
  if (against.length > 0) {
    await quarantine(parts, change, messageId, `CONTRADICTS ${against.join(' ')}`, question.state.caseId);
    return;
  }
  const { caseId, stationId } = question.state;
  await change.apply(inboundMachine, messageId, {
    event: { type: 'MATCHED', questionId: question.id, caseId, owedTo: stationId === null ? [] : [stationId] },
    actor: 'system',
  });
  await markAnswered(change, pairing);
  await alarmForAnswer(parts, change, pairing);
}

async function markAnswered(change: Change, { messageId, reading, question }: Pairing): Promise<void> {
  if (question.state.status === 'NAKED') return;
  const after = await change.apply(outboundMachine, question.id, {
    event: { type: 'ANSWERED', answerId: messageId, source: sourceOf(reading) },
    actor: 'system',
  });
  if (after.status === 'ANSWERED') await callOff(change, question.id, ['answer-wait']);
}

async function alarmForAnswer(parts: Parts, change: Change, pairing: Pairing): Promise<void> {
  const { messageId, reading, question } = pairing;
  const { caseId, key } = question.state;
  const alarm = (code: AlarmCode) => raise(change, code, { alarmId: parts.ids.next('a'), messageId, caseId });
  if (reading.key === 'ER' || reading.key === 'SM') {
    await sortSwitchStatus(parts, change, pairing);
    return;
  }
  if (key === 'YQ' && caseId !== null) {
    const read = reading.message === undefined ? undefined : classifyConfirmation(reading.message);
    await propose(parts, change, caseId, {
      messageId,
      proposed: read?.proposed ?? 'unclear',
      why: read?.why ?? 'The text did not parse.',
      receivedAtMs: change.now.atMs,
      linkNeeded: false,
    });
    return;
  }
  if (reading.reply.kind === 'reject' || reading.reply.kind === 'error') await alarm('REJECTED_BY_SWITCH');
  else if (reading.reply.verdict === 'HIT') await alarm('POSSIBLE_HIT');
  else if (shownVerdict(reading.reply) === 'READ IT' && reading.reply.kind !== 'acknowledgement')
    await alarm('READ_IT');
}

/** SM .02. means that Nlets will forward later; ER, .01. and .04. mean that the message was not delivered. */
async function sortSwitchStatus(
  parts: Parts,
  change: Change,
  { messageId, reading, question }: Pairing,
): Promise<void> {
  const { caseId, key } = question.state;
  const alarm = (code: AlarmCode) => raise(change, code, { alarmId: parts.ids.next('a'), messageId, caseId });
  if (reading.key === 'SM' && reading.reply.statusNumber === 2) {
    await alarm('FORWARD_LATER');
    return;
  }
  if (key === 'YQ' && caseId !== null) {
    const held = await change.get(caseMachine, caseId);
    if (held?.state.status === 'open') {
      await change.apply(caseMachine, caseId, { event: { type: 'TELEPHONE', cause: reading.key }, actor: 'system' });
    }
    await alarm('NOT_DELIVERED');
    return;
  }
  if (key === 'YR' && caseId !== null) {
    await answerFailed(parts, change, caseId, reading.key);
    return;
  }
  await alarm('REJECTED_BY_SWITCH');
}

async function quarantine(
  parts: Parts,
  change: Change,
  messageId: string,
  reason: string,
  caseId: string | null = null,
): Promise<void> {
  await change.apply(inboundMachine, messageId, { event: { type: 'QUARANTINED', reason }, actor: 'system' });
  await raise(change, 'CONTRADICTION', { alarmId: parts.ids.next('a'), messageId, caseId });
}

/**
 * A YR without our control field is proposed for a case only when NIC and sender agree and exactly one case is open; a
 * person links it. It stops nothing.
 */
async function sortYrWithoutControl(parts: Parts, change: Change, messageId: string, reading: Reading): Promise<void> {
  await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId: null }, actor: 'system' });
  const fitting = (await openCases(parts, 'ask')).filter(
    ({ state }) =>
      state.addresses.includes(reading.senderOri) &&
      reading.gist.nics.includes(state.nic) &&
      state.startedAtMs !== null,
  );
  const only = fitting.length === 1 ? fitting[0] : undefined;
  if (only === undefined) {
    await raise(change, 'YR_UNMATCHED', { alarmId: parts.ids.next('a'), messageId });
    return;
  }
  const read = reading.message === undefined ? undefined : classifyConfirmation(reading.message);
  await propose(parts, change, only.id, {
    messageId,
    proposed: read?.proposed ?? 'unclear',
    why: 'No control field: NIC and sender agree with this case alone.',
    receivedAtMs: change.now.atMs,
    linkNeeded: true,
  });
}

async function sortUnsolicited(parts: Parts, change: Change, messageId: string, reading: Reading): Promise<void> {
  const { gist, message } = reading;
  const nic = message?.fields['NIC']?.[0] ?? gist.nics[0];
  const ourOri = parts.config.agency.ori;
  const namesOurs = nic !== undefined && (gist.oris.includes(ourOri) || gist.destinations.includes(ourOri));
  const unreadable = message === undefined && reading.reply.kind !== 'hit' && reading.reply.kind !== 'no-record';
  if (reading.key !== 'YQ' && !(unreadable && namesOurs)) {
    await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId: null }, actor: 'system' });
    const code: AlarmCode = reading.reply.verdict === 'HIT' ? 'POSSIBLE_HIT' : 'READ_IT';
    await raise(change, code, { alarmId: parts.ids.next('a'), messageId });
    return;
  }
  const oca = message?.fields['OCA']?.[0];
  const caseId = await openOrJoin(parts, change, {
    messageId,
    peerOri: reading.senderOri,
    nic: nic ?? '',
    ocaToken: oca === undefined ? null : parts.ledger.token('OCA', oca),
    priority: message === undefined ? null : priorityOf(message),
    requestNumber: (message === undefined ? null : requestNumberOf(message)) ?? 1,
    readable: message !== undefined,
  });
  await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId }, actor: 'system' });
}
