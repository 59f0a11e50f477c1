/**
 * Redis killed, wiped, frozen and started again at random while bells are armed all the time: none may be lost, none may
 * ring early, none may move its row twice. The ledger of the run is a list; everything else is the real thing.
 */
import { systemClock } from '../../src/host/clock.ts';
import { bullmqScheduler } from '../../src/switch/deadlines/bullmq-scheduler.ts';
import { watchDue } from '../../src/switch/deadlines/watch-due.ts';
import { BellLedger } from '../conformance/bell-ledger.ts';
import { heldUpSince } from '../support/held-up.ts';
import type { RedisInHand } from '../support/redis.ts';
import { startRedisInHand } from '../support/redis.ts';
import { silentLog } from '../support/silent-log.ts';
import { until } from '../support/until.ts';
import type { Torture } from './torture.ts';

const armEachMs = 5;
/** What is done to Redis in a round. */
const misfortunes = ['kill', 'wipe', 'freeze', 'freeze and kill'] as const;

/** How a torture of the bells is played. */
interface Play {
  readonly torture: Torture;
  readonly rounds: number;
  /** Whether the gateway's own look each second helps, as it always does in a gateway. */
  readonly watched: boolean;
}

/** Late by the look's second, and by what a start of Redis keeps it from. */
const watchedLateMsMax = 2_500;

export async function run(torture: Torture): Promise<void> {
  const rounds = torture.short ? 5 : 40;
  await torture.attempt('bells with the watch', async () => {
    const heldUpMs = heldUpSince();
    const lateMs = await play({ torture, rounds, watched: true });
    if (lateMs > watchedLateMsMax + heldUpMs()) throw new Error(`a bell rang ${Math.round(lateMs)} ms late`);
  });
  await torture.attempt('bells with the reconciler alone', async () => {
    await play({ torture, rounds, watched: false });
  });
}

/** Plays the rounds and gives how late the latest bell was, in milliseconds. Needs redis-server on PATH. */
async function play({ torture, rounds, watched }: Play): Promise<number> {
  const { random } = torture;
  const redis = await startRedisInHand();
  const ledger = new BellLedger();
  const prefix = `torture-${torture.seed}`;
  const scheduler = bullmqScheduler({ connection: { url: redis.url }, prefix, clock: systemClock, log: silentLog });
  await scheduler.start(ledger.ring, ledger);
  const watch = watched ? watchDue({ source: ledger, ring: ledger.ring, clock: systemClock }) : undefined;
  let armedCount = 0;
  let callOff = (): void => {};
  const armOne = (): void => {
    callOff = systemClock.after(armEachMs, armOne);
    const dueAtMs = systemClock.wallMs() + random.below(500);
    void scheduler.arm(ledger.file({ kind: 'deadline', id: `d${armedCount++}`, version: 1, dueAtMs }));
  };
  armOne();
  try {
    for (let round = 0; round < rounds; round++) {
      await passMs(50 + random.below(400));
      await befall(redis, random.pick(misfortunes), random.below(300));
    }
    callOff();
    const movedCount = (): number => ledger.rings.filter((ring) => ring.moved).length;
    await until(() => movedCount() >= armedCount, `all ${armedCount} bells have rung`);
  } finally {
    callOff();
    await watch?.close();
    await scheduler.close();
    await redis.close();
  }
  return judge(torture, armedCount, ledger);
}

/** No bell early, each row moved once; gives how late the latest was. */
function judge(torture: Torture, armedCount: number, ledger: BellLedger): number {
  const moved = ledger.rings.filter((ring) => ring.moved);
  const lateMs = moved.map((ring) => ring.lateMs).sort((a, b) => a - b);
  const latestMs = lateMs.at(-1) ?? 0;
  const medianMs = lateMs[Math.floor(lateMs.length / 2)] ?? 0;
  torture.note(
    `${armedCount} bells, ${ledger.rings.length} rings; late by ${medianMs} ms at the median, ${latestMs} ms at most`,
  );
  if (moved.length !== armedCount) throw new Error(`${moved.length} rows moved for ${armedCount} bells`);
  if (ledger.rings.some((ring) => ring.lateMs < 0)) throw new Error('a bell rang early');
  return latestMs;
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

/** The pace of the misfortunes is part of a run: time must pass between them, and nothing tells when it has. */
function passMs(ms: number): Promise<void> {
  return new Promise((done) => systemClock.after(ms, done));
}
