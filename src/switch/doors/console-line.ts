/**
 * One WebSocket of a screen: whole calls in, answers and notifications out, with every cap that keeps one screen from
 * costing the others anything. It knows nothing of what the methods do.
 */
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { frameBytesMax } from '../../console/contract.ts';
import { type FaultCode, makeFault } from '../../faults/fault.ts';
import type { Clock } from '../../host/clock.ts';
import { CallRate, type ConsoleLimits } from './console-limits.ts';

/** A JSON-RPC request that wants an answer. */
export interface Call {
  readonly jsonrpc: '2.0';
  readonly id: string | number;
  readonly method: string;
  readonly params?: unknown;
}

/** Why a line ended: a code for the log. */
export type LineEnd =
  | 'CLOSED_BY_PEER'
  | 'CLOSED_BY_US'
  | 'PEER_SILENT'
  | 'BAD_REQUEST'
  | 'TOO_MANY_CALLS'
  | 'HELLO_MISSING'
  | 'CONSOLE_TAKEN'
  | 'FRAME_LENGTH';

export interface LineOptions {
  readonly socket: WebSocket;
  readonly clock: Clock;
  readonly limits: ConsoleLimits;
  /** Answers a call; never rejects. Null when there is nothing to answer. */
  readonly answer: (call: Call) => Promise<object | null>;
  /** Called once, when nothing more will come or go. */
  readonly onEnd: (why: LineEnd) => void;
}

const callShape = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(64), z.number()]),
  method: z.string().max(64),
  params: z.unknown(),
});

/** WebSocket close codes: policy (1008), going away (1001), try again later (1013). */
const closeCodes: Readonly<Record<LineEnd, number>> = {
  CLOSED_BY_PEER: 1000,
  CLOSED_BY_US: 1001,
  PEER_SILENT: 1013,
  BAD_REQUEST: 1008,
  TOO_MANY_CALLS: 1013,
  HELLO_MISSING: 1008,
  CONSOLE_TAKEN: 1008,
  FRAME_LENGTH: 1009,
};

const resync = JSON.stringify({ jsonrpc: '2.0', method: 'resync', params: {} });

export class ConsoleLine {
  readonly #options: LineOptions;
  readonly #rate: CallRate;
  #openCalls = 0;
  #refusedInRow = 0;
  #pingsMissed = 0;
  #behind = false;
  #end: LineEnd | undefined;
  #stopPulse: () => void = () => undefined;
  #stopClose: () => void = () => undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    const { socket, clock, limits } = options;
    this.#rate = new CallRate(limits, clock.monoMs());
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('pong', () => {
      this.#pingsMissed = 0;
    });
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#end ??= 'FRAME_LENGTH';
      else if (error.code?.startsWith('WS_ERR_') === true) this.#end ??= 'BAD_REQUEST';
      // The library says goodbye and waits half a minute for an answer, reading all the while what a flood goes on to send.
      this.#terminateLater();
    });
    socket.on('close', () => this.#closed());
    this.#pulse();
  }

  /** Sends a notification, as JSON text that serves every screen; a slow screen gets one `resync` later instead. */
  notify(text: string): void {
    const { socket, limits } = this.#options;
    if (this.#end !== undefined || this.#behind) return;
    if (socket.bufferedAmount > limits.bufferedBytesMax) this.#behind = true;
    else this.#write(text);
  }

  /** Closes politely, and for good when the screen does not take part in time. */
  close(why: LineEnd): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    this.#stopPulse();
    this.#options.socket.close(closeCodes[why], why);
    this.#terminateLater();
  }

  #terminateLater(): void {
    const { socket, clock, limits } = this.#options;
    this.#stopClose();
    this.#stopClose = clock.after(limits.closeMs, () => socket.terminate());
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#end !== undefined) return;
    const call = isBinary ? undefined : readCall(data);
    if (call === undefined) {
      this.#write(errorText(null, 'BAD_REQUEST'));
      this.close('BAD_REQUEST');
      return;
    }
    const { clock, limits } = this.#options;
    const inTime = this.#rate.take(data.length, clock.monoMs());
    if (!inTime || this.#openCalls >= limits.callsOpenMax) {
      this.#refusedInRow += 1;
      if (this.#refusedInRow > limits.refusedCallsMax) this.close('TOO_MANY_CALLS');
      else this.#write(errorText(call.id, 'TOO_MANY_CALLS'));
      return;
    }
    this.#refusedInRow = 0;
    this.#openCalls += 1;
    void this.#answer(call);
  }

  /** A call stays open until its answer has left, so that a screen that does not read cannot pile answers up. */
  async #answer(call: Call): Promise<void> {
    const reply = await this.#options.answer(call);
    const text = reply === null ? errorText(call.id, 'INTERNAL') : JSON.stringify(reply);
    const fits = Buffer.byteLength(text) <= frameBytesMax;
    this.#write(fits ? text : errorText(call.id, 'INTERNAL'), () => {
      this.#openCalls -= 1;
    });
  }

  #write(text: string, whenLeft?: () => void): void {
    const { socket } = this.#options;
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text, () => {
      whenLeft?.();
      this.#catchUp();
    });
  }

  #catchUp(): void {
    const { socket, limits } = this.#options;
    if (!this.#behind || socket.bufferedAmount > limits.bufferedBytesMax / 4) return;
    this.#behind = false;
    this.#write(resync);
  }

  /** Two pings without an answer and the screen is taken for frozen or gone (DESIGN.md, law 7). */
  #pulse(): void {
    const { socket, clock, limits } = this.#options;
    this.#stopPulse = clock.after(limits.pulseMs, () => {
      if (this.#pingsMissed >= 2) {
        this.#end ??= 'PEER_SILENT';
        socket.terminate();
        return;
      }
      this.#pingsMissed += 1;
      socket.ping();
      this.#pulse();
    });
  }

  #closed(): void {
    this.#stopPulse();
    this.#stopClose();
    const why = this.#end ?? 'CLOSED_BY_PEER';
    this.#end = why;
    this.#options.onEnd(why);
  }
}

/** A JSON-RPC error answer as text; its data carries the code of the fault table and never a value. */
export function errorText(id: string | number | null, code: FaultCode): string {
  const fault = makeFault(code);
  const error = { code: -32_600, message: fault.text, data: { code, faults: [fault] } };
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

function readCall(data: Buffer): Call | undefined {
  try {
    const shape = callShape.safeParse(JSON.parse(data.toString('utf8')));
    return shape.success ? shape.data : undefined;
  } catch {
    return undefined;
  }
}
