/** Tells the headless stories: one JSON line a step, and a wait that ends with the reason when a step did not happen. */

import type { ConsoleClient } from '../console/client.ts';
import type { Clock } from '../host/clock.ts';

/** A step that did not happen. */
export class StoryFailed extends Error {
  override readonly name = 'StoryFailed';
}

export interface Teller {
  /** Says that a step happened, and lets whoever watches look at the whole before the next. */
  say(step: string, facts?: Readonly<Record<string, string | number | boolean | null>>): Promise<void>;
  /**
   * Gives what `probe` gives as soon as that is not undefined. It is asked again at each notification of the console and
   * each 200 ms; after `limitMs` the story fails with `step` as its reason.
   */
  until<T>(step: string, probe: () => Promise<T | undefined> | T | undefined, limitMs?: number): Promise<T>;
}

const askAgainMs = 200;
const limitMsDefault = 30_000;

/** Makes the teller of one story. */
export function makeTeller(options: {
  readonly story: string;
  readonly console: ConsoleClient;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  readonly afterStep: () => Promise<void>;
}): Teller {
  const { clock } = options;
  const startMs = clock.monoMs();
  const nextLook = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        stop();
        cancel();
        resolve();
      };
      const stop = options.console.onNotification(done);
      const cancel = clock.after(askAgainMs, done);
    });
  return {
    async say(step, facts = {}) {
      const line = { story: options.story, step, ok: true, ms: Math.round(clock.monoMs() - startMs), ...facts };
      options.print(JSON.stringify(line));
      await options.afterStep();
    },
    async until(step, probe, limitMs = limitMsDefault) {
      const endMs = clock.monoMs() + limitMs;
      for (;;) {
        const found = await probe();
        if (found !== undefined) return found;
        if (clock.monoMs() > endMs) throw new StoryFailed(`${options.story}: did not happen in ${limitMs} ms: ${step}`);
        await nextLook();
      }
    },
  };
}
