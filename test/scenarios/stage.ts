/**
 * The stage of a scenario: a simulated switch, a relay in front of it, a gateway as a process of its own or inside this one,
 * a dispatch center and consoles, all over real TCP. Every law is checked after every step: whatever the scenario does
 * through the stage, its consoles and its dispatch center is one, and so is everything it waits for.
 */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConsoleClient, type ConsoleOptions, connectConsole } from '../../src/console/client.ts';
import type { CaseView, MessageRow, MessageView } from '../../src/console/contract.ts';
import { systemClock } from '../../src/host/clock.ts';
import { loadMasterKey } from '../../src/host/keys.ts';
import { type DispatchCenter, openDispatchCenter } from '../../src/practice/dispatch-center.ts';
import {
  type Credential,
  cojId,
  makeCredentials,
  makePracticeFolder,
  type PracticeSettings,
  practiceInput,
  supervisorConsoleId,
} from '../../src/practice/world.ts';
import { loadHotFiles } from '../../src/simulator/records/load-hot-files.ts';
import { parseScript } from '../../src/simulator/script.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { type ConfigInput, checkConfig } from '../../src/switch/config.ts';
import { type Gateway, type GatewayPorts, startGateway } from '../../src/switch/gateway.ts';
import type { Ledger } from '../../src/switch/ledger/ledger.ts';
import { openLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { type LineProxy, startProxy } from '../support/proxy.ts';
import { type Ready, startGatewayProcess, until } from './gateway-process.ts';
import { type AlsoLookedFor, LawWatch } from './laws/law-watch.ts';

const root = join(import.meta.dirname, '../..');

export interface StageOptions {
  readonly script: Parameters<typeof parseScript>[0];
  readonly redis?: PracticeSettings['redis'];
  readonly clocks?: PracticeSettings['clocks'];
  /** The gateway runs inside this process: quicker, but it can't be killed. */
  readonly inside?: boolean;
  /** Changes what stands in the gateway's file; the folder is where its paths begin. */
  readonly config?: (input: ConfigInput, folder: string) => ConfigInput;
  /** Another line to the switch, or TLS on it, or a clock of its own. */
  readonly simulator?: Partial<Pick<SimulatorOptions, 'profile' | 'coding' | 'tls' | 'clock'>>;
  /** Adapters of a gateway inside this process. */
  readonly ports?: GatewayPorts;
  /** How consoles trust a gateway whose console door speaks TLS. */
  readonly consoleTls?: ConsoleOptions['tls'];
  /** A run of thousands of messages asks for the check itself, for each reads the whole ledger; all others check at each step. */
  readonly laws?: 'each step' | 'when asked';
  /** The address of the ledger's database, by a way that no scenario cuts; its config names it too. */
  readonly databaseUrl?: string;
}

export class Stage {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly proxy: LineProxy;
  readonly operator: Credential;
  readonly supervisor: Credential;
  /** Every text the dispatch center got, over all its connections. */
  readonly stationReceived: string[] = [];
  /** Every text of a station that the gateway acknowledged. */
  readonly stationAcknowledged: string[] = [];
  readonly #configFile: string;
  readonly #options: StageOptions;
  readonly #laws: LawWatch;
  readonly #removeFolder: () => Promise<void>;
  #child: ChildProcess | undefined;
  #inside: Gateway | undefined;
  #ready: Ready | undefined;
  #coj: ConsoleClient | undefined;
  #second: ConsoleClient | undefined;
  #dispatch: DispatchCenter | undefined;

  private constructor(given: {
    folder: string;
    remove: () => Promise<void>;
    simulator: Simulator;
    proxy: LineProxy;
    people: readonly [Credential, Credential];
    configFile: string;
    options: StageOptions;
  }) {
    this.folder = given.folder;
    this.#removeFolder = given.remove;
    this.simulator = given.simulator;
    this.proxy = given.proxy;
    [this.operator, this.supervisor] = given.people;
    this.#configFile = given.configFile;
    this.#options = given.options;
    this.#laws = new LawWatch({
      folder: this.folder,
      events: () => this.simulator.events,
      stationReceived: this.stationReceived,
      secrets: given.people.map((one) => one.password),
      line: given.options.simulator ?? {},
      databaseUrl: given.options.databaseUrl,
      stationAcknowledged: this.stationAcknowledged,
    });
  }

  /** Sets the stage and starts the gateway as a process of its own. */
  static async open(options: StageOptions): Promise<Stage> {
    const folder = await makePracticeFolder();
    const files = await loadHotFiles(join(root, 'fixtures/hot-files'));
    const simulator = await startSimulator({
      clock: systemClock,
      ...options.simulator,
      port: 0,
      files,
      script: parseScript(options.script),
    });
    const proxy = await startProxy(simulator.address.port);
    const [operator, supervisor] = makeCredentials();
    if (operator === undefined || supervisor === undefined) throw new Error('no credentials');
    const input = await practiceInput({
      folder: folder.path,
      simulatorPort: proxy.port,
      credentials: [operator, supervisor],
      clocks: options.clocks ?? { confirmRoutineMs: 60_000 },
      redis: options.redis ?? { mode: 'none' },
    });
    const configFile = join(folder.path, 'gateway.yaml');
    const quick = { ...input, upstream: { ...input.upstream, reconnectMs: 100 } };
    // JSON is YAML. It outlives a cut of the power: a person wrote it long ago.
    writeFileSync(configFile, JSON.stringify(options.config?.(quick, folder.path) ?? quick), { flush: true });
    const stage = new Stage({
      folder: folder.path,
      remove: folder.remove,
      simulator,
      proxy,
      people: [operator, supervisor],
      configFile,
      options,
    });
    try {
      await stage.startGateway();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get schedulerText(): string {
    return this.#ready?.scheduler ?? '';
  }

  /** Where dispatch centers connect, and where consoles do. */
  get stationAddress(): Ready['station'] {
    return this.#addresses.station;
  }
  get consoleAddress(): Ready['console'] {
    return this.#addresses.console;
  }
  get #addresses(): Ready {
    if (this.#ready === undefined) throw new Error('the gateway is not ready');
    return this.#ready;
  }

  /** The gateway inside this process. */
  get gateway(): Gateway {
    if (this.#inside === undefined) throw new Error('the gateway is not inside this process');
    return this.#inside;
  }

  async #startInside(): Promise<void> {
    const checked = checkConfig(JSON.parse(readFileSync(this.#configFile, 'utf8')) as ConfigInput, this.folder);
    if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
    const gateway = await startGateway(checked.config, this.#options.ports);
    this.#inside = gateway;
    this.#ready = {
      station: gateway.stationAddress,
      console: gateway.consoleAddress,
      scheduler: gateway.schedulerText,
    };
  }

  /** Starts the gateway, and waits until it says that it is ready. */
  async startGateway(): Promise<void> {
    await (this.#options.inside === true ? this.#startInside() : this.#startChild());
    await this.#stepped();
  }

  async #startChild(): Promise<void> {
    const { child, ready } = await startGatewayProcess(this.#configFile, join(this.folder, 'gateway.log'));
    this.#child = child;
    this.#ready = ready;
  }

  /** SIGKILL: nothing is put away. */
  async killGateway(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
      this.#child = undefined;
    }
    // Only now: who hangs up first would leave nothing under way to be cut.
    await this.#leave();
    await this.#everyLinkCloses();
    await this.#stepped();
  }

  /** Law 7: nothing of a gateway that has ended stays open on the line to the switch. */
  async #everyLinkCloses(): Promise<void> {
    await until('law 7: every link it opened is closed', () => (this.proxy.openCount === 0 ? true : undefined));
  }

  /** SIGTERM: it drains and ends by itself. */
  async stopGateway(): Promise<void> {
    await this.#leave();
    await this.#inside?.close();
    this.#inside = undefined;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
      assert.equal(child.exitCode, 0);
      this.#child = undefined;
    }
    await this.#everyLinkCloses();
    await this.#stepped();
  }

  async #leave(): Promise<void> {
    await this.#coj?.close();
    await this.#second?.close();
    await this.leaveDispatch();
    this.#coj = undefined;
    this.#second = undefined;
  }

  /** The dispatch center hangs up. */
  async leaveDispatch(): Promise<void> {
    await this.#dispatch?.close();
    this.#dispatch = undefined;
  }

  /** The COJ with the operator logged on. */
  async coj(): Promise<ConsoleClient> {
    this.#coj ??= await this.#logOn(cojId, this.operator);
    return this.#coj;
  }

  /** The supervisor's own console. */
  async second(): Promise<ConsoleClient> {
    this.#second ??= await this.#logOn(supervisorConsoleId, this.supervisor);
    return this.#second;
  }

  async #logOn(consoleId: string, person: Credential): Promise<ConsoleClient> {
    const { host, port } = this.#ready?.console ?? { host: '', port: 0 };
    const tls = this.#options.consoleTls;
    const url = `${tls === undefined ? 'ws' : 'wss'}://${host}:${port}/`;
    const client = connectConsole({ url, consoleId, clock: systemClock, ...(tls === undefined ? {} : { tls }) });
    await until('the console connects', () => (client.state().state === 'up' ? true : undefined));
    const watched = this.#options.laws === 'when asked' ? client : this.#laws.console(client);
    await watched.call('logon', { osn: person.osn, password: person.password });
    return watched;
  }

  /** The dispatch center, connected. */
  async dispatch(): Promise<DispatchCenter> {
    const address = this.stationAddress;
    const onText = (text: string): void => void this.stationReceived.push(text);
    if (this.#dispatch === undefined) {
      const center = await openDispatchCenter({ address, clock: systemClock, onText });
      this.#dispatch = this.#options.laws === 'when asked' ? center : this.#laws.dispatch(center);
    }
    return this.#dispatch;
  }

  async upstreamUp(): Promise<void> {
    await this.upstreamIs('up');
  }

  async upstreamIs(state: 'up' | 'down'): Promise<void> {
    const coj = await this.coj();
    await this.happens(`the upstream is ${state}`, async () =>
      (await coj.call('status', {})).upstream.state === state ? true : undefined,
    );
  }

  /** A step of the scenario that goes by none of the stage's own doors; every law holds after it. */
  async step<T>(work: () => Promise<T> | T): Promise<T> {
    const done = await work();
    await this.#stepped();
    return done;
  }

  /** Waits until the probe gives something; every law holds then. */
  async happens<T>(what: string, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
    return this.step(() => until(what, probe));
  }

  async #stepped(): Promise<void> {
    if (this.#options.laws !== 'when asked') await this.#laws.check();
  }

  /** Sends a request from the dispatch center and gives the held message it became. */
  async requestHeld(text: string): Promise<MessageRow & { readonly caseId: string }> {
    const before = new Set(
      (await (await this.coj()).call('list', { box: 'held', limit: 500 })).rows.map((row) => row.id),
    );
    const outcome = await (await this.dispatch()).send(text);
    assert.equal(outcome.type, 'acked');
    const coj = await this.coj();
    const row = await this.happens('it is held', async () =>
      (await coj.call('list', { box: 'held', limit: 500 })).rows.find((one) => !before.has(one.id)),
    );
    return { ...row, caseId: row.caseId ?? '' };
  }

  /** The operator accepts, and the supervisor releases over the operator's shoulder. */
  async acceptAndRelease(id: string): Promise<void> {
    const coj = await this.coj();
    await coj.call('accept', { id });
    const shown = await coj.call('show', { id });
    await coj.call('release', {
      id,
      sha256: shown.sha256,
      approver: { osn: this.supervisor.osn, factor: this.supervisor.password },
    });
  }

  async message(id: string, fits: (view: MessageView) => boolean): Promise<MessageView> {
    const coj = await this.coj();
    return this.happens(`message ${id} moves on`, async () => {
      const view = await coj.call('show', { id });
      return fits(view) ? view : undefined;
    });
  }

  async case(id: string, fits: (view: CaseView) => boolean): Promise<CaseView> {
    const coj = await this.coj();
    return this.happens(`case ${id} moves on`, async () => {
      const view = await coj.call('case', { id });
      return fits(view) ? view : undefined;
    });
  }

  /** How often the switch received exactly one message with this reference. */
  receivedCount(reference: string): number {
    return this.simulator.events.filter((event) => event.type === 'received' && event.text.includes(`*${reference}`))
      .length;
  }

  /** Opens the ledger of a gateway that does not run. */
  async openLedger(): Promise<Ledger> {
    const dataFolder = join(this.folder, 'data');
    const masterKey = loadMasterKey({
      file: join(this.folder, 'master.key'),
      practice: true,
      dataFolder,
      create: false,
    });
    return openLedger({ folder: dataFolder, writer: 'A', masterKey, headsFile: `${dataFolder}.heads` });
  }

  /** Every law holds, as the gateway's files, the switch's own book and the dispatch center tell it. */
  checkLaws(also: AlsoLookedFor = {}): Promise<void> {
    return this.#laws.check(also);
  }

  async close(): Promise<void> {
    await this.#leave();
    await this.#inside?.close();
    if (this.#child !== undefined && this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await this.#laws.settled();
    await this.proxy.close();
    await this.simulator.close();
    await this.#removeFolder();
  }
}
