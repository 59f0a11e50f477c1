/**
 * One ledger under load through as many blows as it is dealt: gateways killed, Redis killed, both at once, Redis wiped. After
 * each blow every law is checked on what is on disk, nothing acknowledged may be missing, and no clock lost or fired twice.
 */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { systemClock } from '../../src/host/clock.ts';
import { until } from '../scenarios/gateway-process.ts';
import { Stage } from '../scenarios/stage.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { type Census, leftUndone, takeCensus, type UpTime } from './census.ts';
import { Crowd, crowdMembers, crowdStations, pass } from './crowd.ts';
import { keepDesk } from './desk.ts';
import { privateRedis, type RedisInReach, redisByUrl } from './redis-in-reach.ts';

/** What can befall a gateway at any moment. */
export type Blow = 'gateway' | 'redis' | 'both' | 'wipe';
/** Where its clocks are kept. */
export type RedisKind = 'url' | 'private' | 'none';

/** What one ledger went through and what came of it. */
export interface Toll extends Census {
  readonly acknowledged: number;
  readonly blows: readonly Blow[];
  /** Texts that reached a station. */
  readonly delivered: number;
}

/** A blow falls at some moment before this, and what survives it works on for up to as long. */
const roundMsMax = 1_200;
/** A bell of a gateway that runs, by its look each second and what a machine with much else to do may add. */
export const lateMsMax = 5_000;
/** What has had so long after its moment, in a gateway with nothing else to do, and has not rung, is lost. */
const settledMs = 2_500;

const script = {
  name: 'Torture',
  stations: [{ oris: ['CO0990100', ...crowdMembers.map((one) => one.ori)] }],
  listeners: ['WY0990300', 'CO0990000', 'WY0990000', 'DC0990000'],
  agencies: [
    {
      ori: 'WY0990200',
      name: 'Sage County Sheriff',
      phone: '5550100122',
      rules: [{ when: { key: 'YQ' }, replies: [{ say: 'confirm', afterMs: 20 }] }],
    },
  ],
};

/** Short enough that clocks of every kind run out while the torture goes on, and long enough that some don't. */
const clocks = {
  confirmRoutineMs: 2_000,
  approvalUrgentMs: 3_000,
  approvalRoutineMs: 5_000,
  releaseLimitConfirmMs: 2_500,
  answerWaitMs: 1_000,
  inquiryExpiryMs: 2_000,
  followUpMs: 6_000,
};

/** Plays the blows one after another on one ledger. Throws when a law is broken. */
export async function playLedger(plan: {
  readonly random: SeededRandom;
  readonly redis: RedisKind;
  readonly blows: readonly Blow[];
}): Promise<Toll> {
  const found: { stage?: Stage } = {};
  const redis =
    plan.redis === 'url'
      ? await redisByUrl()
      : plan.redis === 'private'
        ? privateRedis(() => found.stage?.folder ?? '')
        : undefined;
  const door = { host: '127.0.0.1', port: await freePort() };
  try {
    const stage = await Stage.open({
      script,
      clocks,
      laws: 'when asked',
      redis: redis?.settings ?? { mode: 'none' },
      config: (input) => ({
        ...input,
        doors: { ...input.doors, station: { ...input.doors.station, port: door.port, stations: [...crowdStations] } },
      }),
    });
    found.stage = stage;
    try {
      return await new OneLedger({ ...plan, stage, door }, redis).play();
    } finally {
      await stage.close();
    }
  } finally {
    await redis?.close();
  }
}

class OneLedger {
  readonly #stage: Stage;
  readonly #redis: RedisInReach | undefined;
  readonly #random: SeededRandom;
  readonly #blows: readonly Blow[];
  readonly #crowd: Crowd;
  readonly #upTimes: UpTime[] = [];
  #upSinceMs = systemClock.wallMs();
  #theirCount = 0;

  constructor(
    given: {
      readonly stage: Stage;
      readonly random: SeededRandom;
      readonly blows: readonly Blow[];
      readonly door: { readonly host: string; readonly port: number };
    },
    redis: RedisInReach | undefined,
  ) {
    const { stage, random, door } = given;
    this.#stage = stage;
    this.#redis = redis;
    this.#random = random;
    this.#blows = given.blows;
    this.#crowd = new Crowd({ door, random, received: stage.stationReceived });
  }

