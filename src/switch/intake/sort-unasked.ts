/**
 * What comes without a reference of ours. A YQ, and whatever names our ORI and a record, opens or joins a case even when it
 * does not parse; a YR is proposed, or opens a case of its own so that a person must look at it.
 */
import { raise } from '../alarms/alarm.ts';
import { caseMachine } from '../cases/case.ts';
import { keepClock, openCases, openOrJoin, propose } from '../cases/case-work.ts';
import { priorityOf, requestNumberOf } from '../outbound/drafting.ts';
import type { Parts, Work } from '../parts.ts';
import { inboundMachine } from './inbound-message.ts';
import { alarmOf, type Reading } from './reading.ts';

/**
 * A YR without our control field is proposed for a case only when NIC and sender agree and exactly one case is open; a
 * person links it. It stops nothing.
 */
export async function sortYrWithoutControl(
  { parts, change }: Work,
  messageId: string,
  reading: Reading,
): Promise<void> {
  const fitting = (await openCases(parts, 'ask')).filter(
    ({ state }) =>
      state.addresses.includes(reading.senderOri) &&
      reading.gist.nics.includes(state.nic) &&
      state.startedAtMs !== null,
  );
  const only = fitting.length === 1 ? fitting[0] : undefined;
  if (only === undefined) {
    const caseId = fitting.length === 0 ? await openStrayCase({ parts, change }, messageId, reading) : null;
    await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId }, actor: 'system' });
    await raise(change, 'YR_UNMATCHED', { alarmId: parts.ids.next('a'), messageId, caseId });
    return;
  }
  await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId: null }, actor: 'system' });
  const read = reading.message === undefined ? undefined : parts.language.classify(reading.message);
  await propose({ parts, change }, only.id, {
    messageId,
    proposed: read?.proposed ?? 'unclear',
    why: 'No control field: NIC and sender agree with this case alone.',
    receivedAtMs: change.now.atMs,
    untilMs: read?.hours === undefined ? null : Math.ceil(change.now.atMs + read.hours * 3_600_000),
    linkNeeded: true,
  });
}

/** A case for an answer to nothing we asked: it has an owner and a follow-up, until a person closes it with a reason. */
async function openStrayCase({ parts, change }: Work, messageId: string, reading: Reading): Promise<string> {
  const caseId = parts.ids.next('c');
  await change.begin(caseMachine, caseId, {
    event: {
      type: 'OPENED',
      side: 'ask',
      stray: true,
      peerOri: reading.senderOri,
      nic: reading.message?.fields['NIC']?.[0] ?? reading.gist.nics[0] ?? '',
      ocaToken: null,
      priority: 'R',
      requestNumber: 1,
      questionId: messageId,
      addresses: [],
      dueAtMs: null,
      readable: reading.message !== undefined,
    },
    actor: 'system',
  });
  await keepClock({ parts, change }, caseId);
  return caseId;
}

/** Sorts whatever is no answer: opens or joins a case, or waits for a reader. */
export async function sortUnsolicited({ parts, change }: Work, messageId: string, reading: Reading): Promise<void> {
  if (!opensCase(parts, reading)) {
    await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId: null }, actor: 'system' });
    const code = alarmOf(reading.reply) ?? 'READ_IT';
    await raise(change, code, { alarmId: parts.ids.next('a'), messageId });
    return;
  }
  const { gist, message } = reading;
  const oca = message?.fields['OCA']?.[0];
  const caseId = await openOrJoin(
    { parts, change },
    {
      messageId,
      peerOri: reading.senderOri,
      nic: message?.fields['NIC']?.[0] ?? gist.nics[0] ?? '',
      ocaToken: oca === undefined ? null : parts.ledger.token('OCA', oca),
      priority: message === undefined ? null : priorityOf(message),
      requestNumber: (message === undefined ? null : requestNumberOf(message)) ?? 1,
      readable: message !== undefined && reading.key === 'YQ',
    },
  );
  await change.apply(inboundMachine, messageId, { event: { type: 'UNSOLICITED', caseId }, actor: 'system' });
}

/** A YQ always; anything else that names our ORI and a record, unless the gateway knows what it is: a hit, a no-record. */
function opensCase(parts: Parts, { key, gist, reply }: Reading): boolean {
  if (key === 'YQ') return true;
  const ourOri = parts.config.agency.ori;
  const namesOurs = gist.nics.length > 0 && (gist.oris.includes(ourOri) || gist.destinations.includes(ourOri));
  return namesOurs && reply.kind !== 'hit' && reply.kind !== 'no-record';
}
