/**
 * The stage of a scenario: a simulated switch, a relay in front of it, a gateway as a process of its own or inside this one,
 * a dispatch center and consoles, all over real TCP. A scenario calls `checkLaws` itself; of a gateway
 * that is a process of its own only when it does not run, since it alone has the ledger then.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConsoleClient, connectConsole } from '../../src/console/client.ts';
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
import { practiceReplyRules } from '../../src/simulator/reply-rules.ts';
import { parseScript } from '../../src/simulator/script.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type ConfigInput, checkConfig } from '../../src/switch/config.ts';
import { type Gateway, startGateway } from '../../src/switch/gateway.ts';
import type { Ledger } from '../../src/switch/ledger/ledger.ts';
import { openLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { type LineProxy, startProxy } from '../support/proxy.ts';
import { brokenLaws } from './laws.ts';

const root = join(import.meta.dirname, '../..');

export interface StageOptions {
  readonly script: Parameters<typeof parseScript>[0];
  readonly redis?: PracticeSettings['redis'];
  readonly clocks?: PracticeSettings['clocks'];
  /** The gateway runs inside this process: quicker, with the practice wording of replies, but it can't be killed. */
  readonly inside?: boolean;
}

/** The addresses a running gateway printed. */
interface Ready {
  readonly station: { readonly host: string; readonly port: number };
  readonly console: { readonly host: string; readonly port: number };
  readonly scheduler: string;
}

