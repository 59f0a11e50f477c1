/** Redis wiped, killed, frozen, absent: the bells ring all the same, nothing waits and nothing throws. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { bullmqScheduler } from '../../../src/switch/deadlines/bullmq-scheduler.ts';
import { watchDue } from '../../../src/switch/deadlines/watch-due.ts';
import { bullmqOutboundQueue } from '../../../src/switch/outbound/bullmq-outbound-queue.ts';
import { BellLedger } from '../../conformance/bell-ledger.ts';
import { bellIn } from '../../conformance/scheduler.ts';
import { heldUpSince, stopwatch } from '../../support/held-up.ts';
import { needsRedis } from '../../support/needs-redis.ts';
import type { RedisInHand } from '../../support/redis.ts';
import { dumpRedis, startRedisInHand, withRedis } from '../../support/redis.ts';
import { keptLog, silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';

const secondMs = 1_000;

needsRedis('Redis at its worst', () => {
  let redis: RedisInHand;
  let count = 0;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    redis = await startRedisInHand();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => redis.close());

  async function startScheduler(ledger: BellLedger, log = silentLog) {
    const prefix = `fault-${++count}`;
    const scheduler = bullmqScheduler({ connection: { url: redis.url }, prefix, clock: systemClock, log });
    closing.push(() => scheduler.close());
    await scheduler.start(ledger.ring, ledger);
    return { scheduler, prefix };
  }
  const jobKey = (prefix: string, name: string): string => `${prefix}:deadlines:${name}`;
  const inRedis = (key: string) => withRedis(redis.url, async (one) => (await one.exists(key)) === 1);

  test('wiped while a bell waits: it is added again and rings within the second', async () => {
    const heldUpMs = heldUpSince();
    const ledger = new BellLedger();
    const { scheduler, prefix } = await startScheduler(ledger);
    const bell = ledger.file(bellIn(1_300, 'wiped'));
    await scheduler.arm(bell);
    await until(() => inRedis(jobKey(prefix, 'deadline-wiped-1')), 'the bell is in Redis');
    await until(() => inRedis(`${prefix}:hitline-epoch`), 'the mark is in Redis');
    await redis.wipe();
    const ring = await ledger.rung(bell);
    expect(ring.lateMs).toBeGreaterThanOrEqual(0);
    expect(ring.lateMs - heldUpMs()).toBeLessThan(secondMs);
  });

  test('killed while a bell waits: the watch rings it within the second, and arming goes on without a wait', async () => {
    const heldUpMs = heldUpSince();
    const ledger = new BellLedger();
    const log = keptLog();
    const { scheduler, prefix } = await startScheduler(ledger, log);
    const watch = watchDue({ source: ledger, ring: ledger.ring, clock: systemClock });
    closing.push(() => watch.close());
    const bell = ledger.file(bellIn(250, 'killed'));
    await scheduler.arm(bell);
    await until(() => inRedis(jobKey(prefix, 'deadline-killed-1')), 'the bell is in Redis');
    await redis.kill();
    const armed = ledger.file(bellIn(200, 'armed-away'));
    await scheduler.arm(armed);
    const rings = await Promise.all([ledger.rung(bell), ledger.rung(armed)]);
    for (const ring of rings) {
      expect(ring.lateMs).toBeGreaterThanOrEqual(0);
      expect(ring.lateMs - heldUpMs()).toBeLessThan(1.5 * secondMs);
    }
    expect(scheduler.health().ok).toBe(false);
    expect(scheduler.health().text).toMatch(/^Redis is away \([A-Z]+\); the ledger rings each second\./);

    // It comes back: what waited goes in, and Redis rings again by itself.
    await watch.close();
    await redis.startAgain();
    await until(() => scheduler.health().text.includes('run on BullMQ'), 'health is good again');
    const after = ledger.file(bellIn(100, 'after'));
    await scheduler.arm(after);
    expect((await ledger.rung(after)).lateMs - heldUpMs()).toBeLessThan(secondMs);
    expect(log.lines.map((line) => line.code)).toEqual(expect.arrayContaining(['REDIS_AWAY', 'REDIS_BACK']));
  });

  test('the wall ten seconds ahead of the steady time: the job comes early, goes back, and rings at its moment', async () => {
    const heldUpMs = heldUpSince();
    const behind = { ...systemClock, wallMs: () => systemClock.wallMs() - 10_000 };
    const ledger = new BellLedger(behind);
    const connection = { url: redis.url };
    const scheduler = bullmqScheduler({ connection, prefix: 'ahead', clock: behind, log: silentLog });
    closing.push(() => scheduler.close());
    await scheduler.start(ledger.ring, ledger);
    const bells = [300, 20].map((delayMs) => ({ ...bellIn(delayMs - 10_000, `d${delayMs}`) }));
    for (const bell of bells) await scheduler.arm(ledger.file(bell));
    for (const ring of await Promise.all(bells.map((bell) => ledger.rung(bell)))) {
      expect(ring.lateMs).toBeGreaterThanOrEqual(0);
      expect(ring.lateMs - heldUpMs()).toBeLessThan(secondMs);
    }
    expect(ledger.rings).toHaveLength(2);
  });

  test('frozen: arming and putting return at once, health says so, and all goes on when it thaws', async () => {
    const ledger = new BellLedger();
    const { scheduler } = await startScheduler(ledger);
    const queue = bullmqOutboundQueue({
      connection: { url: redis.url },
      prefix: 'frozen',
      clock: systemClock,
      log: silentLog,
    });
    closing.push(() => queue.close());
    await queue.start(ledger.ring);
    await until(
      () => [scheduler, queue].every((one) => one.health().text.includes('run on BullMQ')),
      'both are connected',
    );
    redis.freeze();
    const tookMs = stopwatch();
    const bells = Array.from({ length: 100 }, (_, index) => ledger.file(bellIn(0, `cold${index}`)));
    for (const bell of bells) await scheduler.arm(bell);
    await queue.put({ kind: 'release', id: 'cold', version: 1 });
    expect(tookMs()).toBeLessThan(secondMs);
    redis.thaw();
    await ledger.rungCount(101);
  });

  test('frozen for long: health says SILENT, and the connection is torn down and made anew', async () => {
    // Ten seconds of this clock are one of the machine's, so that silence is noticed soon.
    const hasty = {
      wallMs: () => systemClock.wallMs(),
      monoMs: () => systemClock.monoMs() * 10,
      after: (delayMs: number, action: () => void) => systemClock.after(delayMs / 10, action),
    };
    const connection = { url: redis.url };
    const log = keptLog();
    const queue = bullmqOutboundQueue({ connection, prefix: 'silent', clock: hasty, log });
    closing.push(() => queue.close());
    const ledger = new BellLedger();
    await queue.start(ledger.ring);
    await until(() => queue.health().text.includes('run on BullMQ'), 'it is connected');
    const connectionsBefore = await connectionsMade(redis.url);
    redis.freeze();
    await until(() => queue.health().text.includes('SILENT'), 'the silence is noticed');
    await until(() => log.lines.some((line) => line.reason === 'SILENT'), 'the connection is torn down');
    redis.thaw();
    await queue.put({ kind: 'release', id: 'm1', version: 1 });
    await ledger.rungCount(1);
    await until(() => queue.health().text.includes('run on BullMQ'), 'health is good again');
    expect(await connectionsMade(redis.url)).toBeGreaterThan(connectionsBefore + 1);
  });

  test('absent from the start: nothing throws, nothing waits, closing is quick, the cap is kept and told', async () => {
    const log = keptLog();
    const options = {
      connection: { url: 'redis://127.0.0.1:1' },
      prefix: 'absent',
      clock: systemClock,
      log,
    };
    const scheduler = bullmqScheduler(options);
    const queue = bullmqOutboundQueue(options);
    const ledger = new BellLedger();
    await scheduler.start(ledger.ring, ledger);
    await queue.start(ledger.ring);
    await scheduler.disarm(bellIn(0, 'never'));
    for (let index = 0; index < 10_500; index++) await scheduler.arm(bellIn(0, `d${index}`));
    await until(() => scheduler.health().text.includes('ECONNREFUSED'), 'health names the reason');
    expect(scheduler.health().text).toContain('10000 bells wait for it');
    expect(log.lines.filter((line) => line.code === 'BELLS_LEFT')).toHaveLength(1);
    const tookMs = stopwatch();
    await Promise.all([scheduler.close(), queue.close()]);
    expect(tookMs()).toBeLessThan(secondMs);
  });

  test('no key, job, event or lock in Redis holds anything but kinds, ids, versions, times and the tool’s own words', async () => {
    await redis.wipe();
    const ledger = new BellLedger();
    const secret = 'NAM/RECORD, SAMPLE';
    const prefix = `fault-${++count}`;
    const options = { connection: { url: redis.url }, prefix, clock: systemClock, log: silentLog };
    const scheduler = bullmqScheduler(options);
    const queue = bullmqOutboundQueue(options);
    closing.push(
      () => scheduler.close(),
      () => queue.close(),
    );
    const fail = async (bell: Parameters<BellLedger['ring']>[0]): Promise<void> => {
      await ledger.ring(bell);
      throw new Error(secret, { cause: secret });
    };
    await scheduler.start(fail, ledger);
    await queue.start(fail);
    // A caller that passes its whole row along gets no more into Redis than the three.
    const row = { ...bellIn(60_000, 'waits'), name: secret, body: { NAM: secret } };
    await scheduler.arm(row);
    const bells = [bellIn(0, 'rings'), { kind: 'release', id: 'm1', version: 1 }] as const;
    await scheduler.arm(ledger.file(bells[0]));
    await queue.put(bells[1]);
    await Promise.all(bells.map((bell) => ledger.rung(bell)));
    await until(async () => {
      const dump = await dumpRedis(redis.url);
      return dump.filter((one) => one.text === 'failed').length >= 2;
    }, 'both failures are in the stream of events');
    const dump = await dumpRedis(redis.url);
    expect(dump.some((one) => one.text.includes('waits'))).toBe(true);
    expect(dump.filter((one) => one.key.endsWith('deadline-rings-1') || one.key.endsWith('release-m1-1'))).toEqual([]);
    const odd = dump.filter(({ key, text }) => !isPlainKey(key, prefix) || !isPlain(text));
    expect(odd).toEqual([]);
  });
});

async function connectionsMade(url: string): Promise<number> {
  const info = await withRedis(url, (one) => one.info('stats'));
  return Number(/total_connections_received:(\d+)/.exec(info)?.[1]);
}

const jobName = /^(deadline|release)-[a-z0-9]+-\d+$/;
/** Keys, fields and event names of BullMQ itself, and the one code our handler threw. */
const toolWords = new Set(
  'retries-exhausted opts data name delay priority timestamp atm ats processedOn event jobId prev added waiting active delayed completed failed drained returnvalue null failedReason INTERNAL attemptsMade stacktrace version opts.maxLenEvents stc finishedOn'.split(
    ' ',
  ),
);
const optionNames = new Set([
  'jobId',
  'timestamp',
  'delay',
  'attempts',
  'removeOnComplete',
  'removeOnFail',
  'stackTraceLimit',
]);

function isPlainKey(key: string, prefix: string): boolean {
  const words = key.split(':');
  if (words[0] !== prefix) return false;
  return words.slice(1).every((word) => jobName.test(word) || /^[a-z-]+$/.test(word));
}

function isPlain(text: string): boolean {
  if (/^[\d.-]+$/.test(text) || jobName.test(text) || toolWords.has(text)) return true;
  if (/^bullmq:[\d.]+$/.test(text) || /^[0-9a-f-]{36}(:\d+)?$/.test(text)) return true;
  if (!text.startsWith('{')) return text === '[]';
  const value = JSON.parse(text) as Record<string, unknown>;
  const names = Object.keys(value).sort();
  if (names.join() === 'id,kind,version') return true;
  return names.every((one) => optionNames.has(one));
}
