/** What the gateway tells its screens unasked, and what the status line of each says. */
import type { AlarmView, PersonView, StatusView } from '../console/contract.ts';
import type { Log } from '../host/log.ts';
import type { AlarmState } from './alarms/alarm.ts';
import type { HouseAlarms } from './alarms/house-alarms.ts';
import type { SchedulerHealth } from './deadlines/scheduler.ts';
import type { ConsoleDoor, ConsoleSession } from './doors/console-door.ts';
import { type Present, type StatusFacts, statusFor, whoIsPresent } from './doors/console-status.ts';
import type { Upstream } from './doors/upstream.ts';
import type { Parts } from './parts.ts';
import type { People } from './people/people.ts';
import { alarmViewOf } from './records/views.ts';

export interface Screens {
  /** From now on there are screens to tell. */
  openAt(door: ConsoleDoor): void;
  /** Tells every screen to look at the status again; many changes close together are told once. */
  tellStatus(): void;
  /** Tells every screen that a thing has changed, and its own line of the status with it. */
  tellChanged(what: 'message' | 'case' | 'status' | 'alarm', id: string): void;
  /** Shows an alarm that is on file. */
  tellAlarm(id: string, alarm: AlarmState): void;
  /** Shows an alarm that the ledger cannot keep now. */
  show(alarm: AlarmView): void;
  statusFor(session: Pick<ConsoleSession, 'consoleId'>): Promise<StatusView>;
  /** Who sits where now. */
  present(): Promise<Present>;
  /** Tells nothing more of the status. */
  close(): void;
}

/** Many changes close together are told as one. */
const togetherMs = 100;
/** What the ledger has not told of the accounts after so long is taken as it last was. */
const accountsMsMax = 300;

/** What the status line needs of the rest of the house, asked for when it is shown. */
export interface ScreensPorts {
  readonly parts: Parts;
  readonly log: Log;
  people(): People;
  upstream(): Upstream | undefined;
  scheduler(): SchedulerHealth;
  alarms(): HouseAlarms;
  areClocksLate(): boolean;
  steppedMs(): number;
  /** One sentence for each raw trace that runs. */
  rawTraces(): readonly string[];
}

/** Makes them; nobody is told anything before a door is open. */
export function makeScreens(ports: ScreensPorts): Screens {
  return new ScreensOfTheHouse(ports);
}

class ScreensOfTheHouse implements Screens {
  readonly #ports: ScreensPorts;
  #door: ConsoleDoor | undefined;
  #callOff: (() => void) | undefined;
  #isClosed = false;
  /** The accounts as they were read last, and their reading that is under way. */
  #known: readonly PersonView[] | undefined;
  #asking: Promise<readonly PersonView[]> | undefined;

  constructor(ports: ScreensPorts) {
    this.#ports = ports;
  }

  openAt(door: ConsoleDoor): void {
    this.#door = door;
  }

  tellStatus(): void {
    if (this.#isClosed) return;
    this.#callOff ??= this.#ports.parts.clock.after(togetherMs, () => {
      this.#callOff = undefined;
      this.#door?.notify('changed', { what: 'status' });
    });
  }

  tellChanged(what: 'message' | 'case' | 'status' | 'alarm', id: string): void {
    this.#door?.notify('changed', { what, id });
    this.tellStatus();
  }

  tellAlarm(id: string, alarm: AlarmState): void {
    this.#ports.log.warn({ code: alarm.code, id });
    this.#door?.notify('alarm', alarmViewOf({ id, body: alarm }));
    this.tellStatus();
  }

  show(alarm: AlarmView): void {
    this.#door?.notify('alarm', alarm);
  }

  async statusFor(session: Pick<ConsoleSession, 'consoleId'>): Promise<StatusView> {
    const { parts } = this.#ports;
    const present = await this.present();
    const upstream = this.#ports.upstream();
    const facts: StatusFacts = {
      sessions: this.#door?.sessions ?? [],
      upstream: {
        state: upstream?.state ?? 'connecting',
        sinceMs: Math.floor(upstream?.sinceMs ?? parts.clock.wallMs()),
        text: upstream?.text ?? 'Starting.',
      },
      scheduler: this.#ports.scheduler(),
      isLedgerFailing: this.#ports.alarms().isLedgerFailing,
      areClocksLate: this.#ports.areClocksLate(),
      steppedMs: this.#ports.steppedMs(),
      rawTraces: this.#ports.rawTraces(),
    };
    return statusFor(parts, session.consoleId, { facts, present });
  }

  async present(): Promise<Present> {
    return whoIsPresent(this.#ports.parts, await this.#accounts(), this.#door?.sessions ?? []);
  }

  /**
   * The accounts there are; as they last were while the ledger cannot be asked, for the status is what says that it cannot,
   * and must be answered all the same.
   */
  #accounts(): Promise<readonly PersonView[]> {
    this.#asking ??= this.#ask();
    const asked = this.#asking;
    const known = this.#known;
    if (known === undefined) return asked;
    return new Promise((resolve) => {
      const callOff = this.#ports.parts.clock.after(accountsMsMax, () => resolve(known));
      const none = (): void => resolve(known);
      asked.then(resolve, none).finally(callOff);
    });
  }

  async #ask(): Promise<readonly PersonView[]> {
    try {
      this.#known = await this.#ports.people().list();
      return this.#known;
    } finally {
      this.#asking = undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff?.();
  }
}
