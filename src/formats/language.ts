/**
 * The language of the trade, as the other rooms use it: text to message and back, what a reply says, what a key takes. All of it
 * is pure: the same text gives the same answer, and nothing is read, written or remembered.
 */
import type { CodeTable } from './code-tables.ts';
import { describeWith } from './describe.ts';
import type { FieldRow } from './field-table.ts';
import { guessLineWith } from './guess-line.ts';
import type { KeyTable } from './key-table.ts';
import { federalLexicon, type Lexicon, readyLexicon } from './lexicon.ts';
import { maskMessageWith, maskTextWith } from './mask.ts';
import type { BuildResult, KeyClass, Line, Message, ParseResult, Reply, Values } from './message.ts';
import { isOfml, type OfmlDocument, type OfmlResult, readOfml, writeOfml } from './ofml/ofml.ts';
import { readMfcRuns } from './reply/mfc-runs.ts';
import { readReplyWith } from './reply/read-reply.ts';
import type { RecordKind } from './reply/record-kinds.ts';
import type { ReplyRule } from './reply/reply-rules.ts';
import { buildWith } from './request/build.ts';
import { cleanText } from './request/clean-text.ts';
import { parseWith } from './request/parse.ts';

export { readGist } from './gist.ts';
export type { FieldUse, KeyTable } from './key-table.ts';
export {
  type Confirmation,
  type ConfirmationMap,
  type ConfirmationProposal,
  classifyConfirmation,
} from './reply/confirmation.ts';
export { type NoticeRow, notices } from './reply/notices.ts';
export { type OutCount, readOutCount } from './reply/out-count.ts';
export type { RecordKind } from './reply/record-kinds.ts';
export type { ReplyRule } from './reply/reply-rules.ts';

export { dayOf } from './rules/dates.ts';

/** Which tables to use; the federal and Nlets ones when nothing is said. */
export interface LanguageOptions {
  readonly lexicon?: Lexicon;
}

/** What day it is, as CCYYMMDD (`dayOf`). Nobody here knows; rules about the future are asked only when it is said. */
export interface Today {
  readonly today?: string | undefined;
}

/**
 * Reads a text, or a transaction in markup. The line is guessed when absent. All faults at once; recalled rules only warn. Never
 * throws.
 */
export function parseMessage(
  text: string,
  options: LanguageOptions & Today & { readonly line?: Line } = {},
): ParseResult {
  const { line, today, lexicon = federalLexicon } = options;
  if (line === undefined && isOfml(text)) return parseMarkup(text, lexicon, today);
  return parseWith(text, { line, lexicon, today });
}

/** A transaction in markup as a message; a response in markup is read as the reply it holds. */
function parseMarkup(text: string, lexicon: Lexicon, today: string | undefined): ParseResult {
  const read = readOfml(text, lexicon, today);
  if (!read.ok) return read;
  if (read.document.kind === 'response') return parseWith(read.document.text, { lexicon });
  return { ok: true, message: read.document.message, warnings: read.warnings };
}

/** Builds the exact text of a message, checked by the rules that parsing checks. */
export function buildMessage(message: Message, options: LanguageOptions & Today = {}): BuildResult {
  return buildWith(message, options.lexicon ?? federalLexicon, options.today);
}

/** The line a text belongs to, by its first words; `reply` when it begins with neither a key nor a request header. */
export function guessLine(text: string, options: LanguageOptions = {}): Line {
  return guessLineWith(text, options.lexicon ?? federalLexicon);
}

/**
 * What a reply says, as text or inside markup (`<OFML>`); places are those of the text given. Rules and kinds of record of a State
 * or practice profile are tried before the common ones.
 */
export function readReply(
  text: string,
  options: LanguageOptions & {
    readonly rules?: readonly ReplyRule[];
    readonly recordKinds?: readonly RecordKind[];
  } = {},
): Reply {
  const { rules, recordKinds } = options;
  return readReplyWith(text, { lexicon: options.lexicon ?? federalLexicon, rules, recordKinds });
}

