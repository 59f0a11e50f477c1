/** One person's account as a machine: what can happen to it, and what it is then. Passwords are never in here. */
import type { PersonView, RoleName } from '../../console/contract.ts';
import type { Machine, Stepped } from '../change.ts';
import type { State } from '../ledger/ledger.ts';

/** Times of the failed log-ons in a row at one console, and until when the account is locked there. */
export type DeviceRecord = {
  readonly failedAtMs: readonly number[];
  /** `null` while not locked; `forever` until a custodian releases it. */
  readonly lockedUntilMs: number | 'forever' | null;
};

export type PersonState = {
  readonly osn: string;
  readonly name: string;
  readonly roles: readonly RoleName[];
  readonly active: boolean;
  readonly passwordSetAtMs: number;
  readonly lastLogonAtMs: number | null;
  readonly devices: { readonly [device: string]: DeviceRecord };
};

/** The rule of failed log-ons stands in the event, so that folding gives the same whatever the settings are later. */
export type PersonEvent =
  | { readonly type: 'created'; readonly name: string; readonly roles: readonly RoleName[] }
  | { readonly type: 'password set' }
  | { readonly type: 'roles given'; readonly roles: readonly RoleName[] }
  | { readonly type: 'disabled' }
  | { readonly type: 'enabled' }
  | {
      readonly type: 'logon failed';
      readonly device: string;
      readonly failedLogonsMax: number;
      readonly windowMs: number;
      /** How long a lock lasts; null when only a custodian ends it. */
      readonly lockMs: number | null;
    }
  | { readonly type: 'logged on'; readonly device: string }
  | { readonly type: 'lock released'; readonly device: string };

/** Consoles remembered for one account; there are at most 100, so the cap only bounds a file edited by hand. */
const devicesMax = 200;

/** Tells whether the account is locked at this console. */
export function isLockedAt(state: PersonState, device: string, atMs: number): boolean {
  const until = recordOf(state, device).lockedUntilMs;
  return until === 'forever' || (until !== null && atMs < until);
}

/** Tells whether a log-on at this console has failures to wipe out. */
export function hasFailuresAt(state: PersonState, device: string): boolean {
  const record = recordOf(state, device);
  return record.failedAtMs.length > 0 || record.lockedUntilMs !== null;
}

/** The account as a screen shows it. */
export function viewPerson(state: PersonState): PersonView {
  return { osn: state.osn, name: state.name, roles: [...state.roles] };
}

/** Moves an account on. CJIS AC-7: so many failures in a row within the window lock it at that console. */
export function stepPerson(
  state: PersonState | undefined,
  event: PersonEvent,
  context: { readonly now: { readonly atMs: number }; readonly id: string },
): Stepped<PersonState> {
  const { atMs } = context.now;
  if (event.type === 'created') {
    if (state !== undefined) return { ok: false, code: 'OSN_TAKEN' };
    return moved({
      osn: context.id,
      name: event.name,
      roles: event.roles,
      active: true,
      passwordSetAtMs: atMs,
      lastLogonAtMs: null,
      devices: {},
    });
  }
  if (state === undefined) return { ok: false, code: 'NOT_FOUND' };
  switch (event.type) {
    case 'password set':
      return moved({ ...state, passwordSetAtMs: atMs });
    case 'roles given':
      return moved({ ...state, roles: event.roles });
    case 'disabled':
      return moved({ ...state, active: false });
    case 'enabled':
      return moved({ ...state, active: true });
    case 'logon failed':
      return moved(withDevice(state, event.device, afterFailure(recordOf(state, event.device), event, atMs)));
    case 'logged on':
      if (!state.active) return { ok: false, code: 'LOGON_REFUSED' };
      if (isLockedAt(state, event.device, atMs)) return { ok: false, code: 'LOGON_LOCKED' };
      return moved({ ...withDevice(state, event.device, undefined), lastLogonAtMs: atMs });
    case 'lock released':
      return moved(withDevice(state, event.device, undefined));
  }
}

/** The machine of accounts; an account's id is its OSN in upper case. */
export const personMachine: Machine<PersonState, PersonEvent> = {
  stream: 'person',
  step: stepPerson,
  row: (state): State => ({ status: state.active ? 'active' : 'disabled', osn: state.osn, body: state }),
};

function afterFailure(
  record: DeviceRecord,
  event: PersonEvent & { readonly type: 'logon failed' },
  atMs: number,
): DeviceRecord {
  const recent = [...record.failedAtMs.filter((one) => atMs - one < event.windowMs), atMs].slice(
    -event.failedLogonsMax,
  );
  if (recent.length < event.failedLogonsMax) return { failedAtMs: recent, lockedUntilMs: record.lockedUntilMs };
  return { failedAtMs: recent, lockedUntilMs: event.lockMs === null ? 'forever' : atMs + event.lockMs };
}

function recordOf(state: PersonState, device: string): DeviceRecord {
  const record = Object.hasOwn(state.devices, device) ? state.devices[device] : undefined;
  return record ?? { failedAtMs: [], lockedUntilMs: null };
}

function withDevice(state: PersonState, device: string, record: DeviceRecord | undefined): PersonState {
  const others = Object.entries(state.devices).filter(([name]) => name !== device);
  const entries = record === undefined ? others : [...others, [device, record] as const];
  return { ...state, devices: Object.fromEntries(entries.slice(-devicesMax)) };
}

function moved(state: PersonState): Stepped<PersonState> {
  return { ok: true, state, effects: [] };
}
