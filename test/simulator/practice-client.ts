import type { Incoming, Link, SendOutcome } from '../../src/wire/link.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { dialLink } from '../../src/wire/sockets/dial.ts';
import { VirtualClock } from '../wire/virtual-clock.ts';

/** A client written against the wire alone: it sends texts and keeps what comes. Its own timers stand still. */
export class PracticeClient {
  readonly received: string[] = [];
  /** What to do with the next payloads; absent means acknowledge. */
  answer: ((incoming: Incoming) => void) | undefined;
  closed: string | undefined;
  #link: Link | undefined;
  readonly #waiters = new Set<() => void>();

  static async dial(address: { host: string; port: number }, profile = 'foxtalk-1'): Promise<PracticeClient> {
    const client = new PracticeClient();
    client.#link = await dialLink({
      ...address,
      profile: wireProfile(profile),
      clock: new VirtualClock(),
      events: {
        onMessage: (_link, incoming) => client.#take(incoming),
        onClosed: (_link, reason) => {
          client.closed = reason;
          client.#wake();
        },
      },
    });
    return client;
  }

  get link(): Link {
    if (this.#link === undefined) throw new Error('not dialled');
    return this.#link;
  }

  /** Sends one text and gives what became of it. */
  send(text: string, exchangeId = this.link.reserveExchangeId()): Promise<SendOutcome> {
    return this.link.send(Buffer.from(text, 'latin1'), { repeatable: false, exchangeId });
  }

  /** The first text that matches, come or to come. */
  async text(matches: RegExp): Promise<string> {
    return (await this.until(() => this.received.find((one) => matches.test(one)))) ?? '';
  }

  /** Waits until the question has an answer; asked again after each thing that happens on the link. */
  async until<T>(question: () => T | undefined): Promise<T> {
    for (;;) {
      const answer = question();
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  #take(incoming: Incoming): void {
    this.received.push(incoming.payload.toString('latin1'));
    if (this.answer === undefined) incoming.acknowledge();
    else this.answer(incoming);
    this.#wake();
  }

  #wake(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }
}
