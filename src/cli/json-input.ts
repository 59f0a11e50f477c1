/** How the bytes of standard input become text and data. */
import { type Fault, HitlineError, makeFault } from '../faults/fault.ts';

/** Reads UTF-8, of which ASCII is a part; throws INPUT_NOT_UTF8 rather than put other characters in place of bad bytes. */
export function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new HitlineError('INPUT_NOT_UTF8', { cause });
  }
}

/** Reads one JSON value; throws INPUT_NOT_JSON, whose text never quotes the input. */
export function decodeJson(text: string, line?: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const faults = line === undefined ? [] : [makeFault('INPUT_NOT_JSON', { detail: `Line ${line}.` })];
    throw new HitlineError('INPUT_NOT_JSON', { faults });
  }
}

/** The faults of a value that failed its schema: where each is, never what stood there. */
export function shapeFaults(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[],
  known: ReadonlySet<string>,
): readonly Fault[] {
  return issues.map((issue) => {
    // A name that is not ours may itself be something that was sent.
    const path = issue.path.map((part) => (typeof part === 'number' || known.has(String(part)) ? String(part) : '?'));
    return makeFault('INPUT_SHAPE', { detail: `At ${path.length === 0 ? 'the top' : path.join('.')}: ${issue.code}.` });
  });
}
