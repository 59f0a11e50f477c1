/** The few facts that can be told of any text, parsed or not; they still decide whether it opens or joins a case. */
import type { Gist } from './message.ts';
import { readMarkupHead } from './ofml/markup-head.ts';
import { isOfml } from './ofml/ofml.ts';
import { readResponseText } from './ofml/response-text.ts';
import { cleanText, inCapitals } from './request/clean-text.ts';
import { splitHeader } from './request/ncic-header.ts';
import { readNletsHeader } from './request/nlets-header.ts';
import { newReport } from './request/rule-note.ts';
import { isOri } from './rules/value-edits.ts';

const nicCountMax = 200;
const oriCountMax = 50;
const headCharsMax = 2_000;
const headerLine = /^[ \n]*([126T][LN]01[^.\n]{0,60})(?:\.|\n|$)/;
const keyAtStart = /^[ \n]*([A-Z][A-Z0-9]{1,4}(?:-[A-Z])?)\.([A-Z0-9]{9})?/;
/** A confirmation is told even when its period is lost. */
const confirmationAtStart = /^[^A-Z0-9]*(YQ|YR)(?![A-Z0-9])/;

/** The words of a form, without repetition, at most `most`. */
function words(text: string, form: RegExp, most: number): string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(form)) {
    found.add(match[0]);
    if (found.size >= most) break;
  }
  return [...found];
}

/** Words with a digit in capitals or not; those of letters alone only as capitals, since any word has nine small letters. */
function orisIn(text: string, capitals: string): readonly string[] {
  const numbered = words(capitals, /(?<![A-Z0-9])[A-Z]{2}(?=[A-Z0-9]{0,6}[0-9])[A-Z0-9]{7}(?![A-Z0-9])/g, oriCountMax);
  if (numbered.length >= oriCountMax) return numbered;
  const lettered = words(text, /(?<![A-Z0-9])[A-Z]{9}(?![A-Z0-9])/g, oriCountMax - numbered.length);
  return [...numbered, ...lettered];
}

type Head = Pick<Gist, 'key' | 'senderOri' | 'destinations' | 'control'>;

/** NCIC writes the asker's ORI on the line after its header; a request has key and ORI there. */
function ncicHead(head: string, header: RegExpExecArray): Head {
  const control = splitHeader(header[1] ?? '').control.trim();
  const rest = head.slice(header[0].length);
  const request = keyAtStart.exec(rest);
  const asker = /^[ \n]*([A-Z]{2}[A-Z0-9]{7})[ ]*(?:\n|$)/.exec(rest)?.[1];
  return {
    ...(request?.[1] === undefined ? {} : { key: request[1] }),
    ...(request?.[2] !== undefined && isOri(request[2]) ? { senderOri: request[2] } : {}),
    destinations: request === null && asker !== undefined ? [asker] : [],
    ...(control === '' ? {} : { control }),
  };
}

function plainHead(head: string): Head {
  const found = keyAtStart.exec(head);
  const clean = cleanText(head);
  const header = found === null ? undefined : readNletsHeader(clean, newReport());
  const key = found?.[1] ?? confirmationAtStart.exec(head)?.[1];
  const senderOri = found?.[2] !== undefined && isOri(found[2]) ? found[2] : undefined;
  const control = header?.control?.trim() ?? '';
  return {
    ...(key === undefined ? {} : { key }),
    ...(senderOri === undefined ? {} : { senderOri }),
    destinations: (header?.destinations ?? []).filter((one) => one.length === 9 || one.length === 2),
    ...(control === '' ? {} : { control }),
  };
}

/** The head of a transaction, even when the markup around it is broken; of a response, only whose answer it is. */
function markupHead(text: string, inner: Head | undefined): Head {
  const { key, oris, destinations, control } = readMarkupHead(text);
  const own = control === undefined || control === '' ? {} : { control };
  if (inner !== undefined) return { ...own, ...inner };
  const senderOri = oris.find(isOri);
  return {
    ...(key === undefined ? {} : { key }),
    ...(senderOri === undefined ? {} : { senderOri }),
    destinations: destinations.filter((one) => one.length === 9 || one.length === 2),
    ...own,
  };
}

function textHead(clean: string): Head {
  const head = clean.slice(0, headCharsMax);
  const header = headerLine.exec(head);
  return header === null ? plainHead(head) : ncicHead(head, header);
}

const nicForm = /(?<![A-Z0-9])[A-Z][0-9]{9}(?![A-Z0-9])/g;
const markedNicForm = /(?<=(?<![A-Z0-9])NIC\/ {0,4})[A-Z][0-9]{9}(?![A-Z0-9])/g;

/** The numbers marked as such come first: a number that only stands in remarks is another record's. */
function nicsIn(capitals: string): readonly string[] {
  const marked = words(capitals, markedNicForm, nicCountMax);
  const others = words(capitals, nicForm, nicCountMax);
  return marked.length === 0 ? others : [...new Set([...marked, ...others])].slice(0, nicCountMax);
}

/**
 * The head of a text; where it has none as written, that of its capitals: States fold small letters (recalled), and a YQ in small
 * letters asks no less for an answer within its time.
 */
function headIn(written: string, capitals: string): Head {
  const head = textHead(written);
  const isHead = head.key !== undefined || head.control !== undefined || head.destinations.length > 0;
  if (isHead || written === capitals) return head;
  const folded = textHead(capitals);
  // Any sentence begins with a word and a period sooner or later; only what an ORI follows, or a confirmation, is a head.
  const isSure = folded.senderOri !== undefined || folded.destinations.length > 0;
  return isSure || confirmationAtStart.test(capitals) ? folded : head;
}

/** Reads the gist of any text, of the reply inside markup or of a transaction in it: never throws, never refuses, linear in its length. */
export function readGist(text: string): Gist {
  const { text: clean, hasLowerCase } = cleanText(text);
  if (!isOfml(text)) {
    const capitals = hasLowerCase ? inCapitals(clean) : clean;
    return { ...headIn(clean, capitals), nics: nicsIn(capitals), oris: orisIn(clean, capitals) };
  }
  const wrapped = readResponseText(text);
  const inner = wrapped === undefined ? undefined : cleanText(wrapped.text).text;
  // A number may be written with entities or in pieces, so it is looked for in what they stand for too.
  const decoded = `${inner ?? readMarkupHead(text).words} ${clean}`;
  return {
    ...markupHead(text, inner === undefined ? undefined : textHead(inner)),
    nics: nicsIn(inCapitals(decoded)),
    oris: orisIn(decoded, inCapitals(decoded)),
  };
}
