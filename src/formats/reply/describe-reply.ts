/**
 * A reply explained for a newcomer and for an auditor: what it says and what may be done on it, each record, each line with what it
 * is, and which rule of wording, how sure, the verdict rests on. Masked unless the caller may see values.
 */
import { hasCode, meaningOf } from '../code-tables.ts';
import { maskMark, maskTextWith } from '../mask.ts';
import type { Reply, ReplyRecord } from '../message.ts';
import { isOfml } from '../ofml/ofml.ts';
import { readResponseText } from '../ofml/response-text.ts';
import { fieldFor } from '../request/body.ts';
import type { AccountedLines } from './account.ts';
import { isWantWithCaveat, speaksAgainstArrest } from './caveats.ts';
import { type MfcRun, readMfcRuns } from './mfc-runs.ts';
import { noticeOf } from './notices.ts';
import { type Laid, layOutReply, type ReplyOptions, readReplyWith } from './read-reply.ts';
import { recordKindOf } from './record-kinds.ts';
import { replyRulesVersion } from './reply-rules.ts';

/** How a reply is to be described. */
export interface DescribeReplyOptions extends ReplyOptions {
  /** True shows every value; false masks. */
  readonly reveal: boolean;
}

const verdictWords: Readonly<Record<Reply['verdict'], readonly string[]>> = {
  HIT: [
    'POSSIBLE HIT – UNCONFIRMED',
    'Nothing is done on a record before the agency that entered it has confirmed it (YQ; 10 minutes urgent, 1 hour routine).',
  ],
  'NO RECORD': ['NO RECORD', 'Each line is wording that says so, or a banner. Other sources may still answer.'],
  'READ IT': ['READ IT', 'hitline draws no conclusion from this text; a person reads it.'],
};

const kindWords: Readonly<Record<Reply['kind'], string>> = {
  hit: 'It is an answer with records.',
  'no-record': 'It is an answer without a record.',
  acknowledgement: 'A change was accepted; its NIC is the number of the record from now on.',
  reject: 'A message of ours was refused; the text says why.',
  error: 'The Nlets switch reports an error: the message it quotes was NOT delivered.',
  status: 'It is a status message of the Nlets switch.',
  confirmation: 'It is a hit confirmation, asked for or answered; a person reads it.',
  notice: 'It is a notice that NCIC sends by itself; it answers no question of ours.',
  other: 'No rule knows its wording in full.',
};

const statusWords: Readonly<Record<number, string>> = {
  1: 'not delivered: the other side does not take this kind of message; telephone for a hit confirmation',
  2: 'the other side is out of service; Nlets keeps the message and forwards it later; clocks run on',
  4: 'not delivered and not kept: the other side is out of service; send again or telephone',
};

const handlingWords = {
  alarm: 'told to an operator at once',
  'service-status': 'a service has changed; it shows as a banner',
  notice: 'routed to its owner and filed',
} as const;

const standingWords: Readonly<Record<NonNullable<ReplyRecord['standing']>, string>> = {
  want: 'a want: confirm it with the entering agency before anyone is arrested',
  property: 'property: confirm it with the entering agency',
  welfare: 'NOT A WANT: a missing or unidentified person, or one who may know of them',
  caution: 'NOT A WANT: nobody is arrested on this record',
  unknown: 'of a kind no table knows: read it; it is not taken for a want',
};

/** What a record is good for. The literal itself is shown only when a table knows it. */
function recordWords(record: ReplyRecord): string {
  const standing = isWantWithCaveat(record)
    ? 'entered as a want, but its words speak against arrest: read them before anything is done'
    : standingWords[record.standing ?? 'unknown'];
  return [
    record.file === undefined ? 'file not known' : `file ${record.file}`,
    standing,
    ...(record.located ? ['located already by another agency'] : []),
    ...(record.restricted
      ? ['RESTRICTED FILE: protected like a criminal history, not to be passed on with the rest']
      : []),
    ...(record.caveat === undefined || isWantWithCaveat(record) ? [] : ['with a caveat against arrest']),
    ...record.cautions.map((words) => `CAUTION ${words}`),
  ].join('; ');
}

