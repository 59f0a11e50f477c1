import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { bullmqScheduler } from '../../src/switch/deadlines/bullmq-scheduler.ts';
import { inProcessScheduler } from '../../src/switch/deadlines/in-process-scheduler.ts';
import { bullmqOutboundQueue } from '../../src/switch/outbound/bullmq-outbound-queue.ts';
import { inProcessOutboundQueue } from '../../src/switch/outbound/in-process-outbound-queue.ts';
import type { PrivateRedis } from '../../src/switch/redis/private-redis.ts';
import { startRedis } from '../../src/switch/redis/private-redis.ts';
import type { RedisAddress } from '../../src/switch/redis/redis-connection.ts';
import { needsRedis } from '../support/needs-redis.ts';
import type { RedisInHand } from '../support/redis.ts';
import { startRedisInHand } from '../support/redis.ts';
import { silentLog } from '../support/silent-log.ts';
import { outboundQueueConformance } from './outbound-queue.ts';
import { schedulerConformance } from './scheduler.ts';

schedulerConformance('in process', () => ({ open: inProcessScheduler }));
outboundQueueConformance('in process', () => ({ open: inProcessOutboundQueue }));

/** Both suites over one Redis, each test under a prefix of its own. */
function onBullmq(name: string, address: () => RedisAddress): void {
  let count = 0;
  schedulerConformance(name, () => {
    const prefix = `test-${++count}`;
    return { open: (clock) => bullmqScheduler({ connection: address(), prefix, clock, log: silentLog }) };
  });
  outboundQueueConformance(name, () => {
    const options = { connection: address(), prefix: `test-${++count}`, clock: systemClock, log: silentLog };
    return { open: () => bullmqOutboundQueue(options) };
  });
}

needsRedis('BullMQ over a configured Redis', () => {
  let redis: RedisInHand;
  beforeAll(async () => {
    redis = await startRedisInHand({ appendonly: 'no' });
  });
  afterAll(() => redis.close());
  onBullmq('on BullMQ over a configured Redis', () => ({ url: redis.url }));
});

needsRedis('BullMQ over a private Redis', (program) => {
  const folder = mkdtempSync(join(tmpdir(), 'hitline-private-'));
  let redis: PrivateRedis;
  beforeAll(() => {
    redis = startRedis({ program, folder: join(folder, 'redis'), clock: systemClock, log: silentLog });
  });
  afterAll(async () => {
    await redis.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  onBullmq('on BullMQ over a private Redis', () => ({ socketPath: redis.socketPath }));
});
