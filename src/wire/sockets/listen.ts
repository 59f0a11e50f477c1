/** A door: it listens, decides who may come in, and gives each connection a link of its own. */
import { randomBytes, randomInt } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { type FaultCode, HitlineError } from '../../faults/fault.ts';
import type { LinkClock } from '../clock.ts';
import type { Link, LinkEvents, Peer } from '../link.ts';
import type { WireProfile } from '../profile.ts';
import type { LinkSettings } from '../session/state.ts';
import { linkSettings } from '../settings.ts';
import { type LinkTap, SocketLink } from './socket-link.ts';
import { peerFingerprint, peerOf, requireTlsOrLoopback, type TlsSettings, tlsServerOptions } from './tls.ts';

/** Why a connection was turned away at the door. */
export type DoorRefusal = Extract<FaultCode, 'LINKS_FULL' | 'PEER_REFUSED' | 'TLS_FAILED'>;

export interface ListenOptions {
  readonly host: string;
  /** 0 asks the machine for a free one. */
  readonly port: number;
  readonly profile: WireProfile;
  readonly settings?: Partial<LinkSettings>;
  readonly tls?: TlsSettings;
  /** The listener's network is a VPN: a plain door may bind to more than loopback. */
  readonly insideVpn?: boolean;
  readonly clock: LinkClock;
  readonly events: LinkEvents;
  /** Decides by address and certificate whether this peer may come in; absent means everybody may. */
  readonly allow?: (peer: Peer) => boolean;
  /** Connections at one time, those whose TLS handshake is under way included; 256 unless set. */
  readonly linksMax?: number;
  readonly onRefused?: (peer: Peer, reason: DoorRefusal) => void;
  readonly tap?: LinkTap;
  /** The first word of the ids of its links. */
  readonly name?: string;
}

export interface LinkDoor {
  readonly address: { readonly host: string; readonly port: number };
  readonly links: ReadonlySet<Link>;
  /** New connections get the new certificates; links that are open stay. */
  reloadTls(tls: TlsSettings): void;
  /** Stops listening and closes every link. */
  close(): Promise<void>;
}

const defaultLinksMax = 256;
const handshakeTimeoutMs = 10_000;

/** Opens a door. Throws TLS_REQUIRED, TLS_SETTINGS, or CONNECTION_FAILED when the address can't be bound. */
export async function listenLinks(options: ListenOptions): Promise<LinkDoor> {
  requireTlsOrLoopback(options.host, options);
  const door = new Door(options);
  await door.open();
  return door;
}

class Door implements LinkDoor {
  readonly links = new Set<SocketLink>();
  readonly #options: ListenOptions;
  readonly #settings: LinkSettings;
  readonly #server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();
  readonly #prefix: string;
  #count = 0;
  #closing = false;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#settings = linkSettings(options.profile, options.settings);
    this.#prefix = `${options.name ?? 'link'}-${randomBytes(3).toString('hex')}`;
    this.#server = options.tls === undefined ? this.#plainServer() : this.#tlsServer(options.tls);
  }

  get address(): { readonly host: string; readonly port: number } {
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  open(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) => reject(new HitlineError('CONNECTION_FAILED', { cause })));
      this.#server.listen({ host, port, backlog: 511 }, () => resolve());
    });
  }

  reloadTls(tls: TlsSettings): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(tlsServerOptions(tls));
  }

  async close(): Promise<void> {
    this.#closing = true;
    const stopped = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.links].map((link) => link.close()));
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
  }

  #plainServer(): Server {
    return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.#countIn(socket)) this.#welcome(socket, peerOf(socket));
    });
  }

  #tlsServer(tls: TlsSettings): TlsServer {
    const server = createTlsServer({
      ...tlsServerOptions(tls),
      allowHalfOpen: true,
      handshakeTimeout: handshakeTimeoutMs,
    });
    // The raw connection counts from its first moment, so that unfinished handshakes can't fill the machine.
    server.on('connection', (socket: Socket) => this.#countIn(socket));
    server.on('secureConnection', (socket: TLSSocket) =>
      this.#welcome(socket, peerOf(socket, peerFingerprint(socket))),
    );
    server.on('tlsClientError', (_error, socket) => {
      this.#options.onRefused?.(peerOf(socket), 'TLS_FAILED');
      socket.destroy();
    });
    return server;
  }

  #countIn(socket: Socket): boolean {
    if (this.#closing || this.#sockets.size >= (this.#options.linksMax ?? defaultLinksMax)) {
      this.#options.onRefused?.(peerOf(socket), 'LINKS_FULL');
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return true;
  }

  #welcome(socket: Socket, peer: Peer): void {
    const options = this.#options;
    if (options.allow !== undefined && !options.allow(peer)) {
      options.onRefused?.(peer, 'PEER_REFUSED');
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#count += 1;
    const link = new SocketLink({
      id: `${this.#prefix}-${this.#count}`,
      socket,
      peer,
      role: 'switch',
      profile: options.profile,
      settings: this.#settings,
      clock: options.clock,
      events: options.events,
      lastId: randomInt(1, 0xffff),
      ...(options.tap === undefined ? {} : { tap: options.tap }),
      onGone: (gone) => this.links.delete(gone),
    });
    this.links.add(link);
    link.start();
  }
}
