/**
 * What comes from a station: decoded, authorised, filed, and answered with all its faults when it is bad. A bad message is
 * never forwarded. A good inquiry is queued under the station's own ORI and terminal id; everything else is rewritten to
 * leave from the COJ, and held.
 */
import { type Fault, makeFault } from '../../faults/fault.ts';
import { classOf, keyTable, parseMessage, readGist } from '../../formats/language.ts';
import type { Message } from '../../formats/message.ts';
import { raise } from '../alarms/alarm.ts';
import type { Change } from '../change.ts';
import type { StationConfig } from '../config.ts';
import { buildNotice, type StationNotice } from '../delivery/station-notice.ts';
import { type Draft, fileDraft, layOut, sha256Of, type Wish } from '../outbound/drafting.ts';
import { isUnheld, outboundMachine } from '../outbound/outbound-message.ts';
import type { Parts } from '../parts.ts';
import type { Arrival } from '../records/frames.ts';
import { inboundMachine } from './inbound-message.ts';

/** The most messages that may wait for approval; beyond it a station is told, except for hit confirmations. */
const heldMax = 2_000;

/** Files one arrival from a station. Resolves when the disk has it; the answer to the station is queued with it. */
export async function takeFromStation(parts: Parts, station: StationConfig, arrival: Arrival): Promise<void> {
  if (arrival.duplicate) {
    await parts.change(async (change) => {
      parts.frames.arrived(change, arrival, { actor: station.id, messageId: null });
    });
    return;
  }
  const text = arrival.payload.toString('latin1');
  const parsed = parseMessage(text);
  const faults = parsed.ok ? await notAllowed(parts, station, parsed.message) : parsed.faults;
  const wish = parsed.ok && faults.length === 0 ? wishOf(parts, station, { message: parsed.message, text }) : undefined;
  const laid = wish === undefined ? undefined : await layOut(parts, wish);
  if (wish === undefined || laid?.ok !== true) {
    const all = laid?.ok === false ? laid.faults : faults;
    await reject(parts, station, { arrival, text, message: parsed.ok ? parsed.message : undefined, faults: all });
    return;
  }
  await parts.change(async (change) => {
    parts.frames.arrived(change, arrival, { actor: station.id, messageId: laid.draft.reference });
    const state = await fileDraft(parts, change, wish, laid.draft);
    if (state.status === 'HELD') {
      await notifyStation(parts, change, {
        station,
        notice: heldNotice(wish, laid.draft),
        questionId: laid.draft.reference,
      });
    }
  });
}

function heldNotice(wish: Wish, draft: Draft): StationNotice {
  return {
    status: 'HELD',
    reference: draft.reference,
    control: wish.draftText === undefined ? undefined : controlOf(wish.draftText),
    lines: [
      'The message is on file and waits for the NCIC operator and a supervisor.',
      ...draft.warnings.map((one) => one.text),
    ],
  };
}

function controlOf(text: string): string | undefined {
  const parsed = parseMessage(text);
  return parsed.ok ? parsed.message.control : undefined;
}

/** Everything this station may not do, all at once. */
async function notAllowed(parts: Parts, station: StationConfig, message: Message): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  if (!station.oris.includes(message.ori)) faults.push(makeFault('ORI_NOT_ALLOWED', { field: 'ORI' }));
  const listed = station.keys === undefined || station.keys.includes(message.key);
  // A bypass key carries another message past every check of ours; no station may send one.
  if (!listed || keyTable(message.key)?.bypass === true) faults.push(makeFault('KEY_NOT_ALLOWED', { field: 'MKE' }));
  if (message.line === 'nlets' && message.destinations.length === 0) faults.push(makeFault('DESTINATION_MISSING'));
  // Room is kept for hit confirmations when the gateway is full.
  if (message.key !== 'YQ' && message.key !== 'YR') {
    const held = await parts.ledger.states({ stream: 'message', status: ['HELD'], limit: heldMax });
    if (held.length >= heldMax) faults.push(makeFault('QUEUE_FULL'));
  }
  return faults;
}

