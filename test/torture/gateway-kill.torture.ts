/**
 * The gateway killed with SIGKILL at random moments while a dispatch center asks, an operator accepts and a supervisor
 * releases; sometimes the switch's acknowledgements are held back, sometimes Redis is wiped or killed with it. After every
 * kill every law is checked on what is on disk, and nothing acknowledged may be missing.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { systemClock } from '../../src/host/clock.ts';
import { findRedisProgram } from '../../src/switch/redis/redis-place.ts';
import { Stage, until } from '../scenarios/stage.ts';
import { type RedisInHand, startRedisInHand } from '../support/redis.ts';
import type { Torture } from './torture.ts';

const script = {
  name: 'Torture',
  stations: [{ oris: ['CO0990100', 'CO099013N'] }],
  listeners: ['WY0990300', 'CO0990000', 'WY0990000'],
  agencies: [
    {
      ori: 'WY0990200',
      name: 'Sage County Sheriff',
      phone: '5550100122',
      rules: [{ when: { key: 'YQ' }, replies: [{ say: 'confirm', afterMs: 20 }] }],
    },
  ],
};

/** What the dispatch center asks in one round at most. */
const asksMax = 20;
/** A round is cut at some moment before this. */
const roundMsMax = 1_500;

export async function run(torture: Torture): Promise<void> {
  await torture.attempt('killed between release and acknowledgement', () => killedInDoubt());
  const rounds = torture.short ? 4 : 100;
  await torture.attempt(`killed at ${rounds} random moments`, () => play({ torture, rounds }));
  if (findRedisProgram() === undefined) {
    torture.note('no redis-server on PATH: the cases with Redis are left out');
    return;
  }
  await torture.attempt('Redis wiped while a clock runs', () => wipedClock());
  const redisRounds = torture.short ? 2 : 20;
  await torture.attempt(`killed ${redisRounds} times together with Redis`, () =>
    withRedis((redis) => play({ torture, rounds: redisRounds, redis })),
  );
}

async function withRedis(work: (redis: RedisInHand) => Promise<void>): Promise<void> {
  const redis = await startRedisInHand();
  try {
    await work(redis);
  } finally {
    await redis.close();
  }
}

async function withStage(
  options: Parameters<typeof Stage.open>[0],
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const stage = await Stage.open(options);
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
}

/** A request of its own for each number: no two name the same record. */
function request(number: number, to: 'WY0990200' | 'WY0990300', priority: 'U' | 'R'): string {
  const six = String(number).padStart(6, '0');
  return [
    `YQ.CO099013N.${to}.*DT00${six}.TXT`,
    `RTY/WP.RNO/1.PRI/${priority}.OCA/TC${six}.NIC/W998${six}.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.`,
    'RNA/DISPATCHER SAMPLE.RAG/PINE RIDGE COMMUNICATIONS.PHO/5550100113',
  ].join('\n');
}

async function killedInDoubt(): Promise<void> {
  await withStage({ script }, async (stage) => {
    await stage.upstreamUp();
    const held = await stage.requestHeld(request(1, 'WY0990300', 'U'));
    stage.proxy.holdAnswers();
    await stage.acceptAndRelease(held.id);
    await until('the switch has it', () => (stage.receivedCount(held.id) === 1 ? true : undefined));
    await stage.killGateway();
    await stage.checkLaws();
    stage.proxy.letPass();
    await stage.startGateway();
    await stage.upstreamUp();
    await stage.message(held.id, (view) => view.status === 'IN_DOUBT');
    assert.equal(stage.receivedCount(held.id), 1);
    await stage.stopGateway();
    await stage.checkLaws();
  });
}

