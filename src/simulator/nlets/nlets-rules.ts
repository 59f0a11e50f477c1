/** What Nlets edits before it forwards: header rules for every key, field rules for YQ (nlets.md 1.4, 3.2, 5.1, 8). */

import type { ErrorNumber } from '../replies.ts';
import type { NletsRequest } from '../requests.ts';

/** Why a message goes back to its sender as ER. */
export interface NletsRefusal {
  readonly number: ErrorNumber;
  readonly options?: readonly string[];
  readonly detail?: string;
}

type Destinations = { readonly max: number; readonly form: 'ori' | 'state' | 'either' };

const anywhere: Destinations = { max: 5, form: 'either' };
/** Which destinations each key allows (nlets.md 1.4). Keys that are not listed are not edited. */
const destinationRules: Readonly<Record<string, Destinations>> = {
  YQ: { max: 3, form: 'ori' },
  YR: { max: 5, form: 'ori' },
  AQ: { max: 5, form: 'ori' },
  RQ: { max: 5, form: 'state' },
  RPQ: { max: 5, form: 'state' },
  RQG: { max: 5, form: 'state' },
  DQ: { max: 5, form: 'state' },
  DQG: { max: 5, form: 'state' },
  IQ: { max: 5, form: 'state' },
  FQ: { max: 1, form: 'state' },
  BQ: { max: 5, form: 'state' },
  HQ: { max: 5, form: 'state' },
  LQ: { max: 1, form: 'either' },
};

const requestCodes = ['RTY', 'RNO', 'PRI', 'OCA', 'NIC'] as const;
const senderCodes = ['RNA', 'RAG'] as const;

interface RequestType {
  /** Sets of identifiers, any one of which must be whole; empty where only recalled rules say what is required. */
  readonly required: readonly (readonly string[])[];
  readonly allowed: readonly string[];
}

/** Data sets by RTY. Sets that rest on recalled rules are printed as options but refuse nothing (nlets.md 3.2). */
const requestTypes: Readonly<Record<string, RequestType>> = {
  WP: { required: [['NAM', 'DOB']], allowed: ['NAM', 'DOB', 'SEX'] },
  MP: { required: [], allowed: ['NAM', 'DOB', 'SEX'] },
  PO: { required: [], allowed: ['NAM', 'DOB', 'SEX'] },
  SV: { required: [], allowed: ['LIC', 'LIS', 'VIN', 'VMA', 'VYR'] },
  SL: { required: [['LIC', 'LIS']], allowed: ['LIC', 'LIS', 'LIY', 'LIT'] },
  SS: { required: [['TYP', 'SER']], allowed: ['TYP', 'SER', 'DEN'] },
  SG: { required: [], allowed: ['SER', 'MAK', 'CAL', 'MOD', 'TYP'] },
  SA: { required: [], allowed: ['TYP', 'SER', 'BRA', 'OAN'] },
  SP: { required: [], allowed: ['TYP', 'SER', 'BRA', 'OAN'] },
  SB: { required: [['REG'], ['BHN']], allowed: ['REG', 'BHN'] },
};
const identifierCodes = [...new Set(Object.values(requestTypes).flatMap((type) => type.allowed))];

function optionLines(type: RequestType): readonly string[] {
  const sets = type.required.length > 0 ? type.required : [type.allowed];
  return sets.map((set) => [...requestCodes, ...set, ...senderCodes].join(', '));
}

/** Fields that belong to another type: the published rule rejects LIC or VIN on a wanted person, and so on. */
function foreignCodes(type: RequestType, request: NletsRequest): readonly string[] {
  return identifierCodes.filter((code) => request.fields[code] !== undefined && !type.allowed.includes(code));
}

function refusalOfYq(request: NletsRequest): NletsRefusal | undefined {
  const first = (code: string): string => request.fields[code]?.[0] ?? '';
  const type = requestTypes[first('RTY')];
  if (type === undefined) {
    return { number: '22', options: [`RTY IS ONE OF ${Object.keys(requestTypes).join(' ')}`] };
  }
  const whole = (set: readonly string[]): boolean => set.every((code) => first(code) !== '');
  const blank = Object.values(request.fields).some((values) => values.some((value) => value === ''));
  const right =
    whole([...requestCodes, ...senderCodes]) &&
    !blank &&
    /^[123]$/.test(first('RNO')) &&
    /^[UR]$/.test(first('PRI')) &&
    (type.required.length === 0 || type.required.some(whole)) &&
    foreignCodes(type, request).length === 0;
  if (!right) return { number: '22', options: optionLines(type) };
  const dob = request.fields['DOB']?.[0];
  return dob === undefined || /^(\d{6}|\d{8})$/.test(dob) ? undefined : { number: '05' };
}

/** Finds what Nlets would refuse, or nothing. Whether an address is served is asked separately, address by address. */
export function refusalOf(request: NletsRequest): NletsRefusal | undefined {
  const rule = destinationRules[request.key] ?? anywhere;
  const { destinations } = request;
  if (destinations.length === 0) return { number: '01', detail: 'DESTINATION MISSING' };
  if (destinations.length > rule.max) return { number: '01', detail: `MORE THAN ${rule.max} DESTINATIONS` };
  if (destinations.some((one) => one.length !== 9 && one.length !== 2)) {
    return { number: '01', detail: 'DESTINATION IS NEITHER AN ORI NOR A CODE' };
  }
  const allowed = rule.form === 'either' || destinations.every((one) => (one.length === 9) === (rule.form === 'ori'));
  if (!allowed) return { number: '02' };
  if (!request.hasTxt) return { number: '03' };
  return request.key === 'YQ' ? refusalOfYq(request) : undefined;
}
