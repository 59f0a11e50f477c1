/** A reply line by line, and whether a rule of wording accounts for a line in full. */
import type { Lexicon } from '../lexicon.ts';
import { type MfcRun, readMfcRuns } from './mfc-runs.ts';
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

/**
 * Words that stand in no value of a no-record line. With one of them, even in somebody's name, a person must read the line: a needless
 * READ IT costs a look, a needless NO RECORD may cost a life.
 */
const alarming = new RegExp(
  `\\b(?:${[
    'WANT(?:S|ED)?|WARRANTS?|WARNING|CAUTION|CAVEAT|ARMED|DANGEROUS|VIOLENT|STOLEN|LOST|FELONY|FELON|MISSING|LOCATED?|ENDANGERED',
    'CONFIRM(?:ED)?|POSSIBLE|PROBABLE|HITS?|MATCH(?:ES)?|FOUND|ACTIVE|PENDING|OPEN|ALERT|NOTIFY|CONTACT|CALL|REFER|SEE|READ|CHECK|VERIFY',
    'ARREST|DETAIN|HOLD|HELD|ESCAPED?|FUGITIVE|PAROLE|PROBATION|OFFENDER|GANG|TERRORIST|ORDER|PROTECTION|DEPORTED|SUSPECT',
    'BUT|EXCEPT|HOWEVER|UNLESS|ONLY|ALSO|NOT|UNTIL|MAY|FILES?|RECORDS?|STATE|LOCAL|SHERIFF|POLICE|AGENCY|CENTER|BUREAU|ORI',
    'MORE|PAGE|CONTINUED|INCOMPLETE|PARTIAL|TEMPORARILY|UNAVAILABLE|SERVICE|ERROR|REJECT(?:ED)?|INVALID',
  ].join('|')})\\b`,
);

const surname = "[A-Z][A-Z'-]*(?: [A-Z][A-Z'-]*){0,2}";
const nameForm = new RegExp(`^${surname}(?:, ?(?:${surname})?(?: (?:JR|SR|II|III|IV))?)?$`);

/** A name; its surname, when it is one word, may be an ordinary one (PAGE, RECORD), since prose has more words than one there. */
function isName(value: string): boolean {
  const comma = value.indexOf(',');
  const oneWord = comma > 0 && !value.slice(0, comma).includes(' ');
  const rest = oneWord ? value.slice(comma) : value;
  return nameForm.test(value) && !alarming.test(rest) && !/^(?:WANT|WARRANT|STOLEN|MISSING|HIT)/.test(value);
}

/** The values of these classes hold no blank; prose behind them is prose. A slash in one may be a record run into it. */
function plausible(code: string, value: string, lexicon: Lexicon): boolean {
  const row = lexicon.fields.get(code);
  if (row === undefined || value === '' || value.length > Math.min(row.max ?? 30, 40)) return false;
  if (row.class === 'name') return isName(value);
  if (alarming.test(value)) return false;
  return /^[A-Z0-9-]+$/.test(value) || (/^[VB]CO$/.test(code) && /^[A-Z]{3}\/[A-Z]{3}$/.test(value));
}

/** The runs of a text that is nothing but `MFC/value`, each value in the look of its field; undefined when it is anything else. */
function plainRuns(rest: string, lexicon: Lexicon): readonly MfcRun[] | undefined {
  const trimmed = rest.trim();
  if (trimmed === '' || trimmed === '.') return [];
  const runs = readMfcRuns(trimmed, lexicon);
  // A period may close each field, as over Nlets.
  const isPlausible = (run: MfcRun) => plausible(run.code, run.value.replace(/\.$/, ''), lexicon);
  return runs[0]?.offset === 0 && runs.every(isPlausible) ? runs : undefined;
}

/** True when `rest` is nothing but runs of `MFC/value` whose values look like their fields. */
export function isOnlyFields(rest: string, lexicon: Lexicon): boolean {
  return plainRuns(rest, lexicon) !== undefined;
}

/** Fields that tell of a record; nobody is searched by them. */
const ofRecords = new Set(
  'MKE MIS REM EXL OFF OOC DOW DOV WNO CTI DTE DLU CMC PCO DOT DLC CAU VLD VLN NOA LKI LKA DNA'.split(' '),
);

/** True when `rest` names what was searched for and nothing else; a NIC only by itself, since beside other values it is a record's. */
function isSearchedFor(rest: string, lexicon: Lexicon): boolean {
  const runs = plainRuns(rest, lexicon);
  if (runs === undefined || runs.some((run) => ofRecords.has(run.code))) return false;
  return runs.length === 1 || !runs.some((run) => run.code === 'NIC');
}

/** The line with single blanks in the words a rule begins with, since a switch may lay them out wider. */
function withWordsApart(text: string, starts: string): string {
  if (text.startsWith(starts) || !text.includes('  ')) return text;
  const narrow = text.replace(/ {2,}/g, ' ');
  return narrow.startsWith(starts) ? narrow : text;
}

const stampWord =
  /^(?:\d{1,8}|\d{1,2}:\d{2}(?::\d{2})?|\d{1,4}[/-]\d{1,2}[/-]\d{1,4}|[A-Z]{2}(?=[A-Z]{0,6}\d)[A-Z0-9]{7}|[ECMP][SD]T|UTC|Z)$/;
const stampWordsMax = 8;

function isStamp(rest: string): boolean {
  const words = rest.split(' ').filter((word) => word !== '');
  return words.length <= stampWordsMax && words.every((word) => stampWord.test(word));
}

/** `1000004 IN: NLI1 17 AT 02JAN2031 08:15:00`, or from the name of the line on. */
const switchCount = /^ (?:\d{1,10} IN: )?[A-Z0-9]{1,11} \d{1,10} AT \d{2}[A-Z]{3}\d{4} \d{2}:\d{2}:\d{2}$/;

/** Whether the line is accounted for by the rule: its words, then what the rule allows, several times over if need be. */
export function lineAgrees(line: string, rule: ReplyRule, lexicon: Lexicon): boolean {
  const text = withWordsApart(line.trim(), rule.starts);
  if (!text.startsWith(rule.starts)) return false;
  if (rule.rest === 'anything') return !/^[A-Z0-9]/.test(text.slice(rule.starts.length));
  if (rule.rest === 'nothing') return text === rule.starts;
  if (rule.rest === 'count') return switchCount.test(text.slice(rule.starts.length));
  if (rule.rest === 'stamp')
    return /^(?: |$)/.test(text.slice(rule.starts.length)) && isStamp(text.slice(rule.starts.length));
  if (rule.starts.endsWith('/')) return isOnlyFields(text.slice(rule.starts.lastIndexOf('NIC/')), lexicon);
  return text
    .split(rule.starts)
    .slice(1)
    .every((part) => /^(?:[ .]|$)/.test(part) && isSearchedFor(part, lexicon));
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
