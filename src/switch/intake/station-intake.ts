/**
 * What comes from a station: decoded, authorised, filed, and answered with all its faults when it is bad. A bad message is
 * never forwarded. A good inquiry is queued under the station's own ORI and terminal id; everything else is rewritten to
 * leave from the COJ, and held.
 */
import { type Fault, HitlineError, makeFault } from '../../faults/fault.ts';
import { readGist } from '../../formats/language.ts';
import type { Message } from '../../formats/message.ts';
import type { ConfirmationClass } from '../cases/case.ts';
import { asAnswer, mayAnswer } from '../cases/our-answer.ts';
import type { StationConfig } from '../config.ts';
import type { StationNotice } from '../delivery/station-notice.ts';
import { notifyStation } from '../delivery/tell-station.ts';
import { fileAndSend } from '../outbound/at-once.ts';
import { type Draft, fileDraft, layOut, sha256Of, type Wish } from '../outbound/drafting.ts';
import { isUnheld, outboundMachine } from '../outbound/outbound-message.ts';
import { layOutUnknown, outlineOf } from '../outbound/unknown-key.ts';
import type { Parts } from '../parts.ts';
import type { Arrival } from '../records/frames.ts';
import { isFailure } from '../records/is-failure.ts';
import { codingOf, textFrom } from '../records/line-text.ts';
import { keyOf, senderOf } from './reading.ts';
import { joinRepeat, raiseSameText } from './repeat-joining.ts';
import { roomFault } from './room.ts';

/** What a station wants to say, laid out, or why it goes no further. */
type Looked =
  | { readonly ok: true; readonly wish: Wish; readonly draft: Draft }
  | { readonly ok: false; readonly message: Message | undefined; readonly faults: readonly Fault[] };

/**
 * Files one arrival from a station. Resolves when the disk has it, with the id of the message it became or belongs to; the
 * answer to the station is queued with it.
 */
export async function takeFromStation(
  parts: Parts,
  station: StationConfig,
  arrival: Arrival,
): Promise<string | undefined> {
  if (arrival.duplicate) {
    await parts.change(async (change) => {
      parts.frames.arrived(change, arrival, { actor: station.id, messageId: arrival.sameAs ?? null });
    });
    return arrival.sameAs;
  }
  const { text, faults } = textFrom(arrival.payload, codingOf(parts.config.doors.station, arrival.newline));
  try {
    if (await joinRepeat(parts, station, { arrival, text })) return arrival.sameAs;
    const looked: Looked =
      faults.length > 0 ? { ok: false, message: undefined, faults } : await look(parts, station, text);
    return looked.ok
      ? await take(parts, station, { arrival, wish: looked.wish, draft: looked.draft })
      : await reject(parts, station, { arrival, text, message: looked.message, faults: looked.faults });
  } catch (error) {
    if (isFailure(error)) throw error;
    // A rule said no while it was being filed: the station is told so, instead of being asked to send it again for ever.
    const fault = makeFault(error instanceof HitlineError ? error.code : 'INTERNAL');
    return reject(parts, station, { arrival, text, message: undefined, faults: [fault] });
  }
}

async function look(parts: Parts, station: StationConfig, text: string): Promise<Looked> {
  const parsed = parts.language.parse(text);
  if (!parsed.ok) return lookAtUnknown(parts, station, { text, faults: parsed.faults });
  const { message } = parsed;
  const faults = notAllowed(parts, station, message);
  if (faults.length > 0) return { ok: false, message, faults };
  const wish = await asAnswer(parts, wishOf(parts, station, { message, text }));
  const laid = await layOut(parts, wish);
  return laid.ok ? { ok: true, wish, draft: laid.draft } : { ok: false, message, faults: laid.faults };
}

