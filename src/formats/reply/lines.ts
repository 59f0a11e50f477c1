/** A reply line by line, and whether a rule of wording accounts for a line in full. */
import type { Lexicon } from '../lexicon.ts';
import { readMfcRuns } from './mfc-runs.ts';
import type { ReplyRule } from './reply-rules.ts';

/** One line of a text. */
export interface TextLine {
  readonly text: string;
  /** Where it begins, in characters of the text. */
  readonly at: number;
}

/** The lines of a text from a place on, blank ones left out, trailing blanks cut. */
export function linesFrom(text: string, from: number): readonly TextLine[] {
  const lines: TextLine[] = [];
  for (let at = from; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end).trimEnd();
    if (line !== '') lines.push({ text: line, at });
    at = end + 1;
  }
  return lines;
}

/** Words that no line of a no-record answer holds in its values; with one of them a person must read the line. */
const alarming =
  /\b(?:WANT|WANTED|WARRANT|WARNING|CAUTION|ARMED|STOLEN|MISSING|LOCATED|CONFIRM|POSSIBLE|HIT|FELONY|CONTACT|NOT)\b/;

/** The values of these classes hold no blank; prose behind them is prose. */
function plausible(code: string, value: string, lexicon: Lexicon): boolean {
  const row = lexicon.fields.get(code);
  if (row === undefined || value.length > Math.min(row.max ?? 30, 40) || alarming.test(value)) return false;
  if (row.class === 'name') return /^[A-Z ,'-]*$/.test(value);
  return /^[A-Z0-9/-]*$/.test(value);
}

/** True when `rest` is nothing but runs of `MFC/value` whose values look like their fields. */
export function isOnlyFields(rest: string, lexicon: Lexicon): boolean {
  const trimmed = rest.trim();
  if (trimmed === '') return true;
  const runs = readMfcRuns(trimmed, lexicon);
  return runs[0]?.offset === 0 && runs.every((run) => plausible(run.code, run.value, lexicon));
}

/** Whether the line is accounted for by the rule: its words, then what the rule allows, several times over if need be. */
export function lineAgrees(line: string, rule: ReplyRule, lexicon: Lexicon): boolean {
  const text = line.trim();
  if (!text.startsWith(rule.starts)) return false;
  if (rule.rest === 'anything') return !/^[A-Z0-9]/.test(text.slice(rule.starts.length));
  if (rule.rest === 'nothing') return text === rule.starts;
  if (rule.starts.endsWith('/')) return isOnlyFields(text.slice(rule.starts.lastIndexOf('NIC/')), lexicon);
  return text
    .split(rule.starts)
    .slice(1)
    .every((part) => /^(?: |$)/.test(part) && isOnlyFields(part, lexicon));
}

/** How many lines from `index` on make up the words of a banner, or 0. */
export function bannerLines(lines: readonly TextLine[], index: number, banner: string): number {
  let left = banner;
  for (let at = index; at < lines.length; at += 1) {
    const words = (lines[at]?.text ?? '').trim().replace(/ +/g, ' ');
    if (left === words) return at - index + 1;
    if (!left.startsWith(`${words} `)) return 0;
    left = left.slice(words.length + 1);
  }
  return 0;
}
