/** A text from the line as far as it can be read. Pure: what is told here decides where the message belongs. */
import { readGist } from '../../formats/language.ts';
import type { Gist, Message, Reply } from '../../formats/message.ts';
import { isWantWithCaveat } from '../../formats/reply/caveats.ts';
import type { Language } from '../language.ts';

export interface Reading {
  readonly text: string;
  readonly message: Message | undefined;
  readonly faultCodes: readonly string[];
  readonly gist: Gist;
  readonly reply: Reply;
  /** Empty when there is none. Only what the tables name, or what stands before an ORI as a key does: never a word. */
  readonly key: string;
  readonly senderOri: string;
  readonly destinations: readonly string[];
}

/** Reads a text as the agency's State speaks. Never throws. */
export function readText(text: string, language: Language): Reading {
  const parsed = language.parseTheirs(text);
  const gist = readGist(text);
  const message = parsed.ok ? parsed.message : undefined;
  return {
    text,
    message,
    faultCodes: parsed.ok ? [] : parsed.faults.map((one) => one.code),
    gist,
    reply: language.readReply(text),
    key: message?.key ?? keyOf(gist, language),
    senderOri: message?.ori ?? senderOf(gist),
    destinations: message?.destinations ?? gist.destinations.filter(isPlainOri),
  };
}

/** The key of a gist; keys stand in clear on disk, so a word that only looks like one must not become one. */
export function keyOf(gist: Gist, language: Language): string {
  if (gist.key === undefined) return '';
  return language.keyTable(gist.key) !== undefined || senderOf(gist) !== '' ? gist.key : '';
}

/** The sender of a text that did not parse, as far as it may stand in clear; empty when there is none. */
export function senderOf(gist: Gist): string {
  return gist.senderOri !== undefined && isPlainOri(gist.senderOri) ? gist.senderOri : '';
}

/** Nine letters may as well be somebody's name; where nothing else was understood, only what has a digit is an ORI. */
function isPlainOri(word: string): boolean {
  return /\d/.test(word);
}

const sourceOfLine = { nlets: 'NLETS', iii: 'III', state: 'STATE', ncic: 'NCIC', reply: 'NCIC' } as const;

/** Who answers: as the wording tells, else by the line of the text. */
export function sourceOf(reading: Reading): string {
  if (reading.reply.source !== undefined) return reading.reply.source;
  return sourceOfLine[reading.message?.line ?? 'nlets'];
}

/** A record on which nobody is arrested, whatever it says. */
function isNoWant(record: Reply['records'][number]): boolean {
  return (record.standing === 'caution' || record.standing === 'welfare') && !isWantWithCaveat(record);
}

/** What makes a hit look other than a want, since only a want may look like one (ncic.md, 6.1). */
function hitMarks(records: Reply['records']): readonly string[] {
  const standings = new Set(records.map((one) => one.standing ?? 'unknown'));
  const isToActOn = standings.has('want') || standings.has('property');
  const isHarmless = records.some(isNoWant);
  const marks: string[] = [];
  const mayBeWant = isToActOn || standings.has('unknown') || records.some(isWantWithCaveat);
  if (isHarmless) marks.push(mayBeWant ? 'NOT ALL A WANT' : 'NOT A WANT');
  if (records.some((one) => one.caveat !== undefined))
    marks.push(isToActOn ? 'READ THE CAVEAT' : 'CAVEAT AGAINST ARREST');
  if (standings.has('unknown')) marks.push('KIND NOT KNOWN');
  if (records.some((one) => one.restricted)) marks.push('RESTRICTED FILE');
  return marks;
}

/**
 * A verdict as screens say it. A recalled rule alone never yields NO RECORD (law 9); a hit that is no want, bears a caveat or comes from
 * a restricted file says so.
 */
export function shownVerdict(reply: Reply): string {
  if (reply.verdict === 'HIT') return ['POSSIBLE HIT - UNCONFIRMED', ...hitMarks(reply.records)].join(' - ');
  const isRecalled =
    reply.warnings.some((one) => one.code === 'REPLY_RULE_RECALLED') ||
    reply.evidence.some((one) => one.provenance === 'recalled');
  return reply.verdict === 'NO RECORD' && isRecalled ? 'READ IT' : reply.verdict;
}

/** The alarm of an answer or of what came unasked; none for NO RECORD. */
export function alarmOf(reply: Reply): 'POSSIBLE_HIT' | 'HIT_WITH_CAVEAT' | 'HIT_NOT_A_WANT' | 'READ_IT' | undefined {
  const shown = shownVerdict(reply);
  if (reply.verdict !== 'HIT') return shown === 'NO RECORD' ? undefined : 'READ_IT';
  if (reply.records.every(isNoWant)) return 'HIT_NOT_A_WANT';
  return reply.records.every((one) => isNoWant(one) || isWantWithCaveat(one)) ? 'HIT_WITH_CAVEAT' : 'POSSIBLE_HIT';
}
