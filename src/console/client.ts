/**
 * A screen's end of the console contract: one WebSocket to the gateway, JSON-RPC 2.0 on it, everything checked both
 * ways, a pulse that notices a dead peer, and a connection that comes back by itself and says why it is away.
 */
import { isIP } from 'node:net';
import { JSONRPCClient, JSONRPCErrorException } from 'json-rpc-2.0';
import { type RawData, WebSocket } from 'ws';
import { type Fault, type FaultCode, faultTable, HitlineError, makeFault } from '../faults/fault.ts';
import {
  errorData,
  frameBytesMax,
  type Gives,
  type MethodName,
  methods,
  type NotificationName,
  notifications,
  type Says,
  type Takes,
} from './contract.ts';

/** The clock a client needs; `Clock` of src/host fits. */
export interface ConsoleClock {
  /** Milliseconds that only go forward. */
  monoMs(): number;
  /** Calls `action` once after at least `delayMs`; gives a function that calls it off. */
  after(delayMs: number, action: () => void): () => void;
}

/** How the connection stands. `reason` is a sentence for the person who cannot type. */
export interface ConsoleState {
  readonly state: 'connecting' | 'up' | 'away' | 'closed';
  readonly reason: string;
  /** When it became so, by the clock's monoMs. */
  readonly sinceMonoMs: number;
  /** When the next attempt is made, by monoMs; only when away. */
  readonly retryAtMonoMs?: number;
}

/** PEM texts of a screen that speaks TLS. */
export interface ConsoleTls {
  /** Certificate authority of the gateway; the system's own when absent. */
  readonly ca?: string;
  readonly servername?: string;
  /** Our own certificate and its key, where the console door asks for one. */
  readonly certificate?: string;
  readonly key?: string;
}

export interface ConsoleOptions {
  /** `wss://host:port/…`, or `ws://` on loopback only. */
  readonly url: string;
  readonly consoleId: string;
  readonly clock: ConsoleClock;
  readonly tls?: ConsoleTls;
  /** What this screen calls itself in `hello`. */
  readonly client?: string;
  readonly callMs?: number;
  readonly pulseMs?: number;
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
}

