/** Rules between fields: what must be there, what belongs together, what excludes what, and dates in order. */
import type { DestinationNeed, KeyVariant } from '../key-table.ts';
import type { CompiledKey } from '../lexicon.ts';
import type { Provenance, Values } from '../message.ts';
import type { FieldStretch } from '../request/field-places.ts';
import { addByRule, type Report } from '../request/rule-note.ts';
import { type Look, placeOf } from './cross-rule.ts';
import { dateOrders, datesInOrder, namedRules, seeMis, universalRules } from './named-rules.ts';
import { isMet, metAll, metAny, metTogether, type Presence, type RuleBits } from './presence.ts';

function has(fields: Values, code: string): boolean {
  return fields[code] !== undefined;
}

const nothingSpoken: ReadonlySet<string> = new Set();

function sourceOf(key: CompiledKey): string {
  return key.table.source;
}

/** A field by its code and what it is, for whoever is to fill it in. */
function named({ key }: Look, code: string): string {
  const name = key.fields.get(code)?.name;
  return name === undefined ? code : `${code} (${name})`;
}

function miss(look: Look, field: string, provenance: Provenance): void {
  addByRule(look.report, 'FIELD_MISSING', {
    provenance,
    source: sourceOf(look.key),
    field,
    offset: placeOf(look, field),
    says: `Add ${named(look, field)}.`,
  });
}

function checkMusts(look: Look): void {
  for (const { use, provenance } of look.key.musts) {
    if (has(look.fields, use.code)) continue;
    if (use.unless?.some((code) => has(look.fields, code))) continue;
    miss(look, use.code, provenance);
  }
}

function checkGroups(look: Look): void {
  for (const group of look.key.groups) {
    if (group.codes.some((code) => has(look.fields, code))) continue;
    addByRule(look.report, 'FIELD_GROUP_MISSING', {
      provenance: group.provenance,
      source: sourceOf(look.key),
      offset: placeOf(look, group.codes[0] ?? ''),
      says: `Add one of ${group.codes.join(' ')}.`,
    });
  }
}

/** True when a field stands with none of those that go with it. */
function isBare(look: Look, partner: string): boolean {
  return !look.key.partners.some((one) => one.partner === partner && has(look.fields, one.use.code));
}

function checkPartners(look: Look): void {
  for (const { use, partner, provenance } of look.key.partners) {
    const here = has(look.fields, use.code);
    const there = has(look.fields, partner);
    if (here === there || (there && use.bare === true && isBare(look, partner))) continue;
    const missing = there ? use.code : partner;
    addByRule(look.report, 'FIELD_PARTNER_MISSING', {
      // A value without the number it belongs to is odd; the number without it breaks the rule.
      provenance: there ? provenance : 'recalled',
      source: sourceOf(look.key),
      field: missing,
      offset: placeOf(look, missing),
      says: there
        ? `Add ${named(look, missing)}: it goes with ${partner}.`
        : `${use.code} stands without ${partner}: add ${partner}, or leave ${use.code} out.`,
    });
  }
}

/** Fields that only some types of record take; returns those already spoken of. */
function checkConditional(look: Look): ReadonlySet<string> {
  const spoken = new Set<string>();
  for (const use of look.key.conditional) {
    if (!has(look.fields, use.code)) continue;
    for (const [decider, allowed] of Object.entries(use.only ?? {})) {
      const value = look.fields[decider]?.[0];
      if (value === undefined || allowed.includes(value)) continue;
      spoken.add(use.code);
      addByRule(look.report, 'FIELD_NOT_FOR_TYPE', {
        provenance: use.provenance ?? look.key.table.fieldsProvenance ?? 'recalled',
        source: sourceOf(look.key),
        field: use.code,
        offset: placeOf(look, use.code),
        says: `Only with ${decider} ${allowed.join(' ')}: leave it out.`,
      });
    }
  }
  return spoken;
}

function matches(variant: KeyVariant, fields: Values): boolean {
  const conditions = Object.entries(variant.when);
  return conditions.length > 0 && conditions.every(([code, value]) => fields[code]?.[0] === value);
}

