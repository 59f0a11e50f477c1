/**
 * Units on their way between threads, as one text and one run of bytes. A structured clone of so many small objects took
 * five times as long as this, on both sides.
 */
import type { ReadyEntry, ReadyUnit } from '../../prepare.ts';
import { dataKeyBytes, type FreshText } from '../../vault.ts';

export interface PackedCalls {
  /** JSON of the calls, with the length of each run of bytes in its place. */
  readonly words: string;
  /** All data keys, ciphertexts and tokens one after another, in the order of the words. */
  readonly bytes: Uint8Array;
}

type Calls = readonly (readonly ReadyUnit[])[];
type PackedText = Omit<FreshText, 'dataKey' | 'ciphertext'> & { readonly length: number };
type PackedEntry = Omit<ReadyEntry, 'texts' | 'tokens'> & {
  readonly texts: readonly PackedText[];
  readonly tokens: number;
};

/** Absent tokens; there are never none of them in a row that has some. */
const noTokens = 0;

export function packCalls(calls: Calls): PackedCalls {
  const runs: Uint8Array[] = [];
  let length = 0;
  const taken = (run: Uint8Array): number => {
    runs.push(run);
    length += run.length;
    return run.length;
  };
  const packed = calls.map((units) =>
    units.map((unit) => ({
      ...unit,
      entries: unit.entries.map(
        (entry): PackedEntry => ({
          ...entry,
          texts: entry.texts.map(({ name, keyId, dataKey, ciphertext }) => {
            taken(dataKey);
            return { name, keyId, length: taken(ciphertext) };
          }),
          tokens: entry.tokens === null ? noTokens : taken(entry.tokens),
        }),
      ),
    })),
  );
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const run of runs) {
    bytes.set(run, offset);
    offset += run.length;
  }
  return { words: JSON.stringify(packed), bytes };
}

export function unpackCalls({ words, bytes }: PackedCalls): Calls {
  const packed = JSON.parse(words) as readonly (readonly (Omit<ReadyUnit, 'entries'> & { entries: PackedEntry[] })[])[];
  let offset = 0;
  const given = (length: number): Uint8Array => {
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  return packed.map((units) =>
    units.map((unit) => ({
      ...unit,
      entries: unit.entries.map((entry) => ({
        ...entry,
        texts: entry.texts.map(({ name, keyId, length }) => ({
          name,
          keyId,
          dataKey: given(dataKeyBytes),
          ciphertext: given(length),
        })),
        tokens: entry.tokens === noTokens ? null : given(entry.tokens),
      })),
    })),
  );
}
