/** A message or reply explained line by line, for a person; masked unless the caller may see it. */
import type { Fault } from '../faults/fault.ts';
import { meaningOf } from './code-tables.ts';
import { readGist } from './gist.ts';
import { guessLineWith } from './guess-line.ts';
import { classWords } from './key-page.ts';
import type { CompiledKey, Lexicon } from './lexicon.ts';
import { maskMark, maskMessageWith, maskTextWith } from './mask.ts';
import type { Message, ParseResult, Reply, Values } from './message.ts';
import { isOfml, readOfml } from './ofml/ofml.ts';
import { describeReplyWith, describeVerdict } from './reply/describe-reply.ts';
import { readReplyWith } from './reply/read-reply.ts';
import type { RecordKind } from './reply/record-kinds.ts';
import type { ReplyRule } from './reply/reply-rules.ts';
import { fieldFor } from './request/body.ts';
import { parseWith } from './request/parse.ts';

/** How a text is to be described. */
export interface DescribeOptions {
  /** True shows every value; false masks. */
  readonly reveal: boolean;
  readonly lexicon: Lexicon;
  /** CCYYMMDD; without it nothing is said of the future. */
  readonly today?: string | undefined;
  readonly rules?: readonly ReplyRule[] | undefined;
  readonly recordKinds?: readonly RecordKind[] | undefined;
}

function fieldLines(fields: Values, key: CompiledKey | undefined, lexicon: Lexicon): string[] {
  return Object.entries(fields).flatMap(([code, values]) => {
    const field = fieldFor({ key, lexicon }, code);
    return values.map((value) => {
      const meaning = field === undefined ? undefined : meaningOf(field.tables, value);
      return `${code}/${value}  ${field?.name ?? 'unknown field'}${meaning === undefined ? '' : `: ${meaning}`}`;
    });
  });
}

function describeParsed(message: Message, options: DescribeOptions): string[] {
  const key = options.lexicon.keys.get(message.key);
  const shown = options.reveal ? message : maskMessageWith(message, options.lexicon);
  const lines = [
    `${message.key}  ${key?.table.title ?? ''} (line ${message.line})`,
    key === undefined ? 'unknown: held, never sent again' : classWords[key.table.class],
  ];
  if (message.header !== undefined) lines.push(`header ${message.header}`);
  lines.push(`from ${message.ori}`);
  if (message.destinations.length > 0) lines.push(`to ${message.destinations.join(', ')}`);
  if (message.control !== undefined) lines.push(`control field ${message.control.trimEnd()}`);
  if (message.stamps !== undefined) {
    const { received, sent } = message.stamps;
    lines.push(`received by Nlets ${received.date} ${received.time}, number ${received.seq}`);
    lines.push(`sent by Nlets ${sent.date} ${sent.time}, number ${sent.seq}`);
  }
  lines.push(...fieldLines(shown.fields, key, options.lexicon));
  if (shown.text !== undefined) lines.push(...shown.text.split('\n').map((line) => `text: ${line}`));
  return lines;
}

/** The text as a message; undefined for a reply. */
function parsedText(text: string, { lexicon, today }: DescribeOptions): ParseResult | undefined {
  const line = guessLineWith(text, lexicon);
  return line === 'reply' ? undefined : parseWith(text, { line, lexicon, today });
}

/** The transaction that markup holds; undefined for a response. */
function parsedMarkup(text: string, { lexicon, today }: DescribeOptions): ParseResult | undefined {
  const read = readOfml(text, lexicon, today);
  if (!read.ok) return read;
  if (read.document.kind === 'response') return undefined;
  return { ok: true, message: read.document.message, warnings: read.warnings };
}

/** Faults and warnings, each with its line. */
function noteLines(text: string, notes: readonly Fault[]): string[] {
  const numberOf = (offset: number) => text.slice(0, offset).split(/\r\n?|\n/).length;
  return notes.map((one) => {
    const place = one.offset === undefined ? '' : ` at ${one.offset}`;
    const line = one.offset === undefined ? '' : ` (line ${numberOf(one.offset)})`;
    const field = one.field === undefined ? '' : ` ${one.field}`;
    return `${one.code}${field}${place}: ${one.text}${line}`;
  });
}

/** True when the message is what an answer looks like: a response, what Nlets delivered, or what the reader knows for one. */
function isAnswer(message: Message, reply: Reply, lexicon: Lexicon): boolean {
  const action = lexicon.keys.get(message.key)?.table.action;
  // A request to confirm is an answer of nobody until Nlets has delivered it.
  const isAsked = reply.kind === 'confirmation' && action === 'request';
  return (reply.kind !== 'other' && !isAsked) || action === 'response' || message.stamps !== undefined;
}

/** A message that does not parse, as far as it may be shown: what it would be, then each of its lines. */
function describeBroken(text: string, options: DescribeOptions): string[] {
  const gist = readGist(text);
  const title = gist.key === undefined ? undefined : options.lexicon.keys.get(gist.key)?.table.title;
  const shown = options.reveal ? text : maskTextWith(text, options.lexicon);
  const head =
    title === undefined
      ? 'A text that is no message hitline can read'
      : `${gist.key}  ${title}: with faults, so it is not sent`;
  const lines = shown.split(/\r\n?|\n/).map((line, nth) => `line ${nth + 1}: ${line}`);
  return [head, ...lines.filter((line) => !/: *$/.test(line))];
}

/**
 * Explains a text line by line: what it is, who sent it, each field with its name and meaning, then every fault; of a reply what it
 * says, each record and line, and the rules the verdict rests on.
 */
export function describeWith(text: string, options: DescribeOptions): string[] {
  const lines = describedLines(text, options);
  const isHidden = !options.reveal && lines.some((line) => line.includes(maskMark));
  return isHidden ? [...lines, `${maskMark} stands for what is hidden.`] : lines;
}

function describedLines(text: string, options: DescribeOptions): string[] {
  const parsed = isOfml(text) ? parsedMarkup(text, options) : parsedText(text, options);
  if (parsed === undefined) return describeReplyWith(text, options);
  const reply = readReplyWith(text, options);
  if (!parsed.ok) {
    const answer = reply.kind === 'other' && reply.records.length === 0 ? [] : describeReplyWith(text, options);
    return [...describeBroken(text, options), ...noteLines(text, [...parsed.faults, ...parsed.warnings]), ...answer];
  }
  const { message } = parsed;
  const notes = noteLines(text, parsed.warnings);
  if (!isAnswer(message, reply, options.lexicon)) return [...describeParsed(message, options), ...notes];
  // What is prose to the message is explained line by line as the reply it is.
  const { text: prose, ...head } = message;
  if (prose === undefined) return [...describeParsed(message, options), ...notes, ...describeVerdict(text, options)];
  return [...describeParsed(head, options), ...notes, ...describeReplyWith(text, options)];
}
