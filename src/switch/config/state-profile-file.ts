/** The file of the State's profile, as the setting `agency.stateProfile` names it. */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkStateProfile, type StateProfile } from '../../formats/states/state-profile.ts';
import { type ConfigFault, pathText, valueAt } from '../../host/config-file.ts';

/** A profile goes to every screen in one frame of at most 1 MiB, and its file is never smaller than what is sent. */
export const profileBytesMax = 524_288;

const setting = 'agency.stateProfile';

/** A profile that was read, if one is named, or what is wrong with it. */
export interface ProfileRead {
  readonly profile: StateProfile | undefined;
  readonly faults: readonly ConfigFault[];
}

/** Where a profile lies: one that comes with hitline goes by its name, any other by its path. */
export function profilePath(name: string, folder: string): string {
  const own = /^[a-z-]+$/.test(name);
  return own ? join(import.meta.dirname, '../../formats/states', `${name}.json`) : resolve(folder, name);
}

/** Reads the profile that this configuration names. Every mistake at once, each with its place in the profile. */
export function readProfileSetting(data: unknown, folder: string): ProfileRead {
  const name = valueAt(data, ['agency', 'stateProfile']);
  // Anything but a text is a mistake of shape, and found as one.
  if (typeof name !== 'string' || name === '') return { profile: undefined, faults: [] };
  const read = readJson(profilePath(name, folder));
  if (typeof read === 'string') return refused(read);
  const checked = checkStateProfile(read.data);
  if (!checked.ok) {
    const places = checked.faults.map(({ path, text }) => `In the profile, at ${pathText(path) || 'its top'}: ${text}`);
    return refused(...new Set(places));
  }
  const { profile } = checked;
  const unfit = unfitFor(data, profile);
  return unfit.length > 0 ? refused(...unfit) : { profile, faults: [] };
}

function unfitFor(data: unknown, profile: StateProfile): readonly string[] {
  const texts: string[] = [];
  const state = valueAt(data, ['agency', 'state']);
  if (typeof state === 'string' && state !== profile.state)
    texts.push("The profile is of another State than the agency's.");
  if (valueAt(data, ['practice']) === false && profile.practice === true) {
    texts.push('The profile is sure only in practice; a live system refuses it.');
  }
  return texts;
}

function readJson(file: string): { readonly data: unknown } | string {
  let text: string;
  try {
    if (statSync(file).size > profileBytesMax) return `The profile is larger than ${profileBytesMax} bytes.`;
    text = readFileSync(file, 'utf8');
  } catch {
    return 'The profile cannot be read: it is neither one that comes with hitline nor a file.';
  }
  try {
    return { data: JSON.parse(text) };
  } catch {
    return 'The profile is not well-formed JSON.';
  }
}

function refused(...texts: readonly string[]): ProfileRead {
  return { profile: undefined, faults: texts.map((text) => ({ path: setting, text })) };
}
