/**
 * The small markup that messages compatible with OFML are written in: elements, attributes, text. No document types, no entities
 * of one's own, no comments that matter; depth and count have a cap. Linear in the length of the text.
 */

/** One element. Text between its children is joined; blanks around children are dropped. */
export interface MarkupElement {
  readonly name: string;
  /** The attributes as they were written, without outer blanks. */
  readonly attributes: string;
  readonly children: readonly MarkupElement[];
  readonly text: string;
}

/** Where a piece of an element's text stands in the markup. */
export interface TextPiece {
  readonly at: number;
  readonly length: number;
  /** True for a CDATA section, in which an ampersand is an ampersand. */
  readonly literal: boolean;
}

/** Where each element begins, and the pieces of its text. */
export type ElementPlaces = Map<MarkupElement, { readonly at: number; readonly pieces: readonly TextPiece[] }>;

const depthMax = 12;
const elementCountMax = 20_000;
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

interface Open {
  readonly at: number;
  readonly name: string;
  readonly attributes: string;
  readonly children: MarkupElement[];
  readonly texts: string[];
  readonly pieces: TextPiece[];
}

function decodeOne(found: string, name: string): string {
  if (!name.startsWith('#')) return Object.hasOwn(named, name) ? (named[name] as string) : found;
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return Number.isNaN(code) || code > 0x10ffff ? found : String.fromCodePoint(code);
}

const entityForm = /&(#?[A-Za-z0-9]{1,8});/g;

/** One stretch of decoded text that stands in the markup as it is, or one entity. */
export interface Stretch {
  readonly text: string;
  readonly at: number;
  readonly length: number;
}

/** The stretches that decoded text is made of, in order. */
export function stretchesOf(markup: string, piece: TextPiece): readonly Stretch[] {
  const raw = markup.slice(piece.at, piece.at + piece.length);
  if (piece.literal) return [{ text: raw, at: piece.at, length: piece.length }];
  const stretches: Stretch[] = [];
  let from = 0;
  const addPlain = (to: number): void => {
    if (to > from) stretches.push({ text: raw.slice(from, to), at: piece.at + from, length: to - from });
  };
  for (const found of raw.matchAll(entityForm)) {
    addPlain(found.index);
    const [whole, name = ''] = found;
    stretches.push({ text: decodeOne(whole, name), at: piece.at + found.index, length: whole.length });
    from = found.index + whole.length;
  }
  addPlain(raw.length);
  return stretches;
}

function decode(text: string): string {
  return text.includes('&') ? text.replace(entityForm, decodeOne) : text;
}

/** Text as it stands inside an element. */
export function encodeMarkup(text: string): string {
  return text.replace(/[&<>]/g, (mark) => (mark === '&' ? '&amp;' : mark === '<' ? '&lt;' : '&gt;'));
}

const openForm = /<([A-Za-z][A-Za-z0-9_]{0,31})((?:\s[^<>]{0,500})?)(\/?)>/y;
const closeForm = /<\/([A-Za-z][A-Za-z0-9_]{0,31})\s*>/y;

function finished(open: Open, places: ElementPlaces | undefined): MarkupElement {
  const text = open.children.length > 0 ? open.texts.join('').trim() : open.texts.join('');
  const element = { name: open.name, attributes: open.attributes.trim(), children: open.children, text };
  places?.set(element, { at: open.at, pieces: open.pieces });
  return element;
}

function skipProlog(text: string): number {
  const found = /^[\s\u0000-\u001f\u007f]*(?:<\?[^>]{0,200}\?>[\s\u0000-\u001f\u007f]*)?/.exec(text);
  return found?.[0].length ?? 0;
}

/** Takes a CDATA section; gives where it ends, or -1 when it is not one or does not end. */
function takeCdata(text: string, at: number, open: Open): number {
  if (!text.startsWith('<![CDATA[', at)) return -1;
  const end = text.indexOf(']]>', at);
  if (end < 0) return -1;
  open.texts.push(text.slice(at + 9, end));
  open.pieces.push({ at: at + 9, length: end - at - 9, literal: true });
  return end + 3;
}

/**
 * Reads one element and nothing else; undefined, with the place, where the text stops being that. Puts into `places` where each
 * element and its text stand.
 */
export function readMarkup(text: string, places?: ElementPlaces): { element: MarkupElement } | { brokenAt: number } {
  const stack: Open[] = [];
  let count = 0;
  let at = skipProlog(text);
  while (at < text.length) {
    const top = stack.at(-1);
    if (text.charAt(at) !== '<') {
      if (top === undefined) return { brokenAt: at };
      const next = text.indexOf('<', at);
      if (next < 0) return { brokenAt: at };
      top.texts.push(decode(text.slice(at, next)));
      top.pieces.push({ at, length: next - at, literal: false });
      at = next;
      continue;
    }
    closeForm.lastIndex = at;
    const close = closeForm.exec(text);
    if (close !== null) {
      if (top === undefined || top.name !== close[1]) return { brokenAt: at };
      stack.pop();
      at = closeForm.lastIndex;
      const parent = stack.at(-1);
      if (parent === undefined)
        return /^[\s\u0000-\u001f\u007f]*$/.test(text.slice(at))
          ? { element: finished(top, places) }
          : { brokenAt: at };
      parent.children.push(finished(top, places));
      continue;
    }
    openForm.lastIndex = at;
    const found = openForm.exec(text);
    if (found === null) {
      const after = top === undefined ? -1 : takeCdata(text, at, top);
      if (after < 0) return { brokenAt: at };
      at = after;
      continue;
    }
    count += 1;
    if (count > elementCountMax || stack.length >= depthMax || (top === undefined && count > 1))
      return { brokenAt: at };
    const open: Open = { at, name: found[1] ?? '', attributes: found[2] ?? '', children: [], texts: [], pieces: [] };
    at = openForm.lastIndex;
    if (found[3] !== '/') stack.push(open);
    else if (top === undefined) return { brokenAt: at };
    else top.children.push(finished(open, places));
  }
  return { brokenAt: text.length };
}

/** Writes an element without blanks between tags. */
export function writeMarkup(element: MarkupElement): string {
  const attributes = element.attributes === '' ? '' : ` ${element.attributes}`;
  const inside = element.children.map(writeMarkup).join('') + encodeMarkup(element.text);
  return `<${element.name}${attributes}>${inside}</${element.name}>`;
}
