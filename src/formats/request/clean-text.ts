/**
 * Text made ready for reading: line ends of any make (CR LF, CR CR LF, LF CR, CR) as one LF, DEL and other control characters taken
 * out (NLETS N2, N7: they may stand anywhere and are to be ignored), with a way back to the offsets of the original, which is never
 * changed.
 */
import { addWarning, type Report } from './rule-note.ts';

/** Longest text of one message, in characters. Replies have no such limit. */
export const messageCharsMax = 1_048_576;

/** A text without control characters but LF. */
export interface CleanText {
  readonly text: string;
  /** True when the original held nothing odd: then `text` is the original. */
  readonly plain: boolean;
  readonly hasLowerCase: boolean;
  /** The offset in the original text of a character of `text`. */
  offsetOf(at: number): number;
}

const dropped =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r+(?=[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*\n)|(?<=\n)\r+/g;

/** A character that is neither a capital nor a digit, a usual mark or a blank: found faster than the one below, and rare. */
const unusual = /[^ -`]/;
/** A character that is not a capital, a digit, a mark, a blank or a line feed. */
const odd = /[^\n -`{-~]/;

function identity(at: number): number {
  return at;
}

/** Finds how many dropped characters stand at or before each place, by halving. */
function offsetsAfter(removed: readonly number[]): (at: number) => number {
  return (at) => {
    let low = 0;
    let high = removed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((removed[middle] ?? 0) - middle <= at) low = middle + 1;
      else high = middle;
    }
    return at + low;
  };
}

/** Cleans a text. A text without odd characters comes back as it is. */
export function cleanText(original: string): CleanText {
  if (!unusual.test(original) || !odd.test(original))
    return { text: original, plain: true, hasLowerCase: false, offsetOf: identity };
  const hasLowerCase = /[a-z]/.test(original);
  const removed: number[] = [];
  const text = original
    .replace(dropped, (found: string, at: number) => {
      for (let place = at; place < at + found.length; place += 1) removed.push(place);
      return '';
    })
    .replace(/\r/g, '\n')
    .replace(/\t/g, ' ');
  return { text, plain: false, hasLowerCase, offsetOf: removed.length === 0 ? identity : offsetsAfter(removed) };
}

/** Small letters as capitals, character for character: a place stays where it was. */
export function inCapitals(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Warns of what was taken out or will be changed: other controls than CR, LF and DEL, lower case, characters beyond ASCII. */
export function warnOfCharacters(original: string, clean: CleanText, report: Report): void {
  if (clean.plain) return;
  const control = original.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  if (control >= 0) addWarning(report, 'CHARACTER_CONTROL', { offset: control });
  const foreign = original.search(/[^\u0000-\u007f]/);
  if (foreign >= 0) addWarning(report, 'CHARACTER_NOT_ASCII', { offset: foreign, detail: '(Rule recalled.)' });
  const lower = original.search(/[a-z]/);
  if (lower >= 0) addWarning(report, 'LOWER_CASE', { offset: lower, detail: '(Rule recalled.)' });
}
