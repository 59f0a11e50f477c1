/** A door: it listens, decides who may come in, and gives each connection a link of its own. */
import { randomBytes, randomInt } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { FaultCode } from '../../faults/fault.ts';
import type { LinkClock } from '../clock.ts';
import type { CloseReason, Link, LinkEvents, Peer } from '../link.ts';
import type { WireProfile } from '../profile.ts';
import type { LinkSettings } from '../session/state.ts';
import { linkSettings } from '../settings.ts';
import { cannotListen } from './cannot-listen.ts';
import { type LinkTap, SocketLink } from './socket-link.ts';
import { peerFingerprint, peerOf, requireTlsOrLoopback, type TlsSettings, tlsServerOptions } from './tls.ts';

/** Why a connection was turned away at the door. */
export type DoorRefusal = Extract<FaultCode, 'LINKS_FULL' | 'PEER_LINKS_FULL' | 'PEER_REFUSED' | 'TLS_FAILED'>;

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
  /** Whose links count together, and how many may be open of each; a peer without a name is not counted. */
  readonly perPeer?: { readonly nameOf: (peer: Peer) => string | undefined; readonly linksMax: number };
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
/** An address whose connections break the framing this often within this time is no client that made a mistake. */
const faultsFreelyMax = 50;
const faultsCountMs = 10_000;
/** So long its next connections wait unread, at most so many at one time; clients come back after 30 s (wire.md 4.3). */
const faultHoldMs = 1_000;
const faultHoldsMax = 16;
const faultAddressesMax = 1_000;
const handshakeTimeoutMs = 10_000;
/** One address may hold this part of a door's connections by handshakes that it does not end. */
const handshakesShare = 0.25;

/** Opens a door. Throws TLS_REQUIRED, TLS_SETTINGS, or ADDRESS_UNUSABLE when the address can't be bound. */
export async function listenLinks(options: ListenOptions): Promise<LinkDoor> {
  requireTlsOrLoopback(options.host, options);
  const door = new Door(options);
  await door.open();
  return door;
}

/** How often the connections of one address broke the framing lately. */
interface Strikes {
  count: number;
  sinceMs: number;
  /** How many of its connections wait. */
  heldCount: number;
}

/** Things by whose they are. */
class Heaps<T> {
  readonly #heaps = new Map<string, Set<T>>();

  size(name: string): number {
    return this.#heaps.get(name)?.size ?? 0;
  }
  add(name: string, one: T): void {
    const heap = this.#heaps.get(name);
    if (heap === undefined) this.#heaps.set(name, new Set([one]));
    else heap.add(one);
  }
  delete(name: string, one: T): void {
    const heap = this.#heaps.get(name);
    heap?.delete(one);
    if (heap?.size === 0) this.#heaps.delete(name);
  }
}

class Door implements LinkDoor {
  readonly links = new Set<SocketLink>();
  readonly #options: ListenOptions;
  readonly #settings: LinkSettings;
  readonly #server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();
  readonly #prefix: string;
  readonly #strikes = new Map<string, Strikes>();
  /** The ports of TLS handshakes under way, by address; and the open links, by the name of their peer. */
  readonly #handshakes = new Heaps<number>();
  readonly #linksOf = new Heaps<SocketLink>();
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
      this.#server.once('error', (cause) => reject(cannotListen({ host, port }, cause)));
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
    server.on('connection', (socket: Socket) => {
      if (this.#countIn(socket)) this.#countHandshake(socket);
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      const peer = peerOf(socket, peerFingerprint(socket));
      this.#handshakes.delete(peer.address, peer.port);
      this.#welcome(socket, peer);
    });
    server.on('tlsClientError', (_error, socket) => {
      this.#options.onRefused?.(peerOf(socket), 'TLS_FAILED');
      socket.destroy();
    });
    return server;
  }

  #countIn(socket: Socket): boolean {
    if (this.#closing || this.#sockets.size >= this.#linksMax) {
      this.#options.onRefused?.(peerOf(socket), 'LINKS_FULL');
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return true;
  }

