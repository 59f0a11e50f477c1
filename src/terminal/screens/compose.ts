/** The form of a message key, drawn from its table. */
import type { KeyTable } from '../../formats/key-table.ts';
import { type CompiledField, type Lexicon, standingOf } from '../../formats/lexicon.ts';
import { type Field, makeField } from '../field.ts';
import type { FormScreen, Model } from '../model.ts';

const usualKeys = ['QH', 'QR', 'EW', 'LW', 'YQ', 'YR', 'EG', 'EA'] as const;

/** The keys a person may choose for a new message, in the order of the menu: the usual ones, then the State's own. */
export function composeKeys({ stateKeys }: Pick<Model, 'stateKeys'>): readonly [string, ...string[]] {
  const usual: readonly string[] = usualKeys;
  return [usualKeys[0], ...usual.slice(1), ...stateKeys.filter((key) => !usual.includes(key))];
}

const freeTextMax = 500;
const severalMax = 5;
const addressFieldsMax = 3;

/** What is known already when a form is opened from a case. */
export interface Prefill {
  readonly nic: string;
  readonly peerOri: string;
}

/** The most characters: what the key's own table and the dictionary say. */
function sizeOf(field: CompiledField): number {
  // A size that is only recalled must not keep a person from typing more: the gateway warns.
  const own = field.useMaxProvenance === 'recalled' ? Number.POSITIVE_INFINITY : field.useMax;
  const general = field.maxProvenance === 'recalled' ? Number.POSITIVE_INFINITY : field.max;
  return Math.min(own, general, freeTextMax);
}

function helpOf(field: CompiledField): string {
  const values = field.values === undefined || field.values.size === 0 ? '' : `One of ${[...field.values].join(' ')}.`;
  const together = field.use?.with === undefined ? '' : `Only with ${field.use.with}.`;
  const note = field.use?.note === undefined ? '' : `${field.use.note}.`;
  const several = field.repeats ? 'Several: divide them with ;.' : '';
  const sure = field.provenance === 'recalled' ? 'Unsure rule: it only warns.' : '';
  // Listed values say it shorter than the rule in words does.
  const rule = values === '' ? (field.row.rule ?? '') : '';
  return [...new Set([values, together, several, rule, values === '' ? note : '', sure])]
    .filter((one) => one !== '')
    .join(' ');
}

/** Whether the field must be filled or is only wanted; neither where another field may stand in its place. */
function standsOf(field: CompiledField): Pick<Field, 'must' | 'wanted'> {
  const standing = field.use?.unless === undefined ? standingOf(field) : 'may';
  return { must: standing === 'must', wanted: standing === 'want' };
}

function fieldOf(field: CompiledField): Field {
  return makeField({
    name: field.code,
    code: field.code,
    label: field.name,
    ...standsOf(field),
    group: field.use?.group ?? '',
    max: field.repeats ? sizeOf(field) * severalMax : sizeOf(field),
    several: field.repeats,
    capitals: true,
    help: helpOf(field),
    codes: field.tables.map((table) => table.codes),
  });
}

function addressFields(table: KeyTable): Field[] {
  if (table.line !== 'nlets' && table.form !== 'nlets') return [];
  const count = Math.min(table.destinations?.max ?? addressFieldsMax, addressFieldsMax);
  return Array.from({ length: count }, (_unused, at) =>
    makeField({
      name: `TO${at + 1}`,
      code: `TO${at + 1}`,
      label: at === 0 ? 'goes to this ORI' : 'and to this ORI',
      must: at === 0,
      max: 9,
      capitals: true,
      help: at === 0 ? 'The nine-character ORI of the agency that entered the record.' : 'Another address, if any.',
    }),
  );
}

/** What a form is opened for: the case it belongs to, if any, and what is known from there. */
interface ComposeFor {
  readonly caseId: string | null;
  readonly prefill?: Prefill | undefined;
}

