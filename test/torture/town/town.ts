/** A gateway with everybody it needs for a torture: a switch, another agency, twenty stations, and clocks that run out. */
import type { PracticeSettings } from '../../../src/practice/world.ts';
import type { GatewayPorts } from '../../../src/switch/gateway.ts';
import { Stage } from '../../scenarios/stage.ts';
import type { SeededRandom } from '../../seeded-random.ts';
import { freePort } from '../../support/free-port.ts';
import { Crowd, crowdMembers, crowdStations } from './crowd.ts';

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

/** What of it stands in clear in no file. */
export const townSecrets: readonly string[] = ['SAMPLE, ALPHA', 'SAMPLE, SAM', 'PRACTICE,PAT', 'TC010', 'PR000'];

export interface Town {
  readonly stage: Stage;
  readonly crowd: Crowd;
  /** The other agency asks about so many records of ours: each opens a case whose clock runs at once. */
  askUs(count: number): void;
}

/** Opens it with the gateway running. Its stage is closed by whoever opened it. */
export async function openTown(how: {
  readonly random: SeededRandom;
  readonly redis?: PracticeSettings['redis'] | undefined;
  readonly inside?: boolean;
  readonly ports?: GatewayPorts;
  /** The address of the database in which the gateway keeps its ledger, where it is not embedded. */
  readonly databaseUrl?: string | undefined;
  /** Called with the run's folder before the gateway starts. */
  readonly beforeStart?: (folder: string) => void;
}): Promise<Town> {
  const { random, databaseUrl } = how;
  // It keeps its number through every start, so that stations dial again as they would.
  const door = { host: '127.0.0.1', port: await freePort() };
  const stage = await Stage.open({
    script,
    clocks,
    laws: 'when asked',
    redis: how.redis ?? { mode: 'none' },
    inside: how.inside === true,
    ...(how.ports === undefined ? {} : { ports: how.ports }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    config(input, folder) {
      how.beforeStart?.(folder);
      const station = { ...input.doors.station, port: door.port, stations: [...crowdStations] };
      const ledger = databaseUrl === undefined ? {} : { ledger: { postgres: { url: databaseUrl } } };
      return { ...input, ...ledger, doors: { ...input.doors, station } };
    },
  });
  let theirCount = 0;
  return {
    stage,
    crowd: new Crowd({ door, random, received: stage.stationReceived }),
    askUs(count) {
      for (let n = 0; n < count; n += 1) {
        theirCount += 1;
        stage.simulator.inject(theirRequest(theirCount, random.below(2) === 0 ? 'U' : 'R'), 'CO0990100');
      }
    },
  };
}

function theirRequest(number: number, priority: 'U' | 'R'): string {
  const six = String(number).padStart(6, '0');
  const stamp = '08:00 01/01/2030 00001';
  const body = `RTY/WP.RNO/1.PRI/${priority}.OCA/PR${six}.NIC/W997${six}.NAM/PRACTICE,PAT.DOB/19700101.SEX/F`;
  const who = 'RNA/DEPUTY SAMPLE.RAG/SAGE COUNTY SHERIFF.PHO/5550100122';
  return `YQ.WY0990300\n${stamp}\n${stamp} CO0990100\n*WY00${six}\nTXT\n${body}.${who}`;
}
