/**
 * How late bells ring: 300 bells 5 ms apart, the figure at p99, in milliseconds. The baseline is a bare timer per bell on
 * the same machine. Says the median and the worst beside it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/host/clock.ts';
import { bullmqScheduler } from '../../src/switch/deadlines/bullmq-scheduler.ts';
import { inProcessScheduler } from '../../src/switch/deadlines/in-process-scheduler.ts';
import type { Scheduler, TimedBell } from '../../src/switch/deadlines/scheduler.ts';
import { startRedis } from '../../src/switch/redis/private-redis.ts';
import { findRedisProgram } from '../../src/switch/redis/redis-place.ts';
import { BellLedger } from '../conformance/bell-ledger.ts';
import { startRedisInHand } from '../support/redis.ts';
import { silentLog } from '../support/silent-log.ts';
import type { Bench } from './rounds.ts';

const bellCount = 300;
const apartMs = 5;

export async function run(bench: Bench): Promise<void> {
  const measure = (name: string, make: (prefix: string) => Scheduler) => {
    let round = 0;
    return bench.compare({
      case: `${name}, p99 late`,
      unit: 'ms',
      ours: () => lateAtP99(bench, name, make(`bench-${round++}`)),
      baseline: bareTimers,
    });
  };
  await measure('in process', () => inProcessScheduler(systemClock));
  const program = findRedisProgram();
  if (program === undefined) {
    bench.note('no redis-server or valkey-server on PATH; BullMQ was not measured');
    return;
  }
  const common = { clock: systemClock, log: silentLog };
  const folder = mkdtempSync(join(tmpdir(), 'hitline-bench-'));
  const own = startRedis({ program, folder, ...common });
  await measure('BullMQ on a private Redis, hz 500', (prefix) =>
    bullmqScheduler({ connection: { socketPath: own.socketPath }, prefix, ...common }),
  );
  await own.close();
  rmSync(folder, { recursive: true, force: true });
  for (const hz of ['10', '100']) {
    const redis = await startRedisInHand({ hz, 'dynamic-hz': 'yes', appendonly: 'no' });
    await measure(`BullMQ on a Redis of hz ${hz}`, (prefix) =>
      bullmqScheduler({ connection: { url: redis.url }, prefix, ...common }),
    );
    await redis.close();
  }
}

async function lateAtP99(bench: Bench, name: string, scheduler: Scheduler): Promise<number> {
  const ledger = new BellLedger();
  await scheduler.start(ledger.ring, ledger);
  const startMs = systemClock.wallMs() + 500;
  const bells: readonly TimedBell[] = Array.from({ length: bellCount }, (_, index) =>
    ledger.file({ kind: 'deadline', id: `d${index}`, version: 1, dueAtMs: startMs + index * apartMs }),
  );
  for (const bell of bells) await scheduler.arm(bell);
  await ledger.rungCount(bellCount);
  await scheduler.close();
  const lateMs = ledger.rings.map((ring) => ring.lateMs);
  bench.note(`${name}: median ${at(lateMs, 0.5)} ms, p99 ${at(lateMs, 0.99)} ms, worst ${at(lateMs, 1)} ms`);
  return at(lateMs, 0.99);
}

async function bareTimers(): Promise<number> {
  const startMs = systemClock.wallMs() + 100;
  const late = Array.from({ length: bellCount }, async (_, index) => {
    const dueAtMs = startMs + index * apartMs;
    await new Promise<void>((rung) => systemClock.after(dueAtMs - systemClock.wallMs(), rung));
    return systemClock.wallMs() - dueAtMs;
  });
  return Math.max(0.1, at(await Promise.all(late), 0.99));
}

/** The figure at this part of the sorted ones. */
function at(figures: readonly number[], part: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