  async play(): Promise<Toll> {
    for (const blow of this.#blows) {
      await this.#round(blow).catch((error: unknown) => {
        throw new Error(`after the blow "${blow}": ${error instanceof Error ? error.stack : String(error)}`);
      });
    }
    await this.#settle();
    const census = await this.#check();
    assert.ok(census.latestMs <= lateMsMax, `a deadline fired ${census.latestMs} ms late in a gateway that ran`);
    return {
      ...census,
      blows: this.#blows,
      acknowledged: this.#crowd.acknowledged.length,
      delivered: this.#stage.stationReceived.length,
    };
  }

  async #round(blow: Blow): Promise<void> {
    const stage = this.#stage;
    const random = this.#random;
    await stage.upstreamUp();
    if (random.below(3) === 0) stage.proxy.holdAnswers();
    this.#askUs(1 + random.below(2));
    const round = { isOver: false };
    const desk = { coj: await stage.coj(), supervisor: stage.supervisor, random };
    const work = Promise.all([this.#crowd.work(round), keepDesk(desk, round)]);
    await pass(random.below(roundMsMax));
    await this.#strike(blow, random.below(300));
    if (blow === 'redis' || blow === 'wipe') await pass(random.below(roundMsMax));
    round.isOver = true;
    await work;
    stage.proxy.letPass();
    await this.#check();
    if (blow === 'gateway' || blow === 'both') await this.#start();
  }

  async #strike(blow: Blow, awayMs: number): Promise<void> {
    const killGateway = async (): Promise<void> => {
      await this.#stage.killGateway();
      this.#ended();
    };
    if (blow === 'gateway') return killGateway();
    if (this.#redis === undefined) throw new Error('there is no Redis to strike');
    if (blow === 'wipe') return this.#redis.wipe();
    if (blow === 'redis') {
      await this.#redis.kill();
      await pass(awayMs);
    } else await Promise.all([this.#redis.kill(), killGateway()]);
    await this.#redis.comeBack();
  }

  /** The other agency asks about records of ours: each opens a case whose clock runs at once. */
  #askUs(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.#theirCount += 1;
      const six = String(this.#theirCount).padStart(6, '0');
      const priority = this.#random.below(2) === 0 ? 'U' : 'R';
      const stamp = '08:00 01/01/2030 00001';
      const body = `RTY/WP.RNO/1.PRI/${priority}.OCA/PR${six}.NIC/W997${six}.NAM/PRACTICE,PAT.DOB/19700101.SEX/F`;
      const who = 'RNA/DEPUTY SAMPLE.RAG/SAGE COUNTY SHERIFF.PHO/5550100122';
      const text = `YQ.WY0990300\n${stamp}\n${stamp} CO0990100\n*WY00${six}\nTXT\n${body}.${who}`;
      this.#stage.simulator.inject(text, 'CO0990100');
    }
  }

  async #check(): Promise<Census> {
    await this.#stage.checkLaws(['SAMPLE, ALPHA', 'TC010', 'PR000']);
    const now = { fromMs: this.#upSinceMs, untilMs: Number.POSITIVE_INFINITY };
    const census = await takeCensus(this.#stage.folder, {
      acknowledged: this.#crowd.acknowledged,
      upTimes: [...this.#upTimes, now],
    });
    assert.deepEqual(census.broken, []);
    return census;
  }

  /** With nothing more to do all that is due rings, and all that was released leaves. Then the gateway ends by itself. */
  async #settle(): Promise<void> {
    await this.#stage.upstreamUp();
    await until(
      'all that is due has rung and all that was released has left',
      async () => ((await this.#undone()).length === 0 ? true : undefined),
      20_000,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${(await this.#undone()).join('; ')}`);
    });
    await this.#stage.stopGateway();
    this.#ended();
  }

  #undone(): Promise<readonly string[]> {
    return leftUndone(this.#stage.folder, systemClock.wallMs() - settledMs);
  }

  async #start(): Promise<void> {
    await this.#stage.startGateway();
    this.#upSinceMs = systemClock.wallMs();
  }

  #ended(): void {
    this.#upTimes.push({ fromMs: this.#upSinceMs, untilMs: systemClock.wallMs() });
    this.#upSinceMs = Number.POSITIVE_INFINITY;
  }
}

/** A door that keeps its number through every start, so that stations dial again as they would. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
