/** The III index and the rap sheets behind it, with the State's registration and licence files. All synthetic, all pure. */
import type { Values } from '../../formats/message.ts';

export interface Arrest {
  readonly date: string;
  readonly agency: string;
  readonly charge: string;
  readonly disposition: string;
}

/** One person of the III index with the rap sheet that a record request returns. */
export interface CriminalHistory {
  readonly fbi: string;
  readonly sid: string;
  readonly fields: Values;
  readonly arrests: readonly Arrest[];
}

export interface Registration {
  readonly fields: Values;
}

export interface Licence {
  readonly fields: Values;
}

/** What the State and III know beside the hot files. Nothing here changes while the switch runs. */
export interface Registers {
  readonly histories: readonly CriminalHistory[];
  readonly registrations: readonly Registration[];
  readonly licences: readonly Licence[];
}

export const noRegisters: Registers = { histories: [], registrations: [], licences: [] };

const plain = (code: string, value: string): string => {
  const upper = value.toUpperCase();
  return code === 'NAM'
    ? upper
        .replace(/\s+/g, ' ')
        .replace(/\s*,\s*/g, ',')
        .trim()
    : upper.replace(/[\s-]/g, '');
};

/** True when every field of one of the sets was asked for and agrees with what is held. */
function agreesBySet(sets: readonly (readonly string[])[], held: Values, asked: Values): boolean {
  return sets.some((set) =>
    set.every((code) => {
      const wanted = (asked[code] ?? []).map((value) => plain(code, value));
      const values = [...(held[code] ?? []), ...(code === 'NAM' ? (held['AKA'] ?? []) : [])].map((v) => plain(code, v));
      return wanted.some((value) => values.includes(value));
    }),
  );
}

/** Persons an identity search (QH) finds: by number, or by name with another identifier. */
export function findHistories(registers: Registers, asked: Values): readonly CriminalHistory[] {
  return registers.histories.filter((history) =>
    agreesBySet([['FBI'], ['SID'], ['NAM', 'DOB'], ['NAM', 'SOC'], ['NAM', 'MNU']], heldBy(history), asked),
  );
}

/** The person a record request (QR) names by FBI number or SID. */
export function findHistory(registers: Registers, asked: Values): CriminalHistory | undefined {
  return registers.histories.find((history) => agreesBySet([['FBI'], ['SID']], heldBy(history), asked));
}

function heldBy(history: CriminalHistory): Values {
  return { ...history.fields, FBI: [history.fbi], SID: [history.sid] };
}

/** Registrations by plate or VIN, of one state. */
export function findRegistrations(registers: Registers, state: string, asked: Values): readonly Registration[] {
  return registers.registrations.filter(
    (one) =>
      one.fields['LIS']?.[0] === state &&
      (asked['LIS']?.[0] ?? state) === state &&
      agreesBySet([['LIC'], ['VIN']], one.fields, asked),
  );
}

/** Licences by number, or by name and date of birth, of one state. */
export function findLicences(registers: Registers, state: string, asked: Values): readonly Licence[] {
  return registers.licences.filter(
    (one) => one.fields['OLS']?.[0] === state && agreesBySet([['OLN'], ['NAM', 'DOB']], one.fields, asked),
  );
}
