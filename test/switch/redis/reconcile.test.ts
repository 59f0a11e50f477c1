/** A bell that Redis loses without losing its mark: the reconciler misses it within 30 s and puts it back. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/host/clock.ts';
import { bullmqScheduler } from '../../../src/switch/deadlines/bullmq-scheduler.ts';
import { bullmqOutboundQueue } from '../../../src/switch/outbound/bullmq-outbound-queue.ts';
import { BellLedger } from '../../conformance/bell-ledger.ts';
import { heldUpSince } from '../../support/held-up.ts';
import { needsRedis } from '../../support/needs-redis.ts';
import { type RedisInHand, startRedisInHand, withRedis } from '../../support/redis.ts';
import { silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';

/** A clock that runs so many times as fast, timers too: half a minute of it is over in a second and a half. */
const rate = 20;
function fastClock(): Clock {
  const wallMs = systemClock.wallMs();
  const monoMs = systemClock.monoMs();
  const passedMs = (): number => (systemClock.monoMs() - monoMs) * rate;
  return {
    wallMs: () => wallMs + passedMs(),
    monoMs: passedMs,
    after: (delayMs, action) => systemClock.after(delayMs / rate, action),
  };
}

needsRedis('A bell lost from Redis', () => {
  let redis: RedisInHand;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    redis = await startRedisInHand();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => redis.close());

  /** Takes one job out of Redis, and nothing else. */
  async function lose(prefix: string, queue: string, name: string): Promise<void> {
    const key = `${prefix}:${queue}`;
    await withRedis(redis.url, async (one) => {
      await one.del(`${key}:${name}`);
      await one.zrem(`${key}:delayed`, name);
      await one.lrem(`${key}:wait`, 0, name);
    });
  }
  const exists = (key: string) => withRedis(redis.url, async (one) => (await one.exists(key)) === 1);

  test('of a deadline is put back by the comparison of every 30 s and rings, and nothing rings it before', async () => {
    const clock = fastClock();
    const ledger = new BellLedger(clock);
    const prefix = 'reconcile-1';
    const scheduler = bullmqScheduler({ connection: { url: redis.url }, prefix, clock, log: silentLog });
    closing.push(() => scheduler.close());
    await scheduler.start(ledger.ring, ledger);
    await until(() => exists(`${prefix}:hitline-epoch`), 'the first comparison is over');
    const bell = ledger.file({ kind: 'deadline', id: 'lost', version: 1, dueAtMs: clock.wallMs() + 10_000 });
    await scheduler.arm(bell);
    await until(() => exists(`${prefix}:deadlines:deadline-lost-1`), 'the bell is in Redis');
    const lostMonoMs = clock.monoMs();
    const heldUpMs = heldUpSince();
    await lose(prefix, 'deadlines', 'deadline-lost-1');
    const rung = await ledger.rung(bell);
    expect(rung.lateMs).toBeGreaterThanOrEqual(0);
    expect(clock.monoMs() - lostMonoMs - rate * heldUpMs()).toBeLessThan(40_000);
    expect(await exists(`${prefix}:hitline-epoch`)).toBe(true);
  });

  test('of a message that is ready is put back at the start, and again every 30 s', async () => {
    const clock = fastClock();
    const ledger = new BellLedger(clock);
    const prefix = 'reconcile-2';
    const before = ledger.file({ kind: 'send', id: 'before', version: 1, dueAtMs: 0 });
    const queue = bullmqOutboundQueue({ connection: { url: redis.url }, prefix, clock, log: silentLog });
    closing.push(() => queue.close());
    await queue.start(ledger.ring, ledger);
    // Nobody put it: what was ready when the gateway started is found by looking.
    await ledger.rung(before);
    const lost = ledger.file({ kind: 'send', id: 'lost', version: 1, dueAtMs: 0 });
    const lostMonoMs = clock.monoMs();
    const heldUpMs = heldUpSince();
    await ledger.rung(lost);
    expect(clock.monoMs() - lostMonoMs - rate * heldUpMs()).toBeLessThan(40_000);
  });
});
