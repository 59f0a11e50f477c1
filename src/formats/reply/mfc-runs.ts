/**
 * The second codec: replies are runs of `MFC/value` between lines of prose. A value runs to the next known field code or the
 * end of its line, with the exceptions that the trade knows: MIS runs on over lines; VCO, MNU, DTE, DLU and GOFF literals hold
 * marks of their own and are kept whole.
 */
import type { Lexicon } from '../lexicon.ts';

/** One value found in a reply. */
export interface MfcRun {
  readonly code: string;
  readonly value: string;
  /** Where the code begins, in characters of the text given. */
  readonly offset: number;
  /** From the code to the end of the value. */
  readonly length: number;
}

/** Fields whose text wraps onto the following lines. */
const wrapping = new Set(['MIS', 'REM']);
const endsWrapped = /^(?:ORI IS |IMMED |NIC\/|\*|\s*$)/;
/** The next record begins here even when a switch has laid it behind the text on the same line. */
const nextRecord = /(?<![A-Z0-9/])MKE\//;

/** Where a line ends, or the place of a record that begins on it. */
function endOfLine(text: string, from: number): { at: number; isLineEnd: boolean } {
  const found = text.indexOf('\n', from);
  const at = found < 0 ? text.length : found;
  const record = text.slice(from, at).search(nextRecord);
  return record < 0 ? { at, isLineEnd: found >= 0 } : { at: from + record, isLineEnd: false };
}

function endOfWrapped(text: string, from: number, lexicon: Lexicon): number {
  let { at: end, isLineEnd } = endOfLine(text, from);
  while (isLineEnd) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next.at).trimStart();
    const code = /^([A-Z][A-Z0-9]{2,3})\//.exec(line)?.[1];
    if (endsWrapped.test(line) || (code !== undefined && lexicon.fields.has(code))) return end;
    ({ at: end, isLineEnd } = next);
  }
  return end;
}

function joinLines(raw: string): string {
  const lines = raw.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** Finds every `MFC/value` of known field codes in a text, in order. Linear in the length of the text. */
export function readMfcRuns(text: string, lexicon: Lexicon): readonly MfcRun[] {
  const runs: MfcRun[] = [];
  const codeForm = /(?<![A-Z0-9/])([A-Z][A-Z0-9]{2,3}|EXPIRES)\//g;
  const starts: { code: string; at: number }[] = [];
  for (let found = codeForm.exec(text); found !== null; found = codeForm.exec(text)) {
    const code = found[1] ?? '';
    if (!lexicon.fields.has(code)) continue;
    starts.push({ code, at: found.index });
    if (!wrapping.has(code)) continue;
    codeForm.lastIndex = Math.max(codeForm.lastIndex, endOfWrapped(text, found.index, lexicon));
  }
  // Kept from one value to the next, so that no stretch of text is searched twice.
  let lineEnd = -1;
  for (const [index, start] of starts.entries()) {
    const valueAt = start.at + start.code.length + 1;
    const next = starts[index + 1]?.at ?? text.length;
    if (lineEnd < valueAt) {
      const found = text.indexOf('\n', valueAt);
      lineEnd = found < 0 ? text.length : found;
    }
    const end = Math.min(next, wrapping.has(start.code) ? endOfWrapped(text, start.at, lexicon) : lineEnd);
    const raw = text.slice(valueAt, end);
    const value = wrapping.has(start.code) ? joinLines(raw) : raw.trim();
    runs.push({ code: start.code, value, offset: start.at, length: valueAt + raw.trimEnd().length - start.at });
  }
  return runs;
}
