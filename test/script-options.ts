/** What `npm run bench` and `npm run torture` take: names of scripts, `--short`, `--seed N`. */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface ScriptOptions {
  /** The scripts to run, all of the folder when none was named. */
  readonly names: readonly string[];
  readonly short: boolean;
  readonly seed: number;
}

export type ScriptOptionsResult =
  | { readonly ok: true; readonly options: ScriptOptions }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the words of the command line. `known` are the names there are; `freshSeed` is used when no seed was given, so
 * that a caller can print it and a failure can be played again.
 */
export function readScriptOptions(
  words: readonly string[],
  { known, freshSeed }: { readonly known: readonly string[]; readonly freshSeed: number },
): ScriptOptionsResult {
  let parsed: { values: { short?: boolean; seed?: string }; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { short: { type: 'boolean' }, seed: { type: 'string' } },
    });
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return { ok: false, reason: `there is no "${unknown}"; there are: ${known.join(', ') || 'none yet'}` };
  }
  const seed = values.seed === undefined ? freshSeed : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    return { ok: false, reason: '--seed takes a whole number from 0 to 4294967295' };
  }
  return {
    ok: true,
    options: { names: positionals.length > 0 ? positionals : known, short: values.short ?? false, seed },
  };
}

/** The scripts of a folder by their names: `relay` for `relay.bench.ts`. */
export function scriptNames(folder: string, ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}
