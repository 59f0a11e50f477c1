/**
 * The console door: screens come in by WebSocket, say which console they are, and a person logs on. One person at a time
 * has a console: the same person on a second connection takes over (the first may be a line that died unnoticed), and
 * anybody else is refused with CONSOLE_TAKEN while the first is there.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { JSONRPCServer } from 'json-rpc-2.0';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  frameBytesMax,
  type Gives,
  type NotificationName,
  type PersonView,
  type Says,
} from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { Clock } from '../../host/clock.ts';
import type { Ids } from '../../host/ids.ts';
import type { Log } from '../../host/log.ts';
import type { Peer } from '../../wire/link.ts';
import { cannotListen } from '../../wire/sockets/cannot-listen.ts';
import {
  peerFingerprint,
  peerOf,
  requireTlsOrLoopback,
  type TlsSettings,
  tlsServerOptions,
} from '../../wire/sockets/tls.ts';
import type { People } from '../people/people.ts';
import type { Refusal } from '../records/turned-away.ts';
import { type ConsoleSession, type Handlers, makeConsoleServer, type Params } from './console-calls.ts';
import { type ConsoleLimits, consoleLimits } from './console-limits.ts';
import { ConsoleLine, type LineEnd } from './console-line.ts';
import { ConsoleSeat } from './console-seat.ts';

export type { ConsoleSession, Handlers } from './console-calls.ts';

export interface ConsoleDoorOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** TLS 1.3 with AES-256-GCM; without it the door opens on loopback only. */
  readonly tls?: TlsSettings | undefined;
  /** Calls back with renewed certificates; gives a function that ends it. Screens that are connected stay. */
  readonly followTls?: (use: (settings: TlsSettings) => void) => () => void;
  /** Web pages that may connect, by origin. A screen that is no browser sends none and is not asked. */
  readonly origins?: readonly string[];
  /** The consoles that exist. */
  readonly consoleIds: readonly string[];
  /** Decides by address and certificate whether this peer may be that console; absent means every peer may be each. */
  readonly mayBe?: (consoleId: string, peer: Peer) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: Ids;
  readonly people: People;
  readonly handlers: Handlers;
  /** Without an act of the person for this long, the person is logged off (CJIS IA-5: 30 minutes at most). */
  readonly idleLogoffMs: number;
  /** A log-on lasts no longer (CJIS IA-11: 12 hours at most). */
  readonly sessionMsMax: number;
  readonly limits?: Partial<ConsoleLimits>;
  /** Hears of whoever and whatever is turned away here, to be put on file. */
  readonly onTurnedAway?: (refusal: Refusal) => void;
  /** Called after anybody has logged on or off, whatever the reason; every screen should then look at the status. */
  readonly onSessionsChanged?: () => void;
}

export interface ConsoleDoor {
  readonly address: { readonly host: string; readonly port: number };
  /** Every connection that has said hello. */
  readonly sessions: readonly ConsoleSession[];
  /** Tells every screen that passes the filter; one without a person on it hears of the status only. */
  notify<N extends NotificationName>(name: N, says: Says<N>, filter?: (session: ConsoleSession) => boolean): void;
  /** Takes no more connections, closes those there are, and resolves when every log-off is filed. */
  close(): Promise<void>;
}

interface Screen {
  readonly seat: ConsoleSeat;
  readonly line: ConsoleLine;
  readonly peer: Peer;
}

const handshakeMs = 10_000;
const headerBytesMax = 8_192;
/** Sockets that have not become a session yet, beside those that have. */
const socketsSpare = 32;

/** Opens the door. Throws TLS_REQUIRED, TLS_SETTINGS, or ADDRESS_UNUSABLE when the address cannot be bound. */
export async function openConsoleDoor(options: ConsoleDoorOptions): Promise<ConsoleDoor> {
  requireTlsOrLoopback(options.host, options);
  const door = new Door(options);
  await door.listen();
  return door;
}

/** Ends of a line by what came over it; a line that is lost or falls silent is turned away by nobody. */
function isTurnedAway(why: LineEnd): why is 'BAD_REQUEST' | 'TOO_MANY_CALLS' | 'HELLO_MISSING' | 'FRAME_LENGTH' {
  return why === 'BAD_REQUEST' || why === 'TOO_MANY_CALLS' || why === 'HELLO_MISSING' || why === 'FRAME_LENGTH';
}

function peerOfRequest({ socket }: IncomingMessage): Peer {
  return peerOf(socket, socket instanceof TLSSocket ? peerFingerprint(socket) : undefined);
}

class Door implements ConsoleDoor {
  readonly #options: ConsoleDoorOptions;
  readonly #limits: ConsoleLimits;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #rpc: JSONRPCServer<ConsoleSeat>;
  readonly #screens = new Map<string, Screen>();
  /** One promise for each connection, kept until its log-off is filed. */
  readonly #partings = new Set<Promise<void>>();
  readonly #rawSockets = new Set<Socket>();
  readonly #stopListening: () => void;
  readonly #unfollowTls: (() => void) | undefined;
  #closing = false;

