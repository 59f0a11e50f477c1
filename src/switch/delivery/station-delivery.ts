/**
 * Brings stations what they are owed, oldest first, one at a time, each frame on file before it leaves. What is not
 * acknowledged is still owed and goes again when the station is back.
 */
import type { Link } from '../../wire/link.ts';
import { raise } from '../alarms/alarm.ts';
import type { Change } from '../change.ts';
import { type InboundState, inboundMachine, noticeKind } from '../intake/inbound-message.ts';
import type { StoredState } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';
import { bytesFor, codingOf } from '../records/line-text.ts';
import { textOfMessage } from '../records/message-text.ts';

export interface StationDelivery {
  /** The station's link is open, or something new is owed to it. */
  deliver(stationId: string): void;
  linkUp(stationId: string, link: Link): void;
  linkDown(stationId: string, link: Link): void;
  isUp(stationId: string): boolean;
  close(): Promise<void>;
}

/** How much is read from the ledger at a time. */
const owedBatch = 100;
/** How long a station that refused, or a ledger that failed, is left alone before the next attempt. */
const tryAgainMs = 2_000;
/** Refusals of one message after which it waits for the next connection, so that the others are not kept waiting. */
const refusalsMax = 3;

/** One station as this gateway knows it now. */
interface Owing {
  /** Its connections, the newest last; it may have several, and gets everything once. */
  readonly links: Link[];
  readonly refusals: Map<string, number>;
  /** What it acknowledged and is not yet on file as delivered: the next one leaves meanwhile. */
  readonly filing: Map<string, Promise<void>>;
  running: Promise<void> | undefined;
  again: boolean;
  callOff: () => void;
}

/** Builds the delivery. `onFault` hears of failures of the world. */
export function makeStationDelivery(parts: Parts, onFault: (error: unknown) => void): StationDelivery {
  return new OwedDelivery(parts, onFault);
}

class OwedDelivery implements StationDelivery {
  readonly #parts: Parts;
  readonly #onFault: (error: unknown) => void;
  readonly #stations = new Map<string, Owing>();
  #closed = false;

  constructor(parts: Parts, onFault: (error: unknown) => void) {
    this.#parts = parts;
    this.#onFault = onFault;
  }

