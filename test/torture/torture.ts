/** What a torture file gets and gives: it does its worst to the real thing, and every law must still hold. */
import type { SeededRandom } from '../seeded-random.ts';

/** The shape of every `NAME.torture.ts`. */
export interface TortureScript {
  run(torture: Torture): Promise<void>;
  /** Says what this machine lacks for it; then it is left out, and that is told. */
  missing?(): string | undefined;
}

export interface Torture {
  readonly seed: number;
  readonly random: SeededRandom;
  /** True with `--short`: each case once, so that the whole takes seconds. */
  readonly short: boolean;
  /** Runs one case and prints one line; what it throws fails the case, and the next one still runs. */
  attempt(name: string, body: () => Promise<void>): Promise<void>;
  /** Says something to the person watching. */
  note(text: string): void;
}

/** One line of the report. `reason` says why a case failed. */
export interface TortureLine {
  readonly torture: string;
  readonly case: string;
  readonly ok: boolean;
  readonly seed: number;
  readonly ms: number;
  readonly reason?: string;
}

/** Makes the object a script is given; `print` gets each finished line. */
export function makeTorture(
  options: { readonly name: string; readonly seed: number; readonly short: boolean; readonly random: SeededRandom },
  { print, note }: { readonly print: (line: TortureLine) => void; readonly note: (text: string) => void },
): Torture {
  return {
    seed: options.seed,
    random: options.random,
    short: options.short,
    note,
    async attempt(name, body) {
      const startedMs = performance.now();
      const result = await body().then(
        () => ({ ok: true }),
        (error: unknown) => ({
          ok: false,
          reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
      );
      const ms = Math.round(performance.now() - startedMs);
      print({ torture: options.name, case: name, seed: options.seed, ms, ...result });
    },
  };
}