function noticeWords({ notice }: Reply): readonly string[] {
  if (notice === undefined) return [];
  const row = noticeOf(notice);
  if (row === undefined) return [`$.${notice}  no table knows this notice: read it`];
  const note = row.note === undefined ? '' : ` ${row.note}`;
  return [`$.${row.code}  ${row.title}: ${handlingWords[row.handling]}.${note}`];
}

function summary(reply: Reply): readonly string[] {
  const [verdict = '', meaning = ''] = verdictWords[reply.verdict];
  const from = reply.sources?.join(' and ') ?? reply.source;
  const count = reply.records.length;
  const records = count === 0 ? '' : `, ${count} record${count === 1 ? '' : 's'}`;
  const number = reply.statusNumber;
  return [
    `${verdict}${from === undefined ? '' : ` (from ${from})`}${records}`,
    `  ${meaning}`,
    `  ${kindWords[reply.kind]}`,
    ...(number === undefined || reply.kind !== 'status'
      ? []
      : [`  .${String(number).padStart(2, '0')}. ${statusWords[number] ?? 'a number no table explains: read it'}`]),
    ...noticeWords(reply).map((line) => `  ${line}`),
    ...reply.records.map((record, nth) => `record ${nth + 1}: ${recordWords(record)}`),
    ...reply.warnings.map((one) => `note: ${one.text}`),
  ];
}

/** One field of a line, with its name and what its code means. */
function fieldWords(run: MfcRun, { lexicon, reveal }: DescribeReplyOptions): string {
  const { code } = run;
  // Over Nlets a period closes each field.
  const value = run.value.replace(/\.$/, '');
  const field = fieldFor({ key: undefined, lexicon }, code);
  const name = code === 'MKE' ? 'kind of record' : (field?.name ?? 'unknown field');
  // Replies lay a code's words behind it: `1 - FULL EXTRADITION`.
  const head = value.replace(/ - .*$/s, '');
  const isCode = field !== undefined && !field.row.sensitive && hasCode(field.tables, head);
  const literal = code === 'MKE' ? knownLiteral(value) : undefined;
  const masked = literal ?? (isCode ? head : maskTextWith(`${code}/${value}`, lexicon).slice(code.length + 1));
  const shown = reveal ? value : masked;
  const isShown = reveal || masked !== maskMark;
  const meaning = field === undefined || !isShown ? undefined : meaningOf(field.tables, head);
  return `  ${code}/${shown}  ${name}${meaning === undefined ? '' : `: ${meaning}`}`;
}

/** A literal made of nothing but known words. */
function knownLiteral(value: string): string | undefined {
  const bare = value.replace(/^LOCATED /, '').replace(/ - CAUTION$/, '');
  const isKnown = recordKindOf(bare) !== undefined && /^[A-Z ]{1,60}$/.test(bare);
  return isKnown && allWords.test(bare) ? value : undefined;
}

/** The words that the literals of the table are made of; a name is none of them. */
const allWords =
  /^(?:(?:WANTED|PERSON|JUVENILE|TEMPORARY|FELONY|WANT|WARRANT|PROTECTION|PROTECTIVE|ORDER|HISTORICAL|EXPIRED|IDENTITY|THEFT|INTEREST|VIOLENT|GANG|MEMBER|KNOWN|OR|APPROPRIATELY|SUSPECTED|TERRORIST|SCREENING|THREAT|CONVICTED|ON|SUPERVISED|RELEASE|PROBATION|PAROLE|SEX|SEXUAL|OFFENDER|FOREIGN|FUGITIVE|IMMIGRATION|VIOLATOR|MISSING|UNIDENTIFIED|WITH|INFORMATION|STOLEN|LOST|RECOVERED|VEHICLE|LICENSE|PLATE|PART|BOAT|GUN|ARTICLE|SECURITY|SECURITIES|NICS|DENIED|TRANSACTION|EXTREME|RISK)(?: |$))+$/;

