/** The practice world: the synthetic agency, its people with credentials made afresh, and where everything lies. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HitlineError } from '../faults/fault.ts';
import { type Config, type ConfigInput, checkConfig } from '../switch/config.ts';
import { hashPassword } from '../switch/people/password.ts';

/** One practice person and the password shown on the practice log-on screen. */
export interface Credential {
  readonly osn: string;
  readonly name: string;
  readonly role: 'operator' | 'supervisor';
  readonly password: string;
}

export const practiceOri = 'CO0990100';
export const dispatchOri = 'CO099013N';
export const cojId = 'COJ1';
export const supervisorConsoleId = 'SUP1';

/** How long the routine clock runs in practice, so that a lapse can be watched. The urgent clock keeps its 10 minutes. */
export const routineMs = { screen: 60_000, headless: 4_000 } as const;

const practiceLockMs = 60_000;

// Without letters and digits that look alike, for a person who types from the screen.
const letters = 'abcdefghjkmnpqrstuvwxyz';
const digits = '23456789';

function pick(from: string, count: number): string {
  return Array.from({ length: count }, () => from[randomInt(from.length)]).join('');
}

/** The two people of the practice agency, with new passwords. */
export function makeCredentials(): readonly Credential[] {
  const password = (): string => `${pick(letters, 4)}-${pick(digits, 4)}-${pick(letters, 4)}`;
  return [
    { osn: 'PRACOP1', name: 'OPERATOR SAMPLE', role: 'operator', password: password() },
    { osn: 'PRACSU1', name: 'SUPERVISOR RECORD', role: 'supervisor', password: password() },
  ];
}

/** A folder of one practice run; `remove` leaves nothing of it. */
export interface PracticeFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes the folder of a run, readable by this user alone. */
export async function makePracticeFolder(): Promise<PracticeFolder> {
  const path = await mkdtemp(join(tmpdir(), 'hitline-practice-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }) };
}

/** What differs between one practice run and another. */
export interface PracticeSettings {
  readonly folder: string;
  readonly simulatorPort: number;
  readonly credentials: readonly Credential[];
  /** The shortened clocks; every other runs as the trade sets it. */
  readonly clocks: { readonly confirmRoutineMs: number } & NonNullable<ConfigInput['clocks']>;
  readonly redis: NonNullable<ConfigInput['redis']>;
}

/** The configuration file of a practice gateway whose only upstream is the simulator at this port, as data. */
export async function practiceInput(given: PracticeSettings): Promise<ConfigInput> {
  const initial = await Promise.all(
    given.credentials.map(async ({ osn, name, role, password }) => ({
      osn,
      name,
      roles: [role],
      passwordHash: await hashPassword(password),
    })),
  );
  return {
    practice: true,
    practiceNotice: 'PRACTICE - nothing here is real',
    agency: {
      name: 'Pine Ridge Police Department',
      ori: practiceOri,
      controlTerminalOri: 'CO0990000',
      state: 'CO',
      stateProfile: join(import.meta.dirname, 'state-profile.json'),
    },
    dataFolder: join(given.folder, 'data'),
    keys: { file: join(given.folder, 'master.key') },
    consoles: [{ id: cojId, coj: true }, { id: supervisorConsoleId }, { id: 'REC2' }],
    doors: {
      station: {
        port: 0,
        stations: [
          {
            id: 'DISPATCH',
            name: 'Pine Ridge Communications',
            address: '127.0.0.1',
            oris: [dispatchOri],
            terminalIds: ['DSP1'],
          },
        ],
      },
      console: { port: 0 },
    },
    upstream: { host: '127.0.0.1', port: given.simulatorPort, terminalId: cojId, reconnectMs: 1_000 },
    redis: given.redis,
    clocks: {
      shortenedNotice: `Practice: the routine clock runs ${Math.round(given.clocks.confirmRoutineMs / 1000)} s instead of 1 hour`,
      ...given.clocks,
    },
    confirmation: { controlTerminals: { CO: 'CO0990000', WY: 'WY0990000' }, ncicQualityControlOri: 'DC0990000' },
    // Practice has no custodian who could end a lock.
    people: { initial, lockMs: practiceLockMs },
    sourcesFolder: join(import.meta.dirname, '../../fixtures/source-documents'),
    log: { file: join(given.folder, 'gateway.log') },
  };
}

/** The same, checked as a file would be. */
export async function practiceConfig(given: PracticeSettings): Promise<Config> {
  const checked = checkConfig(await practiceInput(given), given.folder);
  if (!checked.ok) {
    const detail = checked.faults.map((one) => `${one.path}: ${one.text}`).join(' ');
    throw new HitlineError('CONFIG_INVALID', { detail });
  }
  return checked.config;
}
