/**
 * The head of an NCIC, III or State request: `1N01<control>.KEY.ORI.`, or without the header where a station leaves it to the
 * switch. Header families: LEDS-MKE; four fixed characters and up to fifteen of the sender's choosing (GCIC-HDR, inferred).
 */
import { isOri } from '../rules/value-edits.ts';
import type { CleanText } from './clean-text.ts';
import { addFault, addWarning, type Report } from './rule-note.ts';

/** What stands before the fields. */
export interface NcicHead {
  readonly header?: string;
  readonly key: string;
  readonly ori: string;
  readonly bodyAt: number;
}

const headerForm = /[ \n]*([126T][LN]01[^.\n]{0,60})\./y;
const keyForm = /[ \n]*([A-Z][A-Z0-9]{1,4}(?:-[A-Z])?)(?:\.|(?=[ \n]*$))/y;
const headerCharsMax = 19;
const headerCharsMin = 9;

/** The four characters that say which line a header belongs to, and what follows them. */
export function splitHeader(header: string): { prefix: string; control: string } {
  return { prefix: header.slice(0, 4), control: header.slice(4) };
}

function readHeader(clean: CleanText, report: Report): { header?: string; at: number } {
  headerForm.lastIndex = 0;
  const header = headerForm.exec(clean.text)?.[1];
  if (header === undefined) return { at: 0 };
  if (header.length > headerCharsMax || header.length < headerCharsMin) {
    addWarning(report, 'HEADER_SHAPE', { offset: 0, detail: 'Nine to nineteen characters. (Rule recalled.)' });
  }
  return { header, at: headerForm.lastIndex };
}

/** Reads the head; undefined when no message key follows. */
export function readNcicHead(clean: CleanText, report: Report): NcicHead | undefined {
  const { header, at } = readHeader(clean, report);
  keyForm.lastIndex = at;
  const key = keyForm.exec(clean.text)?.[1];
  if (key === undefined) return undefined;
  const oriAt = keyForm.lastIndex;
  const dot = clean.text.indexOf('.', oriAt);
  const end = dot < 0 ? clean.text.length : dot;
  const word = clean.text.slice(oriAt, Math.min(end, oriAt + 40)).trim();
  const good = isOri(word);
  if (!good) addFault(report, 'ORI_SHAPE', { offset: clean.offsetOf(Math.min(oriAt, clean.text.length)) });
  // A field where the ORI should stand is still read as a field.
  const bodyAt = !good && word.includes('/') ? oriAt : Math.min(end + 1, clean.text.length);
  return header === undefined ? { key, ori: good ? word : '', bodyAt } : { header, key, ori: good ? word : '', bodyAt };
}
