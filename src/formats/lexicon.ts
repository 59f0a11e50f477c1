/**
 * The tables made ready for use: each key with its fields resolved to one meaning, its edits and its code tables, so that
 * parsing and building only look things up. Made once for the federal and Nlets keys, and once for each State profile.
 */
import { type CodeSet, type CodeTable, codeTables } from './code-tables.ts';
import { declaredField, makeResolver } from './compile-field.ts';
import { type FieldRow, fieldRows, type Latest } from './field-table.ts';
import type { FieldUse, KeyTable } from './key-table.ts';
import { allKeys } from './keys/all-keys.ts';
import type { Provenance } from './message.ts';
import { type CautionReader, makeCautionReader } from './reply/cautions.ts';
import { type RuleBits, ruleBitsOf } from './rules/presence.ts';
import type { ValueEdit } from './rules/value-edits.ts';

/** One field in one key, everything about it resolved. */
export interface CompiledField {
  readonly code: string;
  /** Its place in the key's table; Infinity for a field the key does not declare. */
  readonly rank: number;
  readonly row: FieldRow;
  /** How the key itself uses it; undefined for a field the key does not declare. */
  readonly use: FieldUse | undefined;
  readonly name: string;
  readonly class: FieldRow['class'];
  readonly min: number;
  readonly minProvenance: Provenance;
  /** Longest value by the dictionary, and by the key's own table; Infinity where none is known. */
  readonly max: number;
  readonly maxProvenance: Provenance;
  readonly useMax: number;
  readonly useMaxProvenance: Provenance;
  /** How sure the class, the table and the listed values are. */
  readonly provenance: Provenance;
  readonly tables: readonly CodeTable[];
  /** The codes of all of `tables`, when the bare value is looked up. */
  readonly codes: CodeSet;
  /** True when the bare value must stand in one of `tables`. */
  readonly lookUp: boolean;
  readonly openTable: boolean;
  readonly hasSynonyms: boolean;
  /** Codes of `tables` that are recalled only. */
  readonly recalledCodes: readonly string[];
  readonly values: ReadonlySet<string> | undefined;
  readonly valuesProvenance: Provenance;
  readonly edits: readonly ValueEdit[];
  /** How late the value may be, when the reader knows what day it is. */
  readonly latest: Latest | undefined;
  readonly latestProvenance: Provenance;
  readonly repeats: boolean;
  /** How often at most; Infinity where nothing is recalled. */
  readonly countMax: number;
  readonly toEnd: boolean;
}

/** How a field stands in its key: it must be there, it is wanted (a recalled rule, which only warns), one of a group, or it may. */
export type Standing = 'must' | 'want' | 'one of' | 'may';

/** The standing of a field by itself; what other fields of a message make of it is not told here. */
export function standingOf({ use, useMaxProvenance }: CompiledField): Standing {
  if (use === undefined || use.need === 'may') return 'may';
  if (use.need === 'one-of') return 'one of';
  return useMaxProvenance === 'recalled' ? 'want' : 'must';
}

/** One message key with its fields compiled. */
export interface CompiledKey {
  readonly table: KeyTable;
  readonly fields: ReadonlyMap<string, CompiledField>;
  /** The same by packed three-letter code (`packCode`). */
  readonly byCode: ReadonlyMap<number, CompiledField>;
  readonly musts: readonly { readonly use: FieldUse; readonly provenance: Provenance }[];
  readonly groups: readonly {
    readonly name: string;
    readonly codes: readonly string[];
    readonly provenance: Provenance;
  }[];
  readonly partners: readonly { readonly use: FieldUse; readonly partner: string; readonly provenance: Provenance }[];
  readonly conditional: readonly FieldUse[];
  /** The rules between fields as bits; undefined for a table too long for them. */
  readonly ruleBits: RuleBits | undefined;
  /** Fields named by any variant that has a condition. */
  readonly variantFields: ReadonlySet<string>;
  /** What the meaning of a field may depend on, nearest first. */
  readonly tags: readonly string[];
}

