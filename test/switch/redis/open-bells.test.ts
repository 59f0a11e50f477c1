import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import type { Bells, BellsOptions } from '../../../src/switch/redis/open-bells.ts';
import { openBells } from '../../../src/switch/redis/open-bells.ts';
import { checkRedis } from '../../../src/switch/redis/redis-check.ts';
import { describeAddress, redisCodeOf } from '../../../src/switch/redis/redis-connection.ts';
import { findRedis } from '../../../src/switch/redis/redis-place.ts';
import { BellLedger } from '../../conformance/bell-ledger.ts';
import { bellIn } from '../../conformance/scheduler.ts';
import { stopwatch } from '../../support/held-up.ts';
import { needsRedis } from '../../support/needs-redis.ts';
import { isAlive, startRedisInHand, withRedis } from '../../support/redis.ts';
import { keptLog, silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';

const base = mkdtempSync(join(tmpdir(), 'hitline-bells-'));
afterAll(() => rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
let count = 0;
/** Far below what anybody who waits for a Redis waits. */
const secondMs = 1_000;
const opened: Bells[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function open(redis: BellsOptions['redis'], log = silentLog): Bells {
  const folder = join(base, `redis-${++count}`);
  const bells = openBells({ redis, folder, prefix: 'hitline-test', clock: systemClock, log });
  opened.push(bells);
  return bells;
}

/** A folder on a PATH that holds files of these names. */
function folderWith(names: Readonly<Record<string, number>>): string {
  const folder = join(base, `path-${++count}`);
  mkdirSync(folder);
  for (const [name, mode] of Object.entries(names)) {
    writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, name), mode);
  }
  return folder;
}

describe('where a Redis comes from', () => {
  const url = 'redis://127.0.0.1:6379';
  test('auto takes the URL, else a program, else none', () => {
    const both = folderWith({ 'redis-server': 0o755, 'valkey-server': 0o755 });
    expect(findRedis({ mode: 'auto', url }, both)).toEqual({ kind: 'configured', url });
    expect(findRedis({ mode: 'auto' }, both)).toEqual({ kind: 'private', program: join(both, 'redis-server') });
    const valkey = folderWith({ 'valkey-server': 0o755 });
    expect(findRedis({ mode: 'auto' }, valkey)).toEqual({ kind: 'private', program: join(valkey, 'valkey-server') });
    expect(findRedis({ mode: 'auto' }, folderWith({}))).toBeUndefined();
  });

  test('the other words insist', () => {
    const both = folderWith({ 'redis-server': 0o755 });
    expect(findRedis({ mode: 'none', url }, both)).toBeUndefined();
    expect(findRedis({ mode: 'private', url }, both)).toMatchObject({ kind: 'private' });
    expect(() => findRedis({ mode: 'private' }, folderWith({}))).toThrow(/redis-server/);
    expect(() => findRedis({ mode: 'url' }, both)).toThrow(/redis\.url/);
  });

  test('only a file that may be run counts, and only from an absolute folder', () => {
    const plain = folderWith({ 'redis-server': 0o644 });
    const real = folderWith({ 'redis-server': 0o755 });
    mkdirSync(join(folderWith({}), 'redis-server'));
    const path = ['.', '', plain, real].join(delimiter);
    expect(findRedis({ mode: 'auto' }, path)).toEqual({ kind: 'private', program: join(real, 'redis-server') });
  });
});

describe('what a person is told', () => {
  test('an address is shown without user and password', () => {
    expect(describeAddress({ url: 'rediss://user:sesame@redis.example:6380/2' })).toBe('rediss://redis.example:6380');
    expect(describeAddress({ url: 'unix:///run/redis.sock' })).toBe('unix:/run/redis.sock');
    expect(describeAddress({ url: 'unix:/run/redis.sock' })).toBe('unix:/run/redis.sock');
    expect(describeAddress({ url: 'redis://[sesame' })).toBe('the configured address');
  });

  test('an error is told by its code alone', () => {
    expect(redisCodeOf(Object.assign(new Error('connect ECONNREFUSED x'), { code: 'ECONNREFUSED' }))).toBe(
      'ECONNREFUSED',
    );
    expect(redisCodeOf(new Error('WRONGPASS invalid username-password pair'))).toBe('WRONGPASS');
    expect(redisCodeOf(new Error('sesame'))).toBe('UNKNOWN');
    expect(redisCodeOf('sesame')).toBe('UNKNOWN');
  });
});

test('without a Redis the clocks and the queue run in process, and it says so', async () => {
  const bells = open({ mode: 'none' });
  expect(bells.kind).toBe('in-process');
  expect(bells.describe).toBe('Clocks and queue run in process, as configured.');
  const ledger = new BellLedger();
  await bells.scheduler.start(ledger.ring, ledger);
  await bells.queue.start(ledger.ring);
  const bell = ledger.file(bellIn(20));
  await bells.scheduler.arm(bell);
  await bells.queue.put({ kind: 'release', id: 'm1', version: 1 });
  await ledger.rungCount(2);
  expect(bells.health()).toMatchObject({ kind: 'in-process', ok: true });
});

test('a configured Redis that is away keeps nobody waiting: it says so, and the log names the reason', async () => {
  const log = keptLog();
  const tookMs = stopwatch();
  const bells = open({ mode: 'url', url: 'redis://user:sesame@127.0.0.1:1' }, log);
  const ledger = new BellLedger();
  await bells.scheduler.start(ledger.ring, ledger);
  await bells.queue.start(ledger.ring);
  expect(tookMs()).toBeLessThan(secondMs);
  expect(bells.kind).toBe('bullmq');
  await until(() => bells.health().text.includes('ECONNREFUSED'), 'health names the reason');
  expect(JSON.stringify([bells.describe, bells.health(), log.lines])).not.toContain('sesame');
});

needsRedis('openBells with a Redis', () => {
  test('a private Redis is started, rings, and goes with close', async () => {
    const tookMs = stopwatch();
    const bells = open({ mode: 'private' });
    expect(tookMs()).toBeLessThan(secondMs);
    expect(bells.kind).toBe('bullmq');
    expect(bells.describe).toBe('Clocks and queue run on BullMQ on a private Redis of this gateway.');
    const ledger = new BellLedger();
    await bells.scheduler.start(ledger.ring, ledger);
    await bells.queue.start(ledger.ring);
    await bells.queue.put({ kind: 'release', id: 'm1', version: 1 });
    const bell = ledger.file(bellIn(200));
    await bells.scheduler.arm(bell);
    await ledger.rungCount(2);
    await until(() => bells.health().text.includes('run on BullMQ'), 'health is good');
    const socket = join(base, `redis-${count}`, 'redis.sock');
    const info = await withRedis(socket, (one) => one.info('server'));
    const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
    expect(isAlive(pid)).toBe(true);
    await bells.close();
    await until(() => !isAlive(pid), 'the private Redis is gone');
  });

  test('the settings of a configured Redis are looked at: what rings late or may lose bells is told', async () => {
    const stock = await startRedisInHand({ hz: '10', 'maxmemory-policy': 'allkeys-lru' });
    try {
      const warnings = await checkRedis({ url: stock.url }, systemClock);
      expect(warnings.map((one) => one.code)).toEqual(['REDIS_HZ_LOW', 'REDIS_EVICTS']);
      expect(warnings[0]?.text).toContain('It is 10 now.');
      await withRedis(stock.url, async (one) => {
        await one.call('ACL', 'SETUSER', 'shy', 'on', '>practice', '~*', '&*', '+@all', '-config');
        await one.config('SET', 'hz', '500');
        await one.config('SET', 'maxmemory-policy', 'noeviction');
      });
      expect(await checkRedis({ url: stock.url }, systemClock)).toEqual([]);
      const shyUrl = stock.url.replace('//', '//shy:practice@');
      expect((await checkRedis({ url: shyUrl }, systemClock)).map((one) => one.code)).toEqual(['REDIS_UNCHECKED']);
    } finally {
      await stock.close();
    }
    const hasty = { ...systemClock, after: (_delayMs: number, action: () => void) => systemClock.after(50, action) };
    expect((await checkRedis({ url: 'redis://127.0.0.1:1' }, hasty)).map((one) => one.code)).toEqual(['REDIS_AWAY']);
  });
});
