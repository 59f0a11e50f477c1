/**
 * The header of an Nlets text message, as it is sent in (`YQ.ORI.DEST,DEST.*CCCCCCCCCC.TXT`) and as Nlets delivers it (with two
 * time stamps). Tolerances are those the published samples need: a lost line break after the ORI, a missing period after
 * destinations or control field, the control field in any of three places.
 */
import type { Stamps } from '../message.ts';
import { isOri } from '../rules/value-edits.ts';
import type { CleanText } from './clean-text.ts';
import { addFault, type Report } from './rule-note.ts';

/** What the header says, and where the body begins. */
export interface NletsHeader {
  readonly key: string;
  readonly ori: string;
  readonly destinations: readonly string[];
  readonly control?: string;
  readonly stamps?: Stamps;
  /** True when Nlets delivered it, even if its stamps cannot all be read. */
  readonly delivered: boolean;
  /** Where the addresses begin. */
  readonly addressAt: number;
  readonly bodyAt: number;
}

const keyForm = /[ \n]*([A-Z][A-Z0-9]{1,4}(?:-[A-Z])?)\./y;
const stampForm = /(\d\d:\d\d) (\d\d\/\d\d\/\d{4}) (\d{5})/y;
const deliveredTo = /([A-Z0-9]{9}|[A-Z0-9]{2})(?![A-Z0-9])\.?/y;
const destinationForm = /^(?:[A-Z]{2}[A-Z0-9]{7}|[A-Z0-9]{2})$/;
const oriWord = /[A-Z]{2}[A-Z0-9]{7}(?![A-Z0-9/])/y;
const keyCharsMax = 7;

function matchAt(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}

/** The first place at or after `at` that is neither a blank nor a line break. */
export function skipBlanks(text: string, at: number): number {
  let place = at;
  while (place < text.length) {
    const code = text.charCodeAt(place);
    if (code !== 32 && code !== 10) break;
    place += 1;
  }
  return place;
}

/**
 * True where TXT stands and no ORI that begins with these letters. The control characters behind it are optional (NLETS N4, N8, N15),
 * so that the body may begin at once.
 */
function isTxt(text: string, at: number): boolean {
  return text.startsWith('TXT', at) && matchAt(oriWord, text, at) === null;
}

function afterTxt(text: string, at: number): number {
  let place = at + 3;
  if (text.charAt(place) === '.') place += 1;
  while (text.charAt(place) === ' ') place += 1;
  return text.charAt(place) === '\n' ? place + 1 : place;
}

interface Cursor {
  readonly clean: CleanText;
  readonly report: Report;
}

/** Reads `*` and ten characters; a shorter one that ends in a period or a line end is a fault and is skipped. */
function readControl(cursor: Cursor, at: number): { control?: string; at: number } {
  const { text } = cursor.clean;
  const value = text.slice(at + 1, at + 11);
  const short = value.search(/[.\n]/);
  if (value.length === 10 && short < 0) {
    const after = text.charAt(at + 11) === '.' ? at + 12 : at + 11;
    return { control: value, at: skipBlanks(text, after) };
  }
  addFault(cursor.report, 'CONTROL_SHAPE', { offset: cursor.clean.offsetOf(at) });
  return { at: skipBlanks(text, short < 0 ? at + 1 + value.length : at + 2 + short) };
}

function readStamp(text: string, at: number): { stamp: Stamps['received']; at: number } | undefined {
  const found = matchAt(stampForm, text, at);
  if (found === null) return undefined;
  return { stamp: { time: found[1] ?? '', date: found[2] ?? '', seq: found[3] ?? '' }, at: stampForm.lastIndex };
}

function endOfHeader(cursor: Cursor, at: number): number {
  const { text } = cursor.clean;
  if (isTxt(text, at)) return afterTxt(text, at);
  addFault(cursor.report, 'TXT_MISSING', { offset: cursor.clean.offsetOf(Math.min(at, text.length)) });
  return at;
}

type AfterOri = Omit<NletsHeader, 'key' | 'ori' | 'addressAt'>;

