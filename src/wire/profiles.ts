/** The wire profiles by name. Adding one is adding a row here and its file. */
import { HitlineError } from '../faults/fault.ts';
import type { Newline } from './framing/frame.ts';
import type { Quirks, WireProfile } from './profile.ts';
import { dmpp2020 } from './profiles/dmpp-2020.ts';
import { foxtalk1 } from './profiles/foxtalk-1.ts';
import { mllpR2 } from './profiles/mllp-r2.ts';
import { stxEtx } from './profiles/stx-etx.ts';

const makers = {
  'foxtalk-1': foxtalk1,
  'dmpp-2020': dmpp2020,
  'stx-etx': stxEtx,
  'mllp-r2': mllpR2,
} as const satisfies Record<string, (quirks?: Quirks) => WireProfile>;

export type ProfileName = keyof typeof makers;

/** How a line of text always ends, in the profiles that say so (wire.md 5.4). */
export const profileNewlines: Readonly<Partial<Record<string, Newline>>> = { 'dmpp-2020': 'CRLF' };

/** The names a config may use. */
export const profileNames = Object.keys(makers) as ProfileName[];

export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(makers, name);
}

/** The profile of that name with the quirks of one peer; throws PROFILE_UNKNOWN. */
export function wireProfile(name: string, quirks: Quirks = {}): WireProfile {
  if (!isProfileName(name)) throw new HitlineError('PROFILE_UNKNOWN', { detail: `Known: ${profileNames.join(', ')}.` });
  return makers[name](quirks);
}
