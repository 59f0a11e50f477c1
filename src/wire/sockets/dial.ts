/** Dialling a switch: once, or for as long as the dialer lives. */
import { randomBytes, randomInt } from 'node:crypto';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type FaultCode, HitlineError } from '../../faults/fault.ts';
import type { LinkClock } from '../clock.ts';
import type { CloseReason, Link, LinkEvents } from '../link.ts';
import type { WireProfile } from '../profile.ts';
import { type AcknowledgedBefore, recentFrom } from '../session/acknowledged-before.ts';
import type { LinkSettings, Recent } from '../session/state.ts';
import { linkSettings } from '../settings.ts';
import { type LinkTap, SocketLink } from './socket-link.ts';
import { peerFingerprint, peerOf, requireTlsOrLoopback, type TlsSettings, tlsContext } from './tls.ts';

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  readonly profile: WireProfile;
  readonly settings?: Partial<LinkSettings>;
  readonly tls?: TlsSettings;
  /** The way to the switch is a VPN: a plain connection may leave this machine. */
  readonly insideVpn?: boolean;
  readonly clock: LinkClock;
  readonly events: LinkEvents;
  readonly tap?: LinkTap;
  /** The first word of the link's id. */
  readonly name?: string;
}

/** Dials once. Resolves when the session is open; throws a HitlineError that says why it did not open. */
export function dialLink(options: DialOptions): Promise<Link> {
  return openLink(options, undefined).opened;
}

interface Attempt {
  readonly opened: Promise<SocketLink>;
  /** Gives the attempt up. */
  abandon(): void;
}

function openLink(options: DialOptions, recent: Recent | undefined): Attempt {
  let abandon = (): void => undefined;
  const opened = new Promise<SocketLink>((resolve, reject) => {
    requireTlsOrLoopback(options.host, options);
    const settings = linkSettings(options.profile, options.settings);
    const socket = openSocket(options);
    let why: FaultCode = 'CONNECTION_FAILED';
    const cancel = options.clock.after(settings.openTimeoutMs, () => {
      why = 'OPEN_TIMEOUT';
      socket.destroy();
    });
    abandon = () => {
      cancel();
      socket.destroy();
    };
    const failed = (): void => {
      cancel();
      reject(new HitlineError(why));
    };
    const noteError = (error: Error & { readonly code?: string }): void => {
      if (options.tls !== undefined && !isNetworkError(error)) why = 'TLS_FAILED';
    };
    socket.once('error', noteError);
    socket.once('close', failed);
    socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
      cancel();
      socket.off('close', failed);
      startLink({ options, settings, socket, recent, resolve, reject });
    });
  });
  return { opened, abandon: () => abandon() };
}

function isNetworkError(error: { readonly code?: string }): boolean {
  return error.code === 'ECONNREFUSED' || error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH';
}

function openSocket(options: DialOptions): Socket {
  const { host, port, tls } = options;
  if (tls === undefined) return connectPlain({ host, port, allowHalfOpen: true, noDelay: true });
  // An IP address may not be the server name of a handshake; the certificate is then checked against the address itself.
  const name = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
  const connection = {
    host,
    port,
    secureContext: tlsContext(tls),
    rejectUnauthorized: true,
    allowHalfOpen: true,
    ...(name === undefined ? {} : { servername: name }),
  };
  return connectTls(connection);
}

/** The connection is made: the link speaks its connect exchange, and the caller gets it once the session is open. */
function startLink(parts: {
  readonly options: DialOptions;
  readonly settings: LinkSettings;
  readonly socket: Socket;
  readonly recent: Recent | undefined;
  readonly resolve: (link: SocketLink) => void;
  readonly reject: (error: Error) => void;
}): void {
  const { options, settings, socket, recent } = parts;
  const { events } = options;
  let opened = false;
  const fingerprint = options.tls === undefined ? undefined : peerFingerprint(socket as TLSSocket);
  const link = new SocketLink({
    id: `${options.name ?? 'link'}-${randomBytes(4).toString('hex')}`,
    socket,
    peer: peerOf(socket, fingerprint),
    role: 'client',
    profile: options.profile,
    settings,
    clock: options.clock,
    lastId: randomInt(1, 0xffff),
    recent,
    ...(options.tap === undefined ? {} : { tap: options.tap }),
    onGone: (_link, reason) => {
      if (!opened) parts.reject(new HitlineError(faultCodeOf(reason)));
    },
    events: {
      ...forwardEvents(events),
      onOpen: (one) => {
        opened = true;
        events.onOpen?.(one);
        parts.resolve(link);
      },
      // A link that never opened is told of by the rejection alone.
      onClosed: (one, reason) => {
        if (opened) events.onClosed?.(one, reason);
      },
    },
  });
  link.start();
}

