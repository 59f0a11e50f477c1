/** What a line of the configuration means to the wire: its profile with quirks and keys, and the figures of its links. */
import { readFileSync, statSync } from 'node:fs';
import { HitlineError } from '../../faults/fault.ts';
import type { BlockKey, WireProfile } from '../../wire/profile.ts';
import { wireProfile } from '../../wire/profiles.ts';
import type { LinkSettings } from '../../wire/session/state.ts';
import { defaultLinkSettings } from '../../wire/settings.ts';
import type { Config } from '../config.ts';

/** The station door or the upstream, as the configuration has it. */
export type LineConfig = Pick<Config['upstream'], 'profile' | 'quirks' | 'link' | 'blockKeyFile' | 'text'>;

const blockKeyBytes = 32;

/** The profile of a line, with the keys of its blocks where it has a file of them. Throws KEY_FILE_UNUSABLE. */
export function lineProfile({ profile, quirks, blockKeyFile }: LineConfig): WireProfile {
  if (blockKeyFile === undefined) return wireProfile(profile, quirks);
  return wireProfile(profile, { ...quirks, blockKeys: readBlockKeys(blockKeyFile) });
}

/** The figures that were given; every other one is the profile's. */
export function lineSettings({ link, text }: LineConfig): Partial<LinkSettings> {
  const { ackTimeoutMs, idleMs, ...same } = link;
  const { wish } = defaultLinkSettings;
  // What we ask for when a session opens is how our texts end their lines; there is no word for NEL.
  const newline = text.lineEnd === undefined || text.lineEnd === 'NEL' ? wish.newline : text.lineEnd;
  const given = { ...same, defaultTimeoutMs: ackTimeoutMs, maxIdleMs: idleMs, wish: { ...wish, newline } };
  return Object.fromEntries(Object.entries(given).filter(([, figure]) => figure !== undefined));
}

/**
 * Reads a file of block keys: a line each, with the numbers of book and key (0 to 65535) and 32 bytes in Base64; what
 * begins with # is a remark. Throws KEY_FILE_UNUSABLE, which never says what stands in the file.
 */
export function readBlockKeys(file: string): readonly BlockKey[] {
  const keys = readOwnFile(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseBlockKey);
  if (keys.length === 0) throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'It holds no key.' });
  if (new Set(keys.map(({ bookId, keyId }) => `${bookId}/${keyId}`)).size !== keys.length) {
    throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'Two of its keys have the same numbers.' });
  }
  return keys;
}

function readOwnFile(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) === 0) return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'It cannot be read.', cause });
  }
  throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'Others may read it; it must have mode 0600.' });
}

function parseBlockKey(line: string): BlockKey {
  const [, book, key, value] = /^(\d{1,5})\s+(\d{1,5})\s+([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
  const bookId = Number(book);
  const keyId = Number(key);
  const bytes = Buffer.from(value ?? '', 'base64');
  if (bytes.length !== blockKeyBytes || bookId > 0xffff || keyId > 0xffff) {
    throw new HitlineError('KEY_FILE_UNUSABLE', { detail: 'A line is not book, key and 32 bytes in Base64.' });
  }
  return { bookId, keyId, key: new Uint8Array(bytes) };
}
