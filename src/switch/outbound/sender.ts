/**
 * The upstream sender: takes what is queued in order of urgency, files SENT before the first byte leaves, and files what
 * became of it. Nothing but inquiry and history is ever sent again by itself.
 */
import type { Link, SendOutcome } from '../../wire/link.ts';
import type { Bell, BellSource } from '../deadlines/scheduler.ts';
import type { Parts } from '../parts.ts';
import { isFailure } from '../records/is-failure.ts';
import { attemptsMax, isUnheld, type OutboundState, outboundMachine } from './outbound-message.ts';
import { fileOutcome, fileSent, type Leaving } from './send-filing.ts';

/** The ledger gives no more rows at a time. */
const rowsMax = 5_000;
/** The most messages that may wait for the line; the ledger's own query brings back what does not fit. */
const waitingMax = 10_000;
/** How long the sender waits before it asks a ledger that failed once more. */
const tryAgainMs = 1_000;

/** A free place on the line, kept for one message while it is being filed. Exactly one of the two must be called, once. */
export interface LinePlace {
  readonly link: Link;
  readonly exchangeId: number;
  /** The disk has it as SENT: its bytes leave. */
  leave(leaving: Leaving): void;
  giveBack(): void;
}

/** The line as it is for who has a message that it may take at once. */
export interface Line {
  /** A place, or undefined while the line is down or full, or others wait for it. */
  place(): LinePlace | undefined;
  /**
   * Resolves when what the switch has said of a message, such as its acknowledgement, is on file or could not be filed now:
   * an answer to it that comes at its heels is filed after it, and the two do not cross.
   */
  settled(id: string): Promise<void>;
}

export interface Sender extends Line {
  /** A bell says that this message may be ready. Rings that are not true do nothing. */
  ring(bell: Bell): Promise<void>;
  linkUp(link: Link): Promise<void>;
  linkDown(): void;
  /** After a restart: what was under way is in doubt, what was queued is queued again. */
  recover(): Promise<void>;
  readonly waitingCount: number;
  close(): Promise<void>;
}

/** Where the gateway finds, each second, what is queued although its bell was lost with Redis. */
export function queuedSource(ledger: Parts['ledger']): BellSource {
  return {
    async dueAtOrBefore(atMs, limit) {
      const rows = await ledger.states({ stream: 'message', status: ['QUEUED'], order: 'oldest', limit });
      return rows.map((row) => ({
        kind: 'send',
        id: row.id,
        version: row.version,
        dueAtMs: Math.min(atMs, row.updatedAtMs),
      }));
    },
  };
}

/** The order in which waiting messages leave: an urgent confirmation first, ordinary traffic last. */
function rankOf(state: OutboundState): number {
  if (state.keyClass === 'confirm') return state.priority === 'R' ? 1 : 0;
  return { inquiry: 2, history: 3, record: 4, tell: 5, unknown: 6 }[state.keyClass];
}

/** Builds the sender. `onFault` hears of failures of the world, codes only. */
export function makeSender(parts: Parts, onFault: (error: unknown) => void): Sender {
  return new LineSender(parts, onFault);
}

class LineSender implements Sender {
  readonly #parts: Parts;
  readonly #onFault: (error: unknown) => void;
  readonly #waiting = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #outcomes = new Map<string, Promise<void>>();
  /** Ends the waits for a ledger that failed. */
  readonly #pauses = new Set<() => void>();
  #link: Link | undefined;
  #filing = 0;
  #closed = false;

