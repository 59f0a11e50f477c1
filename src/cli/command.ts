/** What a command is. One file per command exports one of these; main.ts does the rest. */
import type { Command } from 'commander';
import type { Streams } from './streams.ts';

/**
 * How a command ends: 0 fine, 1 the input is bad (its faults are on standard output as JSON), 2 wrong usage,
 * 70 our own failure (sysexits.h, EX_SOFTWARE).
 */
export type ExitCode = 0 | 1 | 2 | 70;

/** What the person typed after the command's name, as commander read it. */
export interface Call {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly streams: Streams;
}

/**
 * A command of hitline. Its file imports nothing heavy at its top: what the work needs is imported inside `run`, so that
 * help, and a command that needs little, start fast.
 */
export interface CommandRow {
  /** One word, or two for a command of a group, such as `frame encode`. */
  readonly name: string;
  /** One sentence for the help page. */
  readonly describe: string;
  /** Declares the arguments and options. */
  configure(command: Command): void;
  run(call: Call): Promise<ExitCode>;
}

/** Thrown by a command for words that commander cannot judge, such as a number out of range: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
