/**
 * One change to the ledger: read what is, take pure steps, file the result as one unit, then perform the effects.
 * Every room of the gateway moves its things this way and no other, so that filing always comes before doing.
 */

import type { FaultCode } from '../faults/fault.ts';
import { HitlineError } from '../faults/fault.ts';
import type { Clock } from '../host/clock.ts';
import type { Bell, TimedBell } from './deadlines/scheduler.ts';
import type { Entry, Guard, JsonObject, Ledger, State, Stream, Unit } from './ledger/ledger.ts';
import type { Moved } from './records/counts.ts';

/** The moment of a step: wall time in milliseconds since 1970 and the monotonic clock beside it. */
export interface Now {
  readonly atMs: number;
  readonly monoMs: number;
}

/** The moment it is. */
export function nowOf(clock: Pick<Clock, 'wallMs' | 'monoMs'>): Now {
  return { atMs: Math.floor(clock.wallMs()), monoMs: Math.floor(clock.monoMs()) };
}

/** An event as a pure step sees it. All of it but `type` stands in clear on disk. */
export type Happening = { readonly type: string } & JsonObject;

/** What the shell does after the disk has the unit. Data, so that a test can look at it. */
export type Effect =
  | { readonly do: 'arm'; readonly bell: TimedBell }
  | { readonly do: 'disarm'; readonly bell: Bell }
  | { readonly do: 'ready'; readonly bell: Bell }
  | { readonly do: 'changed'; readonly what: 'message' | 'case' | 'status' | 'alarm'; readonly id: string }
  | { readonly do: 'alarm'; readonly id: string; readonly alarm: JsonObject }
  | { readonly do: 'deliver'; readonly stationId: string };

/** What a pure step gives: the next state and what must be done, or the code of the rule that says no. */
export type Stepped<S> =
  | { readonly ok: true; readonly state: S; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly code: FaultCode };

/** One kind of thing with a history: how it steps, and how its state is laid into a row. */
export interface Machine<S extends JsonObject, E extends Happening> {
  readonly stream: Stream;
  step(
    state: S | undefined,
    event: E,
    context: { readonly now: Now; readonly id: string; readonly actor: string; readonly version: number },
  ): Stepped<S>;
  row(state: S): State;
}

/** An event with who caused it, and what is kept encrypted with it. */
export interface Act<E extends Happening> {
  readonly event: E;
  readonly actor: string;
  readonly texts?: Readonly<Record<string, Uint8Array>>;
  readonly tokens?: Entry['tokens'];
}

/** A thing as read within a change. */
export interface Held<S> {
  readonly id: string;
  readonly version: number;
  readonly state: S;
}

/** The hands of one change. Nothing is on disk, and no effect done, before its closure has returned. */
export interface Change {
  readonly now: Now;
  /** A thing as its row shows it, with the steps of this change applied; undefined when there is none. */
  get<S extends JsonObject, E extends Happening>(machine: Machine<S, E>, id: string): Promise<Held<S> | undefined>;
  /** A thing as its events tell it: for release and send, where an edited row must open nothing. */
  fold<S extends JsonObject, E extends Happening>(machine: Machine<S, E>, id: string): Promise<Held<S> | undefined>;
  /** Takes a step; throws the refusal as a HitlineError when the machine says no. */
  apply<S extends JsonObject, E extends Happening>(machine: Machine<S, E>, id: string, act: Act<E>): Promise<S>;
  /**
   * Takes the first step of a thing under an id that was never given before: nothing is asked, and the whole unit falls should
   * there be one of that id.
   */
  begin<S extends JsonObject, E extends Happening>(machine: Machine<S, E>, id: string, act: Act<E>): Promise<S>;
  /** True for what this change makes: nothing on file is about it yet. */
  isNew(stream: Stream, id: string): boolean;
  /** Files a one-event stream, such as a frame: of this moment, unless it was at an earlier one. */
  file(entry: Omit<Entry, 'version' | 'atMs' | 'monoMs'>, at?: Now): void;
  /** Removes the search tokens of these rows; an entry of this change must name them (ledger/tombstone.ts). */
  dropTokens(rows: NonNullable<Unit['dropTokens']>): void;
  /** The whole unit falls when this thing has moved on from the version read. */
  guard(stream: Stream, id: string): Promise<void>;
  effect(effect: Effect): void;
}

export type Changer = <T>(work: (change: Change) => Promise<T>) => Promise<T>;

/** How often a change is tried again when somebody else's came first. */
const triesMax = 12;

class OneChange implements Change {
  readonly now: Now;
  readonly entries: Entry[] = [];
  readonly guards: Guard[] = [];
  readonly effects: Effect[] = [];
  readonly moved: Moved[] = [];
  readonly dropped: NonNullable<Unit['dropTokens']>[number][] = [];
  readonly #ledger: Ledger;
  readonly #seen = new Map<string, { version: number; state: JsonObject | undefined }>();
  readonly #made = new Set<string>();

  constructor(ledger: Ledger, now: Now) {
    this.#ledger = ledger;
    this.now = now;
  }

