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
import { namedRules } from '../rules/named-rules.ts';
import { type ValueEdit, valueEdits } from '../rules/value-edits.ts';
import { count, fieldRow, keyRow, provenance, word } from './profile-rows.ts';

const replyRule = z.strictObject({
  name: word,
  kind: z.enum(['no-record', 'banner', 'acknowledgement', 'reject']),
  starts: word,
  rest: z.enum(['nothing', 'fields', 'stamp', 'count', 'anything']),
  from: z.enum(['NCIC', 'III', 'STATE', 'NLETS']).exactOptional(),
  provenance,
  source: word,
});

/** Words of any kind may only follow a reject: behind a banner or a no-record they could be a record. */
function isSafeRule({ kind, rest }: z.infer<typeof replyRule>): boolean {
  return rest !== 'anything' || kind === 'reject';
}

const recordKind = z.strictObject({
  starts: word,
  file: word,
  standing: z.enum(['want', 'property', 'welfare', 'caution', 'unknown']),
  restricted: z.boolean(),
  provenance,
  source: word,
});

const confirmationClass = z.enum(['confirmed', 'not-confirmed', 'in-process', 'valid-extradition-open', 'unclear']);

/** What a profile's file may hold. The same shape goes to screens, whose forms are drawn from it. */
export const stateProfile = z.strictObject({
  state: z.string().regex(/^[A-Z]{2}$/),
  title: word,
  version: count,
  note: word.exactOptional(),
  /** Said by a profile whose words are sure only in practice, where the switch that speaks them is ours; no live system takes it. */
  practice: z.literal(true).exactOptional(),
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
  replyRules: z.array(replyRule.refine(isSafeRule, { path: ['rest'] })).default([]),
  recordKinds: z.array(recordKind).default([]),
  /** Letters of CON as the State's own document has them. Marked `verified`, they take a class, and stop a clock, with nobody asked. */
  confirmation: z
    .strictObject({ letters: z.record(z.string().length(1), confirmationClass), provenance })
    .exactOptional(),
});

/** A profile as its file says it. */
export type StateProfile = z.output<typeof stateProfile>;

/** How freely a class lets a message go; a profile may only move a key to a smaller number. */
const freedom: Readonly<Record<KeyClass, number>> = { inquiry: 2, history: 1, record: 0, confirm: 0, tell: 0 };

/** One mistake in a profile: where it stands, and a sentence. Codes of keys and fields may stand in it, nothing else does. */
export interface ProfileFault {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

function looserKeys(profile: StateProfile): readonly ProfileFault[] {
  return profile.keys.flatMap((row, at) => {
    const federal = allKeys.find((table) => table.key === row.key);
    if (federal === undefined) return [];
    const path = ['keys', at];
    // In its place a key that carries another whole message would no longer be known as one.
    if (federal.bypass === true) return [{ path, text: `${row.key} carries another message and can't be replaced.` }];
    if (freedom[row.class] <= freedom[federal.class]) return [];
    return [{ path: [...path, 'class'], text: `${row.key} would be held less than before.` }];
  });
}

/** Names in a profile that nothing answers to: fields no dictionary has, tables and edits that do not exist. */
function unknownNames(profile: StateProfile): readonly ProfileFault[] {
  const fields = new Set([...fieldRows.map((row) => row.code), ...profile.fields.map((row) => row.code)]);
  const tables = new Set([...codeTables.keys(), ...Object.keys(profile.tables)]);
  const edits: Readonly<Record<string, ValueEdit>> = valueEdits;
  const faults: ProfileFault[] = [];
  const need = (isKnown: boolean, name: string, path: readonly PropertyKey[]): void => {
    if (!isKnown) faults.push({ path, text: `${name} is not known.` });
  };
  for (const [at, row] of profile.keys.entries()) {
    for (const [place, use] of (row.fields ?? []).entries()) {
      need(fields.has(use.code), use.code, ['keys', at, 'fields', place, 'code']);
    }
    for (const [place, name] of (row.rules ?? []).entries()) {
      need(Object.hasOwn(namedRules, name), 'The rule', ['keys', at, 'rules', place]);
    }
  }
  for (const [at, row] of profile.fields.entries()) {
    for (const [place, name] of (row.tables ?? []).entries()) {
      need(tables.has(name), 'The table', ['fields', at, 'tables', place]);
    }
    for (const [place, name] of (row.edits ?? []).entries()) {
      need(Object.hasOwn(edits, name), 'The edit', ['fields', at, 'edits', place]);
    }
  }
  return faults;
}

/** A mistake of shape; what was found is never repeated, and a name that has no place is part of the path. */
function shapeFaults(issue: z.core.$ZodIssue): readonly ProfileFault[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, text: issue.message }];
  return issue.keys.map((name) => ({ path: [...issue.path, name], text: 'Nothing of this name belongs here.' }));
}

/** Reads a profile from the data of its file, and finds every mistake at once. */
export function checkStateProfile(
  data: unknown,
): { readonly ok: true; readonly profile: StateProfile } | { readonly ok: false; readonly faults: ProfileFault[] } {
  const read = stateProfile.safeParse(data);
  if (!read.success) return { ok: false, faults: read.error.issues.flatMap(shapeFaults) };
  const faults = [...looserKeys(read.data), ...unknownNames(read.data)];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, profile: read.data };
}

/** The same for who needs it or nothing. Throws CONFIG_INVALID naming every mistake by its path, never a value. */
export function readStateProfile(data: unknown): StateProfile {
  const read = checkStateProfile(data);
  if (read.ok) return read.profile;
  const places = read.faults.map(({ path, text }) => `${path.map(String).join('.') || 'the whole file'}: ${text}`);
  throw new HitlineError('CONFIG_INVALID', { detail: `State profile: ${[...new Set(places)].join(' ')}` });
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
