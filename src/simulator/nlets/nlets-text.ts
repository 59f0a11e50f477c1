/** Nlets text as the network delivers it: the output header with its stamps, ER and SM (nlets.md 1.2 and 5). */
import { type ErrorNumber, errorWords, type StatusNumber, statusWords } from '../replies.ts';

/** One of the two lines that Nlets clocks a message with. */
export interface Stamp {
  readonly atMs: number;
  /** Counts on from 1 and wraps after 99999. */
  readonly seq: number;
}

export interface NletsOutput {
  readonly key: string;
  readonly sender: string;
  readonly to: string;
  /** Ten characters, or nothing: then the line is left out. */
  readonly control?: string | undefined;
  readonly body: string;
  readonly received: Stamp;
  readonly sent: Stamp;
}

/** The address of the Nlets switch itself, the only originator of ER. */
export const nletsOri = 'NL0000000';

const two = (value: number): string => String(value).padStart(2, '0');

function stampLine(stamp: Stamp): string {
  const at = new Date(stamp.atMs);
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const date = `${two(at.getUTCMonth() + 1)}/${two(at.getUTCDate())}/${at.getUTCFullYear()}`;
  return `${time} ${date} ${String(stamp.seq).padStart(5, '0')}`;
}

/** Counts on by one, from 99999 to 1. */
export function nextSeq(seq: number): number {
  return seq >= 99_999 ? 1 : seq + 1;
}

/** Builds the delivered form; the echoed control field stands on a line of its own before TXT (its place is recalled). */
export function buildNletsOutput(output: NletsOutput): string {
  return [
    `${output.key}.${output.sender}`,
    stampLine(output.received),
    `${stampLine(output.sent)} ${output.to}`,
    ...(output.control === undefined ? [] : [`*${output.control}`]),
    'TXT',
    output.body,
  ].join('\n');
}

export interface ErrorBody {
  readonly number: ErrorNumber;
  readonly key: string;
  /** Acceptable field sets, one line each, for `.22.`. */
  readonly options?: readonly string[];
  /** What is wrong with the header, for `.01.`. */
  readonly detail?: string;
  readonly original: string;
  /** How much of the original is echoed: one source says 100 characters. */
  readonly echoCharacters: number;
}

/** Body of an ER: number and text, options, then the echo of what was sent. */
export function buildErrorBody(error: ErrorBody): string {
  const text = errorWords[error.number].replace('{KEY}', error.key);
  return [
    `.${error.number}. ${text}${error.detail === undefined ? '' : ` - ${error.detail}`}`,
    ...(error.options ?? []).map((option, index) => `${index + 1}. ${option}`),
    'ORIGINAL MESSAGE',
    error.original.slice(0, error.echoCharacters),
  ].join('\n');
}

/** Body of an SM about one destination; the second line, which names key and destination, is recalled. */
export function buildStatusBody(number: StatusNumber, key: string, destination: string): string {
  return `.${number}. ${statusWords[number]}\n${key} ${destination}`;
}
