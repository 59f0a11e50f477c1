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
  /** Index of the first line that is no banner; the number of lines when all are. */
  readonly firstBody: number;
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

/** Accounts for every line by banner and no-record rules, in the order of the rules. */
export function accountForLines({ lines, lexicon, rules }: ReplyReading): Account {
  const banners = rules.filter((rule) => rule.kind === 'banner');
  const negatives = rules.filter((rule) => rule.kind === 'no-record');
  const parts: AccountedLines[] = [];
  let restAt = -1;
  let firstBody = lines.length;
  const closeRest = (end: number) => {
    if (restAt >= 0) parts.push({ first: restAt, count: end - restAt });
    restAt = -1;
  };
  for (let index = 0; index < lines.length; ) {
    const { text } = lines[index] as TextLine;
    let count = headerLines(lines, index);
    let rule = count > 0 ? laterHeader : undefined;
    rule ??= banners.find((one) => {
      count = one.rest === 'nothing' ? bannerLines(lines, index, one.starts) : 0;
      return count > 0 || lineAgrees(text, one, lexicon);
    });
    if (rule === undefined) firstBody = Math.min(firstBody, index);
    rule ??= negatives.find((one) => lineAgrees(text, one, lexicon));
    count = Math.max(1, count);
    if (rule === undefined && restAt < 0) restAt = index;
    if (rule !== undefined) {
      closeRest(index);
      parts.push({ first: index, count, rule });
    }
    index += count;
  }
  closeRest(lines.length);
  const used = parts.flatMap((part) => part.rule ?? []);
  const isNoRecord = used.length === parts.length && used.some((rule) => rule.kind === 'no-record');
  return { parts, rules: used, firstBody, isNoRecord };
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
