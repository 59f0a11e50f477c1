/** Which client stands for which ORI, and what waits to be sent to it. Store and forward: nothing goes until it is acknowledged. */
import type { Clock } from '../host/clock.ts';
import type { Link, SendOutcome } from '../wire/link.ts';
import type { EventBook } from './events.ts';
import type { About, Facts } from './state.ts';

/** A message on its way to a client. */
export interface Outgoing {
  readonly deliveryId: number;
  readonly to: string;
  /** The link the question came on; the answer goes there while it lives. */
  readonly linkId?: string | undefined;
  readonly about: About;
  readonly key: string;
  readonly text: string;
  readonly facts: Facts;
}

interface Waiting extends Outgoing {
  attempt: number;
  /** How often a client refused it. */
  refusals: number;
  /** The id it left under and may be recognised by; none until it has left. */
  exchangeId: number | undefined;
}

/** How one message is to leave. */
export interface BeforeSend {
  /** Told of the id it will carry. */
  readonly plan?: (exchangeId: number) => void;
  readonly reuseId?: boolean;
  readonly againAfterReconnect?: boolean;
}

export interface StationsOptions {
  readonly clock: Clock;
  readonly book: EventBook;
  /** ORIs that a linking client stands for before it has sent anything, by its address. */
  readonly configured: readonly { readonly oris: readonly string[]; readonly address?: string | undefined }[];
  /** What is done with a message whose fate is not known once its link is gone. */
  readonly redelivery: 'same-id' | 'new-id' | 'never';
  /** Bytes of a text, or nothing when the line's code page has no byte for one of its characters. */
  readonly encode: (link: Link, outgoing: Outgoing) => Buffer | undefined;
  /** Called before a message leaves; may say that it carries the id of the message before it, or comes again later. */
  readonly beforeSend: (link: Link, outgoing: Outgoing) => BeforeSend;
  readonly onAccepted: (outgoing: Outgoing) => void;
}

/** Messages kept for one ORI or link; one more is dropped, and the event says so. */
const waitingMax = 1_000;
/** ORIs whose link is remembered, and ORIs that messages are kept for. */
const orisMax = 10_000;
/** A client that refuses a message gets it again so often, so much later each. */
const refusalsMax = 3;
const refusalRetryMs = 1_000;

export class Stations {
  readonly #options: StationsOptions;
  readonly #links = new Map<string, Link>();
  readonly #linkOfOri = new Map<string, string>();
  readonly #queues = new Map<string, Waiting[]>();
  readonly #kept = new Map<string, Waiting[]>();
  readonly #retries = new Set<() => void>();
  /** Messages handed to each link and not settled, and how many it takes at one time. The link itself may count later. */
  readonly #underWay = new Map<string, { count: number; readonly max: number }>();
  /** The id last used on each link. */
  readonly #lastIds = new Map<string, number>();
  /** Acknowledged messages that a script wants to come again once their link was lost. */
  readonly #again = new Map<string, Waiting[]>();

  constructor(options: StationsOptions) {
    this.#options = options;
  }

  /** A client is linked: it stands for the ORIs configured for its address that no other link stands for. */
  opened(link: Link): void {
    this.#links.set(link.id, link);
    this.#underWay.set(link.id, { count: 0, max: link.windowFree });
    this.#claim(link);
  }

  /** A message from this ORI came on this link: whatever is for the ORI goes there from now on. */
  heard(link: Link, ori: string): void {
    if (this.#linkOfOri.has(ori) || this.#linkOfOri.size < orisMax) this.#linkOfOri.set(ori, link.id);
    const kept = this.#kept.get(ori);
    if (kept === undefined) return;
    this.#kept.delete(ori);
    this.#queueOf(link.id).push(...kept);
    this.#pump(link);
  }

  /** A link is gone: what waited for it is kept for its ORIs. */
  closed(link: Link): void {
    this.#links.delete(link.id);
    const waiting = this.#queues.get(link.id) ?? [];
    this.#queues.delete(link.id);
    const again = this.#again.get(link.id) ?? [];
    this.#again.delete(link.id);
    this.#lastIds.delete(link.id);
    this.#underWay.delete(link.id);
    for (const one of [...again, ...waiting]) this.#place(one, 'back');
    // A client that came back before its old link was seen to end takes its ORIs over now.
    for (const other of this.#links.values()) this.#claim(other);
  }

  /** Takes a message to send; `exchangeId` only where a script wants it to carry a certain one. */
  send(outgoing: Outgoing, exchangeId?: number): void {
    this.#place({ ...outgoing, attempt: 0, refusals: 0, exchangeId }, 'back');
  }

  /** The link of whoever stands for the ORI now. */
  linkOf(ori: string): Link | undefined {
    const holder = this.#linkOfOri.get(ori);
    return holder === undefined ? undefined : this.#links.get(holder);
  }

  close(): void {
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
  }

  /** Lets a link stand for the configured ORIs of its address that no live link stands for. */
  #claim(link: Link): void {
    for (const station of this.#options.configured) {
      if (station.address !== undefined && station.address !== link.peer.address) continue;
      for (const ori of station.oris) if (this.linkOf(ori) === undefined) this.heard(link, ori);
    }
  }

  #queueOf(linkId: string): Waiting[] {
    const queue = this.#queues.get(linkId) ?? [];
    this.#queues.set(linkId, queue);
    return queue;
  }

