/** Fields of the dictionary made ready: one meaning, its edits and its code tables, for keys that declare them and keys that do not. */
import { type CodeTable, codeSetOf } from './code-tables.ts';
import type { FieldRow, FieldVariant } from './field-table.ts';
import type { FieldUse } from './key-table.ts';
import type { CompiledField, Lexicon } from './lexicon.ts';
import type { Provenance } from './message.ts';
import { type ValueEdit, valueEdits } from './rules/value-edits.ts';

const noTables: readonly CodeTable[] = [];

function variantFor(row: FieldRow, tags: readonly string[]): FieldVariant | undefined {
  if (row.variants === undefined) return undefined;
  for (const tag of tags) {
    const found = row.variants.find((variant) => variant.of === tag);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tablesNamed(names: readonly string[] | undefined, all: ReadonlyMap<string, CodeTable>): readonly CodeTable[] {
  if (names === undefined) return noTables;
  return names.map((name) => all.get(name)).filter((table) => table !== undefined);
}

function editsNamed(names: readonly string[] | undefined): readonly ValueEdit[] {
  return (names ?? []).map((name) => {
    const edit = valueEdits[name];
    if (edit === undefined) throw new Error(`the field dictionary names an edit that does not exist: ${name}`);
    return edit;
  });
}

/** One row of the dictionary in one of its meanings, as it stands in a key that does not declare it. */
function resolveRow(
  row: FieldRow,
  variant: FieldVariant | undefined,
  allTables: ReadonlyMap<string, CodeTable>,
): CompiledField {
  const provenance = variant?.provenance ?? row.provenance;
  const tables = tablesNamed(variant?.tables ?? row.tables, allTables);
  const values = variant?.values ?? row.values;
  const byEdit = variant?.tables === undefined ? (row.tableByEdit ?? false) : (variant.tableByEdit ?? false);
  const lookUp = tables.length > 0 && !byEdit;
  return {
    code: row.code,
    rank: Number.POSITIVE_INFINITY,
    row,
    use: undefined,
    name: variant?.name ?? row.name,
    class: variant?.class ?? row.class,
    min: variant?.min ?? row.min ?? 0,
    minProvenance: row.minProvenance ?? provenance,
    max: variant?.max ?? row.max ?? Number.POSITIVE_INFINITY,
    maxProvenance: variant?.max === undefined ? (row.maxProvenance ?? row.provenance) : provenance,
    useMax: Number.POSITIVE_INFINITY,
    useMaxProvenance: 'recalled',
    provenance,
    tables,
    codes: codeSetOf(lookUp ? tables : noTables),
    lookUp,
    openTable: tables.some((table) => table.open),
    hasSynonyms: tables.some((table) => Object.keys(table.synonyms).length > 0),
    recalledCodes: tables.flatMap((table) => table.recalled),
    values: values === undefined ? undefined : new Set(values),
    valuesProvenance: row.valuesProvenance ?? provenance,
    edits: editsNamed(variant?.edits ?? row.edits),
    latest: variant?.latest ?? row.latest,
    latestProvenance: variant?.latest === undefined ? (row.latestProvenance ?? row.provenance) : 'recalled',
    repeats: row.repeats ?? false,
    countMax: row.countMax ?? Number.POSITIVE_INFINITY,
    toEnd: row.toEnd ?? false,
  };
}

/** The field as a key declares it. Written out, because a start makes 1,600 of them and laying objects over others is slow. */
export function declaredField(
  base: CompiledField,
  { use, rank, provenance }: { readonly use: FieldUse; readonly rank: number; readonly provenance: Provenance },
): CompiledField {
  return {
    code: base.code,
    rank,
    row: base.row,
    use,
    name: base.name,
    class: base.class,
    min: base.min,
    minProvenance: base.minProvenance,
    max: base.max,
    maxProvenance: base.maxProvenance,
    useMax: use.max ?? Number.POSITIVE_INFINITY,
    useMaxProvenance: provenance,
    provenance: base.provenance,
    tables: base.tables,
    codes: base.codes,
    lookUp: base.lookUp,
    openTable: base.openTable,
    hasSynonyms: base.hasSynonyms,
    recalledCodes: base.recalledCodes,
    values: base.values,
    valuesProvenance: base.valuesProvenance,
    edits: base.edits,
    latest: base.latest,
    latestProvenance: base.latestProvenance,
    repeats: base.repeats,
    countMax: base.countMax,
    toEnd: base.toEnd,
  };
}

/** Resolves rows and remembers what it resolved, for the life of one lexicon. */
export function makeResolver(tables: ReadonlyMap<string, CodeTable>): Lexicon['resolve'] {
  const known = new Map<FieldRow | FieldVariant, CompiledField>();
  return (row, tags) => {
    const variant = variantFor(row, tags);
    const before = known.get(variant ?? row);
    if (before !== undefined) return before;
    const made = resolveRow(row, variant, tables);
    known.set(variant ?? row, made);
    return made;
  };
}