  async #look(stream: Stream, id: string): Promise<{ version: number; state: JsonObject | undefined }> {
    const key = `${stream} ${id}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined) return seen;
    const stored = await this.#ledger.state(stream, id);
    const found =
      stored === undefined ? { version: 0, state: undefined } : { version: stored.version, state: stored.body };
    this.#seen.set(key, found);
    return found;
  }

  async get<S extends JsonObject, E extends Happening>(
    machine: Machine<S, E>,
    id: string,
  ): Promise<Held<S> | undefined> {
    const found = await this.#look(machine.stream, id);
    return found.state === undefined ? undefined : { id, version: found.version, state: found.state as S };
  }

  async fold<S extends JsonObject, E extends Happening>(
    machine: Machine<S, E>,
    id: string,
  ): Promise<Held<S> | undefined> {
    const folded = await foldHistory(this.#ledger, machine, id);
    if (folded === undefined) return undefined;
    this.#seen.set(`${machine.stream} ${id}`, { version: folded.version, state: folded.state });
    return folded;
  }

  async apply<S extends JsonObject, E extends Happening>(machine: Machine<S, E>, id: string, act: Act<E>): Promise<S> {
    const { event } = act;
    const found = await this.#look(machine.stream, id);
    const version = found.version + 1;
    const stepped = machine.step(found.state as S | undefined, event, {
      now: this.now,
      id,
      actor: act.actor,
      version,
    });
    if (!stepped.ok) throw new HitlineError(stepped.code);
    const { type, ...data } = event;
    const row = machine.row(stepped.state);
    const before = found.state === undefined ? undefined : machine.row(found.state as S).status;
    if (before !== row.status) this.moved.push({ stream: machine.stream, from: before, to: row.status });
    this.entries.push({
      stream: machine.stream,
      id,
      version,
      type,
      ...this.now,
      actor: act.actor,
      data: data as JsonObject,
      ...(act.texts === undefined ? {} : { texts: act.texts }),
      ...(act.tokens === undefined ? {} : { tokens: act.tokens }),
      state: row,
    });
    this.#seen.set(`${machine.stream} ${id}`, { version, state: stepped.state });
    this.effects.push(...stepped.effects);
    return stepped.state;
  }

  begin<S extends JsonObject, E extends Happening>(machine: Machine<S, E>, id: string, act: Act<E>): Promise<S> {
    const key = `${machine.stream} ${id}`;
    this.#made.add(key);
    if (!this.#seen.has(key)) this.#seen.set(key, { version: 0, state: undefined });
    return this.apply(machine, id, act);
  }

  isNew(stream: Stream, id: string): boolean {
    return this.#made.has(`${stream} ${id}`);
  }

  file(entry: Omit<Entry, 'version' | 'atMs' | 'monoMs'>, at = this.now): void {
    this.entries.push({ ...entry, version: 1, ...at });
  }

  async guard(stream: Stream, id: string): Promise<void> {
    this.guards.push({ stream, id, version: (await this.#look(stream, id)).version });
  }

  dropTokens(rows: NonNullable<Unit['dropTokens']>): void {
    this.dropped.push(...rows);
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }
}

/**
 * Folds the whole history of a thing through its machine, from events alone. The `actor` and time of each step are those
 * on file, so the result is the state that was true, whatever the state row says now.
 */
export async function foldHistory<S extends JsonObject, E extends Happening>(
  ledger: Ledger,
  machine: Machine<S, E>,
  id: string,
): Promise<Held<S> | undefined> {
  let state: S | undefined;
  let version = 0;
  for (const event of await ledger.history(machine.stream, id)) {
    const stepped = machine.step(state, { ...event.data, type: event.type } as unknown as E, {
      now: { atMs: event.atMs, monoMs: event.monoMs },
      id,
      actor: event.actor,
      version: event.version,
    });
    if (!stepped.ok)
      throw new HitlineError('LEDGER_FAILED', {
        detail: `A ${machine.stream} event does not follow from the one before.`,
      });
    state = stepped.state;
    version = event.version;
  }
  return state === undefined ? undefined : { id, version, state };
}

function unitOf({ entries, guards, dropped }: OneChange): Unit {
  return { entries, guards, ...(dropped.length === 0 ? {} : { dropTokens: dropped }) };
}

/**
 * Makes the one function through which the gateway changes anything. `perform` is called with the effects of a unit
 * after its receipt, in order, and with what moved, and may not throw. When another change came first the closure runs again
 * on what is now.
 */
export function makeChanger(ports: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  perform(effects: readonly Effect[], moved: readonly Moved[]): void;
}): Changer {
  const append = async (change: OneChange): Promise<boolean> => {
    const [receipt] = await ports.ledger.append([unitOf(change)]);
    if (receipt === undefined) throw new HitlineError('LEDGER_FAILED');
    return receipt.ok;
  };
  return async (work) => {
    for (let tries = 1; ; tries += 1) {
      const change = new OneChange(ports.ledger, nowOf(ports.clock));
      const result = await work(change);
      if (change.entries.length === 0 || (await append(change))) {
        if (change.entries.length > 0) ports.perform(change.effects, change.moved);
        return result;
      }
      if (tries >= triesMax) throw new HitlineError('CONFLICT');
    }
  };
}
