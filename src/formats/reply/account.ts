/**
 * Which lines of a reply a rule of wording accounts for. What no rule accounts for is a remainder, and with a remainder nothing is NO
 * RECORD.
 */
import type { Lexicon } from '../lexicon.ts';
import type { Reply } from '../message.ts';
import type { CleanText } from '../request/clean-text.ts';
import type { Envelope } from './envelope.ts';
import { bannerLines, lineAgrees, type TextLine } from './lines.ts';
import type { RecordKind } from './record-kinds.ts';
import type { ReplyRule } from './reply-rules.ts';

export type Evidence = Reply['evidence'][number];

/** A reply as far as it is laid out, and the tables it is read by. */
export interface ReplyReading {
  readonly clean: CleanText;
  readonly envelope: Envelope;
  readonly lines: readonly TextLine[];
  readonly lexicon: Lexicon;
  readonly rules: readonly ReplyRule[];
  readonly recordKinds: readonly RecordKind[];
}

/** A place of the clean text as evidence, in characters of the original. */
export function evidenceOf(
  { clean }: ReplyReading,
  place: { at: number; length: number },
  rule: Pick<ReplyRule, 'name' | 'provenance'>,
): Evidence {
  const offset = clean.offsetOf(place.at);
  const end = clean.offsetOf(place.at + Math.max(0, place.length - 1)) + 1;
  return { offset, length: end - offset, rule: rule.name, provenance: rule.provenance };
}

/** One stretch of lines and the rule that accounts for it; without a rule it is a remainder. */
export interface AccountedLines {
  /** Index of its first line in the reading, and how many there are. */
  readonly first: number;
  readonly count: number;
  readonly rule?: ReplyRule;
}

/** Every line of a reply, in order. */
export interface Account {
  readonly parts: readonly AccountedLines[];
  readonly rules: readonly ReplyRule[];
  /** True when no line is left over and at least one says that there is no record. */
  readonly isNoRecord: boolean;
}

const headerForm = /^ *[126T][LN]01[^. ]{0,15}\.?$/;
const oriForm = /^ *[A-Z]{2}(?=[A-Z]{0,6}[0-9])[A-Z0-9]{7}$/;

/** The header and ORI line with which a second reply of the same text begins; they say nothing. */
const laterHeader: ReplyRule = {
  name: 'header-of-a-further-reply',
  kind: 'banner',
  starts: '',
  rest: 'nothing',
  provenance: 'recalled',
  source: 'ncic.md 1.1',
};

function headerLines(lines: readonly TextLine[], index: number): number {
  if (!headerForm.test(lines[index]?.text ?? '')) return 0;
  return oriForm.test(lines[index + 1]?.text ?? '') ? 2 : 1;
}

/** The rules of a reading by kind, and the letters that any of them begins with: most lines begin with another. */
interface LineRules {
  readonly banners: readonly ReplyRule[];
  readonly negatives: readonly ReplyRule[];
  readonly firsts: string;
}

function lineRulesOf(rules: readonly ReplyRule[]): LineRules {
  const banners = rules.filter((rule) => rule.kind === 'banner');
  const negatives = rules.filter((rule) => rule.kind === 'no-record');
  let firsts = '126T';
  for (const rule of banners) firsts += rule.starts.charAt(0);
  for (const rule of negatives) firsts += rule.starts.charAt(0);
  return { banners, negatives, firsts };
}

/** The rule that accounts for the line at an index, and for how many lines; undefined when none does. */
function ruleAt(
  { lines, lexicon }: ReplyReading,
  rules: LineRules,
  index: number,
): { readonly rule: ReplyRule; readonly count: number } | undefined {
  const text = lines[index]?.text ?? '';
  const line = text.startsWith(' ') ? text.trimStart() : text;
  if (!rules.firsts.includes(line.charAt(0))) return undefined;
  const blank = line.indexOf(' ');
  const firstWord = blank < 0 ? line : line.slice(0, blank);
  const headerCount = headerLines(lines, index);
  if (headerCount > 0) return { rule: laterHeader, count: headerCount };
  for (const rule of rules.banners) {
    if (!rule.starts.startsWith(firstWord)) continue;
    const count = rule.rest === 'nothing' ? bannerLines(lines, index, rule.starts) : 0;
    if (count > 0 || lineAgrees(text, rule, lexicon)) return { rule, count: Math.max(1, count) };
  }
  for (const rule of rules.negatives) {
    if (rule.starts.startsWith(firstWord) && lineAgrees(text, rule, lexicon)) return { rule, count: 1 };
  }
  return undefined;
}

/** Accounts for every line by banner and no-record rules, in the order of the rules. */
export function accountForLines(reading: ReplyReading): Account {
  const { lines } = reading;
  const rules = lineRulesOf(reading.rules);
  const parts: AccountedLines[] = [];
  const used: ReplyRule[] = [];
  let restAt = -1;
  let isNoRecord = false;
  let isWhole = true;
  for (let index = 0; index < lines.length; ) {
    const found = ruleAt(reading, rules, index);
    if (found === undefined) {
      if (restAt < 0) restAt = index;
      isWhole = false;
      index += 1;
      continue;
    }
    if (restAt >= 0) parts.push({ first: restAt, count: index - restAt });
    restAt = -1;
    parts.push({ first: index, count: found.count, rule: found.rule });
    used.push(found.rule);
    isNoRecord ||= found.rule.kind === 'no-record';
    index += found.count;
  }
  if (restAt >= 0) parts.push({ first: restAt, count: lines.length - restAt });
  return { parts, rules: used, isNoRecord: isNoRecord && isWhole };
}

const remainder = { name: 'remainder', provenance: 'verified' } as const;
const evidenceCountMax = 200;

function evidenceOfPart(reading: ReplyReading, { first, count, rule }: AccountedLines): Evidence {
  const begin = reading.lines[first];
  const end = reading.lines[first + count - 1];
  if (begin === undefined || end === undefined) return evidenceOf(reading, { at: 0, length: 0 }, remainder);
  return evidenceOf(reading, { at: begin.at, length: end.at + end.text.length - begin.at }, rule ?? remainder);
}

/**
 * What the verdict rests on: for NO RECORD every line, for READ IT the lines that no rule accounts for (all lines when each is a
 * banner). At most 200 places.
 */
export function evidenceOfAccount(reading: ReplyReading, account: Account): readonly Evidence[] {
  const rest = account.parts.filter((part) => part.rule === undefined);
  const shown = account.isNoRecord || rest.length === 0 ? account.parts : rest;
  return shown.slice(0, evidenceCountMax).map((part) => evidenceOfPart(reading, part));
}

/** Whether any of the places, given in order, stands outside the lines that no-record rules account for. */
export function isAnyOutsideNoRecord({ lines }: ReplyReading, account: Account, places: readonly number[]): boolean {
  const negatives = account.parts.filter((part) => part.rule?.kind === 'no-record');
  let next = 0;
  return places.some((place) => {
    const endOf = (part: AccountedLines | undefined): number => {
      const line = part === undefined ? undefined : lines[part.first + part.count - 1];
      return line === undefined ? Number.POSITIVE_INFINITY : line.at + line.text.length;
    };
    while (endOf(negatives[next]) <= place) next += 1;
    const part = negatives[next];
    return part === undefined || place < (lines[part.first]?.at ?? 0);
  });
}