/** Every `MFC/value` that stands in a reply, by its code; of markup, whose fields are elements, none. */
export function readValues(text: string, options: LanguageOptions = {}): Values {
  if (isOfml(text)) return {};
  const found: Record<string, string[]> = {};
  for (const { code, value } of readMfcRuns(cleanText(text).text, options.lexicon ?? federalLexicon)) {
    if (value === '') continue;
    const values = found[code] ?? [];
    values.push(value);
    found[code] = values;
  }
  return found;
}

/** The table of a key, or undefined when the key is not known. */
export function keyTable(key: string, options: LanguageOptions = {}): KeyTable | undefined {
  return (options.lexicon ?? federalLexicon).keys.get(key)?.table;
}

/** The tables of every key. */
export function keyTables(options: LanguageOptions = {}): readonly KeyTable[] {
  return [...(options.lexicon ?? federalLexicon).keys.values()].map((key) => key.table);
}

/** The class of a key, or undefined when the key is not known (then it is held and never sent again). */
export function classOf(key: string, options: LanguageOptions = {}): KeyClass | undefined {
  return keyTable(key, options)?.class;
}

/**
 * The class that decides whether this very message is held: its key's, and for a bypass key that of the message inside.
 * Undefined for an unknown key, and for a bypass whose inside cannot be read; both are held and never sent again.
 */
export function classOfMessage(message: Message, options: LanguageOptions = {}): KeyClass | undefined {
  const table = keyTable(message.key, options);
  if (table?.bypass !== true) return table?.class;
  const inside = parseWith(message.text ?? '', { lexicon: options.lexicon ?? federalLexicon, inside: true });
  return inside.ok ? classOf(inside.message.key, options) : undefined;
}

/** The dictionary's row of a field code. */
export function fieldRow(code: string, options: LanguageOptions = {}): FieldRow | undefined {
  return (options.lexicon ?? federalLexicon).fields.get(code);
}

/** A code table by its name, such as `EYE` or `OFF`. */
export function codeTable(name: string, options: LanguageOptions = {}): CodeTable | undefined {
  return (options.lexicon ?? federalLexicon).tables.get(name);
}

/** Codes of the fields whose values are never shown in a log, an error, a metric or a file name. */
export const sensitiveFields: ReadonlySet<string> = new Set(
  [...federalLexicon.fields.values()].filter((row) => row.sensitive).map((row) => row.code),
);

/** The text with every value that may not be shown replaced by stars. What it cannot place it hides. */
export function maskText(text: string, options: LanguageOptions = {}): string {
  return maskTextWith(text, options.lexicon ?? federalLexicon);
}

/** The message with every value that may not be shown, and its free text, replaced by stars. */
export function maskMessage(message: Message, options: LanguageOptions = {}): Message {
  return maskMessageWith(message, options.lexicon ?? federalLexicon);
}

/** The text as hitline would write it: parsed and built again; undefined when it does not parse. */
export function canonicalText(
  text: string,
  options: LanguageOptions & Today & { readonly line?: Line } = {},
): string | undefined {
  const parsed = parseMessage(text, options);
  if (!parsed.ok) return undefined;
  const built = buildMessage(parsed.message, options);
  return built.ok ? built.text : undefined;
}

/** Makes all tables ready at once, for who will read many messages and wants none of them to wait. */
export function readyLanguage(options: LanguageOptions = {}): void {
  readyLexicon(options.lexicon ?? federalLexicon);
}

/** Explains a text line by line for a person; masked unless `reveal`. */
export function describeMessage(
  text: string,
  options: LanguageOptions &
    Today & {
      readonly reveal: boolean;
      readonly rules?: readonly ReplyRule[];
      readonly recordKinds?: readonly RecordKind[];
    },
): string[] {
  return describeWith(text, {
    reveal: options.reveal,
    lexicon: options.lexicon ?? federalLexicon,
    today: options.today,
    rules: options.rules,
    recordKinds: options.recordKinds,
  });
}

/** Reads a message or reply in markup (`<OFML>`); a transaction is checked like text, elements that are not known are kept. */
export function parseOfml(text: string, options: LanguageOptions & Today = {}): OfmlResult {
  return readOfml(text, options.lexicon ?? federalLexicon, options.today);
}

/** Writes a message or reply as markup. */
export function buildOfml(document: OfmlDocument): string {
  return writeOfml(document);
}
