/** A client that knows a profile's frames and none of its rules, so that it can also break them. */
import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HitlineError } from '../../faults/fault.ts';
import type { LinkClock } from '../clock.ts';
import type { Deframer, Frame } from '../framing/frame.ts';
import type { WireProfile } from '../profile.ts';
import { requireTlsOrLoopback, type TlsSettings, tlsContext } from '../sockets/tls.ts';

export interface BareClientOptions {
  readonly host: string;
  readonly port: number;
  readonly profile: WireProfile;
  readonly clock: LinkClock;
  readonly tls?: TlsSettings;
  readonly insideVpn?: boolean;
}

/** What came next: a frame, the end of the connection, bytes that are no frame, or nothing in time. */
export type Arrival =
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'closed' }
  | { readonly type: 'garbage' }
  | { readonly type: 'nothing' };

const framesMax = 1_000;

export class BareClient {
  readonly #socket: Socket;
  readonly #clock: LinkClock;
  readonly #deframer: Deframer;
  readonly #arrived: Frame[] = [];
  #ended: 'closed' | 'garbage' | undefined;
  #tell: () => void = () => undefined;

  /** Connects; throws CONNECTION_FAILED or TLS_REQUIRED. */
  static async open(options: BareClientOptions): Promise<BareClient> {
    requireTlsOrLoopback(options.host, options);
    const { host, port, tls } = options;
    const socket =
      tls === undefined
        ? connectPlain({ host, port, noDelay: true })
        : connectTls({ host, port, secureContext: tlsContext(tls), rejectUnauthorized: true });
    try {
      await once(socket, tls === undefined ? 'connect' : 'secureConnect');
    } catch (cause) {
      throw new HitlineError('CONNECTION_FAILED', { cause });
    }
    return new BareClient(socket, options);
  }

  constructor(socket: Socket, options: BareClientOptions) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#deframer = options.profile.makeDeframer(options.profile.frameBytesMax);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended ??= 'closed';
      this.#tell();
    });
  }

  write(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Waits for the next frame, at most `withinMs`. */
  async next(withinMs: number): Promise<Arrival> {
    let late = false;
    const cancel = this.#clock.after(withinMs, () => {
      late = true;
      this.#tell();
    });
    while (!late && this.#arrived.length === 0 && this.#ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
    cancel();
    const frame = this.#arrived.shift();
    if (frame !== undefined) return { type: 'frame', frame };
    return { type: this.#ended ?? 'nothing' };
  }

  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  #take(chunk: Buffer): void {
    this.#deframer.push(chunk);
    for (let item = this.#deframer.next(); item !== undefined; item = this.#deframer.next()) {
      if (item.type === 'fault' || this.#arrived.length >= framesMax) {
        this.#ended = 'garbage';
        break;
      }
      this.#arrived.push(item);
    }
    this.#tell();
  }
}
