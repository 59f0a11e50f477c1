/** A gateway that twenty stations, an operator and a supervisor keep busy while something happens to it, and who hears what. */
import assert from 'node:assert/strict';
import type { ConsoleClient } from '../../../src/console/client.ts';
import { systemClock } from '../../../src/host/clock.ts';
import { until } from '../../scenarios/gateway-process.ts';
import type { Stage } from '../../scenarios/stage.ts';
import type { SeededRandom } from '../../seeded-random.ts';
import { type HeldUp, watchMachine } from '../../support/held-up.ts';
import { leftUndone, takeCensus } from './census.ts';
import { pass } from './crowd.ts';
import { keepDesk } from './desk.ts';
import { openTown, type Town, townSecrets } from './town.ts';

/** More than anybody asks while something happens. */
const asksMax = 10_000;
const lookMs = 100;
/** A loop that stood still for an fsync of 2 s could not answer a console sooner. */
const waitMsMax = 1_500;
const settledMs = 2_500;

/** A console that listens for alarms. One that was too slow is told `resync`, and looks for itself, as a screen does. */
export class Ear {
  readonly #console: ConsoleClient;
  readonly #heard: { readonly code: string; readonly atMs: number }[] = [];
  #resyncCount = 0;

  constructor(console: ConsoleClient) {
    this.#console = console;
    console.onNotification((said) => {
      if (said.name === 'alarm') this.#keep(said.says.code);
      if (said.name === 'resync') void this.#look().catch(() => undefined);
    });
  }

  /** When this alarm came first after a moment; both by `performance.now()`. */
  async next(code: string, sinceMs: number): Promise<number> {
    const found = await until(`the alarm ${code} is on the screen`, () =>
      this.#heard.find((one) => one.code === code && one.atMs >= sinceMs),
    ).catch((error: unknown) => {
      const { state } = this.#console.state();
      throw new Error(
        `${String(error)}; the console is ${state}, and was told ${this.#resyncCount} times to look itself`,
      );
    });
    return found.atMs;
  }

  async #look(): Promise<void> {
    this.#resyncCount += 1;
    const { notices } = await this.#console.call('status', {});
    if (notices.join().includes('LEDGER FAILED')) this.#keep('LEDGER_FAILED');
    for (const row of (await this.#console.call('alarms', {})).rows) this.#keep(row.code);
  }

  #keep(code: string): void {
    this.#heard.push({ code, atMs: performance.now() });
  }
}

export class LoadedGateway {
  readonly stage: Stage;
  /** The COJ and the supervisor's console. */
  ears: readonly Ear[] = [];
  longestWaitMs = 0;
  readonly machine: HeldUp = watchMachine();
  readonly #heldUpBeforeMs = this.machine.totalMs();
  readonly #town: Town;
  readonly #random: SeededRandom;
  readonly #round = { isOver: false };
  #work: Promise<unknown> = Promise.resolve();
  #desk: Promise<unknown> = Promise.resolve();

  private constructor(town: Town, random: SeededRandom) {
    this.#town = town;
    this.stage = town.stage;
    this.#random = random;
  }

  /** Opens one, hands it over, and takes everything down again. */
  static async run(
    how: { readonly stage?: Pick<Parameters<typeof openTown>[0], 'inside' | 'ports'> } & Pick<
      Parameters<typeof openTown>[0],
      'random' | 'beforeStart'
    >,
    work: (load: LoadedGateway) => Promise<void>,
  ): Promise<void> {
    const { stage, ...rest } = how;
    const town = await openTown({ ...rest, ...stage });
    const load = new LoadedGateway(town, how.random);
    try {
      await load.#sitDown();
      load.#work = town.crowd.work(load.#round, asksMax);
      await work(load);
    } finally {
      load.#round.isOver = true;
      await Promise.allSettled([load.#work, load.#desk]);
      await load.machine.close();
      await town.stage.close();
    }
  }

  get summary(): string {
    return `${this.#town.crowd.acknowledged.length} acknowledged requests, none missing`;
  }

  /** Waits until the load is under way: some more requests were acknowledged. */
  async busy(): Promise<void> {
    this.#town.askUs(1);
    const before = this.#town.crowd.acknowledged.length;
    await until('the load is under way', () =>
      this.#town.crowd.acknowledged.length >= before + 10 ? true : undefined,
    );
  }

  /** `meanwhile` is what befalls its disk while no gateway runs. */
  async killAndStart(meanwhile?: () => void): Promise<void> {
    await this.stage.killGateway();
    meanwhile?.();
    await this.stage.checkLaws({ secrets: townSecrets });
    await this.stage.startGateway();
    await this.#desk;
    await this.#sitDown();
  }

  /** The load ends, all that is due rings, the gateway ends by itself, and every law holds. */
  async end(): Promise<void> {
    this.#round.isOver = true;
    await Promise.all([this.#work, this.#desk]);
    const undone = (): Promise<readonly string[]> => leftUndone(this.stage.folder, systemClock.wallMs() - settledMs);
    await until('all that is due has rung', async () => ((await undone()).length === 0 ? true : undefined));
    await this.stage.stopGateway();
    await this.stage.checkLaws({ secrets: townSecrets });
    const { acknowledged } = this.#town.crowd;
    const census = await takeCensus(this.stage.folder, { acknowledged, upTimes: [] });
    assert.deepEqual(census.broken, []);
    const heldUpMs = this.machine.totalMs() - this.#heldUpBeforeMs;
    assert.ok(
      this.longestWaitMs <= waitMsMax + heldUpMs,
      `a console waited ${this.longestWaitMs} ms: the loop stood still`,
    );
  }

  async #sitDown(): Promise<void> {
    await this.stage.upstreamUp();
    const [coj, second] = [await this.stage.coj(), await this.stage.second()];
    this.ears = [new Ear(coj), new Ear(second)];
    const desk = keepDesk({ coj, supervisor: this.stage.supervisor, random: this.#random }, this.#round);
    this.#desk = Promise.all([desk, this.#feel(second)]);
  }

  /** Asks a console's question again and again, and keeps how long the longest answer took. */
  async #feel(console: ConsoleClient): Promise<void> {
    while (!this.#round.isOver && console.state().state === 'up') {
      const sinceMs = performance.now();
      const isAnswered = await console.call('status', {}).then(
        () => true,
        () => false,
      );
      if (isAnswered) this.longestWaitMs = Math.max(this.longestWaitMs, Math.round(performance.now() - sinceMs));
      await pass(lookMs);
    }
  }
}
