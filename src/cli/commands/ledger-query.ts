/** What the ledger commands read from their arguments and input alike. A person's name is never an argument. */
import { askHidden, firstLine } from '../ask-secret.ts';
import { UsageError } from '../command.ts';
import { decodeJson, decodeText } from '../json-input.ts';
import { readInput, type Streams } from '../streams.ts';

/** An option's text, when it was given. */
export function textOf(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** An option's moment in milliseconds since 1970. */
export function timeOf(option: string | boolean | undefined, name: string): number | undefined {
  if (typeof option !== 'string') return undefined;
  const ms = Date.parse(option);
  if (Number.isNaN(ms)) throw new UsageError(`${name} takes a time such as 2026-11-02T00:00:00Z`);
  return ms;
}

/** How many rows at most. */
export function limitOf(option: string | boolean | undefined): number {
  const limit = Number(option);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new UsageError('--limit takes 1 to 500');
  return limit;
}

/** A name typed at the terminal without an echo, or else the first line of standard input. */
export function nameFrom(streams: Streams, question: string): Promise<string> {
  return streams.stdin.isTTY === true ? askHidden(streams, question) : firstLine(streams);
}

/** The JSON of a file, or of standard input for `-`; the gateway judges what it says. */
export async function jsonFrom(streams: Streams, file: string): Promise<unknown> {
  return decodeJson(decodeText(await readInput(streams, file)));
}

type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what was not said. */
export function given<T extends object>(all: T): Given<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Given<T>;
}
