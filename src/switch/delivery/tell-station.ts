/** Telling a station what the gateway did with its message: on file like everything else, and delivered like an answer. */
import { raise } from '../alarms/alarm.ts';
import type { StationConfig } from '../config.ts';
import { inboundMachine, noticeKind } from '../intake/inbound-message.ts';
import type { OutboundState } from '../outbound/outbound-message.ts';
import type { Parts, Work } from '../parts.ts';
import { textOfMessage } from '../records/message-text.ts';
import { buildNotice, type StationNotice } from './station-notice.ts';

/** Owes a station a notice from the gateway itself. */
export async function notifyStation(
  { parts, change }: Work,
  given: { readonly station: Pick<StationConfig, 'id'>; readonly notice: StationNotice; readonly questionId: string },
): Promise<void> {
  const id = parts.ids.next('n');
  await change.begin(inboundMachine, id, {
    event: {
      type: 'RECEIVED',
      frameId: '',
      key: 'NOTICE',
      keyClass: 'tell',
      parsed: true,
      ori: parts.config.agency.ori,
      destinations: [],
      priority: null,
      verdict: '',
      kind: noticeKind,
      source: 'GATEWAY',
      nics: [],
      faultCodes: (given.notice.faults ?? []).map((one) => one.code),
    },
    actor: 'system',
    texts: { text: Buffer.from(buildNotice(given.notice), 'utf8') },
  });
  await change.apply(inboundMachine, id, {
    event: { type: 'MATCHED', questionId: given.questionId, caseId: null, owedTo: [given.station.id] },
    actor: 'system',
  });
}

/**
 * Tells the station that asked what became of its message, in the unit in which it became so; nobody is told when a person
 * at a console asked. A station that is set up no more is an alarm, because somebody must tell them by other means.
 */
export async function tellRequester(
  { parts, change }: Work,
  message: { readonly id: string; readonly state: Pick<OutboundState, 'stationId' | 'caseId'> },
  told: { readonly status: string; readonly line: string },
): Promise<void> {
  const { stationId, caseId } = message.state;
  if (stationId === null) return;
  const station = parts.config.doors.station.stations.find((one) => one.id === stationId);
  if (station === undefined) {
    await raise(change, 'REQUESTER_GONE', { alarmId: parts.ids.next('a'), messageId: message.id, caseId });
    return;
  }
  const notice: StationNotice = {
    status: told.status,
    reference: message.id,
    control: await controlSent(parts, message.id),
    lines: [told.line],
  };
  await notifyStation({ parts, change }, { station, notice, questionId: message.id });
}

/** The control field under which the station sent it, so that its program finds its message. */
async function controlSent(parts: Parts, messageId: string): Promise<string | undefined> {
  const draft = await textOfMessage(parts.ledger, messageId, 'draft');
  const parsed = draft === undefined ? undefined : parts.language.parse(draft);
  return parsed?.ok === true ? parsed.message.control : undefined;
}