  get #linksMax(): number {
    return this.#options.linksMax ?? defaultLinksMax;
  }

  /** A peer that begins handshakes and ends none keeps nobody else out. */
  #countHandshake(socket: Socket): void {
    const peer = peerOf(socket);
    const { address, port } = peer;
    if (this.#handshakes.size(address) >= Math.ceil(this.#linksMax * handshakesShare)) {
      this.#turnAway(socket, peer, 'PEER_LINKS_FULL');
      return;
    }
    this.#handshakes.add(address, port);
    socket.once('close', () => this.#handshakes.delete(address, port));
  }

  #welcome(socket: Socket, peer: Peer): void {
    const strikes = this.#strikes.get(peer.address);
    const isHeld =
      strikes !== undefined &&
      strikes.count >= faultsFreelyMax &&
      this.#options.clock.monoMs() - strikes.sinceMs < faultsCountMs;
    if (isHeld) this.#hold(socket, { peer, strikes });
    else this.#admit(socket, peer);
  }

  #admit(socket: Socket, peer: Peer): void {
    if (this.#options.allow?.(peer) === false) this.#turnAway(socket, peer, 'PEER_REFUSED');
    else if (this.#hasAll(peer)) this.#turnAway(socket, peer, 'PEER_LINKS_FULL');
    else this.#open(socket, peer);
  }

  /** Whether a peer has as many links as one may have. */
  #hasAll(peer: Peer): boolean {
    const { perPeer } = this.#options;
    const name = perPeer?.nameOf(peer);
    return perPeer !== undefined && name !== undefined && this.#linksOf.size(name) >= perPeer.linksMax;
  }

  #turnAway(socket: Socket, peer: Peer, reason: DoorRefusal): void {
    this.#options.onRefused?.(peer, reason);
    socket.on('error', () => undefined);
    socket.destroy();
  }

  /** Lets a connection wait unread, so that a peer that only breaks in again and again costs the others nothing. */
  #hold(socket: Socket, { peer, strikes }: { readonly peer: Peer; readonly strikes: Strikes }): void {
    if (strikes.heldCount >= faultHoldsMax) {
      this.#turnAway(socket, peer, 'PEER_REFUSED');
      return;
    }
    strikes.heldCount += 1;
    const ignore = (): void => undefined;
    const end = (): void => {
      cancel();
      strikes.heldCount -= 1;
    };
    const cancel = this.#options.clock.after(faultHoldMs, () => {
      socket.off('close', end);
      strikes.heldCount -= 1;
      this.#admit(socket, peer);
      socket.off('error', ignore);
    });
    socket.on('error', ignore);
    socket.once('close', end);
  }

  /** Counts what breaks the framing; past the limit the time begins anew with each. */
  #strike(address: string, reason: CloseReason): void {
    if (!reason.startsWith('FRAME_')) return;
    const nowMs = this.#options.clock.monoMs();
    const known = this.#strikes.get(address);
    if (known !== undefined && nowMs - known.sinceMs < faultsCountMs) {
      known.count += 1;
      if (known.count >= faultsFreelyMax) known.sinceMs = nowMs;
      return;
    }
    this.#strikes.delete(address);
    const [oldest] = this.#strikes.keys();
    if (oldest !== undefined && this.#strikes.size >= faultAddressesMax) this.#strikes.delete(oldest);
    this.#strikes.set(address, { count: 1, sinceMs: nowMs, heldCount: 0 });
  }

  #open(socket: Socket, peer: Peer): void {
    const options = this.#options;
    this.#count += 1;
    const name = options.perPeer?.nameOf(peer);
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
      onGone: (gone, reason) => {
        this.links.delete(gone);
        if (name !== undefined) this.#linksOf.delete(name, gone);
        this.#strike(peer.address, reason);
      },
    });
    this.links.add(link);
    if (name !== undefined) this.#linksOf.add(name, link);
    link.start();
  }
}