function checkVariants(look: Look, spoken: ReadonlySet<string>): void {
  const chosen = (look.key.table.variants ?? []).filter((variant) => matches(variant, look.fields));
  const first = chosen[0];
  if (first === undefined) return;
  const allowed = new Set(chosen.flatMap((variant) => [...variant.required, ...variant.optional]));
  for (const code of look.key.variantFields) {
    if (!has(look.fields, code) || allowed.has(code) || spoken.has(code)) continue;
    addByRule(look.report, 'FIELD_NOT_FOR_TYPE', {
      provenance: first.provenance,
      source: sourceOf(look.key),
      field: code,
      offset: placeOf(look, code),
      says: 'Leave it out.',
    });
  }
  if (chosen.some((variant) => variant.required.every((code) => has(look.fields, code)))) return;
  if (chosen.length === 1) {
    const musts = new Set(look.key.musts.map((one) => one.use.code));
    const missing = first.required.filter((code) => !has(look.fields, code) && !musts.has(code));
    for (const code of missing) miss(look, code, first.provenance);
    return;
  }
  const says = `Add ${chosen.map((variant) => variant.required.join(' + ')).join(', or ')}.`;
  const offset = placeOf(look, first.required[0] ?? '');
  addByRule(look.report, 'FIELD_GROUP_MISSING', {
    provenance: first.provenance,
    source: sourceOf(look.key),
    offset,
    says,
  });
}

/** What single destinations ask for or will not take. */
function checkDestinationNeeds(look: Look, needs: readonly DestinationNeed[]): void {
  for (const { to, required = [], not = [], ...rule } of needs) {
    if (!look.destinations.includes(to) || (rule.with !== undefined && !has(look.fields, rule.with))) continue;
    const by = { provenance: rule.provenance, source: rule.source };
    for (const field of required.filter((code) => !has(look.fields, code))) {
      addByRule(look.report, 'FIELD_MISSING', {
        ...by,
        field,
        offset: placeOf(look, field),
        says: `To ${to}, add ${named(look, field)}.`,
      });
    }
    for (const field of not.filter((code) => has(look.fields, code))) {
      addByRule(look.report, 'FIELD_NOT_WITH_KEY', {
        ...by,
        field,
        offset: placeOf(look, field),
        says: `${to} does not take ${field}: leave it out.`,
      });
    }
  }
}

/** Asks every rule. */
function checkAll(look: Look): void {
  checkMusts(look);
  checkGroups(look);
  checkPartners(look);
  checkVariants(look, checkConditional(look));
  for (const [earlier, later] of dateOrders) datesInOrder(look, earlier, later);
  for (const rule of universalRules) rule(look);
  seeMis(look);
}

/** Asks the rules that may have something to say of these fields, in the same order. */
function checkByBits(look: Look, bits: RuleBits, present: Presence): void {
  if (!metAll(present, bits.musts)) checkMusts(look);
  for (const group of bits.groups) {
    if (metAny(present, group)) continue;
    checkGroups(look);
    break;
  }
  if (!metTogether(present, bits.partners)) checkPartners(look);
  const spoken = metAny(present, bits.conditional) ? checkConditional(look) : nothingSpoken;
  if (look.key.table.variants !== undefined) checkVariants(look, spoken);
  for (const pair of bits.dates) {
    if (isMet(present, pair.first) && isMet(present, pair.second)) datesInOrder(look, pair.earlier, pair.later);
  }
  if (metAny(present, bits.universal)) for (const rule of universalRules) rule(look);
  if (!isMet(present, bits.description) && metAny(present, bits.pointing)) seeMis(look);
}

/** What there is to know of the fields that are checked together. */
export interface Together {
  readonly report: Report;
  /** Which fields of the key's table there are, so that rules with nothing to say need not be asked. */
  readonly present: Presence;
  /** Where the message goes; none on lines without addresses. */
  readonly destinations: readonly string[];
  /** The text that holds them; undefined when building. */
  readonly stretch?: FieldStretch;
}

/** Checks the fields of one message against each other and adds what is wrong to the report. */
export function checkTogether(key: CompiledKey, fields: Values, given: Together): void {
  const { report, present, destinations, stretch } = given;
  const look = { key, fields, destinations, report, stretch };
  const { ruleBits } = key;
  if (ruleBits === undefined || present.beyond) checkAll(look);
  else checkByBits(look, ruleBits, present);
  const { rules, destinationNeeds } = key.table;
  if (destinationNeeds !== undefined) checkDestinationNeeds(look, destinationNeeds);
  if (rules !== undefined) for (const name of rules) namedRules[name]?.(look);
}