/** The empty form of a key, or undefined when the key has no table. */
export function composeForm(lexicon: Lexicon, key: string, { caseId, prefill }: ComposeFor): FormScreen | undefined {
  const compiled = lexicon.keys.get(key);
  if (compiled === undefined) return undefined;
  const known: Readonly<Record<string, string>> =
    prefill === undefined ? {} : { NIC: prefill.nic, TO1: prefill.peerOri };
  const uses = [...addressFields(compiled.table), ...[...compiled.fields.values()].map(fieldOf)];
  const fields = uses.map((field) => {
    const value = known[field.name] ?? '';
    return { ...field, value, cursor: value.length };
  });
  return withPlaces(lexicon, {
    kind: 'form',
    purpose: { kind: 'compose', key, caseId },
    fields,
    focus: 0,
    pane: null,
    faults: [],
    dirty: false,
    waitingFor: null,
  });
}

function valuesOf(form: FormScreen): Record<string, string> {
  return Object.fromEntries(form.fields.map((field) => [field.name, field.value.trim()]));
}

function isMet(when: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>): boolean {
  return Object.entries(when).every(([code, value]) => values[code] === value);
}

/**
 * The form with the fields hidden that have no place beside what is typed (a YQ about a person shows no plate), and
 * those marked that must be filled because of it. Forms of other purposes come back as they are.
 */
export function withPlaces(lexicon: Lexicon, form: FormScreen): FormScreen {
  const compiled = form.purpose.kind === 'compose' ? lexicon.keys.get(form.purpose.key) : undefined;
  if (compiled === undefined) return form;
  const { table } = compiled;
  const values = valuesOf(form);
  const deciding = (table.variants ?? []).filter((one) => Object.keys(one.when).length > 0);
  const met = deciding.filter((one) => isMet(one.when, values));
  const mentioned = new Set(deciding.flatMap((one) => [...one.required, ...one.optional]));
  const allowed = new Set(met.flatMap((one) => [...one.required, ...one.optional]));
  const needed = new Set(met[0]?.required.filter((code) => met.every((one) => one.required.includes(code))) ?? []);
  const isSure = met[0]?.provenance !== 'recalled';
  const uses = new Map(table.fields.map((use) => [use.code, use]));
  return {
    ...form,
    fields: form.fields.map((field) => {
      const use = uses.get(field.name);
      if (use === undefined) return field;
      const elsewhere = Object.entries(use.only ?? {}).some(
        ([code, allowedValues]) => (values[code] ?? '') !== '' && !allowedValues.includes(values[code] ?? ''),
      );
      const hidden = elsewhere || (met.length > 0 && mentioned.has(field.name) && !allowed.has(field.name));
      const declared = compiled.fields.get(field.name);
      const stands = declared === undefined ? { must: false, wanted: false } : standsOf(declared);
      const asked = needed.has(field.name);
      const must = stands.must || (asked && isSure);
      return { ...field, hidden, must, wanted: !must && (stands.wanted || asked) };
    }),
  };
}

function valuesIn(field: Field): string[] {
  const parts = field.several ? field.value.split(';') : [field.value];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** What the form drafts: its addresses, and every field shown that is not empty. */
export function draftOf(form: FormScreen): {
  readonly destinations: string[];
  readonly fields: Record<string, string[]>;
} {
  const filled = form.fields.filter((field) => !field.hidden && field.value.trim() !== '');
  const isAddress = (field: Field): boolean => /^TO\d$/.test(field.name);
  return {
    destinations: filled.filter(isAddress).map((field) => field.value.trim()),
    fields: Object.fromEntries(
      filled.filter((field) => !isAddress(field)).map((field) => [field.name, valuesIn(field)]),
    ),
  };
}

/** The title of a key, as its table has it. */
export function composeTitle(lexicon: Lexicon, key: string): string {
  return lexicon.keys.get(key)?.table.title ?? '';
}
