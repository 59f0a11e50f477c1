/** The figures of a link, with their defaults; a door or upstream may set each of them. */
import type { WireProfile } from './profile.ts';
import type { LinkSettings } from './session/state.ts';

export const defaultLinkSettings = {
  messageBytesMax: 1_048_576,
  maxIdleMs: 60_000,
  defaultTimeoutMs: 30_000,
  openTimeoutMs: 30_000,
  completeTimeoutMs: 30_000,
  drainTimeoutMs: 10_000,
  unansweredMax: 8,
  bufferedBytesMax: 262_144,
  resendAny: false,
  resendNewId: false,
  wish: { minor: 1, coding: 'NON', newline: 'LF' },
} as const satisfies Omit<LinkSettings, 'frameBytesMax' | 'window'>;

/** Fills in what was not set; the window is at most what the profile allows. */
export function linkSettings(profile: WireProfile, given: Partial<LinkSettings> = {}): LinkSettings {
  const { rules } = profile;
  const window = Math.max(1, Math.min(given.window ?? rules.window, rules.windowMax));
  const unansweredMax = given.unansweredMax ?? defaultLinkSettings.unansweredMax;
  return {
    ...defaultLinkSettings,
    ...profile.times,
    ...given,
    frameBytesMax: Math.min(given.frameBytesMax ?? profile.frameBytesMax, profile.frameBytesLimit ?? 0xffff_ffff),
    window,
    // Where answers carry no id they must leave in the order of the payloads, so only one may be owed.
    unansweredMax: rules.answers === 'id' ? Math.max(unansweredMax, window) : 1,
  };
}
