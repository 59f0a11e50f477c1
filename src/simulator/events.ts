/** Everything the simulated switch saw and did, in order: what the law checker and every scenario read. */
import { HitlineError } from '../faults/fault.ts';
import type { CloseReason, SendOutcome } from '../wire/link.ts';
import type { About, NoteCode } from './state.ts';

interface EventBase {
  /** Counts from 1 without a gap. */
  readonly seq: number;
  readonly atMs: number;
}

/** A message that arrived whole. The switch acknowledges it in the same moment unless `refused` says otherwise. */
export interface ReceivedEvent extends EventBase {
  readonly type: 'received';
  readonly linkId: string;
  readonly exchangeId: number;
  /** The line recognised it as one that came before under the same id; it was not worked on again. */
  readonly duplicate: boolean;
  readonly text: string;
  readonly refused?: string;
}

/** A message that was handed to the line. Each attempt is an event of its own with the same `deliveryId`. */
export interface SentEvent extends EventBase {
  readonly type: 'sent';
  readonly deliveryId: number;
  readonly attempt: number;
  readonly linkId: string;
  readonly exchangeId: number;
  readonly about: About;
  readonly key: string;
  readonly to: string;
  readonly text: string;
}

export type SimulatorEvent =
  | ReceivedEvent
  | SentEvent
  /** What became of an attempt. */
  | (EventBase & {
      readonly type: 'fate';
      readonly deliveryId: number;
      readonly linkId: string;
      readonly outcome: SendOutcome;
    })
  | (EventBase & { readonly type: 'opened'; readonly linkId: string; readonly address: string })
  | (EventBase & { readonly type: 'closed'; readonly linkId: string; readonly reason: CloseReason })
  /** Nobody who stands for that ORI is linked: kept until somebody is. */
  | (EventBase & { readonly type: 'kept'; readonly deliveryId: number; readonly to: string })
  /** Given up: refused again and again, or too many were kept for that ORI already. */
  | (EventBase & { readonly type: 'dropped'; readonly deliveryId: number; readonly to: string })
  | (EventBase & { readonly type: 'note'; readonly code: NoteCode; readonly key: string })
  | (EventBase & { readonly type: 'clock-jumped'; readonly byMs: number })
  /** A mistake on the line, by its rule, and where its frame began. */
  | (EventBase & {
      readonly type: 'mistake';
      readonly linkId: string;
      readonly rule: string;
      /** The rule takes both ways: worth knowing, and no fault of the client's. */
      readonly tolerated?: boolean;
      readonly exchangeId?: number;
      readonly offset?: number;
    })
  /** A scripted fault was done to the line. */
  | (EventBase & { readonly type: 'fault'; readonly linkId: string; readonly fault: string });

type WithoutPlace<T> = T extends unknown ? Omit<T, 'seq' | 'atMs'> : never;
/** An event before it is put in its place. */
export type NewEvent = WithoutPlace<SimulatorEvent>;
export type EventType = SimulatorEvent['type'];

interface Waiter {
  readonly matches: (event: SimulatorEvent) => boolean;
  readonly resolve: (event: SimulatorEvent) => void;
  readonly reject: (error: HitlineError) => void;
}

/** Keeps the last events and lets tests wait for one without looking at a clock. */
export class EventBook {
  readonly #kept: SimulatorEvent[] = [];
  readonly #counts = new Map<EventType, number>();
  readonly #waiters = new Set<Waiter>();
  readonly #keptMax: number;
  readonly #nowMs: () => number;
  #seq = 0;
  #dropped = 0;

  constructor(keptMax: number, nowMs: () => number) {
    this.#keptMax = keptMax;
    this.#nowMs = nowMs;
  }

  /** The events kept, oldest first. */
  get events(): readonly SimulatorEvent[] {
    return this.#kept;
  }

  /** How many of each type there were, and how many of the oldest are no longer kept. */
  counters(): Readonly<Partial<Record<EventType, number>>> & { readonly forgotten: number } {
    return { ...Object.fromEntries(this.#counts), forgotten: this.#dropped };
  }

  add(event: NewEvent): void {
    this.#seq += 1;
    const placed = { ...event, seq: this.#seq, atMs: this.#nowMs() } as SimulatorEvent;
    this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1);
    this.#kept.push(placed);
    if (this.#kept.length > this.#keptMax * 1.25) {
      // Cut a fifth at a time: taking one off the front of a long list for each event would be slow.
      this.#dropped += this.#kept.splice(0, this.#kept.length - this.#keptMax).length;
    }
    for (const waiter of this.#waiters) {
      if (!waiter.matches(placed)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(placed);
    }
  }

  /** The first kept event that matches, or else the next one that will. Rejects when the switch closes first. */
  waitFor(matches: (event: SimulatorEvent) => boolean): Promise<SimulatorEvent> {
    const found = this.#kept.find(matches);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => this.#waiters.add({ matches, resolve, reject }));
  }

  close(): void {
    for (const waiter of this.#waiters) waiter.reject(new HitlineError('SIMULATOR_CLOSED'));
    this.#waiters.clear();
  }
}
