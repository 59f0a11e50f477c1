import type { Frame } from '../../src/wire/framing/frame.ts';
import type { Incoming, Link, SendOutcome } from '../../src/wire/link.ts';
import type { Quirks } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { type DialOptions, dialLink } from '../../src/wire/sockets/dial.ts';
import { VirtualClock } from '../wire/virtual-clock.ts';

export interface ClientOptions {
  readonly profile?: string;
  readonly quirks?: Quirks;
  readonly settings?: NonNullable<DialOptions['settings']>;
  /** Its clock, for a test that must move it before it is linked. */
  readonly clock?: VirtualClock;
}

/** A client written against the wire alone: it sends texts and keeps what comes. Its own timers stand still. */
export class PracticeClient {
  readonly received: string[] = [];
  /** What to do with the next payloads; absent means acknowledge. */
  answer: ((incoming: Incoming) => void) | undefined;
  closed: string | undefined;
  readonly notices: string[] = [];
  readonly duplicates: boolean[] = [];
  readonly ids: number[] = [];
  /** Every frame that came. */
  readonly frames: Frame[] = [];
  /** The client's own clock; its acknowledgement and heartbeat timers move only with it. */
  readonly clock: VirtualClock;
  #link: Link | undefined;
  readonly #waiters = new Set<() => void>();

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** Links once; rejects with the reason when the session does not open. */
  static async dial(address: { host: string; port: number }, options: ClientOptions = {}): Promise<PracticeClient> {
    const client = new PracticeClient(options.clock ?? new VirtualClock());
    client.#link = await dialLink({
      ...address,
      profile: wireProfile(options.profile ?? 'foxtalk-1', options.quirks),
      clock: client.clock,
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      tap: {
        onFrameIn: (_link, frame) => {
          client.frames.push(frame);
          client.#wake();
        },
      },
      events: {
        onMessage: (_link, incoming) => client.#take(incoming),
        onClosed: (_link, reason) => {
          client.closed = reason;
          client.#wake();
        },
        onNotice: (_link, notice) => {
          client.notices.push(notice.code);
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
    this.duplicates.push(incoming.duplicate);
    this.ids.push(incoming.exchangeId);
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
