/** The field dictionary: what a message field code means, how long and of what characters it is, and how sure that is. */
import { controlFields } from './fields/control.ts';
import { missingFields } from './fields/missing.ts';
import { nletsFields } from './fields/nlets.ts';
import { offenderFields } from './fields/offender.ts';
import { offenseFields } from './fields/offense.ts';
import { oriFileFields } from './fields/ori-file.ts';
import { personFields } from './fields/person.ts';
import { propertyFields } from './fields/property.ts';
import { removalFields } from './fields/removal.ts';
import { vehicleFields } from './fields/vehicle.ts';
import type { Provenance } from './message.ts';

/** The characters a value is made of. `code` values stand in a code table. */
export type FieldClass = 'alpha' | 'num' | 'alnum' | 'text' | 'name' | 'date' | 'code';

/** How late a date or year may be: today, or the year after this one. */
export type Latest = 'today' | 'next-year';

/** What one field code means in one file or line where its meaning depends on that. */
export interface FieldVariant {
  /** A line (`ncic`, `nlets`), a group (`person`, `property`) or a family (`gun`). */
  readonly of: string;
  readonly name?: string;
  readonly min?: number;
  readonly max?: number;
  readonly class?: FieldClass;
  readonly tables?: readonly string[];
  readonly tableByEdit?: boolean;
  readonly values?: readonly string[];
  readonly edits?: readonly string[];
  readonly latest?: Latest;
  readonly note?: string;
  readonly provenance?: Provenance;
}

/** One row of the field dictionary. */
export interface FieldRow {
  readonly code: string;
  readonly name: string;
  readonly min?: number;
  readonly minProvenance?: Provenance;
  readonly max?: number;
  readonly maxProvenance?: Provenance;
  readonly class: FieldClass;
  /** Code tables whose union holds the allowed values. */
  readonly tables?: readonly string[];
  /** An edit looks the value up, because it is more than one bare code. */
  readonly tableByEdit?: boolean;
  readonly values?: readonly string[];
  readonly valuesProvenance?: Provenance;
  /** Names of value edits (rules/value-edits.ts). */
  readonly edits?: readonly string[];
  /** The value may not be later; asked only when the reader is told what day it is. */
  readonly latest?: Latest;
  readonly latestProvenance?: Provenance;
  /** May stand more than once in one message. */
  readonly repeats?: boolean;
  /** How often at most, as it is recalled. */
  readonly countMax?: number;
  /** Free text that stands last and may hold periods. */
  readonly toEnd?: boolean;
  readonly rule?: string;
  /** True: never shown in a log, an error, a metric or an unmasked description. */
  readonly sensitive: boolean;
  readonly provenance: Provenance;
  readonly source: string;
  readonly variants?: readonly FieldVariant[];
}

/** Every known field code, in the order of the dictionary. */
export const fieldRows: readonly FieldRow[] = [
  ...controlFields,
  ...personFields,
  ...offenseFields,
  ...removalFields,
  ...missingFields,
  ...offenderFields,
  ...vehicleFields,
  ...propertyFields,
  ...oriFileFields,
  ...nletsFields,
];
