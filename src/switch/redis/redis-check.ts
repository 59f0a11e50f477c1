/** What a Redis somebody else set up should have set otherwise: said at the start and by `doctor`. */
import type { Redis } from 'ioredis';
import type { Warning } from '../../faults/fault.ts';
import { makeFault } from '../../faults/fault.ts';
import type { Clock } from '../../host/clock.ts';
import type { RedisAddress } from './redis-connection.ts';
import { openRedis, redisCodeOf } from './redis-connection.ts';

/** Stock Redis has 10, which rings 94 ms late at p99; 100 rings 11 ms late, 500 rings 6 ms late. */
const hzMin = 100;
const answerMsMax = 3_000;

/** Looks at the settings that matter over an open connection; gives no warning when all is well. */
export async function checkSettings(redis: Redis): Promise<readonly Warning[]> {
  let settings: ReadonlyMap<string, string>;
  try {
    const hz = await redis.config('GET', 'hz');
    const policy = await redis.config('GET', 'maxmemory-policy');
    settings = pairs([hz, policy].flat().map(String));
  } catch (error) {
    // A Redis rented from somebody often forbids CONFIG.
    return [makeFault('REDIS_UNCHECKED', { detail: `(${redisCodeOf(error)})` })];
  }
  const hz = Number(settings.get('hz'));
  const policy = settings.get('maxmemory-policy');
  if (Number.isNaN(hz) || policy === undefined) return [makeFault('REDIS_UNCHECKED')];
  return [
    ...(hz < hzMin ? [makeFault('REDIS_HZ_LOW', { detail: `It is ${hz} now.` })] : []),
    ...(policy === 'noeviction' ? [] : [makeFault('REDIS_EVICTS', { detail: `It is ${policy} now.` })]),
  ];
}

function pairs(words: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < words.length; index += 2) found.set(words[index] ?? '', words[index + 1] ?? '');
  return found;
}

/** Connects, looks at the settings and goes; gives REDIS_AWAY when nothing answers within 3 s. Never throws. */
export async function checkRedis(address: RedisAddress, clock: Clock): Promise<readonly Warning[]> {
  const redis = openRedis(address);
  let reason = 'SILENT';
  redis.on('error', (error) => {
    reason = redisCodeOf(error);
  });
  let callOff = (): void => {};
  const tooLate = new Promise<readonly Warning[]>((resolve) => {
    callOff = clock.after(answerMsMax, () => resolve([makeFault('REDIS_AWAY', { detail: `(${reason})` })]));
  });
  const warnings = await Promise.race([checkSettings(redis), tooLate]);
  callOff();
  redis.disconnect();
  return warnings;
}
