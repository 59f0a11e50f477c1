/** Words of caution and medical condition as replies write them: `CMC` literals, one per line (ncic.md, section 6.1), or anywhere in prose. */
import type { CodeTable } from '../code-tables.ts';

/** Finds the words of one caution table. */
export interface CautionReader {
  /** Words of the table in a text, with their places: several words wherever they stand, a single one (OTHER) only alone on a line. */
  inText(text: string): readonly { readonly words: string; readonly at: number }[];
  /** The words of the codes that a value of CMC holds, or the value itself where it is such words. */
  ofValue(value: string): readonly string[];
}

function plainWords(text: string): string {
  return text.replace(/[^A-Z0-9]+/g, ' ').trim();
}

/** One pass over a text for all words of a table, however a switch lays them out. */
function formOf(literals: readonly string[]): RegExp {
  const several = literals.filter((one) => one.includes(' ')).map((one) => one.replaceAll(' ', '[^A-Z0-9/]+'));
  const single = literals.filter((one) => !one.includes(' '));
  const alone = `(?<=^[^A-Z0-9\\n]*)(?:${single.join('|') || '(?!)'})(?=[^A-Z0-9\\n]*$)`;
  return new RegExp(`\\b(?:${several.join('|') || '(?!)'})\\b|${alone}`, 'gm');
}

/** Makes the reader of a table; its words are made ready when a first text is read. */
export function makeCautionReader(table: CodeTable | undefined): CautionReader {
  let ready: { readonly byWords: ReadonlyMap<string, string>; readonly form: RegExp } | undefined;
  const made = () => {
    const byWords = new Map(Object.values(table?.codes ?? {}).map((one) => [plainWords(one), one]));
    ready ??= { byWords, form: formOf([...byWords.keys()]) };
    return ready;
  };
  return {
    inText(text) {
      const { byWords, form } = ready ?? made();
      const found: { words: string; at: number }[] = [];
      form.lastIndex = 0;
      for (let match = form.exec(text); match !== null; match = form.exec(text)) {
        const words = byWords.get(plainWords(match[0]));
        if (words !== undefined) found.push({ words, at: match.index });
      }
      return found;
    },
    ofValue(value) {
      const { byWords } = ready ?? made();
      const codes = value.match(/(?<![A-Z0-9])[0-9]{2}(?![A-Z0-9])/g) ?? [];
      const words = codes.flatMap((code) => table?.codes[code] ?? []);
      return words.length > 0 ? words : [byWords.get(plainWords(value))].filter((one) => one !== undefined);
    },
  };
}
