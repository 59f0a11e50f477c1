/** Where the text of a reply begins, who sent it, and what its first lines are. */
import type { Reply } from '../message.ts';
import type { CleanText } from '../request/clean-text.ts';
import { readNletsHeader } from '../request/nlets-header.ts';
import { newReport } from '../request/rule-note.ts';

/** The envelope of a reply. */
export interface Envelope {
  readonly bodyAt: number;
  readonly source?: NonNullable<Reply['source']>;
  /** The Nlets key, when the text has an Nlets header. */
  readonly key?: string;
}

const headerLine = /^[ \n]*([126T])[LN]01[^.\n]{0,60}\.?[ ]*(?:\n|$)/;
const oriLine = /[ \n]*[A-Z]{2}[A-Z0-9]{7}[ ]*(?:\n|$)/y;
const headCharsMax = 2_000;

/** Reads past the header and ORI lines of an NCIC reply, or past an Nlets header. */
export function readEnvelope(clean: CleanText): Envelope {
  const head = clean.text.slice(0, headCharsMax);
  const header = headerLine.exec(head);
  if (header === null && /^[ \n]*[A-Z][A-Z0-9]{1,4}\.[A-Z]{2}[A-Z0-9]{7}/.test(head)) {
    const short = { text: head, plain: true, hasLowerCase: false, offsetOf: (at: number) => at };
    const nlets = readNletsHeader(short, newReport());
    if (nlets !== undefined) return { bodyAt: nlets.bodyAt, source: 'NLETS', key: nlets.key };
  }
  oriLine.lastIndex = header?.[0].length ?? 0;
  const bodyAt = oriLine.test(head) ? oriLine.lastIndex : (header?.[0].length ?? 0);
  if (header === null) return { bodyAt };
  return { bodyAt, source: header[1] === '2' ? 'III' : 'NCIC' };
}