/** Every key of a profile by its name. One is compiled when it is first asked for: a program meets few of the keys there are. */
export interface KeyIndex {
  readonly size: number;
  get(key: string): CompiledKey | undefined;
  keys(): Iterable<string>;
  values(): Iterable<CompiledKey>;
}

/** All tables of one profile. */
export interface Lexicon {
  readonly keys: KeyIndex;
  readonly fields: ReadonlyMap<string, FieldRow>;
  readonly tables: ReadonlyMap<string, CodeTable>;
  /** Finds the words of the caution table in a reply. */
  readonly cautions: CautionReader;
  /** A field of the dictionary as a key with these tags means it, when the key does not declare it. */
  resolve(row: FieldRow, tags: readonly string[]): CompiledField;
}

/** Three characters as one number, so that a code can be found without cutting it out of the text. */
export function packCode(text: string, at: number): number {
  return (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2);
}

const personFamilies =
  /^(?:wanted|temporary-want|detainer|missing|person-with-information|unidentified|.*protection-order|extreme-risk-order|supervised-release|sex-offender|gang|identity-theft)$/;
const fileOf: Readonly<Record<string, string>> = {
  'lost-gun': 'gun',
  'felony-gun': 'gun',
  'recovered-gun': 'gun',
  'article-group': 'article',
  'lost-article': 'article',
  'lost-article-group': 'article',
  'security-group': 'security',
};

/** What the meaning of a field may depend on, nearest first: family, file, group, line. */
function tagsOf(table: KeyTable): readonly string[] {
  const group = personFamilies.test(table.family) ? 'person' : 'property';
  const line = table.line === 'iii' ? 'ncic' : table.line;
  return [table.family, fileOf[table.family] ?? table.family, group, line];
}

function provenanceOf(table: KeyTable, use: FieldUse): Provenance {
  return use.provenance ?? table.fieldsProvenance ?? 'recalled';
}

function groupsOf(table: KeyTable): CompiledKey['groups'] {
  const groups = new Map<string, string[]>();
  for (const { group, code } of table.fields) {
    if (group === undefined) continue;
    const codes = groups.get(group);
    if (codes === undefined) groups.set(group, [code]);
    else codes.push(code);
  }
  const provenance = table.fieldsProvenance ?? 'recalled';
  return [...groups].map(([name, codes]) => ({ name, codes, provenance }));
}

const noFields: ReadonlySet<string> = new Set();

/** Fields named by any variant that has a condition. */
function variantFieldsOf(table: KeyTable): ReadonlySet<string> {
  if (table.variants === undefined) return noFields;
  const conditioned = table.variants.filter((variant) => Object.keys(variant.when).length > 0);
  return new Set(conditioned.flatMap((variant) => [...variant.required, ...variant.optional]));
}

/** What follows from the fields of a table alone. Tables of one list of fields share it. */
type CompiledBody = Omit<CompiledKey, 'table' | 'variantFields' | 'tags'>;

function compileBody(
  table: KeyTable,
  tags: readonly string[],
  lexicon: Pick<Lexicon, 'fields' | 'resolve'>,
): CompiledBody {
  const fields = new Map<string, CompiledField>();
  const byCode = new Map<number, CompiledField>();
  const musts: { use: FieldUse; provenance: Provenance }[] = [];
  const partners: { use: FieldUse; partner: string; provenance: Provenance }[] = [];
  const conditional: FieldUse[] = [];
  for (const [rank, use] of table.fields.entries()) {
    const provenance = provenanceOf(table, use);
    if (use.need === 'must') musts.push({ use, provenance });
    if (use.with !== undefined) partners.push({ use, partner: use.with, provenance });
    if (use.only !== undefined) conditional.push(use);
    const row = lexicon.fields.get(use.code);
    if (row === undefined) continue;
    const field = declaredField(lexicon.resolve(row, tags), { use, rank, provenance });
    fields.set(use.code, field);
    if (use.code.length === 3) byCode.set(packCode(use.code, 0), field);
  }
  return { fields, byCode, musts, groups: groupsOf(table), partners, conditional, ruleBits: ruleBitsOf(table) };
}