async function wipedClock(): Promise<void> {
  await withRedis(async (redis) => {
    const clocks = { confirmRoutineMs: 2_500 };
    await withStage({ script, redis: { mode: 'url', url: redis.url }, clocks }, async (stage) => {
      await stage.upstreamUp();
      const held = await stage.requestHeld(request(1, 'WY0990300', 'R'));
      await stage.acceptAndRelease(held.id);
      const running = await stage.case(held.caseId, (one) => one.startedAtMs !== null);
      await redis.wipe();
      const lapsed = await stage.case(held.caseId, (one) => one.overdue);
      const firedAtMs = lapsed.timeline.find((one) => one.what === 'time lapsed')?.atMs ?? 0;
      const lateMs = firedAtMs - (running.dueAtMs ?? 0);
      assert.ok(lateMs >= 0 && lateMs < 2_500, `the clock fired ${lateMs} ms late`);
      await stage.stopGateway();
      await stage.checkLaws();
    });
  });
}

interface Play {
  readonly torture: Torture;
  readonly rounds: number;
  readonly redis?: RedisInHand;
}

/** Kills at a random moment of each round, and looks at what is on disk before it starts the gateway again. */
async function play({ torture, rounds, redis }: Play): Promise<void> {
  const { random } = torture;
  const acknowledged: string[] = [];
  const settings = redis === undefined ? {} : { redis: { mode: 'url' as const, url: redis.url } };
  await withStage({ script, ...settings }, async (stage) => {
    let number = 0;
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await stage.startGateway();
      await stage.upstreamUp();
      if (random.below(3) === 0) stage.proxy.holdAnswers();
      const work = busy(
        stage,
        () => {
          number += 1;
          return request(number, random.below(2) === 0 ? 'WY0990200' : 'WY0990300', 'U');
        },
        acknowledged,
      );
      await new Promise<void>((resolve) => systemClock.after(random.below(roundMsMax), resolve));
      if (redis !== undefined)
        await (random.below(2) === 0 ? redis.wipe() : redis.kill().then(() => redis.startAgain()));
      await stage.killGateway();
      await work;
      stage.proxy.letPass();
      await stage.checkLaws();
      await nothingLost(stage, acknowledged);
    }
    await stage.startGateway();
    await stage.stopGateway();
    await stage.checkLaws();
    torture.note(`${acknowledged.length} acknowledged requests, ${rounds} kills`);
  });
}

/** Asks on one side, accepts and releases on the other, until the gateway is gone under both. */
async function busy(stage: Stage, next: () => string, acknowledged: string[]): Promise<void> {
  const dispatch = await stage.dispatch();
  const coj = await stage.coj();
  let gone = false;
  const ask = async (): Promise<void> => {
    for (let count = 0; count < asksMax && !gone; count += 1) {
      const text = next();
      const outcome = await dispatch.send(text);
      if (outcome.type !== 'acked') return;
      acknowledged.push(text);
    }
  };
  const release = async (): Promise<void> => {
    for (;;) {
      const held = (await coj.call('list', { box: 'held', limit: 50 })).rows.find((row) => row.operator === undefined);
      if (held === undefined) await new Promise<void>((resolve) => systemClock.after(20, resolve));
      else await stage.acceptAndRelease(held.id);
    }
  };
  // The console is gone because the gateway is: that is the point.
  const released = release().catch(() => {
    gone = true;
  });
  await Promise.all([ask(), released]);
}

/** Every request that was acknowledged to the dispatch center has its frame and its message on file. */
async function nothingLost(stage: Stage, acknowledged: readonly string[]): Promise<void> {
  const ledger = await stage.openLedger();
  try {
    const frames = await ledger.events({ stream: 'frame', actor: 'DISPATCH', limit: 5_000 });
    const onFile = new Map(frames.map((frame) => [String(frame.data['sha256']), frame.data['messageId']]));
    for (const text of acknowledged) {
      const id = onFile.get(createHash('sha256').update(text, 'latin1').digest('hex'));
      assert.ok(typeof id === 'string', 'an acknowledged request is not on file');
      assert.ok((await ledger.state('message', id)) !== undefined, 'an acknowledged request has no message');
    }
  } finally {
    await ledger.close();
  }
}