/** The place of a line in the walk, and what has been found of it before. */
interface Walk {
  readonly laid: Laid;
  readonly options: DescribeReplyOptions;
  readonly reply: Reply;
  readonly runs: readonly MfcRun[];
  readonly byLine: ReadonlyMap<number, AccountedLines>;
}

const stampWords = ['received by Nlets, with its number', 'sent on by Nlets, with its number and to whom'] as const;

/** Whose line a header belongs to (LEDS-MKE). */
const families: Readonly<Record<string, string>> = {
  '2': 'III',
  '6': 'NICS',
  T: 'the NCIC TEST SYSTEM (no live record stands in it)',
};

/** What a line of the head is. */
function headWords(line: string, { laid, options }: Walk): string {
  const { key } = laid.reading.envelope;
  if (/^ *[126T][LN]01/.test(line)) {
    const family = families[line.trimStart().charAt(0)] ?? 'NCIC';
    return `header of an answer from ${family}; behind its four characters the asker's own control data`;
  }
  if (key !== undefined && line.trimStart().startsWith(`${key}.`)) {
    const title = options.lexicon.keys.get(key)?.table.title;
    return `Nlets header: key ${key}${title === undefined ? '' : ` (${title})`} and the sender's ORI`;
  }
  if (/^ *\d\d:\d\d /.test(line)) return stampWords[/ \d{5} *$/.test(line) ? 0 : 1];
  if (/^ *\*/.test(line)) return 'control field: ties the answer to the question that bore it';
  if (/^ *TXT/.test(line)) return 'the text begins behind this line';
  return 'the ORI that asked';
}

/** Words that never hold a name, shown as they are. */
const plainLine = /^ *(?:IMMED CONFIRM (?:WARRANT AND EXTRADITION|RECORD) WITH ORI|ORIGINAL MESSAGE)$/;

/** What a line of words is that holds no field. */
function proseWords(text: string, walk: Walk): string {
  if (/^ *ORI IS /.test(text)) return 'the entering agency by name and telephone';
  if (/^ *IMMED /.test(text)) return 'asks that the record be confirmed at once with the entering agency';
  if (/^ *ORIGINAL MESSAGE/.test(text)) return 'what follows is the message that was not delivered';
  if (/^ *\.\d{2}\./.test(text)) return 'number and text of the network’s status';
  if (walk.reply.kind === 'reject' && /^ *REJ\b/.test(text)) return 'says that and why it was refused';
  const isCaution = walk.reply.records.some((one) => one.cautions.includes(text.trim()));
  if (isCaution) return `caution or medical condition: ${text.trim()}`;
  if (speaksAgainstArrest(text)) return 'words that speak against arrest';
  return walk.reply.records.length > 0
    ? 'words beside a record: read them'
    : 'words that no rule accounts for: read them';
}

function ruleWords({ rule, count }: AccountedLines): string {
  const what = rule?.kind === 'no-record' ? 'says that there is no record' : 'a banner, says nothing';
  return `${what}${count > 1 ? `, with the ${count - 1} lines below` : ''} (rule ${rule?.name}, ${rule?.provenance})`;
}

