/** Every file below a folder that somebody else writes in meanwhile. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a call gives, or undefined when what it was about has gone: a running server makes and removes files all the time. */
function unlessGone<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The bytes of each file that is there, but for those at the paths `without`. */
export function bytesBelow(folder: string, without: readonly string[] = []): readonly Buffer[] {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return bytesBelow(path, without);
    if (!entry.isFile() || without.includes(path)) return [];
    const bytes = unlessGone(() => readFileSync(path));
    return bytes === undefined ? [] : [bytes];
  });
}
