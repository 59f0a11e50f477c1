/** Cross-field rules that are more than a need or a set: some hold for every key, some a key's table names. */
import { meaningOf } from '../code-tables.ts';
import { addByRule } from '../request/rule-note.ts';
import { type CrossRule, type Look, placeOf } from './cross-rule.ts';
import { isDate8 } from './dates.ts';

/** Linkage agency and linkage case number stand only together. */
const linkage: CrossRule = (look) => {
  const { fields, report } = look;
  const agency = fields['LKI'] !== undefined;
  const number = fields['LKA'] !== undefined;
  if (agency === number) return;
  const missing = agency ? 'LKA' : 'LKI';
  addByRule(report, 'FIELD_PARTNER_MISSING', {
    provenance: 'state',
    source: 'FCIC-XML',
    field: missing,
    offset: placeOf(look, missing),
    says: `Add ${missing}: LKI and LKA stand only together.`,
  });
};

/** A gun of unlisted make must be described. */
const makeZzz: CrossRule = (look) => {
  const { key, fields, report } = look;
  if (key.table.action !== 'enter' || !fields['MAK']?.[0]?.startsWith('ZZZ') || fields['MIS'] !== undefined) return;
  if (key.table.family === 'recovered-gun') return;
  addByRule(report, 'FIELD_MISSING', {
    provenance: 'verified',
    source: 'WI-EG',
    field: 'MIS',
    offset: placeOf(look, 'MIS'),
    says: 'Describe a gun whose MAK is ZZZ in MIS.',
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

/** Two dates that stand in an order, in order. */
export function datesInOrder(look: Look, earlier: string, later: string): void {
  const { fields, report } = look;
  const last = fields[later]?.[0];
  const first = fields[earlier]?.[0];
  if (last === undefined || first === undefined || first <= last || !isDate8(first) || !isDate8(last)) return;
  addByRule(report, 'DATE_ORDER', {
    provenance: 'recalled',
    source: 'inferred',
    field: later,
    offset: placeOf(look, later),
    says: `${earlier} comes before ${later}: read both again.`,
  });
}

/** The Florida wording of the style edit for 1981 to 1986, which is published incomplete; so it only warns. */
const styleOfTheEighties: CrossRule = (look) => {
  const { fields, report } = look;
  const year = fields['VYR']?.[0] ?? '';
  const vinLength = fields['VIN']?.[0]?.length ?? 0;
  const style = fields['VST']?.[0];
  if (style === undefined || !/^(?:19)?8[1-6]$/.test(year) || vinLength < 15 || vinLength > 17) return;
  if (style === 'MV' || style === 'TM') return;
  addByRule(report, 'VALUE_FORM', {
    provenance: 'recalled',
    source: 'FCIC-XML, wording incomplete',
    field: 'VST',
    offset: placeOf(look, 'VST'),
    says: 'With VYR 1981 to 1986 and a VIN of 15 to 17 characters Florida takes MV or TM.',
  });
};

/** Fields whose codes may have SEE MIS in their published meaning, and the type of a gun, of which Z is any other. */
export const pointingCodes: ReadonlySet<string> = new Set(['EXL', 'OFF', 'OOC', 'TYP']);
const pointing = ['EXL', 'OFF', 'OOC'];

/** An entry whose code says SEE MIS has nothing there to see. */
export const seeMis: CrossRule = (look) => {
  const { key, fields, report } = look;
  if (key.table.action !== 'enter' || fields['MIS'] !== undefined || !key.fields.has('MIS')) return;
  const tables = (code: string) => key.fields.get(code)?.tables ?? [];
  const asks = pointing.find((code) =>
    fields[code]?.some((value) => meaningOf(tables(code), value)?.includes('SEE MIS')),
  );
  const allOther = fields['TYP']?.[0]?.startsWith('Z') === true && fileOfGuns.has(key.table.family);
  if (asks === undefined && !allOther) return;
  addByRule(report, 'FIELD_MISSING', {
    provenance: 'recalled',
    source: 'inferred from the meaning of the code: NIEM',
    field: 'MIS',
    offset: placeOf(look, 'MIS'),
    says: `${asks ?? 'TYP'} says that more stands in MIS: write it there.`,
  });
};

const fileOfGuns: ReadonlySet<string> = new Set(['gun', 'lost-gun', 'felony-gun']);

/** Rules that hold for every key, beside the order of dates and SEE MIS. */
export const universalRules: readonly CrossRule[] = [linkage, makeZzz, styleOfTheEighties];

/** Fields of which at least one must be there before a universal rule has anything to say. */
export const universalCodes: ReadonlySet<string> = new Set(['LKI', 'LKA', 'MAK', 'VST']);

/** A recovered gun takes no MIS, and its make cannot be ZZZ. */
const recoveredGun: CrossRule = (look) => {
  const { fields, report } = look;
  const rule = { provenance: 'verified', source: 'WI-ERG' } as const;
  if (fields['MIS'] !== undefined) {
    const offset = placeOf(look, 'MIS');
    addByRule(report, 'FIELD_NOT_WITH_KEY', {
      ...rule,
      field: 'MIS',
      offset,
      says: 'MIS cannot be used: leave it out.',
    });
  }
  if (fields['MAK']?.[0]?.startsWith('ZZZ')) {
    const offset = placeOf(look, 'MAK');
    addByRule(report, 'FIELD_NOT_WITH_KEY', { ...rule, field: 'MAK', offset, says: 'MAK cannot be ZZZ.' });
  }
};

/** Exactly one way of naming the subject. */
const oneSubject: CrossRule = (look) => {
  const { key, fields, report } = look;
  const group = key.groups.find((one) => one.name === 'subject');
  const present = (group?.codes ?? []).filter((code) => fields[code] !== undefined);
  if (present.length < 2) return;
  addByRule(report, 'FIELDS_EXCLUDE', {
    provenance: key.table.fieldsProvenance ?? 'recalled',
    source: key.table.source,
    field: present[1] ?? '',
    offset: placeOf(look, present[1] ?? ''),
    says: `Keep exactly one of ${group?.codes.join(' ')}.`,
  });
};

/** The sources say "either" of two ways of naming the subject; whether both together are refused they do not say. */
const eitherSubject: CrossRule = (look) => {
  const { key, fields, report } = look;
  for (const { name, codes } of key.groups) {
    const second = codes.filter((code) => fields[code] !== undefined)[1];
    if (second === undefined || (name !== 'subject' && name !== 'identifier')) continue;
    addByRule(report, 'FIELDS_EXCLUDE', {
      provenance: 'recalled',
      source: `inferred from ${key.table.source}`,
      field: second,
      offset: placeOf(look, second),
      says: `Keep either of ${codes.join(' ')}.`,
    });
  }
};

/** The codes of Canada and its provinces, as an ORI begins with them. */
const canadian = /^(?:CN|AB|BC|MB|NB|NF|NK|NL|NS|NT|NU|ON|PE|PQ|QC|SN|SK|YT)/;

/** The word NONE stands for a NIC only where there is none: in Canada. */
const noneToCanada: CrossRule = (look) => {
  const { fields, destinations, report } = look;
  if (fields['NIC']?.[0] !== 'NONE' || destinations.some((one) => canadian.test(one))) return;
  addByRule(report, 'VALUE_FORM', {
    provenance: 'recalled',
    source: 'NLETS N4; which ORIs are Canadian is inferred',
    field: 'NIC',
    offset: placeOf(look, 'NIC'),
    says: 'NONE goes to Canada only.',
  });
};

/** Numbers of an inquiry over Nlets go without blanks, hyphens and the like; LIC has the same edit of its own. */
const plainNumbers: CrossRule = (look) => {
  const { fields, report } = look;
  for (const field of ['OLN', 'VIN', 'REG', 'BHN']) {
    if (fields[field]?.every((value) => /^[A-Z0-9]*$/i.test(value)) !== false) continue;
    addByRule(report, 'VALUE_CHARACTERS', {
      provenance: 'verified',
      source: 'NLETS N7, N9, N11',
      field,
      offset: placeOf(look, field),
      says: 'Leave out blanks, hyphens and symbols.',
    });
  }
};

/** A person with information is tied to a record by two of its three marks. */
const twoOfThree: CrossRule = (look) => {
  const { key, fields, report } = look;
  const present = ['NAM', 'NIC', 'OCA'].filter((code) => fields[code] !== undefined);
  if (present.length >= 2) return;
  addByRule(report, 'FIELDS_TOO_FEW', {
    provenance: key.table.fieldsProvenance ?? 'recalled',
    source: key.table.source,
    offset: placeOf(look, ['NAM', 'NIC', 'OCA'].find((code) => fields[code] === undefined) ?? 'NAM'),
    says: 'Give two of NAM NIC OCA.',
  });
};

/** Rules a key's table can name. */
export const namedRules: Readonly<Record<string, CrossRule>> = {
  'recovered-gun': recoveredGun,
  'one-subject': oneSubject,
  'either-subject': eitherSubject,
  'none-to-canada': noneToCanada,
  'two-of-three': twoOfThree,
  'plain-numbers': plainNumbers,
};
