import { readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';

/** One mistake: the setting's path, such as `doors.station.stations[0].oris[1]`, and a sentence. Never the value found. */
export interface ConfigFault {
  readonly path: string;
  readonly text: string;
}

export type ConfigRead<T> =
  | { readonly ok: true; readonly config: T }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

const fileBytesMax = 1_048_576;
const aliasCountMax = 100;

/** Reads a YAML file of at most 1 MiB as plain data. A fault names line and column, never what stands there. */
export function readYamlFile(file: string): ConfigRead<unknown> {
  let text: string;
  try {
    if (statSync(file).size > fileBytesMax) return bad('', 'The file is larger than 1 MiB.');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return bad('', `The file cannot be read (${systemCode(error)}).`);
  }
  return readYaml(text);
}

/** Reads YAML text as plain data; a key given twice is a mistake. */
export function readYaml(text: string): ConfigRead<unknown> {
  const document = parseDocument(text, { strict: true, uniqueKeys: true, merge: false, prettyErrors: true });
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => {
      const at = error.linePos?.[0];
      const where = at === undefined ? '' : ` at line ${at.line}, column ${at.col}`;
      return { path: '', text: `The YAML is not well formed${where} (${error.code}).` };
    });
    return { ok: false, faults };
  }
  try {
    return { ok: true, config: document.toJS({ maxAliasCount: aliasCountMax }) };
  } catch {
    return bad('', `The YAML repeats its parts by alias more than ${aliasCountMax} times, or an alias leads nowhere.`);
  }
}

/** Holds data against a schema and gives every mistake at once. */
export function checkShape<S extends z.ZodType>(schema: S, data: unknown): ConfigRead<z.output<S>> {
  const result = schema.safeParse(data ?? {});
  if (result.success) return { ok: true, config: result.data };
  return { ok: false, faults: result.error.issues.flatMap((issue) => describeIssue(issue, data)) };
}

/** `['doors', 'station', 'stations', 0]` as `doors.station.stations[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? settingName(part) : `.${settingName(part)}`;
  }
  return text;
}

/** What stands at a path of plain data, or undefined. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let here: unknown = data;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}

function describeIssue(issue: z.core.$ZodIssue, data: unknown): ConfigFault[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      text: 'There is no such setting.',
    }));
  }
  if (issue.path.length > 0 && valueAt(data, issue.path) === undefined) {
    return [{ path, text: 'This setting is missing.' }];
  }
  // What is wrong with a name is said by the rule of names, not by the list that holds it.
  if (issue.code === 'invalid_key') return [{ path, text: issue.issues[0]?.message ?? issue.message }];
  return [{ path, text: issue.message }];
}

/** A name a person typed is shown short and printable only, so that a stray secret or escape sequence does not show. */
function settingName(name: PropertyKey): string {
  const text = String(name);
  return /^[A-Za-z0-9_-]{1,40}$/.test(text) ? text : '(an odd name)';
}

function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  return /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'UNKNOWN';
}

function bad(path: string, text: string): ConfigRead<never> {
  return { ok: false, faults: [{ path, text }] };
}
