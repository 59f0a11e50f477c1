/** The Redis of a gateway that a torture reaches: a server of its own under a URL, or the gateway's private child. */
import { join } from 'node:path';
import { dataPaths, socketPath } from '../../../src/host/paths.ts';
import type { PracticeSettings } from '../../../src/practice/world.ts';
import { killPid, startRedisInHand, wipeRedis, withRedis } from '../../support/redis.ts';

export interface RedisInReach {
  readonly settings: PracticeSettings['redis'];
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** It runs again; the private one is started by its gateway. */
  comeBack(): Promise<void>;
  /** FLUSHALL. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** A server that somebody configured, killable apart from the gateway. */
export async function redisByUrl(): Promise<RedisInReach> {
  const redis = await startRedisInHand();
  return {
    settings: { mode: 'url', url: redis.url },
    kill: () => redis.kill(),
    comeBack: () => redis.startAgain(),
    wipe: () => redis.wipe(),
    close: () => redis.close(),
  };
}

/** The gateway's own child, found by its socket; `folder` gives the run's folder once there is one. */
export function privateRedis(folder: () => string): RedisInReach {
  const socket = (): string => socketPath(dataPaths(join(folder(), 'data')).redisFolder, 'redis.sock');
  return {
    settings: { mode: 'private' },
    async kill() {
      const said = await withRedis(socket(), (redis) => redis.info('server'));
      await killPid(Number(/^process_id:(\d+)/m.exec(said)?.[1]));
    },
    comeBack: async () => undefined,
    wipe: () => wipeRedis(socket()),
    close: async () => undefined,
  };
}