/**
 * Compiles tables, and those of one list of fields only once: a third of the keys have fields, and most of these share their list
 * with others. It is shared only where the fields mean the same and are as sure.
 */
function makeCompiler(lexicon: Pick<Lexicon, 'fields' | 'resolve'>): (table: KeyTable) => CompiledKey {
  const meant = new Set<string>();
  for (const row of lexicon.fields.values()) for (const variant of row.variants ?? []) meant.add(variant.of);
  const known = new Map<readonly FieldUse[], Map<string, CompiledBody>>();
  const none: readonly FieldUse[] = [];
  return (table) => {
    const tags = tagsOf(table);
    const list = table.fields.length === 0 ? none : table.fields;
    const alike = list === none ? '' : `${table.fieldsProvenance} ${tags.filter((tag) => meant.has(tag)).join(' ')}`;
    let bodies = known.get(list);
    if (bodies === undefined) {
      bodies = new Map();
      known.set(list, bodies);
    }
    let body = bodies.get(alike);
    if (body === undefined) {
      body = compileBody(table, tags, lexicon);
      bodies.set(alike, body);
    }
    const { fields, byCode, musts, groups, partners, conditional, ruleBits } = body;
    const variantFields = variantFieldsOf(table);
    return { table, fields, byCode, musts, groups, partners, conditional, ruleBits, variantFields, tags };
  };
}

/** Throws for a key that names a field which no dictionary has: at the start, not when the key is first met. */
function checkFieldNames(tables: Iterable<KeyTable>, fields: ReadonlyMap<string, FieldRow>): void {
  for (const table of tables) {
    for (const { code } of table.fields) {
      if (fields.has(code)) continue;
      throw new Error(`key ${table.key} names a field that the dictionary lacks: ${code}`);
    }
  }
}

function indexKeys(tables: ReadonlyMap<string, KeyTable>, compile: (table: KeyTable) => CompiledKey): KeyIndex {
  const compiled = new Map<string, CompiledKey>();
  const compiledOf = (table: KeyTable): CompiledKey => {
    const made = compile(table);
    compiled.set(table.key, made);
    return made;
  };
  const get = (key: string): CompiledKey | undefined => {
    const before = compiled.get(key);
    if (before !== undefined) return before;
    const table = tables.get(key);
    return table === undefined ? undefined : compiledOf(table);
  };
  return {
    size: tables.size,
    get,
    keys: () => tables.keys(),
    values: () => Array.from(tables.values(), (table) => compiled.get(table.key) ?? compiledOf(table)),
  };
}

/** What a profile adds to the federal tables or puts in their place. */
export interface LexiconAdditions {
  readonly keys?: readonly KeyTable[];
  readonly fields?: readonly FieldRow[];
  readonly tables?: ReadonlyMap<string, CodeTable>;
}

/** Makes the tables ready. Later rows of the same key, field or table name replace earlier ones. */
export function makeLexicon(additions: LexiconAdditions = {}): Lexicon {
  const fields = new Map([...fieldRows, ...(additions.fields ?? [])].map((row) => [row.code, row]));
  const tables = additions.tables ?? codeTables;
  const resolve = makeResolver(tables);
  const named = new Map([...allKeys, ...(additions.keys ?? [])].map((table) => [table.key, table]));
  checkFieldNames(named.values(), fields);
  const keys = indexKeys(named, makeCompiler({ fields, resolve }));
  return { keys, fields, tables, cautions: makeCautionReader(tables.get('CMC')), resolve };
}

/**
 * Makes everything ready that is otherwise made when it is first asked for: every key, every code list and their joined sets. A
 * gateway does so at its start, so that no message waits for it; a command that reads one message does not.
 */
export function readyLexicon(lexicon: Lexicon): void {
  for (const table of lexicon.tables.values()) void table.codes;
  for (const key of lexicon.keys.values()) for (const field of key.fields.values()) field.codes.has('');
}

/** The federal, III and Nlets keys without any State's. */
export const federalLexicon: Lexicon = makeLexicon();