/** Reads what follows the ORI in a delivered message: two stamps, the destination, the control field, TXT. */
function readDelivered(cursor: Cursor, at: number): AfterOri | undefined {
  const { text } = cursor.clean;
  const first = readStamp(text, at);
  if (first === undefined) return undefined;
  const secondAt = skipBlanks(text, first.at);
  const second = readStamp(text, secondAt);
  if (second === undefined) {
    addFault(cursor.report, 'STAMP_SHAPE', { offset: cursor.clean.offsetOf(secondAt) });
    const line = text.indexOf('\nTXT', secondAt);
    return { destinations: [], delivered: true, bodyAt: endOfHeader(cursor, line < 0 ? text.length : line + 1) };
  }
  const stamps = { received: first.stamp, sent: second.stamp };
  let place = skipBlanks(text, second.at);
  const to = isTxt(text, place) ? null : matchAt(deliveredTo, text, place);
  if (to === null) addFault(cursor.report, 'DESTINATION_SHAPE', { offset: cursor.clean.offsetOf(place) });
  else place = skipBlanks(text, deliveredTo.lastIndex);
  const destinations = to?.[1] === undefined ? [] : [to[1]];
  if (text.charAt(place) !== '*') return { destinations, stamps, delivered: true, bodyAt: endOfHeader(cursor, place) };
  const read = readControl(cursor, place);
  const control = read.control === undefined ? {} : { control: read.control };
  return { destinations, stamps, delivered: true, ...control, bodyAt: endOfHeader(cursor, read.at) };
}

/** Where a destination ends: at a comma, a period, a blank or a line end. */
function endOfWord(text: string, at: number): number {
  let place = at;
  while (place < text.length && !',. \n'.includes(text.charAt(place))) place += 1;
  return place;
}

/** Reads what follows the ORI in a message that is sent in: destinations, the control field, TXT. */
function readSentIn(cursor: Cursor, at: number): AfterOri {
  const { text } = cursor.clean;
  const destinations: string[] = [];
  let control: string | undefined;
  let place = skipBlanks(text, at);
  while (place < text.length && !isTxt(text, place)) {
    if (text.charAt(place) === '*') {
      const read = readControl(cursor, place);
      control = read.control;
      place = read.at;
      break;
    }
    const end = endOfWord(text, place);
    const word = text.slice(place, end);
    // A slash can only be a field: the header has ended without TXT.
    if (word.includes('/')) break;
    if (destinationForm.test(word)) destinations.push(word);
    else addFault(cursor.report, 'DESTINATION_SHAPE', { offset: cursor.clean.offsetOf(place) });
    place = skipBlanks(text, end);
    if (text.charAt(place) === ',' || text.charAt(place) === '.') place = skipBlanks(text, place + 1);
  }
  return {
    destinations,
    delivered: false,
    ...(control === undefined ? {} : { control }),
    bodyAt: endOfHeader(cursor, place),
  };
}

/** Reads the sender's ORI: always nine characters, whatever follows (one published page has lost the line break after it). */
function readOri(cursor: Cursor, at: number): { ori: string; at: number } {
  const { text } = cursor.clean;
  const ori = text.slice(at, at + 9);
  if (isOri(ori)) return { ori, at: at + 9 };
  addFault(cursor.report, 'ORI_SHAPE', { offset: cursor.clean.offsetOf(at) });
  const end = text.slice(at, at + 20).search(/[.\n]/);
  return { ori: '', at: end < 0 ? Math.min(text.length, at + 9) : at + end };
}

/** Reads an Nlets header of either form; undefined when the text does not begin with a key and a period. */
export function readNletsHeader(clean: CleanText, report: Report): NletsHeader | undefined {
  const { text } = clean;
  const found = matchAt(keyForm, text, 0);
  if (found?.[1] === undefined || found[1].length > keyCharsMax) return undefined;
  const cursor = { clean, report };
  const { ori, at } = readOri(cursor, keyForm.lastIndex);
  const dot = text.charAt(at) === '.' ? at + 1 : at;
  const delivered = readDelivered(cursor, skipBlanks(text, dot));
  return { key: found[1], ori, addressAt: dot, ...(delivered ?? readSentIn(cursor, dot)) };
}
