/** Which family of text a text belongs to, when nobody says. */
import type { Lexicon } from './lexicon.ts';
import type { Line } from './message.ts';
import { cleanText } from './request/clean-text.ts';

const headForm = /^[ \n]*(?:([126T][LN]01)[^.\n]{0,60}\.)?([A-Z][A-Z0-9]{1,4}(?:-[A-Z])?)\.([A-Z0-9]{0,9})/;
const nletsForm = /[.\n ]TXT(?:(?![A-Z0-9])|[A-Z]{3}\/)|^[ \n]*[A-Z0-9-]+\.[A-Z0-9]{9}\.?[ \n]*\d\d:\d\d /;
const headCharsMax = 2_000;

/** Guesses the line of a clean text from its first words; what begins with neither a key nor a request's header is a reply. */
export function guessLineOf(clean: string, lexicon: Lexicon): Line {
  const head = clean.length > headCharsMax ? clean.slice(0, headCharsMax) : clean;
  const found = headForm.exec(head);
  if (found === null) return 'reply';
  const table = lexicon.keys.get(found[2] ?? '')?.table;
  if (found[1] !== undefined) {
    // A State's own key bears the header of the line that carries it, which says nothing of whose key it is.
    if (table?.line === 'state' && table.form !== 'nlets') return 'state';
    if (table?.alsoHeaders?.includes(found[1])) return table.line;
    return found[1].startsWith('2') ? 'iii' : 'ncic';
  }
  if (nletsForm.test(head)) return table?.line === 'state' ? 'state' : 'nlets';
  if (table !== undefined) return table.line;
  return (found[3] ?? '').length === 9 ? 'ncic' : 'reply';
}

/** Guesses the line of any text. Never throws. */
export function guessLineWith(text: string, lexicon: Lexicon): Line {
  return guessLineOf(cleanText(text.slice(0, headCharsMax)).text, lexicon);
}
