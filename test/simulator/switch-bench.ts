/** The switch without its sockets: texts go in, and what it would send comes out. */
import type { LoadedFiles } from '../../src/simulator/records/load-hot-files.ts';
import { readRequest } from '../../src/simulator/requests.ts';
import type { Script } from '../../src/simulator/script.ts';
import { initialState, type SwitchEffect, type SwitchEvent, type SwitchState } from '../../src/simulator/state.ts';
import { stepSwitch } from '../../src/simulator/step.ts';

export const startMs = Date.UTC(2030, 0, 1, 8, 0);

export type Sent = Extract<SwitchEffect, { type: 'send' }> & { readonly atMs: number };

/** What the switch would send, in the order of its moments. */
export class SwitchBench {
  readonly sent: Sent[] = [];
  readonly notes: string[] = [];
  #state: SwitchState;
  #nowMs = startMs;
  #waiting: { readonly atMs: number; readonly event: SwitchEvent }[] = [];

  constructor(script: Script, files: LoadedFiles) {
    this.#state = initialState(script, files.records, files.registers);
  }

  /** Lets time pass; what is due meanwhile happens. */
  pass(byMs: number): void {
    this.#nowMs += byMs;
    this.run();
  }

  /** Lets a text in and runs everything that follows from it, however late. */
  receive(text: string): readonly Sent[] {
    const from = this.sent.length;
    this.#step({ type: 'received', linkId: 'link', request: readRequest(text) });
    this.run();
    return this.sent.slice(from);
  }

  accept(sent: Sent): void {
    this.#step({ type: 'accepted', facts: sent.facts });
    this.run();
  }

  run(): void {
    for (;;) {
      const [next] = this.#waiting.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#step(next.event);
    }
  }

  get state(): SwitchState {
    return this.#state;
  }

  #step(event: SwitchEvent): void {
    const { state, effects } = stepSwitch(this.#state, event, this.#nowMs);
    this.#state = state;
    for (const effect of effects) {
      if (effect.type === 'later') this.#waiting.push({ atMs: this.#nowMs + effect.afterMs, event: effect.event });
      if (effect.type === 'send') this.sent.push({ ...effect, atMs: this.#nowMs });
      if (effect.type === 'note') this.notes.push(effect.code);
    }
  }
}
