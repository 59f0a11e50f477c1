/** The one thing the gateway calls for its clocks and its send queue: finds a Redis, or does without, and says which. */
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import { bullmqScheduler } from '../deadlines/bullmq-scheduler.ts';
import { inProcessScheduler } from '../deadlines/in-process-scheduler.ts';
import type { Scheduler, SchedulerHealth } from '../deadlines/scheduler.ts';
import { bullmqOutboundQueue } from '../outbound/bullmq-outbound-queue.ts';
import { inProcessOutboundQueue } from '../outbound/in-process-outbound-queue.ts';
import type { OutboundQueue } from '../outbound/outbound-queue.ts';
import type { PrivateRedis } from './private-redis.ts';
import { startRedis } from './private-redis.ts';
import { checkRedis } from './redis-check.ts';
import type { RedisAddress } from './redis-connection.ts';
import { describeAddress } from './redis-connection.ts';
import type { RedisChoice } from './redis-place.ts';
import { findRedis } from './redis-place.ts';

export interface BellsOptions {
  readonly redis: RedisChoice;
  /** The private Redis's own folder, such as `dataPaths(folder).redisFolder`. */
  readonly folder: string;
  readonly prefix: string;
  /** The gateway's one SteadyClock. */
  readonly clock: Clock;
  readonly log: Log;
}

export interface Bells {
  readonly scheduler: Scheduler;
  readonly queue: OutboundQueue;
  readonly kind: SchedulerHealth['kind'];
  /** One sentence for the start-up and the status line: which adapter, over which Redis. */
  readonly describe: string;
  /** The worse of the two adapters' health, with what ails a private Redis. */
  health(): SchedulerHealth;
  close(): Promise<void>;
}

/**
 * Opens the clocks and the send queue: on the configured Redis, else on a private one, else in process. Returns at once;
 * Redis may come later, go, and come back. Throws CONFIG_INVALID and REDIS_PROGRAM_MISSING as `findRedis` does, and
 * DATA_FOLDER_UNUSABLE when a private Redis has no place.
 */
export function openBells(options: BellsOptions): Bells {
  const place = findRedis(options.redis);
  if (place === undefined) return openInProcess(options);
  if (place.kind === 'configured') {
    const address = { url: place.url };
    void warnOfSettings(address, options);
    return openOnRedis(options, address, { text: `BullMQ on ${describeAddress(address)}` });
  }
  const server = startRedis({ program: place.program, folder: options.folder, clock: options.clock, log: options.log });
  const text = 'BullMQ on a private Redis of this gateway';
  return openOnRedis(options, { socketPath: server.socketPath }, { text, server });
}

function openInProcess(options: BellsOptions): Bells {
  const scheduler = inProcessScheduler(options.clock);
  const queue = inProcessOutboundQueue();
  const why = options.redis.mode === 'none' ? 'as configured' : 'because no redis-server was found';
  options.log.info({ code: 'BELLS_OPENED', kind: 'in-process' });
  return {
    scheduler,
    queue,
    kind: 'in-process',
    describe: `Clocks and queue run in process, ${why}.`,
    health: () => worse(scheduler.health(), queue.health()),
    async close() {
      await Promise.all([scheduler.close(), queue.close()]);
    },
  };
}

function openOnRedis(
  options: BellsOptions,
  connection: RedisAddress,
  over: { readonly text: string; readonly server?: PrivateRedis },
): Bells {
  const { prefix, clock, log } = options;
  const scheduler = bullmqScheduler({ connection, prefix, clock, log });
  const queue = bullmqOutboundQueue({ connection, prefix, clock, log });
  log.info({ code: 'BELLS_OPENED', kind: 'bullmq' });
  return {
    scheduler,
    queue,
    kind: 'bullmq',
    describe: `Clocks and queue run on ${over.text}.`,
    health() {
      const health = worse(scheduler.health(), queue.health());
      const trouble = over.server?.trouble();
      return health.ok || trouble === undefined ? health : { ...health, text: `${health.text} ${trouble}` };
    },
    async close() {
      await Promise.all([scheduler.close(), queue.close()]);
      await over.server?.close();
    },
  };
}

/** Once, beside the start: the warnings go to the log; `doctor` shows them with their texts. */
async function warnOfSettings(address: RedisAddress, options: BellsOptions): Promise<void> {
  const warnings = await checkRedis(address, options.clock);
  for (const warning of warnings) options.log.warn({ code: warning.code });
}

function worse(one: SchedulerHealth, other: SchedulerHealth): SchedulerHealth {
  return one.ok ? other : one;
}
