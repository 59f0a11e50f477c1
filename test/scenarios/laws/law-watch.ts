/**
 * The laws of the house, checked by themselves after every step of a scenario: whatever is done through a watched console or
 * station is a step, and so is every kill and start. The ledger is read beside the gateway, as one moment of it.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ConsoleClient } from '../../../src/console/client.ts';
import type { MethodName } from '../../../src/console/contract.ts';
import type { DispatchCenter } from '../../../src/practice/dispatch-center.ts';
import type { SimulatorEvent } from '../../../src/simulator/events.ts';
import { isLedgerThere, lookBeside } from './beside.ts';
import { brokenLaws, type EvidenceLine, secretLaw } from './laws.ts';

/** Values of sensitive fields that scenarios send, as they would stand in a file if anything leaked. */
export const sensitiveValues = [
  'RECORD, ROBIN',
  'RECORD,ROBIN',
  'RECORD,RILEY',
  '19800202',
  'SC26000002',
  'PRACTICE,PAT',
  'PRW0001',
  'SAMPLE, SAM',
  '19900303',
  'SD26000003',
] as const;

/** What a screen asks again and again while it waits; what is asked changes nothing, and the step that waits is checked at its end. */
const questions: readonly MethodName[] = ['hello', 'status', 'list', 'show', 'case', 'cases', 'alarms'];

/** What one check looks for besides. */
export interface AlsoLookedFor {
  readonly secrets?: readonly string[];
  /** Files and folders that no clear value may be in either. */
  readonly paths?: readonly string[];
}

export class LawWatch {
  readonly #folder: string;
  readonly #events: () => readonly SimulatorEvent[];
  readonly #stationReceived: readonly string[];
  readonly #secrets: readonly string[];
  readonly #line: EvidenceLine;
  readonly #databaseUrl: string | undefined;
  readonly #stationAcknowledged: string[];
  #checking: Promise<void> = Promise.resolve();

  constructor(watched: {
    /** The folder of the run: `data`, `master.key` and `gateway.log` lie in it. */
    readonly folder: string;
    readonly events: () => readonly SimulatorEvent[];
    readonly stationReceived: readonly string[];
    readonly secrets: readonly string[];
    readonly line?: EvidenceLine;
    /** The address of the ledger's database, where it has one. */
    readonly databaseUrl?: string | undefined;
    /** Texts of stations that the gateway acknowledged; those of watched dispatch centers are added here. */
    readonly stationAcknowledged?: string[];
  }) {
    this.#folder = watched.folder;
    this.#events = watched.events;
    this.#stationReceived = watched.stationReceived;
    this.#line = watched.line ?? {};
    this.#databaseUrl = watched.databaseUrl;
    this.#stationAcknowledged = watched.stationAcknowledged ?? [];
    this.#secrets = [...sensitiveValues, ...watched.secrets];
  }

  /** Rejects with every law that does not hold now. One check at a time; a ledger that was never opened breaks none. */
  check(also: AlsoLookedFor = {}): Promise<void> {
    const checked = this.#checking.catch(() => undefined).then(() => this.#check(also));
    this.#checking = checked;
    return checked;
  }

  async #check(also: AlsoLookedFor): Promise<void> {
    const dataFolder = join(this.#folder, 'data');
    const place = { dataFolder, keyFile: join(this.#folder, 'master.key'), databaseUrl: this.#databaseUrl };
    if (!isLedgerThere(place)) return;
    // Before the ledger is looked at: of one that a kill left, SQLite writes an index out of the memory of whoever looks first.
    const paths = [dataFolder, join(this.#folder, 'gateway.log'), ...(also.paths ?? [])];
    const inClear = secretLaw({ paths, secrets: [...this.#secrets, ...(also.secrets ?? [])] });
    const broken = await lookBeside(place, (ledger) =>
      brokenLaws({
        ledger,
        line: this.#line,
        stationReceived: this.#stationReceived,
        stationAcknowledged: this.#stationAcknowledged,
        simulatorEvents: this.#events(),
        paths: [],
        secrets: [],
      }),
    );
    assert.deepEqual([...inClear, ...broken], []);
  }

  /** The check that is under way, if any, has ended. */
  async settled(): Promise<void> {
    await this.#checking.catch(() => undefined);
  }

  /** The same client; every call that does something is a step. */
  console(client: ConsoleClient): ConsoleClient {
    const call: ConsoleClient['call'] = async (method, params) => {
      try {
        return await client.call(method, params);
      } finally {
        if (!questions.includes(method)) await this.check();
      }
    };
    return { ...boundTo(client), call };
  }

  /** The same dispatch center; everything it sends is a step. */
  dispatch(center: DispatchCenter): DispatchCenter {
    return {
      received: center.received,
      send: async (text) => {
        const outcome = await center.send(text);
        if (outcome.type === 'acked') this.#stationAcknowledged.push(text);
        await this.check();
        return outcome;
      },
      close: () => center.close(),
    };
  }
}

function boundTo(client: ConsoleClient): Omit<ConsoleClient, 'call'> {
  return {
    onNotification: (listener) => client.onNotification(listener),
    onState: (listener) => client.onState(listener),
    state: () => client.state(),
    close: () => client.close(),
  };
}
