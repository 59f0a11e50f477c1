/** A message or reply explained line by line, for a person; masked unless the caller may see it. */
import { meaningOf } from './code-tables.ts';
import { guessLineWith } from './guess-line.ts';
import type { CompiledKey, Lexicon } from './lexicon.ts';
import { maskMark, maskMessageWith } from './mask.ts';
import type { Message, ParseResult, Reply, ReplyRecord, Values } from './message.ts';
import { isOfml, readOfml } from './ofml/ofml.ts';
import { noticeOf } from './reply/notices.ts';
import { readReplyWith } from './reply/read-reply.ts';
import type { RecordKind } from './reply/record-kinds.ts';
import { type ReplyRule, replyRulesVersion } from './reply/reply-rules.ts';
import { fieldFor } from './request/body.ts';
import { parseWith } from './request/parse.ts';

/** How a text is to be described. */
export interface DescribeOptions {
  /** True shows every value; false masks. */
  readonly reveal: boolean;
  readonly lexicon: Lexicon;
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
  const lines = [`${message.key}  ${key?.table.title ?? ''} (${key?.table.class ?? 'unknown'}, ${message.line})`];
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

const standings: Readonly<Record<NonNullable<ReplyRecord['standing']>, string>> = {
  want: 'a want: confirm it with the entering agency before anyone is arrested',
  property: 'property: confirm it with the entering agency',
  welfare: 'a missing or unidentified person',
  caution: 'NOT A WANT: nobody is arrested on this record',
  unknown: 'of a kind no table knows: read it',
};

/** What a record is good for. The literal itself is shown only when a table knows it. */
function standingWords(record: ReplyRecord): string {
  const file = record.file === undefined ? '' : `${record.file}, `;
  const marks = [record.located ? ', located already' : '', record.restricted ? ', RESTRICTED FILE' : ''].join('');
  const caveat = record.caveat === undefined ? '' : ', with a caveat against arrest';
  return `${file}${standings[record.standing ?? 'unknown']}${marks}${caveat}`;
}

function describeReply(text: string, reply: Reply, options: DescribeOptions): string[] {
  const verdict = reply.verdict === 'HIT' ? 'POSSIBLE HIT – UNCONFIRMED' : reply.verdict;
  const lines = [`${verdict} (${reply.kind}${reply.source === undefined ? '' : `, from ${reply.source}`})`];
  const notice = reply.notice === undefined ? undefined : noticeOf(reply.notice);
  if (notice !== undefined) lines.push(`$.${notice.code} ${notice.title} (${notice.handling})`);
  for (const [index, record] of reply.records.entries()) {
    lines.push(`record ${index + 1}: ${standingWords(record)}`);
    const masked = options.reveal
      ? record.values
      : maskMessageWith({ line: 'reply', key: '', ori: '', destinations: [], fields: record.values }, options.lexicon)
          .fields;
    lines.push(...fieldLines(masked, undefined, options.lexicon).filter((line) => !line.startsWith('MKE/')));
  }
  for (const one of reply.evidence) {
    const words = options.reveal ? text.slice(one.offset, one.offset + one.length).split('\n')[0] : maskMark;
    lines.push(`by rule ${one.rule} (${one.provenance}, wording ${replyRulesVersion}) at ${one.offset}: ${words}`);
  }
  lines.push(...reply.warnings.map((one) => `note: ${one.text}`));
  return lines;
}

/** The text as a message; undefined for a reply. */
function parsedText(text: string, lexicon: Lexicon): ParseResult | undefined {
  const line = guessLineWith(text, lexicon);
  return line === 'reply' ? undefined : parseWith(text, { line, lexicon });
}

/** The transaction that markup holds; undefined for a response. */
function parsedMarkup(text: string, lexicon: Lexicon): ParseResult | undefined {
  const read = readOfml(text, lexicon);
  if (!read.ok) return read;
  if (read.document.kind === 'response') return undefined;
  return { ok: true, message: read.document.message, warnings: read.warnings };
}

/** Explains a text line by line: what it is, who sent it, each field with its name and meaning, then every fault. */
export function describeWith(text: string, options: DescribeOptions): string[] {
  const parsed = isOfml(text) ? parsedMarkup(text, options.lexicon) : parsedText(text, options.lexicon);
  const lines: string[] = [];
  if (parsed?.ok) lines.push(...describeParsed(parsed.message, options));
  const notes = parsed === undefined ? [] : parsed.ok ? parsed.warnings : [...parsed.faults, ...parsed.warnings];
  for (const one of notes) {
    const where = [one.field, one.offset === undefined ? undefined : `at ${one.offset}`].filter((part) => part);
    lines.push(`${one.code}${where.length === 0 ? '' : ` ${where.join(' ')}`}: ${one.text}`);
  }
  const reply = readReplyWith(text, options);
  if (parsed?.ok !== true || reply.kind !== 'other') lines.push(...describeReply(text, reply, options));
  return lines;
}