function wishOf(
  parts: Parts,
  station: StationConfig,
  came: { readonly message: Message; readonly text: string },
): Wish {
  const { message } = came;
  const unheld = isUnheld(classOf(message.key) ?? 'unknown');
  return {
    key: message.key,
    destinations: message.destinations,
    fields: message.fields,
    ...(message.text === undefined ? {} : { text: message.text }),
    ori: unheld ? message.ori : parts.config.agency.ori,
    terminalId: unheld
      ? (station.terminalIds[0] ?? parts.config.upstream.terminalId)
      : parts.config.upstream.terminalId,
    requester: station.id,
    stationId: station.id,
    draftText: came.text,
  };
}

interface Rejection {
  readonly arrival: Arrival;
  readonly text: string;
  readonly message: Message | undefined;
  readonly faults: readonly Fault[];
}

/** Files a message that goes no further, and owes the station an answer that names every fault. */
async function reject(parts: Parts, station: StationConfig, rejection: Rejection): Promise<void> {
  const { message, faults, text } = rejection;
  // A text that did not parse may still show which message of the station it is.
  const gist = readGist(text);
  const key = message?.key ?? gist.key ?? '';
  const id = parts.ids.next('r');
  await parts.change(async (change) => {
    parts.frames.arrived(change, rejection.arrival, { actor: station.id, messageId: id });
    await change.apply(outboundMachine, id, {
      event: {
        type: 'DRAFTED',
        key,
        keyClass: classOf(key) ?? 'unknown',
        ori: message?.ori ?? gist.senderOri ?? '',
        terminalId: '',
        destinations: [],
        priority: null,
        requester: station.id,
        stationId: station.id,
        caseId: null,
        requestNumber: null,
        answersAs: null,
        answersUntilMs: null,
        sha256: sha256Of(text),
        expects: [],
      },
      actor: station.id,
      texts: { text: Buffer.from(text, 'utf8') },
    });
    await change.apply(outboundMachine, id, {
      event: { type: 'REJECTED', codes: faults.map((one) => one.code) },
      actor: 'system',
    });
    const notice: StationNotice = {
      status: 'REJECTED',
      reference: undefined,
      control: message?.control ?? gist.control,
      lines: [],
      faults,
    };
    await notifyStation(parts, change, { station, notice, questionId: id });
  });
}

/** Owes a station a notice from the gateway itself. It is on file, and delivered like an answer. */
export async function notifyStation(
  parts: Parts,
  change: Change,
  given: { readonly station: Pick<StationConfig, 'id'>; readonly notice: StationNotice; readonly questionId: string },
): Promise<void> {
  const id = parts.ids.next('n');
  await change.apply(inboundMachine, id, {
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
      kind: 'gateway-notice',
      source: 'GATEWAY',
      nics: [],
      faultCodes: (given.notice.faults ?? []).map((one) => one.code),
    },
    actor: 'system',
    texts: { text: Buffer.from(buildNotice(given.notice), 'latin1') },
  });
  await change.apply(inboundMachine, id, {
    event: { type: 'MATCHED', questionId: given.questionId, caseId: null, owedTo: [given.station.id] },
    actor: 'system',
  });
}

/** Tells the station that asked what became of its message, when a station asked. */
export async function tellRequester(
  parts: Parts,
  change: Change,
  messageId: string,
  told: { readonly status: string; readonly line: string },
): Promise<void> {
  const held = await change.get(outboundMachine, messageId);
  if (held?.state.stationId == null) return;
  const station = parts.config.doors.station.stations.find((one) => one.id === held.state.stationId);
  if (station === undefined) {
    await raise(change, 'READ_IT', { alarmId: parts.ids.next('a'), messageId });
    return;
  }
  const notice: StationNotice = { status: told.status, reference: messageId, control: undefined, lines: [told.line] };
  await notifyStation(parts, change, { station, notice, questionId: messageId });
}
