/**
 * A State or agency as data: keys, fields, codes, wording and kinds of record it adds to the federal tables or puts in their place. Everything
 * comes from a file; no code is needed. A profile can make a key stricter, never looser.
 */
import { z } from 'zod';
import { HitlineError } from '../../faults/fault.ts';
import { type CodeTable, codeTables, emptyTable, patchTable } from '../code-tables.ts';
import { fieldRows } from '../field-table.ts';
import { defineKeys } from '../key-table.ts';
import { allKeys } from '../keys/all-keys.ts';
import { type Lexicon, makeLexicon } from '../lexicon.ts';
import type { KeyClass } from '../message.ts';
import { type ValueEdit, valueEdits } from '../rules/value-edits.ts';

const word = z.string().min(1).max(2_000);
const count = z.number().int().positive();
const provenance = z.enum(['verified', 'state', 'recalled']);
const keyClass = z.enum(['inquiry', 'history', 'record', 'confirm', 'tell']);
const fieldCode = z.string().regex(/^[A-Z][A-Z0-9]{2,3}$/);

const fieldUse = z.strictObject({
  code: fieldCode,
  need: z.enum(['must', 'may', 'one-of']),
  group: word.exactOptional(),
  max: count.exactOptional(),
  with: fieldCode.exactOptional(),
  note: word.exactOptional(),
  provenance: provenance.exactOptional(),
});

const keyRow = z.strictObject({
  key: z.string().regex(/^[A-Z][A-Z0-9]{1,4}(?:-[A-Z])?$/),
  line: z.enum(['ncic', 'iii', 'nlets', 'state']),
  title: word,
  family: word,
  action: z.enum([
    'query',
    'enter',
    'modify',
    'supplement',
    'cancel',
    'clear',
    'locate',
    'request',
    'response',
    'message',
  ]),
  class: keyClass,
  form: z.enum(['coded', 'nlets', 'free-text']),
  header: z.string().length(4).exactOptional(),
  replies: z.array(word).exactOptional(),
  fields: z.array(fieldUse).exactOptional(),
  open: z.boolean().exactOptional(),
  provenance,
  fieldsProvenance: provenance.exactOptional(),
  source: word,
  note: word.exactOptional(),
});

const fieldRow = z.strictObject({
  code: fieldCode,
  name: word,
  min: count.exactOptional(),
  max: count.exactOptional(),
  class: z.enum(['alpha', 'num', 'alnum', 'text', 'name', 'date', 'code']),
  tables: z.array(word).exactOptional(),
  values: z.array(word).exactOptional(),
  edits: z.array(word).exactOptional(),
  repeats: z.boolean().exactOptional(),
  rule: word.exactOptional(),
  sensitive: z.boolean(),
  provenance,
  source: word,
});

const replyRule = z.strictObject({
  name: word,
  kind: z.enum(['no-record', 'banner', 'acknowledgement', 'reject']),
  starts: word,
  rest: z.enum(['nothing', 'fields', 'anything']),
  from: z.enum(['NCIC', 'III', 'STATE', 'NLETS']).exactOptional(),
  provenance,
  source: word,
});

const recordKind = z.strictObject({
  starts: word,
  file: word,
  standing: z.enum(['want', 'property', 'welfare', 'caution', 'unknown']),
  restricted: z.boolean(),
  provenance,
});

const confirmationClass = z.enum(['confirmed', 'not-confirmed', 'in-process', 'valid-extradition-open', 'unclear']);

const profileSchema = z.strictObject({
  state: z.string().regex(/^[A-Z]{2}$/),
  title: word,
  version: count,
  note: word.exactOptional(),
  keys: z.array(keyRow).default([]),
  fields: z.array(fieldRow).default([]),
  /** Table name to codes it adds, spellings it takes, and whether it is complete. */
  tables: z
    .record(
      word,
      z.strictObject({
        codes: z.record(word, word).exactOptional(),
        synonyms: z.record(word, word).exactOptional(),
        recalled: z.array(word).exactOptional(),
        open: z.boolean().exactOptional(),
      }),
    )
    .default({}),
  replyRules: z.array(replyRule).default([]),
  recordKinds: z.array(recordKind).default([]),
  /** Letters of CON as the State's own document has them. */
  confirmation: z
    .strictObject({ letters: z.record(z.string().length(1), confirmationClass), provenance })
    .exactOptional(),
});

/** A profile as its file says it. */
export type StateProfile = z.infer<typeof profileSchema>;

/** How freely a class lets a message go; a profile may only move a key to a smaller number. */
const freedom: Readonly<Record<KeyClass, number>> = { inquiry: 2, history: 1, record: 0, confirm: 0, tell: 0 };

function looserKeys(profile: StateProfile): readonly string[] {
  return profile.keys.flatMap((row) => {
    const federal = allKeys.find((table) => table.key === row.key);
    return federal !== undefined && freedom[row.class] > freedom[federal.class] ? [row.key] : [];
  });
}

/** Names in a profile that nothing answers to: fields no dictionary has, tables and edits that do not exist. */
function unknownNames(profile: StateProfile): readonly string[] {
  const fields = new Set([...fieldRows.map((row) => row.code), ...profile.fields.map((row) => row.code)]);
  const tables = new Set([...codeTables.keys(), ...Object.keys(profile.tables)]);
  const edits: Readonly<Record<string, ValueEdit>> = valueEdits;
  return [
    ...profile.keys.flatMap((row) => (row.fields ?? []).map((use) => use.code).filter((code) => !fields.has(code))),
    ...profile.fields.flatMap((row) => (row.tables ?? []).filter((name) => !tables.has(name))),
    ...profile.fields.flatMap((row) => (row.edits ?? []).filter((name) => !Object.hasOwn(edits, name))),
  ];
}

/** Reads a profile from the data of its file. Throws CONFIG_INVALID naming every mistake by its path, never a value. */
export function readStateProfile(data: unknown): StateProfile {
  const read = profileSchema.safeParse(data);
  if (!read.success) {
    const places = read.error.issues.map((issue) => issue.path.join('.') || 'the whole file');
    throw new HitlineError('CONFIG_INVALID', { detail: `State profile: ${[...new Set(places)].join(', ')}.` });
  }
  const looser = looserKeys(read.data);
  if (looser.length > 0) {
    throw new HitlineError('CONFIG_INVALID', {
      detail: `State profile: ${looser.join(', ')} would be held less than before.`,
    });
  }
  const unknown = unknownNames(read.data);
  if (unknown.length > 0) {
    throw new HitlineError('CONFIG_INVALID', { detail: `State profile: ${unknown.join(', ')} is not known.` });
  }
  return read.data;
}

function patchedTables(profile: StateProfile): ReadonlyMap<string, CodeTable> {
  const tables = new Map(codeTables);
  for (const [name, patch] of Object.entries(profile.tables)) {
    tables.set(name, patchTable(tables.get(name) ?? emptyTable(name, profile.title), patch));
  }
  return tables;
}

/** The federal tables with a profile laid over them. */
export function stateLexicon(profile: StateProfile): Lexicon {
  return makeLexicon({
    keys: profile.keys.flatMap(({ line, family, provenance: sure, source, ...row }) =>
      defineKeys({ line, family, provenance: sure, source }, [row]),
    ),
    fields: profile.fields,
    tables: patchedTables(profile),
  });
}
