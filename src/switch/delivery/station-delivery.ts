/**
 * Brings stations what they are owed, oldest first, one at a time, each frame on file before it leaves. What is not
 * acknowledged is still owed and goes again when the station is back.
 */
import { parseMessage } from '../../formats/language.ts';
import type { Link } from '../../wire/link.ts';
import { type InboundState, inboundMachine } from '../intake/inbound-message.ts';
import type { StoredState } from '../ledger/ledger.ts';
import type { Parts } from '../parts.ts';
import { namedText, textOfMessage } from '../records/message-text.ts';

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

/** Builds the delivery. `onFault` hears of failures of the world. */
export function makeStationDelivery(parts: Parts, onFault: (error: unknown) => void): StationDelivery {
  const links = new Map<string, Link>();
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let closed = false;

  const run = async (stationId: string): Promise<void> => {
    do {
      again.delete(stationId);
      const owed = await parts.ledger.states({ stream: 'message', link: stationId, order: 'oldest', limit: owedBatch });
      for (const row of owed) {
        const link = links.get(stationId);
        if (closed || link?.state !== 'open') return;
        if (!(await deliverOne(parts, { stationId, link, row }))) return;
        again.add(stationId);
      }
    } while (again.has(stationId) && !closed);
  };

  const start = (stationId: string): void => {
    again.add(stationId);
    if (closed || running.has(stationId) || !links.has(stationId)) return;
    const work = run(stationId)
      .catch(onFault)
      .finally(() => running.delete(stationId));
    running.set(stationId, work);
  };

  return {
    deliver: start,
    linkUp(stationId, link) {
      links.set(stationId, link);
      start(stationId);
    },
    linkDown(stationId, link) {
      if (links.get(stationId) === link) links.delete(stationId);
    },
    isUp: (stationId) => links.get(stationId)?.state === 'open',
    async close() {
      closed = true;
      await Promise.all(running.values());
    },
  };
}

/** Sends one owed message; true when the station has it. */
async function deliverOne(
  parts: Parts,
  given: { readonly stationId: string; readonly link: Link; readonly row: StoredState },
): Promise<boolean> {
  const { stationId, link, row } = given;
  const payload = await payloadFor(parts, row);
  const exchangeId = link.reserveExchangeId();
  await parts.change(async (change) => {
    parts.frames.leaving(change, { link, exchangeId, payload, messageId: row.id });
  });
  const outcome = await link.send(payload, { repeatable: true, exchangeId });
  if (outcome.type !== 'acked') return false;
  await parts.change(async (change) => {
    const held = await change.get(inboundMachine, row.id);
    if (held?.state.owedTo.includes(stationId) === true) {
      await change.apply(inboundMachine, row.id, { event: { type: 'DELIVERED', stationId }, actor: stationId });
    }
  });
  return true;
}

/**
 * The text a station gets: the answer as it came, with our control field replaced by the station's own of the same ten
 * characters, so that its program finds its question. Nothing else of the text is touched.
 */
async function payloadFor(parts: Parts, row: StoredState): Promise<Buffer> {
  const state = row.body as InboundState;
  const text = (await textOfMessage(parts.ledger, row.id)) ?? '';
  if (state.kind === 'gateway-notice' || state.questionId === null) return Buffer.from(text, 'latin1');
  const asked = await namedText(parts.ledger, await parts.ledger.history('message', state.questionId), 'draft');
  const parsed = asked === undefined ? undefined : parseMessage(asked);
  if (parsed?.ok !== true) return Buffer.from(text, 'latin1');
  const { control, header } = parsed.message;
  const restored =
    control !== undefined
      ? text.replace(`*${state.questionId}`, `*${control.padEnd(10)}`)
      : header !== undefined
        ? text.replace(/^[126T][LN]01[^\s.]{0,15}/, (ours) => ours.slice(0, 4) + header.slice(4))
        : text;
  return Buffer.from(restored, 'latin1');
}
