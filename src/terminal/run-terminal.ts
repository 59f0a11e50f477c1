/** The operator's screen as a program: client, model and painter joined, until the person leaves. */
import { z } from 'zod';
import {
  type ConsoleClient,
  ConsoleError,
  type ConsoleState,
  type ConsoleTls,
  connectConsole,
  isConsoleUrlAllowed,
} from '../console/client.ts';
import { HitlineError } from '../faults/fault.ts';
import { type Clock, systemClock } from '../host/clock.ts';
import { type CallEffect, type Effect, type Event, emptyModel, type Model, topOf } from './model.ts';
import { openPainter, type Painter } from './paint.ts';
import { present } from './present.ts';
import { update } from './update.ts';
import { clockFace } from './words.ts';

const fileName = z.string().min(1).max(4_096).optional();

/** The `terminal` section of a configuration file. */
export const terminalConfig = z.strictObject({
  /** Where the gateway's console door is: `wss://host:port`, or `ws://` on loopback. */
  url: z.string().min(1).max(500),
  /** Which console this is, as the gateway knows it, such as COJ1. */
  consoleId: z.string().min(1).max(20),
  /** File with the certificate authority (PEM) of the gateway. */
  ca: fileName,
  /** Files with the certificate of this screen and its key (PEM), where the door asks for one. */
  certificate: fileName,
  key: fileName,
});
export type TerminalConfig = z.infer<typeof terminalConfig>;

export interface TerminalOptions {
  readonly url: string;
  readonly consoleId: string;
  /** Lines shown on the log-on screen. */
  readonly banner?: readonly string[];
  /** How the gateway is trusted, and how it may know this screen. */
  readonly tls?: ConsoleTls;
  readonly input?: NodeJS.ReadStream;
  readonly output?: NodeJS.WriteStream;
  readonly clock?: Clock;
  /** Such as America/Denver; the machine's own when absent. */
  readonly timeZone?: string;
}

const tickMs = 250;
const leaveSignals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/**
 * Runs the screen until the person leaves (F10 or Ctrl-C, twice), the terminal is gone, or SIGTERM, SIGINT or SIGHUP comes;
 * gives the terminal back first. Throws HitlineError NOT_A_TERMINAL or CONSOLE_URL_REFUSED before it has touched anything.
 */
export async function runTerminal(options: TerminalOptions): Promise<void> {
  if (!isConsoleUrlAllowed(options.url)) throw new HitlineError('CONSOLE_URL_REFUSED');
  const session = new Session(options);
  const leave = (): void => session.leave();
  for (const signal of leaveSignals) process.on(signal, leave);
  try {
    await session.left;
  } finally {
    for (const signal of leaveSignals) process.off(signal, leave);
    await session.close();
  }
}

/** One person's time at the screen. */
class Session {
  readonly left: Promise<void>;
  readonly #clock: Clock;
  readonly #client: ConsoleClient;
  readonly #painter: Painter;
  readonly #stops: (() => void)[] = [];
  #leave: () => void = () => {};
  #stopTick: () => void = () => {};
  #model: Model;
  #isPainting = false;

  constructor(options: TerminalOptions) {
    const { clock = systemClock, input = process.stdin, output = process.stdout } = options;
    this.#clock = clock;
    this.left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    this.#painter = openPainter({
      input,
      output,
      clock,
      onKey: (key) => this.#take({ type: 'key', key }),
      onPaste: (text) => this.#take({ type: 'paste', text }),
      takesText: () => ['form', 'menu'].includes(topOf(this.#model)?.kind ?? 'form'),
      onResize: (size) => this.#take({ type: 'resize', size }),
      onGone: () => this.leave(),
    });
    this.#model = emptyModel({
      size: this.#painter.size(),
      consoleId: options.consoleId,
      banner: options.banner ?? [],
      face: clockFace(options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone),
      nowMs: clock.monoMs(),
    });
    this.#client = connectConsole({
      url: options.url,
      consoleId: options.consoleId,
      clock,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    });
    this.#stops.push(
      this.#client.onNotification((notification) => this.#take({ type: 'said', notification })),
      this.#client.onState((state) => this.#take(linkEvent(state))),
    );
    this.#take(linkEvent(this.#client.state()));
    this.#tick();
  }

  leave(): void {
    this.#leave();
  }

  async close(): Promise<void> {
    this.#stopTick();
    for (const stop of this.#stops) stop();
    this.#painter.close();
    await this.#client.close();
  }

  #tick(): void {
    this.#take({ type: 'tick', nowMs: this.#clock.monoMs() });
    this.#stopTick = this.#clock.after(tickMs, () => this.#tick());
  }

  /** An event changes the model at the moment it comes; the picture follows once for all events of one turn. */
  #take(event: Event): void {
    const ticked = update(this.#model, { type: 'tick', nowMs: this.#clock.monoMs() });
    const step = update(ticked.model, event);
    this.#model = step.model;
    for (const effect of [...ticked.effects, ...step.effects]) this.#perform(effect);
    if (this.#isPainting) return;
    this.#isPainting = true;
    queueMicrotask(() => {
      this.#isPainting = false;
      this.#painter.paint(present(this.#model));
    });
  }

  #perform(effect: Effect): void {
    if (effect.type === 'leave') this.#leave();
    else if (effect.type === 'bell') this.#painter.bell();
    else this.#call(effect);
  }

  #call(effect: CallEffect): void {
    this.#client.call(effect.method, effect.params as never).then(
      (gives) => this.#take({ type: 'answered', token: effect.token, gives }),
      (error: unknown) => this.#take({ type: 'failed', token: effect.token, ...failureOf(error) }),
    );
  }
}

function linkEvent(state: ConsoleState): Event {
  return {
    type: 'link',
    link: { state: state.state, reason: state.reason, retryAtMs: state.retryAtMonoMs ?? null },
  };
}

function failureOf(error: unknown): Pick<Extract<Event, { type: 'failed' }>, 'code' | 'text' | 'faults'> {
  if (error instanceof ConsoleError) return { code: error.code, text: error.message, faults: error.faults };
  return { code: 'CONSOLE_REPLY_BAD', text: 'The gateway’s answer could not be used.', faults: [] };
}
