/** Drives a pure machine in a test: events in, the state and every effect out; a refused event changes nothing. */
import type { Effect, Happening, Machine } from '../../src/switch/change.ts';
import type { JsonObject } from '../../src/switch/ledger/ledger.ts';

export interface Driven<S, E> {
  readonly state: S | undefined;
  readonly version: number;
  readonly effects: readonly Effect[];
  readonly refusals: readonly string[];
  readonly taken: readonly {
    readonly event: E;
    readonly actor: string;
    readonly before: S | undefined;
    readonly after: S;
  }[];
}

/** Plays events on a machine, one millisecond apart from `startMs`. */
export function drive<S extends JsonObject, E extends Happening>(
  machine: Machine<S, E>,
  events: readonly { readonly event: E; readonly actor?: string; readonly atMs?: number }[],
  startMs = 1_000_000,
): Driven<S, E> {
  let state: S | undefined;
  let version = 0;
  const effects: Effect[] = [];
  const refusals: string[] = [];
  const taken: { event: E; actor: string; before: S | undefined; after: S }[] = [];
  for (const [index, { event, actor = 'system', atMs }] of events.entries()) {
    const at = atMs ?? startMs + index;
    const stepped = machine.step(state, event, {
      now: { atMs: at, monoMs: at },
      id: 'GA00000001',
      actor,
      version: version + 1,
    });
    if (!stepped.ok) {
      refusals.push(stepped.code);
      continue;
    }
    taken.push({ event, actor, before: state, after: stepped.state });
    state = stepped.state;
    version += 1;
    effects.push(...stepped.effects);
  }
  return { state, version, effects, refusals, taken };
}
