/** One connection of a screen and who sits at it: hello, log-on, and every way a log-on ends. */
import type { PersonView } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import type { LogoffReason } from '../people/logon.ts';
import type { People } from '../people/people.ts';
import type { Caller, ConsoleSession } from './console-calls.ts';

export interface SeatOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly people: People;
  /** Without an act of the person for this long, the person is logged off. */
  readonly idleLogoffMs: number;
  /** A log-on lasts no longer. */
  readonly sessionMsMax: number;
  /** Called after somebody has sat down or stood up. */
  readonly onSeated: () => void;
}

interface Sitting {
  readonly person: PersonView;
  readonly logonId: string;
  readonly sinceMonoMs: number;
  actedMonoMs: number;
  stopWatch: () => void;
}

export class ConsoleSeat implements Caller {
  readonly id: string;
  readonly sinceMs: number;
  readonly #options: SeatOptions;
  #consoleId: string | undefined;
  #sitting: Sitting | undefined;
  #loggingOn = false;
  #closed = false;

  constructor(options: SeatOptions) {
    this.id = options.id;
    this.sinceMs = options.clock.wallMs();
    this.#options = options;
  }

  get consoleId(): string | undefined {
    return this.#consoleId;
  }

  get person(): PersonView | null {
    return this.#sitting?.person ?? null;
  }

  session(): ConsoleSession | undefined {
    const consoleId = this.#consoleId;
    if (consoleId === undefined) return undefined;
    return { id: this.id, consoleId, person: this.person, device: consoleId, sinceMs: this.sinceMs };
  }

  touch(): void {
    if (this.#sitting !== undefined) this.#sitting.actedMonoMs = this.#options.clock.monoMs();
  }

  /** Says which console this is; said again it must be the same one. */
  greet(consoleId: string): void {
    if (this.#consoleId !== undefined && this.#consoleId !== consoleId) throw new HitlineError('CONSOLE_TAKEN');
    this.#consoleId = consoleId;
    this.#options.log.info({ code: 'CONSOLE_HELLO', session: this.id, console: consoleId });
  }

  /**
   * Checks the password and seats the person. `mayTake` is asked before and after, because checking takes time in which
   * somebody else may sit down; it throws what refuses. A person already here stands up only once the next is known.
   */
  async logon(osn: string, password: string, mayTake: (osn: string) => void): Promise<PersonView> {
    const { people, log, clock } = this.#options;
    const console = this.#consoleId;
    if (console === undefined) throw new HitlineError('HELLO_MISSING');
    if (this.#loggingOn) throw new HitlineError('TOO_MANY_CALLS');
    this.#loggingOn = true;
    try {
      await this.#mayTry(osn, console, mayTake);
      const verified = await people.verify(osn, password, { device: console, use: 'logon' });
      if (!verified.ok) {
        log.warn({ code: verified.code, session: this.id, console });
        throw new HitlineError(verified.code);
      }
      const { person, logonId } = verified;
      try {
        if (this.#closed) throw new HitlineError('CONSOLE_LOST');
        mayTake(person.osn);
      } catch (error) {
        await people.logoff(logonId, this.#closed ? 'connection closed' : 'console taken');
        throw error;
      }
      this.#stand('person');
      this.#sit(person, logonId, clock.monoMs());
      return person;
    } finally {
      this.#loggingOn = false;
    }
  }

  /** Who may not sit down here is on file too, before he hears it. */
  async #mayTry(osn: string, device: string, mayTake: (osn: string) => void): Promise<void> {
    try {
      mayTake(osn.toUpperCase());
    } catch (error) {
      await this.#options.people.turnAway(osn, { device, code: 'CONSOLE_TAKEN' });
      throw error;
    }
  }

  /** Ends the log-on, if there is one, and files it. */
  async logoff(why: LogoffReason): Promise<void> {
    const filed = this.#stand(why);
    if (filed === undefined) return;
    this.#options.onSeated();
    await filed;
  }

  /** The connection is gone: nobody can sit down here any more. */
  async leave(): Promise<void> {
    this.#closed = true;
    await this.logoff('connection closed');
  }

  #sit(person: PersonView, logonId: string, monoMs: number): void {
    const { log, onSeated } = this.#options;
    this.#sitting = { person, logonId, sinceMonoMs: monoMs, actedMonoMs: monoMs, stopWatch: () => undefined };
    this.#watch(this.#sitting);
    log.info({ code: 'LOGGED_ON', session: this.id, console: this.#consoleId, person: person.osn });
    onSeated();
  }

  #stand(why: LogoffReason): Promise<void> | undefined {
    const sitting = this.#sitting;
    if (sitting === undefined) return undefined;
    const { people, log } = this.#options;
    this.#sitting = undefined;
    sitting.stopWatch();
    const reason = why.toUpperCase().replaceAll(' ', '_');
    log.info({ code: 'LOGGED_OFF', reason, session: this.id, console: this.#consoleId, person: sitting.person.osn });
    // A log-off the ledger could not keep is found and ended at the next start.
    return people.logoff(sitting.logonId, why).catch(() => {
      log.error({ code: 'LEDGER_FAILED', reason: 'LOGGED_OFF', session: this.id, id: sitting.logonId });
    });
  }

  /** Waits until the person has been idle, or here, for as long as is allowed. */
  #watch(sitting: Sitting): void {
    const { clock, idleLogoffMs, sessionMsMax } = this.#options;
    const idleAtMs = sitting.actedMonoMs + idleLogoffMs;
    const endAtMs = sitting.sinceMonoMs + sessionMsMax;
    const nowMs = clock.monoMs();
    if (nowMs >= idleAtMs || nowMs >= endAtMs) {
      void this.logoff(nowMs >= endAtMs ? 'too long' : 'idle');
      return;
    }
    sitting.stopWatch = clock.after(Math.min(idleAtMs, endAtMs) - nowMs, () => this.#watch(sitting));
  }
}
