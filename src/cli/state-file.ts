/** The file of a State or agency profile, as the commands about the language take it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HitlineError } from '../faults/fault.ts';
import type { Lexicon } from '../formats/lexicon.ts';
import type { StateProfile } from '../formats/states/state-profile.ts';

/** The option that names the profile: one that comes with hitline by its name, or any other by its file. */
export const stateOption = [
  '--state <profile>',
  'a State profile: colorado, minnesota, or the path of a JSON file',
] as const;

function pathOf(name: string): string {
  return /^[a-z-]+$/.test(name) ? join(import.meta.dirname, '../formats/states', `${name}.json`) : name;
}

/** Reads the profile, or gives undefined when none was asked for. Throws FILE_UNREADABLE or CONFIG_INVALID. */
export async function readProfile(name: string | boolean | undefined): Promise<StateProfile | undefined> {
  if (typeof name !== 'string') return undefined;
  const { readStateProfile } = await import('../formats/states/state-profile.ts');
  let data: unknown;
  try {
    data = JSON.parse(await readFile(pathOf(name), 'utf8'));
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
  return readStateProfile(data);
}

/** The tables to use: the federal ones, or those with the profile laid over them. */
export async function lexiconOf(name: string | boolean | undefined): Promise<Lexicon> {
  const profile = await readProfile(name);
  if (profile === undefined) return (await import('../formats/lexicon.ts')).federalLexicon;
  return (await import('../formats/states/state-profile.ts')).stateLexicon(profile);
}
