/**
 * A real Redis for tests: started, killed, stopped, wiped and started again by process id. It dies with the process that
 * started it, however that ends. Used by the conformance suites, the scenarios and the torture runs.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedisProgram } from '../../src/switch/redis/redis-place.ts';
import { startWatched } from '../../src/switch/redis/redis-watchdog.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** One Redis that a test has in its hand. */
export interface RedisInHand {
  readonly url: string;
  pid(): number;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** The same address and folder again, after `kill`. */
  startAgain(): Promise<void>;
  /** FLUSHALL: all is gone, and the connections stay. */
  wipe(): Promise<void>;
  /** SIGSTOP: it accepts and answers nothing. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** Starts a Redis on a free port of the loopback, like one that somebody configured, and waits until it answers. */
export async function startRedisInHand(settings: Readonly<Record<string, string>> = {}): Promise<RedisInHand> {
  const program = findRedisProgram();
  if (program === undefined) throw new Error('no redis-server or valkey-server on PATH');
  const folder = mkdtempSync(join(tmpdir(), 'hitline-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const words = Object.entries({
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    hz: '500',
    'dynamic-hz': 'no',
    ...settings,
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const start = async () => {
    const server = startWatched(program, words);
    await withRedis(url, (redis) => redis.ping());
    return server;
  };
  let server = await start();
  const pid = (): number => {
    const found = server.pid();
    if (found === undefined) throw new Error('the Redis under test does not run');
    return found;
  };
  return {
    url,
    pid,
    async kill() {
      process.kill(pid(), 'SIGKILL');
      await server.ended;
    },
    async startAgain() {
      server = await start();
    },
    wipe: () => wipeRedis(url),
    freeze: () => void process.kill(pid(), 'SIGSTOP'),
    thaw: () => void process.kill(pid(), 'SIGCONT'),
    async close() {
      server.kill();
      await server.ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** Does one thing over a connection of its own; waits until Redis answers. `address` is a URL or a unix socket's path. */
export async function withRedis<T>(address: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(address, { maxRetriesPerRequest: null, retryStrategy: () => 10 });
  redis.on('error', () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** FLUSHALL. */
export async function wipeRedis(address: string): Promise<void> {
  await withRedis(address, (redis) => redis.flushall().then(() => undefined));
}

/** Whether a process of this id runs. One that has ended and waits for its parent to look does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No /proc here, or it ended just now: the next look settles it.
    return true;
  }
}

/** SIGKILL to a process somebody else started, and wait until it is gone. */
export async function killPid(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid), `process ${pid} is gone`);
}

/** Every text that Redis holds, with the key it is under: key names, fields, members, values, stream entries. */
export async function dumpRedis(address: string): Promise<readonly { readonly key: string; readonly text: string }[]> {
  return withRedis(address, async (redis) => {
    const found: { key: string; text: string }[] = [];
    for (const key of await redis.keys('*')) {
      for (const text of await textsOf(redis, key)) found.push({ key, text });
    }
    return found;
  });
}

async function textsOf(redis: Redis, key: string): Promise<readonly string[]> {
  const type = await redis.type(key);
  const flat = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap(flat) : [String(value)]);
  if (type === 'string') return [(await redis.get(key)) ?? ''];
  if (type === 'hash') return Object.entries(await redis.hgetall(key)).flat();
  if (type === 'list') return redis.lrange(key, 0, -1);
  if (type === 'set') return redis.smembers(key);
  if (type === 'zset') return redis.zrange(key, '0', '-1');
  if (type === 'stream') return flat(await redis.xrange(key, '-', '+'));
  // A key that went between two looks.
  return [];
}