  #linkFor(one: Outgoing): Link | undefined {
    const asked = one.linkId === undefined ? undefined : this.#links.get(one.linkId);
    if (asked !== undefined) return asked;
    return this.linkOf(one.to);
  }

  #place(one: Waiting, end: 'front' | 'back'): void {
    const link = this.#linkFor(one);
    const queue = link === undefined ? (this.#kept.get(one.to) ?? []) : this.#queueOf(link.id);
    const isNew = link === undefined && !this.#kept.has(one.to);
    if (queue.length >= waitingMax || (isNew && this.#kept.size >= orisMax)) {
      this.#drop(one);
      return;
    }
    if (end === 'front') queue.unshift(one);
    else queue.push(one);
    if (link === undefined) {
      this.#kept.set(one.to, queue);
      this.#options.book.add({ type: 'kept', deliveryId: one.deliveryId, to: one.to });
    } else {
      this.#pump(link);
    }
  }

  #pump(link: Link): void {
    const queue = this.#queueOf(link.id);
    const underWay = this.#underWay.get(link.id);
    if (underWay === undefined) return;
    while (queue.length > 0 && link.state === 'open' && underWay.count < underWay.max) {
      const one = queue.shift();
      if (one !== undefined) this.#transmit(link, one);
    }
  }

  #transmit(link: Link, one: Waiting): void {
    const { book, encode, beforeSend } = this.#options;
    const bytes = encode(link, one);
    if (bytes === undefined) {
      this.#drop(one);
      return;
    }
    const underWay = this.#underWay.get(link.id);
    if (underWay !== undefined) underWay.count += 1;
    one.attempt += 1;
    const how = beforeSend(link, one);
    const reused = how.reuseId === true ? this.#lastIds.get(link.id) : undefined;
    const exchangeId = reused ?? one.exchangeId ?? link.reserveExchangeId();
    this.#lastIds.set(link.id, exchangeId);
    how.plan?.(exchangeId);
    const { deliveryId, about, key, to, text, attempt } = one;
    book.add({ type: 'sent', deliveryId, attempt, linkId: link.id, exchangeId, about, key, to, text });
    void link.send(bytes, { repeatable: true, exchangeId }).then((outcome) => {
      if (underWay !== undefined) underWay.count -= 1;
      book.add({ type: 'fate', deliveryId, linkId: link.id, outcome });
      if (how.againAfterReconnect === true && outcome.type === 'acked') this.#sendAgainLater(link, one, exchangeId);
      this.#settle(one, outcome);
      this.#pump(link);
    });
  }

  #sendAgainLater(link: Link, one: Waiting, exchangeId: number): void {
    const again = this.#again.get(link.id) ?? [];
    again.push({ ...one, linkId: undefined, exchangeId });
    this.#again.set(link.id, again);
  }

  #settle(one: Waiting, outcome: SendOutcome): void {
    const { redelivery } = this.#options;
    switch (outcome.type) {
      case 'acked':
        this.#options.onAccepted(one);
        return;
      case 'naked':
        this.#retryRefused(one);
        return;
      case 'not-sent':
        // A line that is full or gone may take it later; one that cannot carry it never will.
        if (outcome.reason === 'BUSY' || this.#linkFor(one)?.state !== 'open') this.#place(one, 'front');
        else this.#drop(one);
        return;
      default:
        // It may have arrived. The client gets it again unless the script forbids it.
        one.exchangeId = redelivery === 'same-id' ? outcome.exchangeId : undefined;
        if (redelivery === 'never') this.#drop(one);
        else this.#place(one, 'front');
    }
  }

  #drop(one: Waiting): void {
    this.#options.book.add({ type: 'dropped', deliveryId: one.deliveryId, to: one.to });
  }

  #retryRefused(one: Waiting): void {
    one.refusals += 1;
    if (one.refusals > refusalsMax) {
      this.#drop(one);
      return;
    }
    one.exchangeId = undefined;
    const cancel = this.#options.clock.after(refusalRetryMs * one.refusals, () => {
      this.#retries.delete(cancel);
      this.#place(one, 'front');
    });
    this.#retries.add(cancel);
  }
}
