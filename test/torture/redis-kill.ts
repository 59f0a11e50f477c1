/**
 * Redis killed, wiped, frozen and started again at random while bells are armed all the time: none may be lost, none may
 * ring early, none may move its row twice. The ledger of the run is a list; everything else is the real thing.
 */
import { systemClock } from '../../src/host/clock.ts';
import { bullmqScheduler } from '../../src/switch/deadlines/bullmq-scheduler.ts';
import { watchDue } from '../../src/switch/deadlines/watch-due.ts';
import { BellLedger } from '../conformance/bell-ledger.ts';
import type { RedisInHand } from '../support/redis.ts';
import { startRedisInHand } from '../support/redis.ts';
import { silentLog } from '../support/silent-log.ts';
import { until } from '../support/until.ts';

/** What is done to Redis in a round. */
const misfortunes = ['kill', 'wipe', 'freeze', 'freeze and kill'] as const;

export interface RedisKillReport {
  readonly seed: number;
  readonly rounds: number;
  readonly armedCount: number;
  readonly ringCount: number;
  /** Rings that moved their row; each bell has exactly one. */
  readonly movedCount: number;
  readonly earlyCount: number;
  readonly lateMsMedian: number;
  readonly lateMsMax: number;
}

export interface RedisKillOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Whether the gateway's own look each second helps, as it always does in a gateway. */
  readonly watched: boolean;
}

/** Runs the rounds; rejects when a bell is missing 40 s after the last misfortune. Needs redis-server on PATH. */
export async function redisKill(options: RedisKillOptions): Promise<RedisKillReport> {
  const chance = seededChance(options.seed);
  const redis = await startRedisInHand();
  const ledger = new BellLedger();
  const prefix = `torture-${options.seed}`;
  const scheduler = bullmqScheduler({ connection: { url: redis.url }, prefix, clock: systemClock, log: silentLog });
  await scheduler.start(ledger.ring, ledger);
  const watch = options.watched ? watchDue({ source: ledger, ring: ledger.ring, clock: systemClock }) : undefined;
  let armedCount = 0;
  let callOff = (): void => {};
  const armOne = (): void => {
    callOff = systemClock.after(5, armOne);
    const dueAtMs = systemClock.wallMs() + Math.floor(chance() * 500);
    void scheduler.arm(ledger.file({ kind: 'deadline', id: `d${armedCount++}`, version: 1, dueAtMs }));
  };
  armOne();
  try {
    for (let round = 0; round < options.rounds; round++) {
      await passMs(50 + chance() * 400);
      await befall(redis, misfortunes[Math.floor(chance() * misfortunes.length)] ?? 'kill', chance() * 300);
    }
    callOff();
    const movedCount = (): number => ledger.rings.filter((ring) => ring.moved).length;
    await until(() => movedCount() === armedCount, `all ${armedCount} bells have rung (seed ${options.seed})`, 40_000);
  } finally {
    callOff();
    await watch?.close();
    await scheduler.close();
    await redis.close();
  }
  return reportOf(options, armedCount, ledger);
}

async function befall(redis: RedisInHand, what: (typeof misfortunes)[number], lengthMs: number): Promise<void> {
  if (what === 'wipe') return redis.wipe();
  if (what !== 'kill') {
    redis.freeze();
    await passMs(lengthMs);
    if (what === 'freeze') return redis.thaw();
  }
  await redis.kill();
  await redis.startAgain();
}

function reportOf(options: RedisKillOptions, armedCount: number, ledger: BellLedger): RedisKillReport {
  const late = ledger.rings
    .filter((ring) => ring.moved)
    .map((ring) => ring.lateMs)
    .sort((a, b) => a - b);
  return {
    seed: options.seed,
    rounds: options.rounds,
    armedCount,
    ringCount: ledger.rings.length,
    movedCount: late.length,
    earlyCount: ledger.rings.filter((ring) => ring.lateMs < 0).length,
    lateMsMedian: late[Math.floor(late.length / 2)] ?? 0,
    lateMsMax: late.at(-1) ?? 0,
  };
}

/** The pace of the misfortunes is part of a run: time must pass between them, and nothing tells when it has. */
function passMs(ms: number): Promise<void> {
  return new Promise((done) => systemClock.after(ms, done));
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
