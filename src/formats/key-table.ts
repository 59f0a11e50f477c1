/** What a row of a message key's table holds, and the few words its families are written with. */
import type { KeyClass, Line, Provenance } from './message.ts';

/** What a key does to a file or to its reader. */
export type Action =
  | 'query'
  | 'batch-query'
  | 'admin-query'
  | 'enter'
  | 'modify'
  | 'supplement'
  | 'cancel-supplement'
  | 'cancel'
  | 'clear'
  | 'locate'
  | 'expire'
  | 'benefits'
  | 'request'
  | 'response'
  | 'maintain'
  | 'message'
  | 'status'
  | 'error'
  | 'bypass';

/** One field as one key uses it. */
export interface FieldUse {
  readonly code: string;
  /** `one-of`: at least one field of the group must be there. */
  readonly need: 'must' | 'may' | 'one-of';
  readonly group?: string;
  /** Longest value in characters, as this key's source prints it. */
  readonly max?: number;
  /** Must be there as soon as that field is there. */
  readonly with?: string;
  /** That field may also stand bare, with none of those that go with it; some States take it so. */
  readonly bare?: boolean;
  /** A `must` that falls away when one of these fields is there. */
  readonly unless?: readonly string[];
  /** Allowed only while another field has one of these values. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  readonly note?: string;
  /** Where it differs from `fieldsProvenance` of the key. */
  readonly provenance?: Provenance;
}

/** An alternative complete set of fields, for values of a deciding field (an empty `when` is one choice among several). */
export interface KeyVariant {
  readonly when: Readonly<Record<string, string>>;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Which meaning of a field with several meanings holds here, such as the TYP of a security. */
  readonly of?: string;
  readonly provenance: Provenance;
}

/** Which addresses an Nlets key may bear: 9-character ORIs, 2-character State, region and service codes, or both. */
export interface DestinationRule {
  readonly max?: number;
  readonly kind: 'ori' | 'region' | 'both';
  /** Most two-character codes among them. */
  readonly regionMax?: number;
  /** The one code it goes to. */
  readonly only?: string;
  /** Codes of the right kind that the key may still not go to. */
  readonly not?: readonly string[];
  readonly provenance: Provenance;
  readonly source: string;
}

/** What one destination asks for or will not take, beyond what the key itself says. */
export interface DestinationNeed {
  /** A two-character code. */
  readonly to: string;
  /** Only when this field is there. */
  readonly with?: string;
  readonly required?: readonly string[];
  readonly not?: readonly string[];
  readonly provenance: Provenance;
  readonly source: string;
}

/** What a key asks of the free text of its messages. */
export interface BodyRule {
  readonly must?: boolean;
  /** In characters. */
  readonly max?: number;
  /** Bodies that are published; another one is warned of. */
  readonly listed?: readonly string[];
  readonly provenance: Provenance;
  readonly source: string;
}

/** Everything known of one message key. The parser, the builder, the forms, the help and docs/keys.md are drawn from it. */
export interface KeyTable {
  readonly key: string;
  readonly line: Line;
  readonly title: string;
  readonly family: string;
  readonly action: Action;
  readonly class: KeyClass;
  /** The first four characters of the header of its line, such as `1N01`. */
  readonly header?: string;
  /** Headers of other lines that may carry it too, where no source says which does. */
  readonly alsoHeaders?: readonly string[];
  readonly form: 'coded' | 'positional' | 'nlets' | 'free-text';
  /** Keys that answer it. */
  readonly replies: readonly string[];
  /** Empty when no public source names them. */
  readonly fields: readonly FieldUse[];
  readonly variants?: readonly KeyVariant[];
  readonly destinations?: DestinationRule;
  readonly destinationNeeds?: readonly DestinationNeed[];
  readonly body?: BodyRule;
  /** Free text may stand in place of the fields, as it did before the fields were made a standard. */
  readonly freeToo?: boolean;
  /** The order of values in the positional form, where one is known. */
  readonly positions?: { readonly order: readonly string[]; readonly provenance: Provenance };
  /** Lines of an Nlets body when built; the empty one takes every field not named in the others. */
  readonly layout?: readonly (readonly string[])[];
  /** Any field of the dictionary may stand in it. */
  readonly open?: boolean;
  /** Named cross-field rules beyond those that hold for every key. */
  readonly rules?: readonly string[];
  /** Carries another whole message past the switch's own checks. */
  readonly bypass?: boolean;
  /** Only this ORI may send it. */
  readonly onlyFrom?: string;
  readonly provenance: Provenance;
  /** The weakest part of the field list; absent when the fields are not known. */
  readonly fieldsProvenance?: Provenance;
  readonly source: string;
  readonly note?: string;
}

type FieldExtra = Omit<FieldUse, 'code' | 'need' | 'group' | 'max'>;

function sized(max: number | undefined): Pick<FieldUse, 'max'> {
  return max === undefined ? {} : { max };
}

/** A field that must be there. `max` is its longest value in characters. */
export function must(code: string, max?: number, extra: FieldExtra = {}): FieldUse {
  return { code, need: 'must', ...sized(max), ...extra };
}

/** A field that may be there. */
export function may(code: string, max?: number, extra: FieldExtra = {}): FieldUse {
  return { code, need: 'may', ...sized(max), ...extra };
}

/** A field of a group of which at least one must be there: `oneOf('record', 'NIC', 10)`. */
export function oneOf(group: string, code: string, ...rest: [max?: number, extra?: FieldExtra]): FieldUse {
  return { code, need: 'one-of', group, ...sized(rest[0]), ...rest[1] };
}

type Shared = Pick<KeyTable, 'line' | 'family' | 'provenance' | 'source'> & { readonly header?: string };
type Row = Partial<KeyTable> & Pick<KeyTable, 'key' | 'title' | 'action' | 'class' | 'form'>;

/** Writes the rows of one family, each with what the family shares unless the row says otherwise. */
export function defineKeys(shared: Shared, rows: readonly Row[]): readonly KeyTable[] {
  return rows.map((row) => ({ fields: [], replies: [], ...shared, ...row }));
}
