/** What a rule between fields looks at, the shape of one, and where it says that something is wrong. */
import type { CompiledKey } from '../lexicon.ts';
import type { Values } from '../message.ts';
import { type FieldStretch, missingPlace, valuePlace } from '../request/field-places.ts';
import type { Report } from '../request/rule-note.ts';

/** The fields of one message as rules see them. */
export interface Look {
  readonly key: CompiledKey;
  readonly fields: Values;
  readonly destinations: readonly string[];
  readonly report: Report;
  /** The text that holds them; undefined when building. */
  readonly stretch: FieldStretch | undefined;
}

/** One rule over the fields of a message. */
export type CrossRule = (look: Look) => void;

/** Where a note about a field belongs: at its value, or where it would stand. Undefined when there is no text yet. */
export function placeOf({ stretch, key, fields }: Look, code: string): number | undefined {
  if (stretch === undefined) return undefined;
  const there = fields[code] === undefined ? undefined : valuePlace(stretch, key, code);
  return there ?? missingPlace(stretch, key, { code, fields });
}
