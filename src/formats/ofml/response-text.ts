/**
 * The words of a response in markup as one text to be read, and where each of its characters stands. Whatever words a response holds
 * are read with it, whatever element they stand in: a record in an element that nobody expected is a record all the same.
 */
import { type ElementPlaces, type MarkupElement, readMarkup, type Stretch, stretchesOf } from './markup.ts';

/** The text of the replies in a response, and where each of its characters stands in the markup. */
export interface ResponseText {
  readonly text: string;
  /** The stretches of `text` in order; line feeds that were laid between two elements belong to none. */
  readonly places: readonly (Stretch & { readonly textAt: number })[];
  /** True when the markup holds other words than these and its header, or words among its tags. */
  readonly hasMore: boolean;
}

/** Text without the control characters that a line may lay between tags. */
function wordsOf(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f]+/g, '');
}

function hasWords(element: MarkupElement): boolean {
  return wordsOf(element.text) !== '' || element.children.some(hasWords);
}

/** Elements with words of their own, in order; an empty `TXT` is an empty reply. */
function speakersOf(element: MarkupElement): readonly MarkupElement[] {
  const speaks = element.name === 'TXT' || wordsOf(element.text) !== '';
  return [...(speaks ? [element] : []), ...element.children.flatMap(speakersOf)];
}

/** True for an element with words in its attributes; how blanks are kept is no word. */
function saysMore(element: MarkupElement): boolean {
  const plain = element.attributes === '' || /^xml:space=(?:"preserve"|'preserve')$/.test(element.attributes);
  return !plain || element.children.some(saysMore);
}

/** The words of a response in markup; undefined for a transaction, for a response without words, and for what is no markup. */
export function readResponseText(markup: string): ResponseText | undefined {
  const elements: ElementPlaces = new Map();
  const read = readMarkup(markup, elements);
  const root = 'element' in read && read.element.name === 'OFML' ? read.element : undefined;
  if (root === undefined || root.children.some((one) => one.name === 'TRN')) return undefined;
  const bodies = root.children.filter((one) => one.name === 'RSP');
  const replies = bodies.flatMap(speakersOf);
  if (replies.length === 0) return undefined;
  const places: (Stretch & { textAt: number })[] = [];
  const texts: string[] = [];
  let textAt = 0;
  for (const reply of replies) {
    if (reply !== replies[0]) {
      texts.push('\n');
      textAt += 1;
    }
    for (const piece of elements.get(reply)?.pieces ?? []) {
      for (const stretch of stretchesOf(markup, piece)) {
        places.push({ ...stretch, textAt });
        texts.push(stretch.text);
        textAt += stretch.text.length;
      }
    }
  }
  const [header] = root.children.filter((one) => one.name === 'HDR');
  const rest = root.children.filter((one) => one !== header && !bodies.includes(one));
  const hasMore = wordsOf(root.text) !== '' || rest.some(hasWords) || bodies.some(saysMore);
  return { text: texts.join(''), places, hasMore };
}