function forwardEvents(events: LinkEvents): LinkEvents {
  return {
    onMessage: (link, incoming) => events.onMessage(link, incoming),
    onNotice: (link, notice) => events.onNotice?.(link, notice),
    beforeResend: (link, exchangeId) => events.beforeResend?.(link, exchangeId) ?? Promise.resolve(),
  };
}

function faultCodeOf(reason: CloseReason): FaultCode {
  return reason === 'CLOSED_BY_US' || reason === 'CLOSED_BY_PEER' ? 'CONNECTION_FAILED' : reason;
}

export interface KeepDialedOptions extends DialOptions {
  /** The shortest wait before dialling again; 30 s unless a test sets less (wire.md 4.3: shorter looks like an attack). */
  readonly reconnectDelayMs?: number;
  /** Up to this much is added by chance, so that many clients don't come back at once. */
  readonly reconnectJitterMs?: number;
  /** What the switch was acknowledged before this process lived; it may send it again on the first link. */
  readonly acknowledgedBefore?: readonly AcknowledgedBefore[];
  /** A number from 0 to below 1. */
  readonly chance?: () => number;
  readonly onUp?: (link: Link) => void;
  /** The link was lost, or an attempt failed; the next attempt comes in `retryInMs`. */
  readonly onDown?: (reason: CloseReason, retryInMs: number) => void;
}

export interface Dialer {
  /** The open link, when there is one. */
  readonly link: Link | undefined;
  readonly state: 'connecting' | 'up' | 'waiting' | 'closed';
  /** The next time it dials it uses these; the link that is open stays. Throws TLS_SETTINGS. */
  reloadTls(tls: TlsSettings): void;
  /** Closes the link and dials no more. */
  close(): Promise<void>;
}

const reconnectDelayMs = 30_000;
const reconnectJitterMs = 5_000;

/** Keeps one link to a switch up: dials at once, and again after each failure or close. Throws TLS_REQUIRED. */
export function keepDialed(options: KeepDialedOptions): Dialer {
  requireTlsOrLoopback(options.host, options);
  return new RedialingDialer(options);
}

class RedialingDialer implements Dialer {
  readonly #options: KeepDialedOptions;
  #tls: TlsSettings | undefined;
  #state: Dialer['state'] = 'connecting';
  #link: SocketLink | undefined;
  #attempt: Attempt | undefined;
  #cancelWait: (() => void) | undefined;
  /** What was acknowledged before the link was lost: the switch may send it again on the next one. */
  #recent: Recent | undefined;

  constructor(options: KeepDialedOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.#recent = recentFrom(options.acknowledgedBefore ?? [], options.clock.monoMs());
    this.#dial();
  }

  get link(): Link | undefined {
    return this.#link;
  }

  get state(): Dialer['state'] {
    return this.#state;
  }

  reloadTls(tls: TlsSettings): void {
    tlsContext(tls);
    if (this.#tls !== undefined) this.#tls = tls;
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#cancelWait?.();
    this.#attempt?.abandon();
    await this.#link?.close();
  }

  #dial(): void {
    this.#state = 'connecting';
    const { events } = this.#options;
    const attempt = openLink(
      {
        ...this.#options,
        ...(this.#tls === undefined ? {} : { tls: this.#tls }),
        events: {
          ...forwardEvents(events),
          onOpen: (link) => {
            this.#state = 'up';
            this.#link = link as SocketLink;
            events.onOpen?.(link);
            this.#options.onUp?.(link);
          },
          onClosed: (link, reason) => {
            this.#recent = this.#link?.recent;
            this.#link = undefined;
            events.onClosed?.(link, reason);
            this.#wait(reason);
          },
        },
      },
      this.#recent,
    );
    this.#attempt = attempt;
    attempt.opened.catch((error: unknown) => {
      this.#wait(error instanceof HitlineError ? error.code : 'CONNECTION_FAILED');
    });
  }

  #wait(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'waiting';
    const options = this.#options;
    const jitterMs = (options.reconnectJitterMs ?? reconnectJitterMs) * (options.chance ?? Math.random)();
    const delayMs = (options.reconnectDelayMs ?? reconnectDelayMs) + jitterMs;
    this.#cancelWait = options.clock.after(delayMs, () => this.#dial());
    options.onDown?.(reason, delayMs);
  }
}
