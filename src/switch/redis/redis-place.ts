/** Where a Redis comes from (DESIGN.md, section 5): a configured URL, a server found on PATH, or none. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { HitlineError } from '../../faults/fault.ts';

/** The configuration's word on it: `auto` takes the best there is, the others insist. */
export interface RedisChoice {
  readonly mode: 'auto' | 'url' | 'private' | 'none';
  /** `redis://`, `rediss://` or `unix:/`. */
  readonly url?: string | undefined;
}

/** A place found: an address to connect to, or a program to start. */
export type RedisPlace =
  | { readonly kind: 'configured'; readonly url: string }
  | { readonly kind: 'private'; readonly program: string };

const programs = ['redis-server', 'valkey-server'] as const;

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first redis-server or valkey-server on `path` (the PATH of this process unless given), as an absolute file name. */
export function findRedisProgram(path = process.env['PATH'] ?? ''): string | undefined {
  const folders = path.split(delimiter).filter(isAbsolute);
  for (const program of programs) {
    const file = folders.map((folder) => join(folder, program)).find(isProgram);
    if (file !== undefined) return file;
  }
  return undefined;
}

/**
 * Finds the Redis to use; undefined means the in-process adapters. Connects to nothing and starts nothing.
 * Throws CONFIG_INVALID for `url` without a URL and REDIS_PROGRAM_MISSING for `private` without a program.
 */
export function findRedis(choice: RedisChoice, path?: string): RedisPlace | undefined {
  if (choice.mode === 'none') return undefined;
  if (choice.mode === 'url' && choice.url === undefined) {
    throw new HitlineError('CONFIG_INVALID', { detail: 'redis.mode is url, but redis.url is missing.' });
  }
  if (choice.mode !== 'private' && choice.url !== undefined) return { kind: 'configured', url: choice.url };
  const program = findRedisProgram(path);
  if (program !== undefined) return { kind: 'private', program };
  if (choice.mode === 'private') throw new HitlineError('REDIS_PROGRAM_MISSING');
  return undefined;
}
