import { join } from 'node:path';
import { type LoadedFiles, loadHotFiles } from '../../src/simulator/records/load-hot-files.ts';
import { parseScript, type Script } from '../../src/simulator/script.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { VirtualClock } from '../wire/virtual-clock.ts';
import { type ClientOptions, PracticeClient } from './practice-client.ts';

export const fixtures = join(import.meta.dirname, '../../fixtures');

/** A switch and its clients over real loopback connections; the switch's time stands still until it is moved. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly #open: { close(): Promise<void> }[] = [];
  static #files: Promise<LoadedFiles> | undefined;

  async simulator(script: Script | object = {}, options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
    Stage.#files ??= loadHotFiles(join(fixtures, 'hot-files'));
    const files = await Stage.#files;
    const whole =
      'moments' in script && 'seed' in script ? (script as Script) : parseScript({ name: 'Test', ...script });
    const simulator = await startSimulator({ port: 0, clock: this.clock, files, script: whole, ...options });
    this.#open.push(simulator);
    return simulator;
  }

  async client(simulator: Simulator, options: ClientOptions = {}): Promise<PracticeClient> {
    const client = await PracticeClient.dial(simulator.address, options);
    this.#open.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((one) => one.close()));
  }
}

/** An inquiry about a person who has a record, under this control data. */
export const inquiry = (control: string): string => `1N01${control}.QW.CO0990100.NAM/RECORD,ROBIN.DOB/19800202`;