function tlsOptions(tls: ConsoleTls | undefined) {
  const { ca, servername, certificate, key } = tls ?? {};
  return { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384', ca, servername, cert: certificate, key } as const;
}

/** What a call that failed throws: a code of the fault table (or one the gateway knows and we don't) and its faults. */
export class ConsoleError extends Error {
  readonly code: string;
  readonly faults: readonly FaultLine[];
  constructor(code: string, faults: readonly FaultLine[] = []) {
    super(sentenceOf(code));
    this.name = 'ConsoleError';
    this.code = code;
    this.faults = faults;
  }
}

/** A fault as it came over the contract; its code may be newer than our table. */
export interface FaultLine {
  readonly code: string;
  readonly field?: string | undefined;
  readonly offset?: number | undefined;
  readonly text: string;
}

/** The table's sentence for a code, or the code itself when the table does not know it. */
export function sentenceOf(code: string): string {
  return Object.hasOwn(faultTable, code) ? faultTable[code as FaultCode].text : code;
}

/** One notification, told apart by its name. */
export type Notification = {
  readonly [N in NotificationName]: { readonly name: N; readonly says: Says<N> };
}[NotificationName];

export interface ConsoleClient {
  /** Calls a method; throws ConsoleError. */
  call<M extends MethodName>(method: M, params: Takes<M>): Promise<Gives<M>>;
  /** Hears every notification; gives a function that stops it. A notification that cannot be read is heard as `resync`. */
  onNotification(listener: (notification: Notification) => void): () => void;
  /** Hears every change of state. */
  onState(listener: (state: ConsoleState) => void): () => void;
  state(): ConsoleState;
  /** Closes for good; calls under way fail with CONSOLE_LOST. Resolves when the socket is gone. */
  close(): Promise<void>;
}

const callMsDefault = 15_000;
const pulseMsDefault = 5_000;
const closeMsMax = 1_000;
const untrusted = 'The gateway’s certificate is not one this console trusts.';
/** What Node's TLS says of a certificate it does not take. */
const certificateCodes: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const unreadable = 'The gateway sent something that cannot be read.';

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Tells whether a console may use this address: wss anywhere, ws on loopback only (DESIGN.md, section 7). */
export function isConsoleUrlAllowed(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'wss:' || (protocol === 'ws:' && isLoopback(hostname));
}

/**
 * Connects a screen to its gateway and keeps it connected. Gives the client at once; `onState` tells when it is up.
 * Throws HitlineError CONSOLE_URL_REFUSED for an address a console may not use.
 */
export function connectConsole(options: ConsoleOptions): ConsoleClient {
  if (!isConsoleUrlAllowed(options.url)) throw new HitlineError('CONSOLE_URL_REFUSED');
  const connection = new Connection(options);
  connection.open();
  return connection;
}

class Connection implements ConsoleClient {
  readonly #options: ConsoleOptions;
  readonly #heard = new Set<(notification: Notification) => void>();
  readonly #watched = new Set<(state: ConsoleState) => void>();
  readonly #fails = new Set<(error: ConsoleError) => void>();
  #rpc: JSONRPCClient | undefined;
  #socket: WebSocket | undefined;
  #state: ConsoleState;
  #attempt = 0;
  #pulseMissed = 0;
  #stopPulse: () => void = () => {};
  #stopRetry: () => void = () => {};

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#state = { state: 'connecting', reason: 'Connecting to the gateway.', sinceMonoMs: options.clock.monoMs() };
  }

  state(): ConsoleState {
    return this.#state;
  }

  onNotification(listener: (notification: Notification) => void): () => void {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  onState(listener: (state: ConsoleState) => void): () => void {
    this.#watched.add(listener);
    return () => this.#watched.delete(listener);
  }

  call<M extends MethodName>(method: M, params: Takes<M>): Promise<Gives<M>> {
    if (this.#state.state !== 'up') return Promise.reject(new ConsoleError('CONSOLE_DISCONNECTED'));
    return this.#ask(method, params);
  }

  /** One attempt: socket, then `hello`, then up. */
  open(): void {
    const { url, tls } = this.#options;
    this.#move('connecting', 'Connecting to the gateway.');
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: frameBytesMax,
      handshakeTimeout: this.#options.callMs ?? callMsDefault,
      followRedirects: false,
      ...(url.startsWith('wss:') ? tlsOptions(tls) : {}),
    });
    this.#socket = socket;
    this.#rpc = new JSONRPCClient((payload: unknown) => this.#send(socket, JSON.stringify(payload)));
    socket.on('open', () => this.#greet(socket));
    socket.on('message', (data, isBinary) => this.#receive(socket, data, isBinary));
    socket.on('pong', () => {
      this.#pulseMissed = 0;
    });
    // What an error says may hold what the peer sent, so only that it happened is kept; `close` follows.
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code?.startsWith('WS_ERR_') === true) this.#lost(socket, unreadable);
      else if (certificateCodes.has(error.code ?? '')) this.#lost(socket, untrusted);
    });
    socket.on('close', (code, reason) => this.#lost(socket, reasonOfClose(code, reason.toString())));
  }

  async close(): Promise<void> {
    if (this.#state.state === 'closed') return;
    const socket = this.#socket;
    this.#stopRetry();
    this.#stopPulse();
    this.#move('closed', 'Closed.');
    this.#failAll();
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const stop = this.#options.clock.after(closeMsMax, () => socket.terminate());
      socket.once('close', () => {
        stop();
        resolve();
      });
      socket.close(1000);
    });
  }

  async #greet(socket: WebSocket): Promise<void> {
    try {
      const says = await this.#ask('hello', {
        consoleId: this.#options.consoleId,
        client: this.#options.client ?? 'hitline terminal',
      });
      if (this.#socket !== socket || this.#state.state !== 'connecting') return;
      this.#attempt = 0;
      this.#pulseMissed = 0;
      this.#beat(socket);
      this.#move('up', '');
      this.#tell({ name: 'status', says });
    } catch (error) {
      const code = error instanceof ConsoleError ? error.code : 'CONSOLE_REPLY_BAD';
      this.#lost(socket, `The gateway refused this console: ${sentenceOf(code)}`);
      socket.terminate();
    }
  }

  async #ask<M extends MethodName>(method: M, params: Takes<M>): Promise<Gives<M>> {
    const rpc = this.#rpc;
    if (rpc === undefined) throw new ConsoleError('CONSOLE_DISCONNECTED');
    const takes = methods[method].takes.safeParse(params);
    if (!takes.success) {
      throw new ConsoleError(
        'CONSOLE_REQUEST_BAD',
        takes.error.issues.map((issue) => faultOfPath(issue.path)),
      );
    }
    const answer = await this.#within(Promise.resolve(rpc.request(method, takes.data)));
    const gives = methods[method].gives.safeParse(answer);
    if (!gives.success) throw new ConsoleError('CONSOLE_REPLY_BAD');
    return gives.data as Gives<M>;
  }

  /** Settles with the answer, the gateway's error, the loss of the link or the end of the wait, whichever is first. */
  #within(answer: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        this.#fails.delete(fail);
        stop();
        act();
      };
      const fail = (error: ConsoleError): void => end(() => reject(error));
      const stop = this.#options.clock.after(this.#options.callMs ?? callMsDefault, () =>
        fail(new ConsoleError('CONSOLE_TIMEOUT')),
      );
      this.#fails.add(fail);
      answer.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => fail(errorFrom(error)),
      );
    });
  }

  #send(socket: WebSocket, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) throw new ConsoleError('CONSOLE_DISCONNECTED');
    if (Buffer.byteLength(text) > frameBytesMax) throw new ConsoleError('CONSOLE_REQUEST_BAD');
    socket.send(text);
  }

  #receive(socket: WebSocket, data: RawData, isBinary: boolean): void {
    if (socket !== this.#socket) return;
    this.#pulseMissed = 0;
    const frame = isBinary ? undefined : readFrame(String(data));
    if (frame === undefined) {
      this.#lost(socket, unreadable);
      socket.terminate();
      return;
    }
    if (frame.method === undefined) {
      this.#rpc?.receive(frame as Parameters<JSONRPCClient['receive']>[0]);
      return;
    }
    this.#tell(readNotification(frame.method, frame.params));
  }

  #tell(notification: Notification): void {
    for (const listener of [...this.#heard]) listener(notification);
  }

  /** Pings; two beats without any sign of life and the link is taken for dead (law 7). */
  #beat(socket: WebSocket): void {
    this.#stopPulse();
    this.#stopPulse = this.#options.clock.after(this.#options.pulseMs ?? pulseMsDefault, () => {
      if (socket !== this.#socket || socket.readyState !== WebSocket.OPEN) return;
      if (this.#pulseMissed >= 2) {
        this.#lost(socket, 'The gateway gives no sign of life.');
        socket.terminate();
        return;
      }
      this.#pulseMissed += 1;
      socket.ping();
      this.#beat(socket);
    });
  }

  #lost(socket: WebSocket, reason: string): void {
    if (socket !== this.#socket || this.#state.state === 'closed' || this.#state.state === 'away') return;
    this.#stopPulse();
    this.#rpc = undefined;
    this.#failAll();
    const { retryMsMin = 500, retryMsMax = 5_000, clock } = this.#options;
    const waitMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    this.#stopRetry = clock.after(waitMs, () => this.open());
    this.#move('away', reason, clock.monoMs() + waitMs);
  }

  #failAll(): void {
    const error = new ConsoleError('CONSOLE_LOST');
    for (const fail of [...this.#fails]) fail(error);
  }

  #move(state: ConsoleState['state'], reason: string, retryAtMonoMs?: number): void {
    const sinceMonoMs = this.#options.clock.monoMs();
    this.#state = { state, reason, sinceMonoMs, ...(retryAtMonoMs === undefined ? {} : { retryAtMonoMs }) };
    for (const listener of [...this.#watched]) listener(this.#state);
  }
}

/** A JSON object that is a response or a notification, or nothing. */
function readFrame(text: string): { readonly method?: string; readonly params?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const frame = value as Record<string, unknown>;
    if (frame['jsonrpc'] !== '2.0') return undefined;
    if (typeof frame['method'] === 'string') return { method: frame['method'], params: frame['params'] };
    return 'id' in frame && ('result' in frame || 'error' in frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

/** Whatever cannot be read as the notification it claims to be stands for something missed. */
function readNotification(name: string, params: unknown): Notification {
  if (Object.hasOwn(notifications, name)) {
    const known = name as NotificationName;
    const says = notifications[known].safeParse(params ?? {});
    if (says.success) return { name: known, says: says.data } as Notification;
  }
  return { name: 'resync', says: {} };
}

function errorFrom(error: unknown): ConsoleError {
  if (error instanceof ConsoleError) return error;
  if (!(error instanceof JSONRPCErrorException)) return new ConsoleError('CONSOLE_REPLY_BAD');
  // json-rpc-2.0 turns what our own sender threw into an error without data, which only means that nothing left.
  const data = errorData.safeParse(error.data);
  if (data.success) return new ConsoleError(data.data.code, data.data.faults);
  return new ConsoleError(error.data === undefined && error.code === 0 ? 'CONSOLE_DISCONNECTED' : 'CONSOLE_REPLY_BAD');
}

function faultOfPath(path: readonly PropertyKey[]): Fault {
  // Only the names of the contract itself may show; a key of `fields` is typed by a person but is a field code.
  return makeFault('CONSOLE_REQUEST_BAD', { field: path.map(String).join('.') });
}

/** A gateway closes with a code of the fault table as its reason; only such a reason is shown. */
function reasonOfClose(code: number, reason: string): string {
  if (Object.hasOwn(faultTable, reason)) return `The gateway closed the connection: ${sentenceOf(reason)}`;
  if (code === 1006) return 'The gateway cannot be reached.';
  if (code === 1008) return 'The gateway refused this console.';
  if (code === 1009) return 'The gateway sent more than a screen takes.';
  if (code === 1012 || code === 1001) return 'The gateway is stopping.';
  if (code === 1013) return 'This screen was too slow; the gateway closed it.';
  return `The gateway closed the connection (${code}).`;
}
