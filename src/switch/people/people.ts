/**
 * Accounts and their factors. Every log-on, every factor given for one act and every refusal is filed before it is
 * answered; who a person is and what he may do is folded from events, so that an edited row opens nothing.
 */
import { randomBytes } from 'node:crypto';
import type { PersonView, RoleName } from '../../console/contract.ts';
import { HitlineError } from '../../faults/fault.ts';
import type { Ids } from '../../host/ids.ts';
import type { Log } from '../../host/log.ts';
import { type Act, type Change, type Changer, foldHistory } from '../change.ts';
import { isPracticeOsn } from '../config/practice-set.ts';
import type { Config } from '../config.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fileAct } from '../records/acts.ts';
import { type LogoffReason, logonMachine } from './logon.ts';
import {
  argon2Cost,
  fipsCost,
  HashingLine,
  hashPassword,
  isPasswordStrong,
  type PasswordCost,
  verifyPassword,
} from './password.ts';
import { hasFailuresAt, isLockedAt, type PersonEvent, type PersonState, personMachine, viewPerson } from './person.ts';
import { StrangerCount } from './stranger-count.ts';

/** What a factor is asked for: a log-on that lasts, or one act over the operator's shoulder. */
export type FactorUse = 'logon' | 'act';

/** `logonId` names the log-on in the ledger; give it back to `logoff`. */
export type Verified =
  | { readonly ok: true; readonly person: PersonView; readonly logonId: string }
  | { readonly ok: false; readonly code: 'LOGON_REFUSED' | 'LOGON_LOCKED' };

/** Why a log-on is refused. */
type RefusalCode = 'LOGON_REFUSED' | 'LOGON_LOCKED' | 'CONSOLE_TAKEN';

export interface NewPerson {
  readonly osn: string;
  readonly name: string;
  readonly roles: readonly RoleName[];
  /** The first password, or its hash as a PHC string. */
  readonly password: string | { readonly hash: string };
  /** OSN of who makes the account, or `system`. */
  readonly by: string;
}

/** Who ends a lock, why, and at which console he asks for it. */
export interface UnlockWord {
  readonly by: PersonView;
  readonly reason: string;
  readonly at?: string;
}

export interface People {
  /** Makes an account. Throws OSN_TAKEN, OSN_NOT_ALLOWED or PASSWORD_WEAK. */
  create(person: NewPerson): Promise<PersonView>;
  /**
   * Checks a person's factor at a console and files the outcome. An unknown person and a wrong password get the same
   * answer after the same work. Throws TOO_MANY_CALLS when too many wait, LEDGER_FAILED when it cannot be filed.
   */
  verify(osn: string, factor: string, at: { readonly device: string; readonly use: FactorUse }): Promise<Verified>;
  /** Files a log-on that was refused before its password was looked at. */
  turnAway(osn: string, at: { readonly device: string; readonly code: 'CONSOLE_TAKEN' }): Promise<void>;
  /** Files the end of a log-on; that it has ended already is no error. */
  logoff(logonId: string, why: LogoffReason): Promise<void>;
  setPassword(osn: string, password: string, by: string): Promise<void>;
  setRoles(osn: string, roles: readonly RoleName[], by: string): Promise<void>;
  setActive(osn: string, active: boolean, by: string): Promise<void>;
  /**
   * Ends a lock. Throws ROLE_MISSING unless `by` is a custodian, SAME_PERSON when he would release himself; both are filed.
   * `at` is the console where he asks for it.
   */
  releaseLock(osn: string, device: string, why: UnlockWord): Promise<void>;
  /** Hears the OSN whenever an account's password, roles or standing have changed; gives a function that stops it. */
  onChanged(listener: (osn: string) => void): () => void;
  get(osn: string): Promise<PersonView | undefined>;
  /** Every active account, at most 5,000. */
  list(): Promise<readonly PersonView[]>;
  /**
   * To be called once at the start: ends the log-ons a dead process left behind, and makes the accounts of the
   * configuration that the ledger does not have. In practice their passwords are set anew.
   */
  start(): Promise<void>;
}

export interface PeopleOptions {
  readonly config: Pick<Config, 'practice' | 'people' | 'fips'>;
  readonly ledger: Ledger;
  readonly change: Changer;
  readonly ids: Ids;
  readonly log: Log;
  /** How new passwords are hashed; by the configuration unless given. */
  readonly cost?: PasswordCost;
}

const hashText = 'hash';
const logonNoteMs = 24 * 3_600_000;
const osnShape = /^[A-Z0-9]{1,20}$/;

/** Opens the people of a gateway. */
export function openPeople(options: PeopleOptions): People {
  return new LedgerPeople(options);
}

