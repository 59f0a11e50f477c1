/** A link over a socket: it feeds the pure session with frames and time, and carries out what the session says. */
import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { LinkClock } from '../clock.ts';
import type { Deframer, Frame } from '../framing/frame.ts';
import type { CloseReason, Link, LinkEvents, Peer, SendOutcome } from '../link.ts';
import type { WireProfile } from '../profile.ts';
import { sessionWakeAtMs } from '../session/liveness.ts';
import { stepSession } from '../session/session.ts';
import {
  isReading,
  type LinkSettings,
  nextExchangeId,
  type Recent,
  type Role,
  type SessionEffect,
  type SessionEvent,
  type SessionState,
  startSession,
  windowFree,
} from '../session/state.ts';
import { type Answer, Delivered } from './delivered.ts';

/** A look at everything a link reads and writes, for captures and for the practice switch; all optional. */
export interface LinkTap {
  /** Bytes as they came from or went to the socket. */
  onBytes?(link: Link, direction: 'in' | 'out', bytes: Buffer): void;
  onFrameIn?(link: Link, frame: Frame): void;
  /** Gives the bytes that really leave for this frame; an empty buffer drops it. For practice and tests only. */
  onFrameOut?(link: Link, frame: Frame, bytes: Buffer): Buffer;
}

export interface SocketLinkOptions {
  readonly id: string;
  readonly socket: Socket;
  readonly peer: Peer;
  readonly role: Role;
  readonly profile: WireProfile;
  readonly settings: LinkSettings;
  readonly clock: LinkClock;
  readonly events: LinkEvents;
  /** The id before the first one given out. */
  readonly lastId: number;
  readonly recent?: Recent | undefined;
  readonly tap?: LinkTap;
  /** Called once when the link has ended, before `events.onClosed`; for whoever keeps the list of links. */
  readonly onGone?: (link: SocketLink, reason: CloseReason) => void;
}

/** A timer that fires this much late means the process stood still: what came meanwhile is read before anyone is judged. */
const stallMs = 20;
/** Frames one link may have read before the others have their turn. */
const framesPerTurnMax = 64;

/** Why a socket failed. When the machine's own keep-alive gets no answer, the peer is dead and not merely gone. */
function reasonOf(code: string | undefined): CloseReason {
  if (code === 'ETIMEDOUT') return 'PEER_SILENT';
  return code?.startsWith('ERR_SSL') === true ? 'TLS_FAILED' : 'CONNECTION_FAILED';
}

export class SocketLink implements Link {
  readonly id: string;
  readonly peer: Peer;
  readonly #options: SocketLinkOptions;
  readonly #socket: Socket;
  readonly #deframer: Deframer;
  #session: SessionState;
  #events: SessionEvent[] = [];
  #running = false;
  #written: Buffer[] = [];
  #flushPlanned = false;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #drainTimer: (() => void) | undefined;
  #waiters: Map<number, (outcome: SendOutcome) => void> | undefined;
  #closeReason: CloseReason | undefined;
  #closeWaiters: (() => void)[] = [];
  #gone = false;
  #junkBytes = 0;
  #standsBack = false;
  #chunkAtMs: number | undefined;

