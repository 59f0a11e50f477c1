/** Which family of text a text belongs to, when nobody says. */
import type { Lexicon } from './lexicon.ts';
import type { Line } from './message.ts';
import { cleanText } from './request/clean-text.ts';

const headForm = /^[ \n]*(?:([126T][LN]01)[^.\n]{0,60}(\.|\n))?([A-Z][A-Z0-9]{1,4}(?:-[A-Z])?)\.([A-Z0-9]{0,9})/;
const replyHeadForm = /^[ \n]*[126T][LN]01[^.\n]{0,60}(?:\n|$)/;
const headCharsMax = 2_000;

/** Guesses the line of a text from its first words; what begins with neither a key nor a header is a reply. Never throws. */
export function guessLineWith(text: string, lexicon: Lexicon): Line {
  const head = cleanText(text.slice(0, headCharsMax)).text;
  if (replyHeadForm.test(head)) return 'reply';
  const found = headForm.exec(head);
  if (found === null) return 'reply';
  const table = lexicon.keys.get(found[3] ?? '')?.table;
  if (found[1] !== undefined) return found[1].startsWith('2') ? 'iii' : 'ncic';
  if (/[.\n ]TXT(?![A-Z0-9])/.test(head) || /^[ \n]*[A-Z0-9-]+\.[A-Z0-9]{9}\.?[ \n]*\d\d:\d\d /.test(head)) {
    return table?.line === 'state' ? 'state' : 'nlets';
  }
  if (table !== undefined) return table.line;
  return (found[4] ?? '').length === 9 ? 'ncic' : 'reply';
}
