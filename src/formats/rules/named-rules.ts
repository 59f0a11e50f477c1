/** Cross-field rules that are more than a need or a set: some hold for every key, some a key's table names. */
import type { CompiledKey } from '../lexicon.ts';
import type { Values } from '../message.ts';
import { addByRule, type Report } from '../request/rule-note.ts';
import { isDate8 } from './dates.ts';

/** One rule over the fields of a message. */
export type CrossRule = (key: CompiledKey, fields: Values, report: Report) => void;

/** Linkage agency and linkage case number stand only together. */
const linkage: CrossRule = (_key, fields, report) => {
  const agency = fields['LKI'] !== undefined;
  const number = fields['LKA'] !== undefined;
  if (agency === number) return;
  addByRule(report, 'FIELD_PARTNER_MISSING', {
    provenance: 'state',
    source: 'FCIC-XML',
    field: agency ? 'LKA' : 'LKI',
    says: 'LKI and LKA stand only together.',
  });
};

/** A gun of unlisted make must be described. */
const makeZzz: CrossRule = (key, fields, report) => {
  if (key.table.action !== 'enter' || !fields['MAK']?.[0]?.startsWith('ZZZ') || fields['MIS'] !== undefined) return;
  if (key.table.family === 'recovered-gun') return;
  addByRule(report, 'FIELD_MISSING', {
    provenance: 'verified',
    source: 'WI-EG',
    field: 'MIS',
    says: 'MIS must describe a gun whose MAK is ZZZ.',
  });
};

/** Pairs of dates of which the first cannot be later than the second. */
export const dateOrders: readonly (readonly [string, string])[] = [
  ['DOB', 'DOE'],
  ['DOB', 'DOW'],
  ['DOB', 'DOV'],
  ['DOB', 'DLC'],
  ['DOT', 'DCL'],
  ['DOT', 'DOR'],
  ['ORD', 'ERD'],
  ['ISD', 'EXP'],
  ['DED', 'DBF'],
  ['BEG', 'END'],
];

/** Dates that stand in an order, in order. */
export const datesInOrder: CrossRule = (_key, fields, report) => {
  for (const [earlier, later] of dateOrders) {
    const last = fields[later]?.[0];
    if (last === undefined) continue;
    const first = fields[earlier]?.[0];
    if (first === undefined || !isDate8(first) || !isDate8(last) || first <= last) continue;
    addByRule(report, 'DATE_ORDER', {
      provenance: 'recalled',
      source: 'inferred',
      field: later,
      says: `${earlier} comes before ${later}.`,
    });
  }
};

/** The Florida wording of the style edit for 1981 to 1986, which is published incomplete; so it only warns. */
const styleOfTheEighties: CrossRule = (_key, fields, report) => {
  const year = fields['VYR']?.[0] ?? '';
  const vinLength = fields['VIN']?.[0]?.length ?? 0;
  const style = fields['VST']?.[0];
  if (style === undefined || !/^(?:19)?8[1-6]$/.test(year) || vinLength < 15 || vinLength > 17) return;
  if (style === 'MV' || style === 'TM') return;
  addByRule(report, 'VALUE_FORM', {
    provenance: 'recalled',
    source: 'FCIC-XML, wording incomplete',
    field: 'VST',
    says: 'With VYR 1981 to 1986 and a VIN of 15 to 17 characters Florida takes MV or TM.',
  });
};

/** Rules that hold for every key, beside the order of dates. */
export const universalRules: readonly CrossRule[] = [linkage, makeZzz, styleOfTheEighties];

/** Fields of which at least one must be there before a universal rule has anything to say. */
export const universalCodes: ReadonlySet<string> = new Set(['LKI', 'LKA', 'MAK', 'VST']);

/** A recovered gun takes no MIS, and its make cannot be ZZZ. */
const recoveredGun: CrossRule = (_key, fields, report) => {
  const rule = { provenance: 'verified', source: 'WI-ERG' } as const;
  if (fields['MIS'] !== undefined) {
    addByRule(report, 'FIELD_NOT_WITH_KEY', { ...rule, field: 'MIS', says: 'MIS cannot be used.' });
  }
  if (fields['MAK']?.[0]?.startsWith('ZZZ')) {
    addByRule(report, 'FIELD_NOT_WITH_KEY', { ...rule, field: 'MAK', says: 'MAK cannot be ZZZ.' });
  }
};

/** Exactly one way of naming the subject. */
const oneSubject: CrossRule = (key, fields, report) => {
  const group = key.groups.find((one) => one.name === 'subject');
  const present = (group?.codes ?? []).filter((code) => fields[code] !== undefined);
  if (present.length < 2) return;
  addByRule(report, 'FIELDS_EXCLUDE', {
    provenance: key.table.fieldsProvenance ?? 'recalled',
    source: key.table.source,
    field: present[1] ?? '',
    says: `Exactly one of ${group?.codes.join(' ')}.`,
  });
};

/** A person with information is tied to a record by two of its three marks. */
const twoOfThree: CrossRule = (key, fields, report) => {
  const present = ['NAM', 'NIC', 'OCA'].filter((code) => fields[code] !== undefined);
  if (present.length >= 2) return;
  addByRule(report, 'FIELDS_TOO_FEW', {
    provenance: key.table.fieldsProvenance ?? 'recalled',
    source: key.table.source,
    says: 'Two of NAM NIC OCA.',
  });
};

/** Rules a key's table can name. */
export const namedRules: Readonly<Record<string, CrossRule>> = {
  'recovered-gun': recoveredGun,
  'one-subject': oneSubject,
  'two-of-three': twoOfThree,
};
