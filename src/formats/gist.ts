/** The few facts that can be told of any text, parsed or not; they still decide whether it opens or joins a case. */
import type { Gist } from './message.ts';
import { readMarkupHead } from './ofml/markup-head.ts';
import { isOfml } from './ofml/ofml.ts';
import { readResponseText } from './ofml/response-text.ts';
import { cleanText } from './request/clean-text.ts';
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

function orisIn(text: string): readonly string[] {
  const numbered = words(text, /(?<![A-Z0-9])[A-Z]{2}(?=[A-Z0-9]{0,6}[0-9])[A-Z0-9]{7}(?![A-Z0-9])/g, oriCountMax);
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

/** Reads the gist of any text, of the reply inside markup or of a transaction in it: never throws, never refuses, linear in its length. */
export function readGist(text: string): Gist {
  const clean = cleanText(text).text;
  if (!isOfml(text)) return { ...textHead(clean), nics: words(clean, nicForm, nicCountMax), oris: orisIn(clean) };
  const wrapped = readResponseText(text);
  const inner = wrapped === undefined ? undefined : cleanText(wrapped.text).text;
  // A number may be written with entities or in pieces, so it is looked for in what they stand for too.
  const decoded = `${inner ?? readMarkupHead(text).words} ${clean}`;
  return {
    ...markupHead(text, inner === undefined ? undefined : textHead(inner)),
    nics: words(decoded, nicForm, nicCountMax),
    oris: orisIn(decoded),
  };
}
