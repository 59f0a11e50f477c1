/** What the header of a document in markup says, found even when the markup is broken: it still decides where a message belongs. */
import { type MarkupElement, readMarkup } from './markup.ts';

/** The elements of the header as texts. */
export interface MarkupHead {
  readonly key?: string;
  readonly oris: readonly string[];
  readonly destinations: readonly string[];
  readonly control?: string;
  /** The words of every element, decoded, a blank between two; empty when the markup is broken. */
  readonly words: string;
}

const headCharsMax = 4_000;
const keyForm = /^[A-Z][A-Z0-9]{1,4}(?:-[A-Z])?$/;

function wordsIn(element: MarkupElement): string {
  return [element.text, ...element.children.map(wordsIn)].join(' ');
}

function headOf(textsOf: (name: string) => readonly string[], words: string): MarkupHead {
  const key = textsOf('MKE')
    .map((one) => one.toUpperCase())
    .find((one) => keyForm.test(one));
  const control = textsOf('CTL')[0];
  return {
    ...(key === undefined ? {} : { key }),
    oris: textsOf('ORI'),
    destinations: textsOf('DST'),
    ...(control === undefined ? {} : { control }),
    words,
  };
}

/** Reads the header of a document, or, where the markup is broken, its elements in the first 4,000 characters one by one. */
export function readMarkupHead(markup: string): MarkupHead {
  const read = readMarkup(markup);
  if ('element' in read) {
    const header = read.element.children.find((one) => one.name === 'HDR');
    const named = (name: string) => (header?.children ?? []).filter((one) => one.name === name);
    return headOf((name) => named(name).map((one) => one.text.trim()), wordsIn(read.element));
  }
  const head = markup.slice(0, headCharsMax);
  const found = [...head.matchAll(/<(MKE|ORI|DST|CTL)>\s*(?:<!\[CDATA\[)?\s*([A-Za-z0-9-]{1,10})\s*[<\]]/g)];
  return headOf((name) => found.filter((one) => one[1] === name).map((one) => one[2] ?? ''), '');
}
