/**
 * One small valid message for every key, made from its table and openly synthetic values. Help pages, forms and fixtures use it,
 * so a new key has an example as soon as it has a table.
 */
import type { CompiledField, CompiledKey, Lexicon } from './lexicon.ts';
import type { Message } from './message.ts';
import { fieldFor } from './request/body.ts';
import { hasFreeBody } from './request/parse.ts';

/** Synthetic values, none of which can be a real person, plate, serial or agency. */
const samples: Readonly<Record<string, string>> = {
  ORI: 'CO0990100',
  NIC: 'W000000001',
  OCA: 'PRACTICE01',
  LKI: 'WY0990200',
  LKA: 'PRACTICE02',
  RCA: 'PRACTICE03',
  LCA: 'PRACTICE03',
  RRI: 'WY0990200',
  CTI: 'CO099013J',
  WNO: 'PRACTICE04',
  NAM: 'SAMPLE, ALPHA B',
  AKA: 'PRACTICE, ALPHA',
  PPN: 'PRACTICE, BETA',
  DOB: '19700101',
  AGE: '50',
  HGT: '602',
  WGT: '180',
  SOC: '001010001',
  MNU: 'OA-PRACTICE1',
  OLN: 'PRACTICE05',
  OLY: '2030',
  LIC: 'PRAC001',
  LIY: '2030',
  REY: '2030',
  VIN: '1PRACT1C600000001',
  VYR: '2020',
  VMA: 'FORD',
  SER: 'PRACTICE06',
  OAN: 'PRACTICE07',
  MAK: 'SW',
  DOW: '20260105',
  DOV: '20260104',
  DOE: '20280101',
  DOT: '20260102',
  DOL: '20260203',
  DOR: '20260203',
  DCL: '20260204',
  DLC: '20260103',
  DBF: '20260103',
  OFF: '1399',
  SID: 'CO99000001',
  FBI: '990000001',
  FPC: 'AATT12CO08151113AA09',
  PUR: 'C',
  ATN: 'PRACTICE, OPERATOR',
  RTY: 'WP',
  RNO: '1',
  PRI: 'U',
  RNA: 'OPERATOR PRACTICE',
  RAG: 'PINE RIDGE PD',
  PHO: '5550100000',
  REM: 'SYNTHETIC EXAMPLE',
  MIS: 'SYNTHETIC EXAMPLE',
  CON: 'Y',
  BYR: '2010',
  BHN: 'PRACTICE08',
  REG: 'PRACT001',
  BMA: 'MISC',
  IMN: 'I000000001',
  PER: 'PRACTICE09',
  BEG: '20260101',
  END: '20260102',
  FND: 'PRACTICE',
  DIS: 'EXTR',
  LIS: 'CO',
  OLS: 'CO',
  RES: 'CO',
  STA: 'CO',
  POB: 'CO',
  PLC: 'PRACTICE',
};

/** Values for fields whose table or size depends on the key; tried before `samples`. */
const samplesOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gun: { TYP: 'PI', CAL: '38' },
  'lost-gun': { TYP: 'PI', CAL: '38' },
  'felony-gun': { TYP: 'PI', CAL: '38' },
  'recovered-gun': { TYP: 'PI', CAL: '38' },
  'sex-offender': { CON: 'PRACTICE' },
  carrier: { DOT: '1234567' },
  orion: { TYP: 'PD', LOC: 'PINE RIDGE' },
};

function firstCode(field: CompiledField): string | undefined {
  for (const table of field.tables) {
    const codes = Object.keys(table.codes).sort();
    const fit = codes.find((code) => code.length >= field.min && code.length <= Math.min(field.max, field.useMax));
    if (fit !== undefined) return fit;
  }
  return undefined;
}

const fillers: Readonly<Record<CompiledField['class'], string>> = {
  alpha: 'PRACTICE',
  num: '1234567890',
  alnum: 'PRACTICE01',
  text: 'PRACTICE',
  name: 'PRACTICE, ALPHA',
  date: '20260101',
  code: 'PRACTICE',
};

/** A value that a field of a key takes, and that cannot be mistaken for a real one. */
export function exampleValue(key: CompiledKey, field: CompiledField): string {
  const own = samplesOf[key.table.family]?.[field.code];
  if (own !== undefined) return own;
  const listed = field.values === undefined ? undefined : [...field.values][0];
  const size = Math.min(field.max, field.useMax, 20);
  return samples[field.code] ?? listed ?? firstCode(field) ?? fillers[field.class].slice(0, size).replace(/[ ,]+$/, '');
}

/** The codes an example needs: every must, one of each group, the partners of those, and what the record type asks for. */
function neededCodes(key: CompiledKey): readonly string[] {
  const codes = new Set(key.musts.map((one) => one.use.code));
  const variant = key.table.variants?.find((one) =>
    Object.entries(one.when).every(([code, value]) => samples[code] === value),
  );
  if (key.variantFields.size > 0) for (const code of variant?.required ?? []) codes.add(code);
  if (key.table.rules?.includes('two-of-three')) for (const code of ['NAM', 'NIC']) codes.add(code);
  for (const group of key.groups) {
    const first = group.codes[0];
    if (first !== undefined && !group.codes.some((code) => codes.has(code))) codes.add(first);
  }
  for (const { use, partner } of key.partners) if (codes.has(partner)) codes.add(use.code);
  if (codes.size === 0) for (const use of key.table.fields.slice(0, 4)) codes.add(use.code);
  return [...codes];
}

function exampleText(key: CompiledKey): string | undefined {
  if (key.table.bypass === true) return 'QV.CO0990100.LIC/PRAC001';
  if (!hasFreeBody(key) || key.table.fields.some((use) => use.code === 'REG')) return undefined;
  if (key.table.key === 'HQ') return 'WEATHER';
  return key.table.key === 'ER' ? '.02. MESSAGE TYPE NOT ALLOWED TO DESTINATION' : 'SYNTHETIC EXAMPLE OF A BODY';
}

function exampleAddresses(key: CompiledKey): Pick<Message, 'ori' | 'destinations' | 'control'> {
  const { table } = key;
  const ori = table.onlyFrom ?? 'CO0990100';
  if (table.line !== 'nlets' && table.form !== 'nlets') return { ori, destinations: [] };
  const { kind, only } = table.destinations ?? {};
  const destination = only ?? (kind === 'region' ? 'WY' : 'WY0990200');
  return { ori, destinations: [destination], control: 'COJ1000001' };
}

/** The example of a key. It parses without a fault and builds to the same text again. */
export function exampleMessage(key: CompiledKey, lexicon: Lexicon): Message {
  const { table } = key;
  const fields: Record<string, readonly string[]> = {};
  const needed = neededCodes(key);
  for (const use of table.fields.filter((one) => needed.includes(one.code))) {
    const field = fieldFor({ key, lexicon }, use.code);
    if (field !== undefined) fields[use.code] = [exampleValue(key, field)];
  }
  const text = exampleText(key);
  return {
    line: table.line,
    key: table.key,
    ...(table.header === undefined || table.line === 'state' ? {} : { header: `${table.header}COJ10000001` }),
    ...exampleAddresses(key),
    fields,
    ...(text === undefined ? {} : { text }),
  };
}