/** One line of the text: its number, its words as they may be shown, what it is, and its fields. */
function lineWords(text: string, place: { at: number; number: number; runs: readonly MfcRun[] }, walk: Walk): string[] {
  const { options, laid } = walk;
  const { at, number, runs } = place;
  const shown = (isPlain: boolean) => (options.reveal || isPlain ? text.trimEnd() : maskMark);
  const label = `line ${number}`;
  const bodyAt = Math.max(0, laid.reading.envelope.bodyAt - at);
  const body = text.slice(bodyAt);
  if (bodyAt > 0) {
    const head = `${label}: ${headWords(text, walk)}`;
    // The text may begin on the last line of the head.
    return body.trim() === '' ? [head] : [head, ...lineWords(body, { ...place, at: at + bodyAt }, walk)];
  }
  const part = walk.byLine.get(at);
  if (part?.rule !== undefined) {
    if (laid.reading.lines[part.first]?.at !== at) return [];
    return [`${label}: ${ruleWords(part)}`, ...runs.map((run) => fieldWords(run, options))];
  }
  if (runs.length === 0) {
    const words = noticeLine.test(text) ? 'begins the notice' : proseWords(text, walk);
    const status = /^ *\.\d{2}\./.exec(text)?.[0] ?? '';
    return [
      `${label}: ${options.reveal ? '' : status.trim()}${status === '' || options.reveal ? '' : ' '}${shown(plainLine.test(text))}  ${words}`,
    ];
  }
  const begins = runs.some((run) => run.code === 'MKE') ? ' a record begins' : '';
  const before = text.slice(0, Math.max(0, (runs[0]?.offset ?? at) - at)).trim();
  const words = before === '' ? '' : ` behind the words ${options.reveal ? before : maskMark}`;
  return [`${label}:${begins}${words}`, ...runs.map((run) => fieldWords(run, options))];
}

const noticeLine = /^ *\$\.? ?[A-Z0-9]/;

/** Every line that holds something, with its number. */
function lineByLine(walk: Walk): string[] {
  const { text } = walk.laid.reading.clean;
  const out: string[] = [];
  let next = 0;
  let endOfWrap = 0;
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const line = text.slice(at, end);
    number += 1;
    const runs: MfcRun[] = [];
    for (let run = walk.runs[next]; run !== undefined && run.offset < end; run = walk.runs[next]) {
      if (run.offset >= walk.laid.reading.envelope.bodyAt) runs.push(run);
      next += 1;
    }
    const isWrap = runs.length === 0 && at < endOfWrap;
    if (isWrap) out.push(`line ${number}: the text above goes on`);
    else if (line.trim() !== '') out.push(...lineWords(line, { at, number, runs }, walk));
    const last = runs.at(-1);
    if (last !== undefined) endOfWrap = last.offset + last.length;
    at = end + 1;
  }
  return out;
}

const evidenceShownMax = 20;

/** Which places the verdict rests on, for who must prove it later. */
function becauseOf(text: string, reply: Reply): readonly string[] {
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const shown = reply.evidence.slice(0, evidenceShownMax);
  const left = reply.evidence.length - shown.length;
  return [
    ...shown.map(
      (one) =>
        `by rule ${one.rule} (${one.provenance}, wording version ${replyRulesVersion}): line ${lineOf(one.offset)}, ${one.length} characters at ${one.offset}`,
    ),
    ...(left === 0 ? [] : [`and ${left} more places`]),
  ];
}

/** What a reply says, without its lines: for a text whose lines are explained already. */
export function describeVerdict(text: string, options: DescribeReplyOptions): string[] {
  const reply = readReplyWith(text, options);
  return [...summary(reply), ...becauseOf(text, reply)];
}

/** Explains a reply: verdict, records, every line, and what the verdict rests on. */
export function describeReplyWith(text: string, options: DescribeReplyOptions): string[] {
  const reply = readReplyWith(text, options);
  const inner = (isOfml(text) ? readResponseText(text)?.text : undefined) ?? text;
  const laid = layOutReply(inner, options);
  const { clean, lines } = laid.reading;
  const byLine = new Map(
    laid.account.parts.flatMap((part) =>
      lines.slice(part.first, part.first + part.count).map((line) => [line.at, part] as const),
    ),
  );
  const walk = { laid, options, reply, runs: readMfcRuns(clean.text, options.lexicon), byLine };
  const heading = inner === text ? 'line by line:' : 'line by line, as the markup holds it:';
  return [...summary(reply), heading, ...lineByLine(walk), ...becauseOf(text, reply)];
}