class LedgerPeople implements People {
  readonly #options: PeopleOptions;
  readonly #cost: PasswordCost;
  readonly #line = new HashingLine({ runningMax: 2, waitingMax: 32 });
  readonly #strangers: StrangerCount;
  readonly #listeners = new Set<(osn: string) => void>();
  #decoy: Promise<string> | undefined;

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#cost = options.cost ?? (options.config.fips ? fipsCost : argon2Cost);
    this.#strangers = new StrangerCount(ruleOf(options.config));
  }

  async create(person: NewPerson): Promise<PersonView> {
    const osn = this.#allowedOsn(person.osn);
    const hash = typeof person.password === 'string' ? await this.#hash(person.password, osn) : person.password.hash;
    const state = await this.#options.change(async (change) => {
      const event = { type: 'created', name: person.name, roles: [...person.roles] } as const;
      return change.apply(personMachine, osn, {
        event,
        actor: person.by,
        texts: { [hashText]: Buffer.from(hash) },
      });
    });
    return viewPerson(state);
  }

  async verify(
    osn: string,
    factor: string,
    at: { readonly device: string; readonly use: FactorUse },
  ): Promise<Verified> {
    const id = osn.toUpperCase();
    const hash = osnShape.test(id) ? await this.#hashOf(id) : undefined;
    const decoy = await this.#decoyHash();
    const matches = await this.#line.run(() => verifyPassword(factor, hash ?? decoy));
    return this.#options.change(async (change) => {
      const held = hash === undefined ? undefined : await change.fold(personMachine, id);
      if (held === undefined) return this.#refuseStranger(change, osn, at.device);
      return this.#decide(change, held.state, { ...at, matches });
    });
  }

  async turnAway(osn: string, at: { readonly device: string; readonly code: 'CONSOLE_TAKEN' }): Promise<void> {
    const id = osn.toUpperCase();
    const isKnown = osnShape.test(id) && (await this.get(id)) !== undefined;
    await this.#options.change(async (change) => {
      await this.#refuse(change, { ...at, osn: isKnown ? id : null }, isKnown ? undefined : osn);
    });
  }

  async logoff(logonId: string, why: LogoffReason): Promise<void> {
    await this.#options.change(async (change) => {
      const held = await change.get(logonMachine, logonId);
      if (held?.state.status !== 'on') return;
      await change.apply(logonMachine, logonId, {
        event: { type: 'logged off', why },
        actor: held.state.osn ?? 'system',
      });
    });
  }

  async setPassword(osn: string, password: string, by: string): Promise<void> {
    const id = this.#allowedOsn(osn);
    await this.#replaceHash(id, await this.#hash(password, id), by);
  }

  async setRoles(osn: string, roles: readonly RoleName[], by: string): Promise<void> {
    await this.#alter(osn, { event: { type: 'roles given', roles: [...roles] }, actor: by });
  }

  async setActive(osn: string, active: boolean, by: string): Promise<void> {
    await this.#alter(osn, { event: { type: active ? 'enabled' : 'disabled' }, actor: by });
  }

  async releaseLock(osn: string, device: string, why: UnlockWord): Promise<void> {
    const id = osn.toUpperCase();
    const { by } = why;
    const no = by.roles.includes('custodian') ? (by.osn === id ? 'SAME_PERSON' : undefined) : 'ROLE_MISSING';
    const file = (outcome: string, about: readonly string[]): Promise<void> =>
      fileAct(
        this.#options,
        { osn: by.osn, roles: by.roles, device: why.at ?? '' },
        { what: 'unlock', about, outcome, reason: why.reason },
      );
    const texts = { reason: Buffer.from(why.reason) };
    try {
      if (no !== undefined) throw new HitlineError(no);
      await this.#options.change(async (change) => {
        await change.fold(personMachine, id);
        await change.apply(personMachine, id, { event: { type: 'lock released', device }, actor: by.osn, texts });
      });
    } catch (error) {
      await file(error instanceof HitlineError ? error.code : 'INTERNAL', []).catch(() => undefined);
      throw error;
    }
    await file('OK', [id]).catch(() => undefined);
  }

  onChanged(listener: (osn: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async get(osn: string): Promise<PersonView | undefined> {
    const held = await foldHistory(this.#options.ledger, personMachine, osn.toUpperCase());
    return held === undefined ? undefined : viewPerson(held.state);
  }

  async list(): Promise<readonly PersonView[]> {
    const rows = await this.#options.ledger.states({ stream: 'person', status: ['active'], limit: 5_000 });
    return rows.map((row) => viewPerson(row.body as PersonState));
  }

  async start(): Promise<void> {
    const { ledger, config } = this.#options;
    for (const row of await ledger.states({ stream: 'session', status: ['on'], limit: 5_000 })) {
      await this.logoff(row.id, 'restart');
    }
    for (const one of config.people.initial) {
      const osn = one.osn.toUpperCase();
      const known = (await ledger.state('person', osn)) !== undefined;
      if (!known) await this.create({ ...one, password: { hash: one.passwordHash }, by: 'system' });
      else if (config.practice) await this.#replaceHash(osn, one.passwordHash, 'system');
    }
  }

  /** Judged inside the change, so that guesses made side by side are counted one after another. */
  async #decide(
    change: Change,
    state: PersonState,
    at: { readonly device: string; readonly use: FactorUse; readonly matches: boolean },
  ): Promise<Verified> {
    const { osn } = state;
    const { device } = at;
    const { atMs } = change.now;
    if (isLockedAt(state, device, atMs)) return this.#say(change, { osn, device, code: 'LOGON_LOCKED' });
    if (!at.matches || !state.active) {
      const rule = ruleOf(this.#options.config);
      const next = await change.apply(personMachine, osn, {
        event: { type: 'logon failed', device, ...rule },
        actor: 'system',
      });
      if (isLockedAt(next, device, atMs)) {
        this.#options.log.warn({ code: 'LOGON_LOCKED', person: osn, console: device });
      }
      return this.#say(change, { osn, device, code: 'LOGON_REFUSED' });
    }
    if (hasFailuresAt(state, device) || atMs - (state.lastLogonAtMs ?? 0) >= logonNoteMs) {
      await change.apply(personMachine, osn, { event: { type: 'logged on', device }, actor: osn });
    }
    const logonId = this.#options.ids.next('logon');
    const type = at.use === 'logon' ? 'logged on' : 'factor given';
    await change.apply(logonMachine, logonId, { event: { type, osn, device }, actor: osn });
    return { ok: true, person: viewPerson(state), logonId };
  }

  async #refuseStranger(change: Change, typed: string, device: string): Promise<Verified> {
    const code = this.#strangers.fail(typed, device, change.now.atMs) ? 'LOGON_LOCKED' : 'LOGON_REFUSED';
    return this.#say(change, { osn: null, device, code }, typed);
  }

  /** Files a refusal that a wrong factor or a lock is the cause of, and says it. */
  async #say(
    change: Change,
    what: { readonly osn: string | null; readonly device: string; readonly code: 'LOGON_REFUSED' | 'LOGON_LOCKED' },
    typed?: string,
  ): Promise<Verified> {
    await this.#refuse(change, what, typed);
    return { ok: false, code: what.code };
  }

  /** What a stranger typed may be a password in the wrong field; it is kept encrypted only. */
  async #refuse(
    change: Change,
    what: { readonly osn: string | null; readonly device: string; readonly code: RefusalCode },
    typed?: string,
  ): Promise<void> {
    const texts = typed === undefined ? {} : { texts: { identifier: Buffer.from(typed) } };
    const event = { type: 'logon refused', ...what } as const;
    await change.apply(logonMachine, this.#options.ids.next('logon'), { event, actor: 'system', ...texts });
  }

  #replaceHash(osn: string, hash: string, by: string): Promise<void> {
    return this.#alter(osn, { event: { type: 'password set' }, actor: by, texts: { [hashText]: Buffer.from(hash) } });
  }

  async #alter(osn: string, act: Act<PersonEvent>): Promise<void> {
    const id = osn.toUpperCase();
    await this.#options.change(async (change) => {
      await change.fold(personMachine, id);
      await change.apply(personMachine, id, act);
    });
    for (const listener of [...this.#listeners]) listener(id);
  }

  /** The hash kept with the newest event that has one; undefined for an unknown person. */
  async #hashOf(osn: string): Promise<string | undefined> {
    const history = await this.#options.ledger.history('person', osn);
    const event = history.findLast((one) => one.textNames.includes(hashText));
    if (event === undefined) return undefined;
    const text = await this.#options.ledger.text(event, hashText);
    return text === undefined ? undefined : Buffer.from(text).toString('utf8');
  }

  async #hash(password: string, osn: string): Promise<string> {
    if (!isPasswordStrong(password, osn)) throw new HitlineError('PASSWORD_WEAK');
    return this.#line.run(() => hashPassword(password, this.#cost));
  }

  /** A hash nobody knows the password of, so that an unknown person costs as much time as a known one. */
  #decoyHash(): Promise<string> {
    this.#decoy ??= hashPassword(randomBytes(24).toString('base64'), this.#cost);
    return this.#decoy;
  }

  #allowedOsn(osn: string): string {
    const id = osn.toUpperCase();
    const fits = osnShape.test(id) && isPracticeOsn(id) === this.#options.config.practice;
    if (!fits) throw new HitlineError('OSN_NOT_ALLOWED');
    return id;
  }
}

function ruleOf(config: PeopleOptions['config']) {
  const { failedLogonsMax, failedLogonWindowMs: windowMs, lockMs } = config.people;
  return { failedLogonsMax, windowMs, lockMs: lockMs ?? null };
}
