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

/** Four fixed characters and at most fifteen of the asker's own: longer is no header, and then a person reads the line. */
const headerLine = /^[ \n]*([126T])[LN]01[^.\n]{0,15}\.?[ ]*(?:\n|$)/;
/** Nine letters may as well be a word (TERRORIST, SUSPECTED); only what has a digit is passed over as an ORI. */
const oriLine = /[ \n]*[A-Z]{2}(?=[A-Z]{0,6}[0-9])[A-Z0-9]{7}[ ]*(?:\n|$)/y;
const headCharsMax = 2_000;
/** What may be out of form in an Nlets header without any of its words being passed over. */
const harmless: readonly string[] = ['CONTROL_SHAPE', 'TXT_MISSING'];

/** Reads past an Nlets header; where anything in it is out of form, the whole text is body, so that nothing is passed over unread. */
function nletsEnvelope(head: string): Envelope | undefined {
  const short = { text: head, plain: true, hasLowerCase: false, offsetOf: (at: number) => at };
  const report = newReport();
  const nlets = readNletsHeader(short, report);
  if (nlets === undefined) return undefined;
  const passed = nlets.delivered ? harmless : harmless.slice(0, 1);
  const isSure = report.faults.every((fault) => passed.includes(fault.code));
  return { bodyAt: isSure ? nlets.bodyAt : 0, source: 'NLETS', key: nlets.key };
}

/** Reads past the header and ORI lines of an NCIC reply, or past an Nlets header. */
export function readEnvelope(clean: CleanText): Envelope {
  const head = clean.text.slice(0, headCharsMax);
  const header = headerLine.exec(head);
  if (header === null && /^[ \n]*[A-Z][A-Z0-9]{1,4}\.[A-Z]{2}[A-Z0-9]{7}/.test(head)) {
    const nlets = nletsEnvelope(head);
    if (nlets !== undefined) return nlets;
  }
  oriLine.lastIndex = header?.[0].length ?? 0;
  const bodyAt = oriLine.test(head) ? oriLine.lastIndex : (header?.[0].length ?? 0);
  if (header === null) return { bodyAt };
  return { bodyAt, source: header[1] === '2' ? 'III' : 'NCIC' };
}