  constructor(options: ConsoleDoorOptions) {
    this.#options = options;
    this.#limits = { ...consoleLimits, ...options.limits };
    const http = { maxHeaderSize: headerBytesMax, headersTimeout: handshakeMs, requestTimeout: handshakeMs };
    this.#server =
      options.tls === undefined
        ? createServer(http)
        : createTlsServer({ ...http, ...tlsServerOptions(options.tls), handshakeTimeout: handshakeMs });
    this.#server.maxConnections = this.#limits.sessionsMax + socketsSpare;
    // Whoever says goodbye and stays holds his seat no longer than a polite close takes; the library would wait half a minute.
    const perSocket = { perMessageDeflate: false, maxPayload: frameBytesMax, closeTimeout: this.#limits.closeMs };
    this.#sockets = new WebSocketServer({ noServer: true, ...perSocket });
    this.#server.on('connection', (socket) => {
      if (this.#hasHalf(socket)) {
        options.log.warn({ code: 'PEER_REFUSED', kind: 'console-door', reason: 'PEER_LINKS_FULL' });
        this.#turnedAway('PEER_LINKS_FULL', peerOf(socket));
        socket.destroy();
        return;
      }
      this.#rawSockets.add(socket);
      socket.once('close', () => this.#rawSockets.delete(socket));
    });
    this.#server.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end());
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('tlsClientError', (_error: Error, socket: TLSSocket) => {
      options.log.warn({ code: 'TLS_FAILED', kind: 'console-door' });
      this.#turnedAway('TLS_FAILED', peerOf(socket));
    });
    this.#rpc = makeConsoleServer<ConsoleSeat>({
      handlers: options.handlers,
      log: options.log,
      ids: options.ids,
      onRefused: (seat, { code, method }) =>
        this.#turnedAway(code, this.#screens.get(seat.id)?.peer, { seat, what: method }),
      door: {
        hello: (params, seat) => this.#hello(params, seat),
        logon: (params, seat) => this.#logon(params, seat),
        logoff: async (_, seat) => {
          await seat.logoff('person');
          return {};
        },
        unlock: (params, seat) => this.#unlock(params, seat),
      },
    });
    this.#unfollowTls = options.followTls?.((renewed) => {
      if ('setSecureContext' in this.#server) (this.#server as TlsServer).setSecureContext(tlsServerOptions(renewed));
    });
    this.#stopListening = options.people.onChanged((osn) => {
      for (const { seat } of this.#screens.values()) if (seat.person?.osn === osn) void seat.logoff('account changed');
    });
  }

  get address(): { readonly host: string; readonly port: number } {
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  listen(): Promise<void> {
    const { host, port, log } = this.#options;
    return new Promise((resolve, reject) => {
      const refuse = (cause: Error): void => {
        this.#stopListening();
        this.#unfollowTls?.();
        reject(cannotListen({ host, port }, cause));
      };
      this.#server.once('error', refuse);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', refuse);
        this.#server.on('error', () => log.error({ code: 'CONNECTION_FAILED', kind: 'console-door' }));
        log.info({ code: 'DOOR_OPEN', kind: 'console', port: this.address.port });
        resolve();
      });
    });
  }

  get sessions(): readonly ConsoleSession[] {
    return [...this.#screens.values()].flatMap(({ seat }) => seat.session() ?? []);
  }

  notify<N extends NotificationName>(name: N, says: Says<N>, filter?: (session: ConsoleSession) => boolean): void {
    const text = JSON.stringify({ jsonrpc: '2.0', method: name, params: says });
    const isForAll = name === 'status' || name === 'resync' || ('what' in says && says.what === 'status');
    for (const { seat, line } of this.#screens.values()) {
      const session = seat.session();
      if (session === undefined || (session.person === null && !isForAll)) continue;
      if (filter === undefined || filter(session)) line.notify(text);
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#stopListening();
    this.#unfollowTls?.();
    const unbound = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { line } of this.#screens.values()) line.close('CLOSED_BY_US');
    await Promise.all(this.#partings);
    // What is left never became a session: half a handshake, or a request that is no WebSocket.
    for (const socket of this.#rawSockets) socket.destroy();
    await unbound;
  }

  /** Whether one address has half of all connections there may be: it gets no more, so that it keeps nobody else out. */
  #hasHalf({ remoteAddress }: Socket): boolean {
    let count = 0;
    for (const one of this.#rawSockets) if (one.remoteAddress === remoteAddress) count += 1;
    return count >= this.#server.maxConnections / 2;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined);
    const { origin } = request.headers;
    const isForeign = origin !== undefined && !(this.#options.origins ?? []).includes(origin);
    if (isForeign || this.#closing || !this.#makeRoom()) {
      const reason = isForeign ? 'ORIGIN' : 'LINKS_FULL';
      this.#options.log.warn({ code: 'PEER_REFUSED', kind: 'console-door', reason });
      if (!this.#closing) this.#turnedAway(reason, peerOfRequest(request));
      socket.end(`HTTP/1.1 ${isForeign ? '403 Forbidden' : '503 Service Unavailable'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket, peerOfRequest(request)));
  }

  /** At the cap the oldest screen without a person goes, so that strangers cannot keep the operators out. */
  #makeRoom(): boolean {
    if (this.#screens.size < this.#limits.sessionsMax) return true;
    for (const [id, { seat, line }] of this.#screens) {
      if (seat.person !== null) continue;
      this.#screens.delete(id);
      line.close('TOO_MANY_CALLS');
      return true;
    }
    return false;
  }

  #welcome(socket: WebSocket, peer: Peer): void {
    const { clock, log, people, ids } = this.#options;
    const id = ids.next('screen');
    const { idleLogoffMs, sessionMsMax } = this.#options;
    const onSeated = (): void => this.#options.onSessionsChanged?.();
    const seat = new ConsoleSeat({ id, clock, log, people, idleLogoffMs, sessionMsMax, onSeated });
    const stopHello = clock.after(this.#limits.helloMs, () => {
      if (seat.consoleId === undefined) line.close('HELLO_MISSING');
    });
    const parted = Promise.withResolvers<void>();
    this.#partings.add(parted.promise);
    const line = new ConsoleLine({
      socket,
      clock,
      limits: this.#limits,
      answer: async (call) => this.#rpc.receive(call, seat),
      onEnd: (why) => {
        stopHello();
        if (isTurnedAway(why)) this.#turnedAway(why, peer, { seat });
        void this.#farewell(seat, why).finally(() => {
          this.#partings.delete(parted.promise);
          parted.resolve();
        });
      },
    });
    this.#screens.set(id, { seat, line, peer });
    log.info({ code: 'CONSOLE_OPEN', session: id });
  }

  async #farewell(seat: ConsoleSeat, why: LineEnd): Promise<void> {
    this.#screens.delete(seat.id);
    this.#options.log.info({ code: 'CONSOLE_CLOSED', reason: why, session: seat.id, console: seat.consoleId });
    await seat.leave();
  }

  /** Puts on file who or what is turned away; the console is the one that was said, or the one that it wanted to be. */
  #turnedAway(
    reason: Refusal['reason'],
    peer: Peer | undefined,
    by: { readonly seat?: ConsoleSeat; readonly what?: string | undefined; readonly console?: string } = {},
  ): void {
    const { seat, what } = by;
    const console = by.console ?? seat?.consoleId;
    this.#options.onTurnedAway?.({ door: 'console', reason, peer: peer?.address, console, person: seat?.person, what });
  }

  async #hello(params: Params<'hello'>, seat: ConsoleSeat): Promise<Gives<'hello'>> {
    const peer = this.#screens.get(seat.id)?.peer;
    const what = 'hello';
    if (!this.#options.consoleIds.includes(params.consoleId)) {
      this.#turnedAway('CONSOLE_UNKNOWN', peer, { what });
      throw new HitlineError('CONSOLE_UNKNOWN');
    }
    if (peer === undefined || this.#options.mayBe?.(params.consoleId, peer) === false) {
      this.#options.log.warn({ code: 'PEER_REFUSED', kind: 'console-door', console: params.consoleId });
      this.#turnedAway('PEER_REFUSED', peer, { what, console: params.consoleId });
      throw new HitlineError('PEER_REFUSED');
    }
    seat.greet(params.consoleId);
    const session = seat.session();
    if (session === undefined) throw new HitlineError('HELLO_MISSING');
    return this.#options.handlers.status({}, session);
  }

  async #logon(params: Params<'logon'>, seat: ConsoleSeat): Promise<PersonView> {
    const mayTake = (osn: string): void => {
      for (const other of this.#othersAt(seat))
        if (other.seat.person?.osn !== osn) throw new HitlineError('CONSOLE_TAKEN');
    };
    const person = await seat.logon(params.osn, params.password, mayTake).catch((error: unknown) => {
      // Whatever else refuses a log-on has filed it with the person's own rows.
      if (error instanceof HitlineError && error.code === 'TOO_MANY_CALLS')
        this.#turnedAway(error.code, this.#screens.get(seat.id)?.peer, { seat, what: 'logon' });
      throw error;
    });
    for (const other of this.#othersAt(seat)) {
      void other.seat.logoff('taken over');
      other.line.close('CONSOLE_TAKEN');
    }
    return person;
  }

  /** The other connections of the same console where somebody is logged on. */
  #othersAt(seat: ConsoleSeat): readonly Screen[] {
    return [...this.#screens.values()].filter(
      (other) => other.seat !== seat && other.seat.consoleId === seat.consoleId && other.seat.person !== null,
    );
  }

  async #unlock(params: Params<'unlock'>, seat: ConsoleSeat): Promise<Gives<'unlock'>> {
    const { people } = this.#options;
    let by = seat.person;
    if (params.custodian !== undefined) {
      const { osn, factor } = params.custodian;
      const verified = await people.verify(osn, factor, { device: seat.consoleId ?? '', use: 'act' });
      if (!verified.ok) throw new HitlineError(verified.code);
      by = verified.person;
    }
    if (by === null) throw new HitlineError('NOT_LOGGED_ON');
    await people.releaseLock(params.osn, params.consoleId, { by, reason: params.reason, at: seat.consoleId ?? '' });
    return { status: 'UNLOCKED' };
  }
}
