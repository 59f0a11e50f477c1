import { describe, expect, test } from 'vitest';
import { findRedisProgram } from '../../src/switch/redis/redis-place.ts';

const program = findRedisProgram();

/**
 * A suite that needs redis-server: it runs wherever one is on PATH, is counted as skipped elsewhere, and fails where
 * CI=true says that there must be one.
 */
export function needsRedis(name: string, suite: (program: string) => void): void {
  if (program === undefined && process.env['CI'] === 'true') {
    test(`${name}: redis-server or valkey-server is on PATH, which CI=true asks for`, () => {
      expect(program).toBeDefined();
    });
  }
  const reason = program === undefined ? ' (skipped: no redis-server or valkey-server on PATH)' : '';
  describe.skipIf(program === undefined)(`${name}${reason}`, () => suite(program ?? 'redis-server'));
}