/** Under a key that no table names nothing of the body can be judged: it is held as it came, where the installation lists it for this station; else it is a fault. */
async function lookAtUnknown(
  parts: Parts,
  station: StationConfig,
  came: { readonly text: string; readonly faults: readonly Fault[] },
): Promise<Looked> {
  const outline = came.faults.some((one) => one.code === 'KEY_UNKNOWN') ? outlineOf(came.text) : undefined;
  if (outline === undefined || station.keys?.includes(outline.key) !== true)
    return { ok: false, message: undefined, faults: came.faults };
  const message: Message = { ...outline, fields: {} };
  const faults = notAllowed(parts, station, message);
  if (faults.length > 0) return { ok: false, message: undefined, faults };
  return {
    ok: true,
    wish: wishOf(parts, station, { message, text: came.text }),
    draft: await layOutUnknown(parts, outline),
  };
}

async function take(
  parts: Parts,
  station: StationConfig,
  taken: { readonly arrival: Arrival; readonly wish: Wish; readonly draft: Draft },
): Promise<string> {
  const { arrival, wish, draft } = taken;
  const { reference } = draft;
  await fileAndSend(parts, draft, async (change, filed) => {
    if (wish.key === 'YR') {
      const as = (wish.answersAs ?? 'unclear') as ConfirmationClass;
      await mayAnswer({ parts, change }, { caseId: wish.caseId, as });
    }
    parts.frames.arrived(change, arrival, { actor: station.id, messageId: reference });
    const state = await fileDraft({ parts, change }, wish, filed);
    if (state.status !== 'HELD') return state;
    await notifyStation({ parts, change }, { station, notice: heldNotice(parts, wish, draft), questionId: reference });
    if (arrival.sameAs !== undefined) await raiseSameText({ parts, change }, { id: reference, state });
    return state;
  });
  return reference;
}

function heldNotice(parts: Parts, wish: Wish, draft: Draft): StationNotice {
  return {
    status: 'HELD',
    reference: draft.reference,
    control: wish.draftText === undefined ? undefined : controlOf(parts, wish.draftText),
    lines: [
      'The message is on file and waits for the NCIC operator and a supervisor.',
      ...draft.warnings.map((one) => one.text),
    ],
  };
}

function controlOf(parts: Parts, text: string): string | undefined {
  const parsed = parts.language.parse(text);
  return parsed.ok ? parsed.message.control : undefined;
}

/** Everything this station may not do, all at once. */
function notAllowed(parts: Parts, station: StationConfig, message: Message): readonly Fault[] {
  const faults: Fault[] = [];
  if (!station.oris.includes(message.ori)) faults.push(makeFault('ORI_NOT_ALLOWED', { field: 'ORI' }));
  const listed = station.keys === undefined || station.keys.includes(message.key);
  // A bypass key carries another message past every check of ours; no station may send one.
  if (!listed || parts.language.keyTable(message.key)?.bypass === true)
    faults.push(makeFault('KEY_NOT_ALLOWED', { field: 'MKE' }));
  if (message.line === 'nlets' && message.destinations.length === 0) faults.push(makeFault('DESTINATION_MISSING'));
  const full = roomFault(parts, { keyClass: parts.language.classOf(message.key) ?? 'unknown' });
  if (full !== undefined) faults.push(makeFault(full));
  return faults;
}

function wishOf(
  parts: Parts,
  station: StationConfig,
  came: { readonly message: Message; readonly text: string },
): Wish {
  const { message } = came;
  const unheld = isUnheld(parts.language.classOf(message.key) ?? 'unknown');
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
async function reject(parts: Parts, station: StationConfig, rejection: Rejection): Promise<string> {
  const { message, faults, text } = rejection;
  // A text that did not parse may still show which message of the station it is.
  const gist = readGist(text);
  const key = message?.key ?? keyOf(gist, parts.language);
  const id = parts.ids.next('r');
  await parts.change(async (change) => {
    parts.frames.arrived(change, rejection.arrival, { actor: station.id, messageId: id });
    await change.begin(outboundMachine, id, {
      event: {
        type: 'DRAFTED',
        key,
        keyClass: parts.language.classOf(key) ?? 'unknown',
        ori: message?.ori ?? senderOf(gist),
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
    await notifyStation({ parts, change }, { station, notice, questionId: id });
  });
  return id;
}