  constructor(parts: Parts, onFault: (error: unknown) => void) {
    this.#parts = parts;
    this.#onFault = onFault;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  async ring(bell: Bell): Promise<void> {
    if (this.#closed) return;
    if (!this.#waiting.has(bell.id)) {
      const row = await this.#parts.ledger.state('message', bell.id);
      if (row?.status !== 'QUEUED') return;
      const state = row.body as OutboundState;
      if (!(await mayLeaveYet(this.#parts, state))) return;
      // Room is kept for confirmations, of which the cases allow only so many.
      if (this.#waiting.size >= waitingMax && state.keyClass !== 'confirm') return;
      this.#waiting.set(bell.id, rankOf(state));
    }
    this.#pump();
  }

  async linkUp(link: Link): Promise<void> {
    this.#link = link;
    await this.#untilDone(async () => {
      await retryInquiries(this.#parts, this.#onFault);
      await this.#enqueueQueued();
    });
    this.#pump();
  }

  linkDown(): void {
    this.#link = undefined;
  }

  async recover(): Promise<void> {
    const { ledger } = this.#parts;
    const underWay = await ledger.states({ stream: 'message', status: ['SENT'], order: 'oldest', limit: rowsMax });
    for (const row of underWay) {
      await fileOutcome(this.#parts, row.id, { type: 'restart' });
    }
    await this.#enqueueQueued();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    for (const end of [...this.#pauses]) end();
    await Promise.all(this.#underWay);
  }

  async #enqueueQueued(): Promise<void> {
    const { ledger } = this.#parts;
    const rows = await ledger.states({ stream: 'message', status: ['QUEUED'], order: 'oldest', limit: rowsMax });
    for (const row of rows) {
      const state = row.body as OutboundState;
      if (this.#waiting.size < waitingMax && (await mayLeaveYet(this.#parts, state)))
        this.#waiting.set(row.id, rankOf(state));
    }
  }

  place(): LinePlace | undefined {
    const link = this.#link;
    if (this.#waiting.size > 0 || !this.#hasRoom(link)) return undefined;
    const exchangeId = link.reserveExchangeId();
    const filed = Promise.withResolvers<Leaving | undefined>();
    this.#start(link, exchangeId, filed.promise);
    return { link, exchangeId, leave: filed.resolve, giveBack: () => filed.resolve(undefined) };
  }

  #hasRoom(link: Link | undefined): link is Link {
    return !this.#closed && link?.state === 'open' && link.windowFree - this.#filing > 0;
  }

  #takeNext(): string | undefined {
    let best: string | undefined;
    for (const [id, rank] of this.#waiting) {
      if (best === undefined || rank < (this.#waiting.get(best) ?? 0)) best = id;
    }
    if (best !== undefined) this.#waiting.delete(best);
    return best;
  }

  #pump(): void {
    while (this.#hasRoom(this.#link)) {
      const id = this.#takeNext();
      if (id === undefined) return;
      const exchangeId = this.#link.reserveExchangeId();
      this.#start(this.#link, exchangeId, fileSent(this.#parts, this.#link, { id, exchangeId }));
    }
  }

  #start(over: Link, exchangeId: number, filed: Promise<Leaving | undefined>): void {
    this.#filing += 1;
    const work = this.#sendOne(over, exchangeId, filed)
      .catch(this.#onFault)
      .finally(() => {
        this.#underWay.delete(work);
        this.#pump();
      });
    this.#underWay.add(work);
  }

  async #sendOne(over: Link, exchangeId: number, filed: Promise<Leaving | undefined>): Promise<void> {
    // What could not be filed is still QUEUED in the ledger, and is rung again from there; trying at once would only spin.
    const leaving = await filed.finally(() => {
      this.#filing -= 1;
    });
    if (leaving === undefined) return;
    const { id, payload, repeatable } = leaving;
    const outcome = await over.send(payload, { repeatable, exchangeId });
    await this.#untilDone(() => this.#fileOutcome(id, outcome));
  }

  #fileOutcome(id: string, outcome: SendOutcome): Promise<void> {
    const filing = fileOutcome(this.#parts, id, outcome).finally(() => this.#outcomes.delete(id));
    this.#outcomes.set(id, filing);
    return filing;
  }

  async settled(id: string): Promise<void> {
    await this.#outcomes.get(id)?.catch(() => undefined);
  }

  /** Tries again for as long as the ledger fails: an outcome that is not filed would be an acknowledgement lost. */
  async #untilDone(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.#onFault(error);
        if (this.#closed || !isFailure(error)) return;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        stop();
        this.#pauses.delete(end);
        resolve();
      };
      const stop = this.#parts.clock.after(tryAgainMs, end);
      this.#pauses.add(end);
    });
  }
}

/** What goes with another message speaks of it as sent: it leaves once that one has arrived, and is rung for each second. */
async function mayLeaveYet({ ledger }: Parts, { companionOf }: OutboundState): Promise<boolean> {
  if (companionOf === null) return true;
  const main = await ledger.state('message', companionOf);
  return main !== undefined && ['ACKED', 'ANSWERED'].includes(main.status);
}

/** Inquiries whose fate is unknown are asked again, under the same reference, three times in all. */
async function retryInquiries(parts: Parts, onFault: (error: unknown) => void): Promise<void> {
  const rows = await parts.ledger.states({ stream: 'message', status: ['IN_DOUBT'], order: 'oldest', limit: rowsMax });
  for (const row of rows) {
    const state = row.body as OutboundState;
    if (!isUnheld(state.keyClass) || state.attempts >= attemptsMax) continue;
    try {
      await parts.change((change) =>
        change.apply(outboundMachine, row.id, { event: { type: 'RETRIED' }, actor: 'system' }),
      );
    } catch (error) {
      if (isFailure(error)) throw error;
      // An answer or a person came first; the others still have their turn.
      onFault(error);
    }
  }
}
