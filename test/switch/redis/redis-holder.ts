/** A gateway in small, for tests to kill: holds a private Redis in the folder it is given and tells its socket and pid. */
import { systemClock } from '../../../src/host/clock.ts';
import { startRedis } from '../../../src/switch/redis/private-redis.ts';
import { findRedisProgram } from '../../../src/switch/redis/redis-place.ts';
import { silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';

const program = findRedisProgram();
if (program === undefined) throw new Error('no redis-server on PATH');
const redis = startRedis({ program, folder: process.argv[2] ?? '', clock: systemClock, log: silentLog });
process.stdout.write(`${JSON.stringify({ trouble: redis.trouble() })}\n`);
await until(() => redis.pid() !== undefined, 'the server runs');
process.stdout.write(`${JSON.stringify({ pid: redis.pid(), socketPath: redis.socketPath })}\n`);
