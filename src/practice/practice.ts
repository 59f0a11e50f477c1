/**
 * The practice system: a simulated switch, the gateway, a scripted dispatch center, all in this process, on loopback, in a
 * folder of its own that is gone when it ends (DESIGN.md, law 10).
 */
import { join } from 'node:path';
import { systemClock } from '../host/clock.ts';
import { loadHotFiles } from '../simulator/records/load-hot-files.ts';
import { loadScript, type Script } from '../simulator/script.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import type { Config } from '../switch/config.ts';
import { type Gateway, startGateway } from '../switch/gateway.ts';
import { type DispatchCenter, openDispatchCenter } from './dispatch-center.ts';
import {
  type Credential,
  makeCredentials,
  makePracticeFolder,
  type PracticeSettings,
  practiceConfig,
} from './world.ts';

export interface Practice {
  readonly credentials: readonly Credential[];
  readonly config: Config;
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  readonly dispatch: DispatchCenter;
  readonly consoleUrl: string;
  /** The folder of this run: data, key and log. */
  readonly folder: string;
  /** Ends everything that was started, and removes the folder. */
  close(): Promise<void>;
}

const fixtures = join(import.meta.dirname, '../../fixtures');

/** The same script with every delay of the other agencies, and of what comes unasked, made longer or shorter. */
function hasten(script: Script, pace: number): Script {
  const paced = (afterMs: number): number => Math.round(afterMs * pace);
  return {
    ...script,
    agencies: script.agencies.map((agency) => ({
      ...agency,
      rules: agency.rules.map((rule) => ({
        ...rule,
        replies: rule.replies.map((reply) =>
          reply.afterMs === undefined ? reply : { ...reply, afterMs: paced(reply.afterMs) },
        ),
      })),
    })),
    moments: script.moments.map((moment) => ({ ...moment, afterMs: paced(moment.afterMs) })),
  };
}

/** Starts simulator, gateway and dispatch center. `confirmRoutineMs` is the shortened clock of the third story. */
export async function startPractice(options: {
  readonly confirmRoutineMs: number;
  readonly redis?: PracticeSettings['redis'];
  /** How fast the others act: 1 as the script says, 0.1 ten times as fast. */
  readonly pace?: number;
}): Promise<Practice> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    while (closers.length > 0) await closers.pop()?.();
  };
  try {
    const folder = await makePracticeFolder();
    closers.push(() => folder.remove());
    const [files, script] = await Promise.all([
      loadHotFiles(join(fixtures, 'hot-files')),
      loadScript(join(fixtures, 'scripts/practice.yaml')),
    ]);
    const simulator = await startSimulator({
      port: 0,
      clock: systemClock,
      files,
      script: hasten(script, options.pace ?? 1),
    });
    closers.push(() => simulator.close());
    const credentials = makeCredentials();
    const config = await practiceConfig({
      folder: folder.path,
      simulatorPort: simulator.address.port,
      credentials,
      clocks: { confirmRoutineMs: options.confirmRoutineMs },
      redis: options.redis ?? { mode: 'auto' },
    });
    const gateway = await startGateway(config);
    closers.push(() => gateway.close());
    const dispatch = await openDispatchCenter({ address: gateway.stationAddress, clock: systemClock });
    closers.push(() => dispatch.close());
    const { host, port } = gateway.consoleAddress;
    return {
      credentials,
      config,
      gateway,
      simulator,
      dispatch,
      consoleUrl: `ws://${host}:${port}/`,
      folder: folder.path,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