  /** One function a link, not two a payload. */
  readonly #answer: Answer = (token, refusal) => {
    if (refusal === undefined) this.#run({ type: 'answer', token });
    else this.#run({ type: 'answer', token, refusal: refusal.reason, status: refusal.status });
  };

  constructor(options: SocketLinkOptions) {
    this.id = options.id;
    this.peer = options.peer;
    this.#options = options;
    this.#socket = options.socket;
    this.#deframer = options.profile.makeDeframer(options.settings.frameBytesMax);
    this.#session = startSession({
      role: options.role,
      rules: options.profile.rules,
      settings: options.settings,
      digest: (payload) => hash('sha256', payload, 'binary'),
      lastId: options.lastId,
      recent: options.recent,
      nowMs: options.clock.monoMs(),
    });
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#run({ type: 'peer-ended' }));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', (error: Error & { code?: string }) => {
      this.#run({ type: 'close', reason: reasonOf(error.code) });
    });
    socket.on('close', () => this.#onSocketClosed());
  }

  /** Begins the session; the connection is made. */
  start(): void {
    this.#run({ type: 'connected' });
  }

  get state(): Link['state'] {
    const { phase } = this.#session;
    return phase === 'open' || phase === 'opening' ? phase : 'closed';
  }

  get newline(): Link['newline'] {
    return this.#session.newline;
  }

  get windowFree(): number {
    return windowFree(this.#session);
  }

  /** What was acknowledged lately, for the next link to the same peer. */
  get recent(): Recent | undefined {
    return this.#session.recent;
  }

  reserveExchangeId(): number {
    const id = nextExchangeId(this.#session);
    this.#session = { ...this.#session, lastId: id };
    return id;
  }

  send(payload: Buffer, options: { readonly repeatable: boolean; readonly exchangeId: number }): Promise<SendOutcome> {
    const { exchangeId, repeatable } = options;
    return new Promise((resolve) => {
      this.#waiters ??= new Map();
      if (this.#waiters.has(exchangeId)) {
        // One id can't stand for two payloads; the first keeps it.
        resolve({ type: 'not-sent', reason: 'BUSY' });
        return;
      }
      this.#waiters.set(exchangeId, resolve);
      this.#run({ type: 'send', payload, exchangeId, repeatable });
    });
  }

  close(reason: CloseReason = 'CLOSED_BY_US'): Promise<void> {
    return new Promise((resolve) => {
      if (this.#gone) {
        resolve();
        return;
      }
      this.#closeWaiters.push(resolve);
      this.#run({ type: 'close', reason });
    });
  }

  /** Writes bytes as they are, past every rule. Only the practice switch and tests may want this. */
  writeRaw(bytes: Buffer): void {
    this.#write(bytes);
  }

  #onData(chunk: Buffer): void {
    if (this.#session.phase === 'closed') return;
    this.#options.tap?.onBytes?.(this, 'in', chunk);
    this.#deframer.push(chunk);
    // All frames of a chunk came at one moment.
    this.#chunkAtMs = this.#options.clock.monoMs();
    // What is written meanwhile leaves at the end of this call.
    this.#flushPlanned = true;
    this.#readFrames(false);
    this.#chunkAtMs = undefined;
    this.#planTimer();
    this.#flush();
  }

  /**
   * Takes frames while the session wants them; what is left stays in the deframer until the owner has answered. A peer that
   * sends more at once than its window allows waits after each window of messages until every other link had its turn.
   */
  #readFrames(resumed: boolean): void {
    let framed = resumed;
    const turnEnds = this.#session.nextToken + this.#session.settings.window;
    for (let taken = 0; isReading(this.#session) && this.#session.phase !== 'closed'; taken += 1) {
      if ((this.#session.nextToken >= turnEnds || taken === framesPerTurnMax) && this.#deframer.partial) {
        this.#standBack();
        break;
      }
      const item = this.#deframer.next();
      if (item === undefined) break;
      if (item.type === 'fault') {
        this.#run({ type: 'fault', code: item.code, offset: item.offset });
        return;
      }
      framed = true;
      this.#options.tap?.onFrameIn?.(this, item);
      this.#run({ type: 'frame', frame: item });
    }
    this.#noteJunk();
    this.#run({ type: 'read', partial: this.#deframer.partial && isReading(this.#session), framed });
    this.#settleReading();
  }

  /** What was skipped under the resync quirk is told of, so that it is on file (wire.md 11, rule 6). */
  #noteJunk(): void {
    const bytes = this.#deframer.junkBytes - this.#junkBytes;
    this.#junkBytes += bytes;
    if (bytes > 0) this.#options.events.onNotice?.(this, { code: 'FRAME_SKIPPED', bytes });
  }

  #standBack(): void {
    this.#standsBack = true;
    setImmediate(() => {
      this.#standsBack = false;
      this.#resume();
    });
  }

  #settleReading(): void {
    const wanted = isReading(this.#session) && this.#drainTimer === undefined && !this.#standsBack;
    if (wanted === !this.#socket.isPaused()) return;
    if (wanted) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Steps the session. An event that comes while effects are carried out waits its turn, so that effects keep their order. */
  #run(event: SessionEvent): void {
    if (this.#running) {
      this.#events.push(event);
      return;
    }
    this.#running = true;
    try {
      this.#step(event);
      while (this.#events.length > 0) this.#step(this.#events.shift() as SessionEvent);
    } finally {
      this.#running = false;
    }
    // Within a chunk the timer is looked at once, after its last frame.
    if (this.#chunkAtMs === undefined) this.#planTimer();
  }

  #step(event: SessionEvent): void {
    const wasReading = isReading(this.#session);
    const step = stepSession(this.#session, event, this.#chunkAtMs ?? this.#options.clock.monoMs());
    this.#session = step.state;
    for (const effect of step.effects) this.#perform(effect);
    if (!wasReading && isReading(this.#session)) process.nextTick(() => this.#resume());
  }

  #resume(): void {
    if (this.#session.phase === 'closed' || this.#standsBack) return;
    this.#readFrames(true);
    this.#flush();
  }

  #perform(effect: SessionEffect): void {
    const { events } = this.#options;
    switch (effect.type) {
      case 'write':
        this.#writeFrame(effect.frame);
        return;
      case 'deliver':
        events.onMessage(this, new Delivered(effect, this.#answer));
        return;
      case 'outcome': {
        const resolve = this.#waiters?.get(effect.exchangeId);
        this.#waiters?.delete(effect.exchangeId);
        resolve?.(effect.outcome);
        return;
      }
      case 'opened':
        this.#deframer.limit(effect.frameBytesMax);
        events.onOpen?.(this);
        return;
      case 'file-resend':
        this.#fileResend(effect.exchangeId);
        return;
      case 'notice': {
        const { type: _type, ...notice } = effect;
        events.onNotice?.(this, notice);
        return;
      }
      case 'close':
        this.#end(effect.reason);
        return;
    }
  }

  #fileResend(exchangeId: number): void {
    const filed = this.#options.events.beforeResend?.(this, exchangeId) ?? Promise.resolve();
    filed.then(
      () => this.#run({ type: 'resend', exchangeId }),
      // What cannot be put on file is not sent; the fate of the first attempt stays unknown.
      () => this.#run({ type: 'close', reason: 'ACK_TIMEOUT' }),
    );
  }

  #writeFrame(frame: Frame): void {
    const bytes = this.#options.profile.encode(frame);
    this.#write(this.#options.tap?.onFrameOut?.(this, frame, bytes) ?? bytes);
  }

  /** Frames written in one go leave in one write: one write per frame is about ten times slower at depth. */
  #write(bytes: Buffer): void {
    if (bytes.length === 0 || this.#socket.destroyed) return;
    this.#written.push(bytes);
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushPlanned = false;
    const first = this.#written[0];
    if (first === undefined || this.#socket.destroyed || this.#socket.writableEnded) return;
    const bytes = this.#written.length === 1 ? first : Buffer.concat(this.#written);
    this.#written = [];
    this.#options.tap?.onBytes?.(this, 'out', bytes);
    this.#socket.write(bytes);
    if (this.#drainTimer === undefined && this.#socket.writableLength > this.#options.settings.bufferedBytesMax) {
      // The peer does not take what we write: stop reading, so that it can't make us write more, and wait so long.
      this.#drainTimer = this.#options.clock.after(this.#options.settings.drainTimeoutMs, () =>
        this.#run({ type: 'close', reason: 'PEER_NOT_READING' }),
      );
      this.#settleReading();
    }
  }

  #onDrain(): void {
    if (this.#drainTimer === undefined) return;
    this.#drainTimer();
    this.#drainTimer = undefined;
    this.#settleReading();
  }

  /** One timer a link, armed again only when something is due before it fires. */
  #planTimer(): void {
    const atMs = sessionWakeAtMs(this.#session);
    if (atMs === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#timer?.cancel();
    const cancel = this.#options.clock.after(Math.max(0, atMs - this.#options.clock.monoMs()), () => {
      this.#timer = undefined;
      const lateMs = this.#options.clock.monoMs() - atMs;
      if (lateMs > stallMs) setImmediate(() => this.#run({ type: 'tick' }));
      else this.#run({ type: 'tick' });
    });
    this.#timer = { atMs, cancel };
  }

  #end(reason: CloseReason): void {
    this.#closeReason = reason;
    this.#flush();
    if (this.#socket.destroyed) return;
    if (reason === 'PEER_NOT_READING') {
      this.#socket.destroy();
      return;
    }
    if (reason === 'CLOSED_BY_US') {
      // A polite close: whatever still comes is thrown away until the peer has ended its side too.
      this.#socket.end();
      this.#socket.resume();
    } else {
      this.#socket.destroySoon();
    }
    const cancel = this.#options.clock.after(this.#options.settings.drainTimeoutMs, () => this.#socket.destroy());
    this.#drainTimer?.();
    this.#drainTimer = cancel;
  }

  #onSocketClosed(): void {
    if (this.#gone) return;
    this.#run({ type: 'close', reason: this.#session.phase === 'ending' ? 'CLOSED_BY_PEER' : 'CONNECTION_FAILED' });
    this.#gone = true;
    this.#drainTimer?.();
    this.#drainTimer = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    const reason = this.#closeReason ?? 'CONNECTION_FAILED';
    this.#options.onGone?.(this, reason);
    this.#options.events.onClosed?.(this, reason);
    for (const resolve of this.#closeWaiters.splice(0)) resolve();
  }
}