/** Waits, asking again each time something may have changed, until the probe gives something. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  limitMs = 15_000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`did not happen in ${limitMs} ms: ${what}`);
    await new Promise<void>((resolve) => systemClock.after(25, resolve));
  }
}

export class Stage {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly proxy: LineProxy;
  readonly operator: Credential;
  readonly supervisor: Credential;
  /** Every text the dispatch center got, over all its connections. */
  readonly stationReceived: string[] = [];
  readonly #configFile: string;
  readonly #isInside: boolean;
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
    isInside: boolean;
  }) {
    this.folder = given.folder;
    this.#removeFolder = given.remove;
    this.simulator = given.simulator;
    this.proxy = given.proxy;
    [this.operator, this.supervisor] = given.people;
    this.#configFile = given.configFile;
    this.#isInside = given.isInside;
  }

  /** Sets the stage and starts the gateway as a process of its own. */
  static async open(options: StageOptions): Promise<Stage> {
    const folder = await makePracticeFolder();
    const files = await loadHotFiles(join(root, 'fixtures/hot-files'));
    const simulator = await startSimulator({ port: 0, clock: systemClock, files, script: parseScript(options.script) });
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
    // JSON is YAML.
    writeFileSync(configFile, JSON.stringify({ ...input, upstream: { ...input.upstream, reconnectMs: 100 } }));
    const stage = new Stage({
      folder: folder.path,
      remove: folder.remove,
      simulator,
      proxy,
      people: [operator, supervisor],
      configFile,
      isInside: options.inside === true,
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

  /** The gateway inside this process. */
  get gateway(): Gateway {
    if (this.#inside === undefined) throw new Error('the gateway is not inside this process');
    return this.#inside;
  }

  async #startInside(): Promise<void> {
    const checked = checkConfig(JSON.parse(readFileSync(this.#configFile, 'utf8')) as ConfigInput, this.folder);
    if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
    const gateway = await startGateway(checked.config, { replyRules: practiceReplyRules });
    this.#inside = gateway;
    this.#ready = {
      station: gateway.stationAddress,
      console: gateway.consoleAddress,
      scheduler: gateway.schedulerText,
    };
  }

  /** Starts the gateway, and waits until it says that it is ready. */
  async startGateway(): Promise<void> {
    if (this.#isInside) return this.#startInside();
    const words = [
      '--disable-warning=ExperimentalWarning',
      join(root, 'src/cli/main.ts'),
      'gateway',
      '--config',
      this.#configFile,
    ];
    // As the launcher does: what was compiled once need not be compiled at every start.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/hitline/compile') };
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.#child = child;
    let said = '';
    let complained = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      complained += bytes.toString();
    });
    this.#ready = await until('the gateway is ready', () => {
      if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}: ${complained}`);
      return said.includes('\n') ? (JSON.parse(said.slice(0, said.indexOf('\n'))) as Ready) : undefined;
    }).catch((error: unknown) => {
      const log = readFileSync(join(this.folder, 'gateway.log'), 'utf8').split('\n').slice(-15).join('\n');
      throw new Error(`${String(error)}\nstderr: ${complained}\nlog: ${log}`);
    });
  }

  /** SIGKILL: nothing is put away. */
  async killGateway(): Promise<void> {
    await this.#leave();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
    this.#child = undefined;
  }

  /** SIGTERM: it drains and ends by itself. */
  async stopGateway(): Promise<void> {
    await this.#leave();
    await this.#inside?.close();
    this.#inside = undefined;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.equal(child.exitCode, 0);
    this.#child = undefined;
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
    const client = connectConsole({ url: `ws://${host}:${port}/`, consoleId, clock: systemClock });
    await until('the console connects', () => (client.state().state === 'up' ? true : undefined));
    await client.call('logon', { osn: person.osn, password: person.password });
    return client;
  }

  /** The dispatch center, connected. */
  async dispatch(): Promise<DispatchCenter> {
    const address = this.#ready?.station;
    if (address === undefined) throw new Error('the gateway is not ready');
    const onText = (text: string): void => void this.stationReceived.push(text);
    this.#dispatch ??= await openDispatchCenter({ address, clock: systemClock, onText });
    return this.#dispatch;
  }

  async upstreamUp(): Promise<void> {
    const coj = await this.coj();
    await until('the upstream is up', async () =>
      (await coj.call('status', {})).upstream.state === 'up' ? true : undefined,
    );
  }

  /** Sends a request from the dispatch center and gives the held message it became. */
  async requestHeld(text: string): Promise<MessageRow & { readonly caseId: string }> {
    const before = new Set(
      (await (await this.coj()).call('list', { box: 'held', limit: 500 })).rows.map((row) => row.id),
    );
    const outcome = await (await this.dispatch()).send(text);
    assert.equal(outcome.type, 'acked');
    const coj = await this.coj();
    const row = await until('it is held', async () =>
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

  async message(id: string, fits: (view: MessageView) => boolean, limitMs?: number): Promise<MessageView> {
    const coj = await this.coj();
    return until(
      `message ${id} moves on`,
      async () => {
        const view = await coj.call('show', { id });
        return fits(view) ? view : undefined;
      },
      limitMs,
    );
  }

  async case(id: string, fits: (view: CaseView) => boolean, limitMs?: number): Promise<CaseView> {
    const coj = await this.coj();
    return until(
      `case ${id} moves on`,
      async () => {
        const view = await coj.call('case', { id });
        return fits(view) ? view : undefined;
      },
      limitMs,
    );
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

  /**
   * Every law holds, as the files of the gateway, the switch's own book and the dispatch center tell it. A gateway that runs
   * inside this process is looked at while it works; its chain is verified once it has stopped, unless `how` says otherwise.
   */
  async checkLaws(secrets: readonly string[] = [], how: { readonly verifyChain?: boolean } = {}): Promise<void> {
    const running = this.#inside;
    const ledger = running?.ledger ?? (await this.openLedger());
    try {
      const broken = await brokenLaws({
        ledger,
        stationReceived: this.stationReceived,
        verifyChain: how.verifyChain ?? running === undefined,
        simulatorEvents: this.simulator.events,
        paths: [join(this.folder, 'data'), join(this.folder, 'gateway.log')],
        secrets,
      });
      assert.deepEqual(broken, []);
    } finally {
      if (running === undefined) await ledger.close();
    }
  }

  async close(): Promise<void> {
    await this.#leave();
    await this.#inside?.close();
    if (this.#child !== undefined && this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await this.proxy.close();
    await this.simulator.close();
    await this.#removeFolder();
  }
}
