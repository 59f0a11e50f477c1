/**
 * One ledger under load through as many blows as it is dealt: gateways killed, Redis killed, both at once, Redis wiped. After
 * each blow every law is checked on what is on disk, nothing acknowledged may be missing, and no clock lost or fired twice.
 */
import assert from 'node:assert/strict';
import { systemClock } from '../../../src/host/clock.ts';
import { until } from '../../scenarios/gateway-process.ts';
import type { Stage } from '../../scenarios/stage.ts';
import type { SeededRandom } from '../../seeded-random.ts';
import { watchMachine } from '../../support/held-up.ts';
import { type Census, leftUndone, takeCensus, type UpTime } from './census.ts';
import { pass } from './crowd.ts';
import { keepDesk } from './desk.ts';
import { privateRedis, type RedisInReach, redisByUrl } from './redis-in-reach.ts';
import { openTown, type Town, townSecrets } from './town.ts';

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

/** What survives a blow works on for up to this. */
const roundMsMax = 1_200;
/** A blow falls after fewer acknowledgements than this. */
const acksMax = 60;
/** A bell of a gateway that runs, by its look each second and what a machine with much else to do may add. */
export const lateMsMax = 5_000;
/** What has had so long after its moment, in a gateway with nothing else to do, and has not rung, is lost. */
const settledMs = 2_500;

/** What befalls one ledger. */
export interface Plan {
  readonly random: SeededRandom;
  readonly redis: RedisKind;
  readonly blows: readonly Blow[];
  readonly database?: DatabaseInReach | undefined;
}

/** The database of a gateway whose ledger is not embedded. */
export interface DatabaseInReach {
  readonly url: string;
  /** All that the server has on disk: nothing of it may be in clear. */
  readonly dataFolder: string;
}

/** Plays the blows one after another on one ledger. Throws when a law is broken. */
export async function playLedger(plan: Plan): Promise<Toll> {
  const found: { stage?: Stage } = {};
  const redis =
    plan.redis === 'url'
      ? await redisByUrl()
      : plan.redis === 'private'
        ? privateRedis(() => found.stage?.folder ?? '')
        : undefined;
  try {
    const town = await openTown({
      random: plan.random,
      redis: redis?.settings,
      databaseUrl: plan.database?.url,
    });
    found.stage = town.stage;
    try {
      return await new OneLedger(plan, town, redis).play();
    } finally {
      await town.stage.close();
    }
  } finally {
    await redis?.close();
  }
}

class OneLedger {
  readonly #town: Town;
  readonly #stage: Stage;
  readonly #redis: RedisInReach | undefined;
  readonly #random: SeededRandom;
  readonly #blows: readonly Blow[];
  readonly #database: DatabaseInReach | undefined;
  readonly #upTimes: UpTime[] = [];
  readonly #machine = watchMachine();
  #upSinceMs = systemClock.wallMs();

  constructor(plan: Plan, town: Town, redis: RedisInReach | undefined) {
    this.#town = town;
    this.#stage = town.stage;
    this.#redis = redis;
    this.#random = plan.random;
    this.#blows = plan.blows;
    this.#database = plan.database;
  }

  async play(): Promise<Toll> {
    try {
      return await this.#playAll();
    } finally {
      await this.#machine.close();
    }
  }

  async #playAll(): Promise<Toll> {
    for (const blow of this.#blows) {
      await this.#round(blow).catch((error: unknown) => {
        throw new Error(`after the blow "${blow}": ${error instanceof Error ? error.stack : String(error)}`);
      });
    }
    await this.#settle();
    // The server's own files are many: they are looked through once, when all is in them.
    const census = await this.#check(this.#database === undefined ? [] : [this.#database.dataFolder]);
    const lateMs = lateMsMax + this.#machine.totalMs();
    assert.ok(census.latestMs <= lateMs, `a deadline fired ${census.latestMs} ms late in a gateway that ran`);
    return {
      ...census,
      blows: this.#blows,
      acknowledged: this.#town.crowd.acknowledged.length,
      delivered: this.#stage.stationReceived.length,
    };
  }

  async #round(blow: Blow): Promise<void> {
    const stage = this.#stage;
    const random = this.#random;
    await stage.upstreamUp();
    if (random.below(3) === 0) stage.proxy.holdAnswers();
    this.#town.askUs(1 + random.below(2));
    const round = { isOver: false };
    const desk = { coj: await stage.coj(), supervisor: stage.supervisor, random };
    const work = Promise.all([this.#town.crowd.work(round), keepDesk(desk, round)]);
    // At a random moment of a load that is under way, however long this machine takes to get there.
    await this.#town.crowd.heard(random.below(acksMax), roundMsMax * 3);
    await pass(random.below(roundMsMax / 4));
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
    } else {
      // In this order: a private Redis dies with its gateway, and whoever asks it for its process then waits for ever.
      await this.#redis.kill();
      await killGateway();
    }
    await this.#redis.comeBack();
  }

  async #check(paths: readonly string[] = []): Promise<Census> {
    await this.#stage.checkLaws({ secrets: townSecrets, paths });
    const now = { fromMs: this.#upSinceMs, untilMs: Number.POSITIVE_INFINITY };
    const census = await takeCensus(this.#stage.folder, {
      acknowledged: this.#town.crowd.acknowledged,
      upTimes: [...this.#upTimes, now],
      databaseUrl: this.#database?.url,
    });
    assert.deepEqual(census.broken, []);
    return census;
  }

  /** With nothing more to do all that is due rings, and all that was released leaves. Then the gateway ends by itself. */
  async #settle(): Promise<void> {
    await this.#stage.upstreamUp();
    await until('all that is due has rung and all that was released has left', async () =>
      (await this.#undone()).length === 0 ? true : undefined,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${(await this.#undone()).join('; ')}`);
    });
    await this.#stage.stopGateway();
    this.#ended();
  }

  #undone(): Promise<readonly string[]> {
    return leftUndone(this.#stage.folder, systemClock.wallMs() - settledMs, this.#database?.url);
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