  deliver(stationId: string): void {
    const owing = this.#owingOf(stationId);
    owing.again = true;
    if (this.#closed || owing.running !== undefined || openLink(owing) === undefined) return;
    owing.callOff();
    owing.running = this.#run(stationId, owing);
  }

  linkUp(stationId: string, link: Link): void {
    const owing = this.#owingOf(stationId);
    owing.links.push(link);
    owing.refusals.clear();
    this.deliver(stationId);
  }

  linkDown(stationId: string, link: Link): void {
    const owing = this.#owingOf(stationId);
    const at = owing.links.indexOf(link);
    if (at >= 0) owing.links.splice(at, 1);
    if (owing.links.length > 0) this.deliver(stationId);
    else owing.callOff();
  }

  isUp(stationId: string): boolean {
    return openLink(this.#owingOf(stationId)) !== undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const owing of this.#stations.values()) owing.callOff();
    await Promise.all([...this.#stations.values()].map((owing) => owing.running));
    await Promise.all([...this.#stations.values()].flatMap((owing) => [...owing.filing.values()]));
  }

  #owingOf(stationId: string): Owing {
    const known = this.#stations.get(stationId);
    if (known !== undefined) return known;
    const made: Owing = {
      links: [],
      refusals: new Map(),
      filing: new Map(),
      running: undefined,
      again: false,
      callOff: () => undefined,
    };
    this.#stations.set(stationId, made);
    return made;
  }

  async #run(stationId: string, owing: Owing): Promise<void> {
    let later = false;
    try {
      while (owing.again && !this.#closed) {
        owing.again = false;
        later = await this.#round(stationId, owing);
      }
    } catch (error) {
      this.#onFault(error);
      later = true;
    }
    owing.running = undefined;
    if (later) this.#deliverLater(stationId, owing);
    else if (owing.again) this.deliver(stationId);
  }

  #deliverLater(stationId: string, owing: Owing): void {
    owing.callOff();
    if (!this.#closed) owing.callOff = this.#parts.clock.after(tryAgainMs, () => this.deliver(stationId));
  }

  /** Files that the station has it. What cannot be filed is still owed, and goes again. */
  #fileTaken(stationId: string, owing: Owing, id: string): void {
    const filing = this.#parts
      .change((change) => fileDelivered(change, stationId, id))
      .catch((error) => {
        this.#onFault(error);
        this.#deliverLater(stationId, owing);
      })
      .finally(() => owing.filing.delete(id));
    owing.filing.set(id, filing);
  }

  /** Delivers what is owed now. True when something must be tried again after a while. */
  async #round(stationId: string, owing: Owing): Promise<boolean> {
    let later = false;
    const refused = [...owing.refusals].filter(([, count]) => count >= refusalsMax).map(([id]) => id);
    // What is being filed as delivered now may still stand in the answer, be it on file when that comes.
    const skipped = new Set([...refused, ...owing.filing.keys()]);
    const limit = owedBatch + skipped.size;
    const owed = await this.#parts.ledger.states({ stream: 'message', link: stationId, order: 'oldest', limit });
    for (const row of owed) {
      if (skipped.has(row.id)) continue;
      const link = openLink(owing);
      if (this.#closed || link === undefined) return false;
      const outcome = await deliverOne(this.#parts, { link, row });
      if (outcome === 'lost') return true;
      if (outcome === 'taken') {
        owing.refusals.delete(row.id);
        this.#fileTaken(stationId, owing, row.id);
        owing.again = true;
        continue;
      }
      const refusals = (owing.refusals.get(row.id) ?? 0) + 1;
      owing.refusals.set(row.id, refusals);
      if (refusals >= refusalsMax) await alarmRefused(this.#parts, row);
      later = true;
    }
    return later;
  }
}

function openLink(owing: Owing): Link | undefined {
  return owing.links.findLast((one) => one.state === 'open');
}

async function alarmRefused(parts: Parts, row: StoredState): Promise<void> {
  await parts.change((change) => raise(change, 'STATION_REFUSES', { alarmId: parts.ids.next('a'), messageId: row.id }));
}

/** Sends one owed message, and says whether the station has it, refuses it, or may not have got it. */
async function deliverOne(
  parts: Parts,
  { link, row }: { readonly link: Link; readonly row: StoredState },
): Promise<'taken' | 'refused' | 'lost'> {
  const payload = await payloadFor(parts, link, row);
  const exchangeId = link.reserveExchangeId();
  await parts.change(async (change) => {
    parts.frames.leaving(change, { link, exchangeId, payload, messageId: row.id });
  });
  const outcome = await link.send(payload, { repeatable: true, exchangeId });
  if (outcome.type === 'naked') return 'refused';
  if (outcome.type === 'not-sent' && outcome.reason !== 'BUSY' && link.state === 'open') return 'refused';
  return outcome.type === 'acked' ? 'taken' : 'lost';
}

async function fileDelivered(change: Change, stationId: string, id: string): Promise<void> {
  const held = await change.get(inboundMachine, id);
  if (held?.state.owedTo.includes(stationId) !== true) return;
  await change.apply(inboundMachine, id, { event: { type: 'DELIVERED', stationId }, actor: stationId });
}

/**
 * The text a station gets: the answer as it came, with our control field replaced by the station's own of the same ten
 * characters, so that its program finds its question. Nothing else of the text is touched, but the ends of
 * its lines where the station agreed on others.
 */
async function payloadFor(parts: Parts, link: Link, row: StoredState): Promise<Buffer> {
  const coding = codingOf(parts.config.doors.station, link.newline);
  const state = row.body as InboundState;
  const isAnswer = state.kind !== noticeKind && state.questionId !== null;
  const [text = '', asked] = await Promise.all([
    textOfMessage(parts.ledger, row.id),
    isAnswer ? textOfMessage(parts.ledger, state.questionId, 'draft') : undefined,
  ]);
  const parsed = asked === undefined ? undefined : parts.language.parse(asked);
  if (parsed?.ok !== true) return bytesFor(text, coding);
  const { control, header } = parsed.message;
  // Functions, because what a station chose for its control field may mean something in a replacement text.
  const restored =
    control !== undefined
      ? text.replace(`*${state.questionId}`, () => `*${control.padEnd(10)}`)
      : header !== undefined
        ? text.replace(/^[126T][LN]01[^\s.]{0,15}/, (ours) => ours.slice(0, 4) + header.slice(4))
        : text;
  return bytesFor(restored, coding);
}
