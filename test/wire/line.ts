/** Doors, links and bare sockets on loopback for tests, all closed at the end of each. */
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import type { CloseReason, Incoming, Link, LinkEvents } from '../../src/wire/link.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { type DialOptions, dialLink } from '../../src/wire/sockets/dial.ts';
import { type LinkDoor, type ListenOptions, listenLinks } from '../../src/wire/sockets/listen.ts';

export const foxtalk = wireProfile('foxtalk-1');

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Has this closed when the test is over. */
export function closeAfter(close: () => Promise<void> | void): void {
  closers.push(close);
}

/** Notes what happens on a side and lets a test await it. */
export class Witness implements LinkEvents {
  readonly messages: { readonly link: Link; readonly text: string; readonly incoming: Incoming }[] = [];
  readonly closed: { readonly link: Link; readonly reason: CloseReason }[] = [];
  readonly notices: string[] = [];
  readonly opened: Link[] = [];
  readonly #answer: ((incoming: Incoming) => void) | undefined;
  #changed: (() => void)[] = [];

  /** `answer` is called with each payload; without it everything is acknowledged at once. */
  constructor(answer: ((incoming: Incoming) => void) | undefined = (incoming) => incoming.acknowledge()) {
    this.#answer = answer;
  }

  onOpen = (link: Link): void => {
    this.opened.push(link);
    this.#tell();
  };

  onMessage = (link: Link, incoming: Incoming): void => {
    this.messages.push({ link, text: incoming.payload.toString('latin1'), incoming });
    this.#answer?.(incoming);
    this.#tell();
  };

  onClosed = (link: Link, reason: CloseReason): void => {
    this.closed.push({ link, reason });
    this.#tell();
  };

  onNotice = (_link: Link, notice: { readonly code: string }): void => {
    this.notices.push(notice.code);
    this.#tell();
  };

  /** Resolves as soon as the condition holds; looked at after everything that happens. */
  async until(condition: (witness: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

export async function openDoor(options: Partial<ListenOptions> = {}): Promise<LinkDoor> {
  const door = await listenLinks({
    host: '127.0.0.1',
    port: 0,
    profile: foxtalk,
    clock: systemClock,
    events: new Witness(),
    ...options,
  });
  closeAfter(() => door.close());
  return door;
}

export async function dial(door: LinkDoor, options: Partial<DialOptions> = {}): Promise<Link> {
  const link = await dialLink({
    host: '127.0.0.1',
    port: door.address.port,
    profile: foxtalk,
    clock: systemClock,
    events: new Witness(),
    ...options,
  });
  closeAfter(() => link.close());
  return link;
}

export function send(link: Link, text: string, repeatable = false) {
  return link.send(Buffer.from(text, 'latin1'), { repeatable, exchangeId: link.reserveExchangeId() });
}

/** A connection without any manners: bytes in, bytes out. */
export class BareSocket {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  ended = false;
  #changed: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#tell();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.ended = true;
      this.#tell();
    });
    closeAfter(() => {
      this.socket.destroy();
    });
  }

  write(bytes: Buffer | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'hex') : bytes);
  }

  async until(condition: (one: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

/** The connect frame of wire.md 4.5, as any client may send it. */
export const connectHex = 'FF00AA550000002400014359000100000000FDE8000000004E4236344C46202055AA00FF';
