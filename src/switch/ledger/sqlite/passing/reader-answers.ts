/** Answers on their way between threads: all texts in one run of bytes, because each clone of a run costs as much as a row. */
import type { ReaderAnswers, ReaderSay } from '../threads.ts';

const none = new Uint8Array(0);

export function packAnswers(said: readonly ReaderSay[]): ReaderAnswers {
  const texts: Uint8Array[] = [];
  let length = 0;
  const words = said.map((one) => {
    if (!one.ok || !(one.value instanceof Uint8Array)) return one;
    texts.push(one.value);
    length += one.value.length;
    return { ask: one.ask, length: one.value.length };
  });
  if (length === 0) return { words };
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const text of texts) {
    bytes.set(text, offset);
    offset += text.length;
  }
  return { words, bytes };
}

/** Gives each text bytes of its own, so that one that is kept for long does not keep the others. */
export function unpackAnswers({ words, bytes = none }: ReaderAnswers): readonly ReaderSay[] {
  let offset = 0;
  return words.map((one) => {
    if (!('length' in one)) return one;
    offset += one.length;
    return { ask: one.ask, ok: true, value: bytes.slice(offset - one.length, offset) };
  });
}
