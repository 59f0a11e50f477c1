import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import type { PrivateRedis } from '../../../src/switch/redis/private-redis.ts';
import { startRedis } from '../../../src/switch/redis/private-redis.ts';
import { stopwatch } from '../../support/held-up.ts';
import { needsRedis } from '../../support/needs-redis.ts';
import { isAlive, killPid, withRedis } from '../../support/redis.ts';
import { keptLog, silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';

const secondMs = 1_000;

needsRedis('a private Redis', (program) => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  function makeFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'hitline-private-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
    return folder;
  }
  function start(folder: string, log = silentLog): PrivateRedis {
    const redis = startRedis({ program, folder, clock: systemClock, log });
    closing.push(() => redis.close());
    return redis;
  }
  const ping = (redis: PrivateRedis) => withRedis(redis.socketPath, (one) => one.ping());
  async function pidOf(redis: PrivateRedis): Promise<number> {
    await until(() => redis.pid() !== undefined, 'the server runs');
    return redis.pid() ?? 0;
  }
  /** Another process that holds a private Redis, and the lines it says. */
  function holdElsewhere(folder: string): { child: ChildProcess; next: () => Promise<Record<string, unknown>> } {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'redis-holder.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closing.push(() => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, next: async () => JSON.parse(String((await lines.next()).value)) as Record<string, unknown> };
  }

  test('runs without a port, in a folder nobody else may enter, with every write on disk and punctual timers', async () => {
    const redis = start(join(makeFolder(), 'redis'));
    const settings = await withRedis(redis.socketPath, async (one) => {
      const names = ['port', 'appendonly', 'appendfsync', 'hz', 'dynamic-hz', 'maxmemory-policy', 'save'];
      return Promise.all(names.map(async (name) => String(await one.config('GET', name))));
    });
    expect(settings).toEqual([
      'port,0',
      'appendonly,yes',
      'appendfsync,always',
      'hz,500',
      'dynamic-hz,no',
      'maxmemory-policy,noeviction',
      'save,',
    ]);
    expect(statSync(join(redis.socketPath, '..')).mode & 0o077).toBe(0);
    expect(statSync(redis.socketPath).mode & 0o077).toBe(0);
    expect(redis.trouble()).toBeUndefined();
  });

  test('a folder with a long name and a blank in it gets a socket the kernel takes', async () => {
    const folder = join(makeFolder(), `long ${'x'.repeat(120)}`);
    const redis = start(folder);
    expect(Buffer.byteLength(redis.socketPath)).toBeLessThan(108);
    expect(await ping(redis)).toBe('PONG');
  });

  test('starts again when it is killed, with all it had acknowledged', async () => {
    const log = keptLog();
    const redis = start(makeFolder(), log);
    await withRedis(redis.socketPath, (one) => one.set('kept', '1'));
    const first = await pidOf(redis);
    await killPid(first);
    await until(() => redis.pid() !== undefined && redis.pid() !== first, 'another server runs');
    expect(await withRedis(redis.socketPath, (one) => one.get('kept'))).toBe('1');
    expect(log.lines.map((line) => line.code)).toEqual(['REDIS_ENDED']);
    expect(redis.trouble()).toBeUndefined();
  });

  test('is gone when it is closed, also at once after its start', async () => {
    const folder = makeFolder();
    const redis = start(folder);
    const pid = await pidOf(redis);
    await redis.close();
    expect(isAlive(pid)).toBe(false);
    const brief = start(folder);
    await brief.close();
    expect(brief.pid()).toBeUndefined();
  });

  test('is gone within a second of its gateway’s SIGKILL, and the next gateway takes the folder over', async () => {
    const folder = makeFolder();
    const gateway = holdElsewhere(folder);
    await gateway.next();
    const held = await gateway.next();
    const pid = Number(held['pid']);
    await withRedis(String(held['socketPath']), (one) => one.set('kept', '1'));
    const tookMs = stopwatch();
    gateway.child.kill('SIGKILL');
    const next = start(folder);
    await until(() => !isAlive(pid), 'the server followed its gateway');
    expect(tookMs()).toBeLessThan(secondMs);
    expect(await withRedis(next.socketPath, (one) => one.get('kept'))).toBe('1');
  });

  test('two gateways never share a folder: the second says so, and has it when the first has gone', async () => {
    const folder = makeFolder();
    const first = start(folder);
    const pid = await pidOf(first);
    const second = holdElsewhere(folder);
    expect(await second.next()).toEqual({ trouble: 'Another gateway holds the folder of the private Redis.' });
    expect(isAlive(pid)).toBe(true);
    await first.close();
    const held = await second.next();
    expect(held['pid']).not.toBe(pid);
  });

  test('the shell between killed alone: the server goes too, and another is started', async () => {
    const redis = start(makeFolder());
    await ping(redis);
    const first = await pidOf(redis);
    const shell = await parentOf(first);
    const tookMs = stopwatch();
    process.kill(shell, 'SIGKILL');
    await until(() => !isAlive(first), 'the server is gone');
    expect(tookMs()).toBeLessThan(secondMs);
    await until(() => redis.pid() !== undefined && redis.pid() !== first, 'another server runs');
    expect(await ping(redis)).toBe('PONG');
  });

  test('a program that cannot start is tried again with growing pauses, and trouble says so', async () => {
    const log = keptLog();
    const folder = makeFolder();
    mkdirSync(join(folder, 'redis.log'));
    const redis = startRedis({ program: '/bin/false', folder, clock: systemClock, log });
    await until(() => log.lines.length >= 2, 'it was tried twice');
    await redis.close();
    expect(log.lines[0]).toMatchObject({ code: 'REDIS_ENDED', kind: 'private' });
    expect(redis.trouble()).toBe('The private Redis was closed.');
  });
});

/** The parent's id, by the one program that tells it on every Unix. */
async function parentOf(pid: number): Promise<number> {
  const ps = spawn('ps', ['-o', 'ppid=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  for await (const text of ps.stdout) told += String(text);
  return Number.parseInt(told, 10);
}
