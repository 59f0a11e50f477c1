/** The hot files the simulated switch keeps, one row each: keys, NIC letter, literal, and what a record is found by. */

export type HotFileName =
  | 'wanted'
  | 'missing'
  | 'gun'
  | 'article'
  | 'vehicle'
  | 'plate'
  | 'boat'
  | 'security'
  | 'protection-order'
  | 'identity-theft';

/** A set of field codes that finds a record when all of them agree. */
export type FieldSet = readonly string[];

/** One hot file. `source` says where the row's facts stand: message keys LEDS-MKE, letters FCIC-XML and the NIEM FILE list. */
export interface HotFile {
  readonly name: HotFileName;
  /** First letter of the NIC of every record in it. */
  readonly letter: string;
  /** What stands after `MKE/` in a hit; by key where the keys of one file differ. */
  readonly literal: string;
  readonly literalByKey?: Readonly<Record<string, string>>;
  readonly enter: readonly string[];
  readonly modify: readonly string[];
  readonly cancel: readonly string[];
  readonly clear: readonly string[];
  readonly locate: readonly string[];
  /** Keys that add further values to a record, and that take them off again. */
  readonly supplement?: readonly string[];
  readonly cancelSupplement?: readonly string[];
  /** Keys of the detainer that may be added to a located record. */
  readonly detain?: readonly string[];
  readonly modifyDetainer?: readonly string[];
  readonly cancelDetainer?: readonly string[];
  readonly query: readonly string[];
  /** Any one of these sets, when all its fields agree, finds the record. */
  readonly foundBy: readonly FieldSet[];
  /** An entry whose fields agree with a record's in one of these sets is a duplicate of it. */
  readonly sameBy: readonly FieldSet[];
  /** The subject's field codes, in the order in which a hit prints them, one line each row. */
  readonly layout: readonly FieldSet[];
  /** The last line of a hit. */
  readonly closing: 'person' | 'property' | 'information';
  /** RTY a YQ about such a record carries; none for files whose records are not confirmed. */
  readonly requestType?: string;
}

const personFoundBy: readonly FieldSet[] = [
  ['NAM', 'DOB'],
  ['NAM', 'SOC'],
  ['SOC'],
  ['MNU'],
  ['FBI'],
  ['OLN'],
  ['NAM', 'LIC'],
  ['NIC'],
  ['ORI', 'OCA'],
];
const personLayout: readonly FieldSet[] = [
  ['NAM', 'SEX', 'RAC', 'POB', 'DOB'],
  ['HGT', 'WGT', 'EYE', 'HAI', 'FBI', 'CTZ', 'SKN'],
  ['SMT'],
  ['FPC', 'MNU', 'SOC'],
  ['OLN', 'OLS', 'OLY'],
];
const personQueries = ['QW', 'QWA', 'QWB', 'QWE', 'QWF', 'QWI', 'ZW'];
const withCaution = (keys: readonly string[]): string[] => keys.flatMap((key) => [key, `${key}C`]);
const boatParts = (letter: string): string[] => [1, 2, 3, 4, 5, 6, 7].map((part) => `${letter}BP${part}`);
const missingKeys = ['EMD', 'EME', 'EMI', 'EMJ', 'EMO', 'EMV'];

/** Every hot file, in the order in which a reply lists hits. */
export const hotFiles: readonly HotFile[] = [
  {
    name: 'wanted',
    letter: 'W',
    literal: 'WANTED PERSON',
    literalByKey: {
      EWJ: 'WANTED JUVENILE',
      EWJC: 'WANTED JUVENILE',
      ET: 'TEMPORARY FELONY WANT',
      'ET-C': 'TEMPORARY FELONY WANT',
    },
    enter: ['EW', 'EW-C', 'EWJ', 'EWJC', 'ET', 'ET-C'],
    modify: ['MW', 'MT'],
    cancel: ['XW', 'XT'],
    clear: ['CW', 'CT'],
    locate: ['LW', 'LT'],
    supplement: ['EN', 'ENS'],
    cancelSupplement: ['XN', 'XNS'],
    detain: ['DW'],
    modifyDetainer: ['MDW'],
    cancelDetainer: ['XDW'],
    query: personQueries,
    foundBy: [...personFoundBy, ['LIC', 'LIS'], ['VIN']],
    sameBy: [['NAM', 'ORI', 'OCA']],
    layout: [
      ...personLayout,
      ['OFF'],
      ['DOW', 'OCA'],
      ['LIC', 'LIS', 'LIY', 'LIT'],
      ['VIN', 'VYR', 'VMA', 'VST'],
      ['MIS'],
    ],
    closing: 'person',
    requestType: 'WP',
  },
  {
    name: 'missing',
    letter: 'M',
    literal: 'MISSING PERSON',
    literalByKey: {
      EMI: 'MISSING PERSON - INVOLUNTARY',
      EMJ: 'MISSING PERSON - JUVENILE',
      EME: 'MISSING PERSON - ENDANGERED',
    },
    enter: withCaution(missingKeys),
    modify: ['MM'],
    cancel: ['XM'],
    clear: ['CM'],
    locate: ['LM'],
    supplement: ['EMN'],
    cancelSupplement: ['XMN'],
    query: [...personQueries, 'QM', 'ZM'],
    foundBy: [...personFoundBy, ['SEX', 'RAC', 'HGT', 'WGT', 'EYE', 'HAI']],
    sameBy: [['NAM', 'ORI', 'OCA']],
    layout: [...personLayout, ['MNP', 'DLC', 'OCA'], ['BLT', 'JWT'], ['MIS']],
    closing: 'information',
    requestType: 'MP',
  },
  {
    name: 'protection-order',
    letter: 'H',
    literal: 'PROTECTION ORDER',
    literalByKey: { ETO: 'TEMPORARY PROTECTION ORDER', ETOC: 'TEMPORARY PROTECTION ORDER' },
    enter: ['EPO', 'EPOC', 'ETO', 'ETOC'],
    modify: ['MPO', 'MTO'],
    cancel: ['XPO', 'XTO'],
    clear: ['CPO', 'CTO'],
    locate: [],
    supplement: ['ENPO'],
    cancelSupplement: ['XNPO'],
    query: [...personQueries, 'QPO'],
    foundBy: [...personFoundBy, ['PNO']],
    sameBy: [
      ['PNO', 'ORI'],
      ['NAM', 'ORI', 'OCA'],
    ],
    layout: [...personLayout, ['PNO', 'BRD', 'ISD', 'EXP'], ['PCO'], ['PPN', 'PSX', 'PPR', 'PPB'], ['OCA'], ['MIS']],
    closing: 'information',
    requestType: 'PO',
  },
  {
    name: 'identity-theft',
    letter: 'J',
    literal: 'IDENTITY THEFT VICTIM',
    enter: ['EID', 'EIDC'],
    modify: ['MID'],
    cancel: ['XID'],
    clear: ['CID'],
    locate: [],
    supplement: ['EIN'],
    cancelSupplement: ['XIN'],
    query: [...personQueries, 'QID', 'ZID'],
    foundBy: personFoundBy,
    sameBy: [['NAM', 'ORI', 'OCA']],
    layout: [...personLayout, ['IDT', 'DOT', 'OCA'], ['MIS']],
    closing: 'information',
  },
  {
    name: 'vehicle',
    letter: 'V',
    literal: 'STOLEN VEHICLE',
    literalByKey: {
      EF: 'FELONY VEHICLE',
      'EF-P': 'FELONY VEHICLE',
      'EF-A': 'FELONY VEHICLE',
      'EF-F': 'FELONY VEHICLE',
    },
    enter: ['EV', 'EV-P', 'EV-A', 'EV-F', 'EF', 'EF-P', 'EF-A', 'EF-F'],
    modify: ['MV', 'MF'],
    cancel: ['XV', 'XF'],
    clear: ['CV', 'CF'],
    locate: ['LV', 'LF'],
    supplement: ['EVS1', 'EVS2'],
    cancelSupplement: ['XVS1', 'XVS2'],
    query: ['QV', 'QVB', 'ZV'],
    foundBy: [['LIC', 'LIS'], ['LIC'], ['VIN'], ['OAN'], ['NIC'], ['ORI', 'OCA']],
    sameBy: [['VIN'], ['LIC', 'LIS', 'LIY']],
    layout: [
      ['LIC', 'LIS', 'LIY', 'LIT'],
      ['VIN', 'VYR'],
      ['VMA', 'VMO', 'VST', 'VCO', 'DOT'],
      ['OAN'],
      ['OCA'],
      ['MIS'],
    ],
    closing: 'property',
    requestType: 'SV',
  },
  {
    name: 'plate',
    letter: 'P',
    literal: 'STOLEN LICENSE PLATE',
    enter: ['EL', 'EL-P', 'EL-A', 'EL-F'],
    modify: ['ML'],
    cancel: ['XL'],
    clear: ['CL'],
    locate: ['LL'],
    query: ['QV', 'QVB', 'ZV'],
    foundBy: [['LIC', 'LIS'], ['LIC'], ['NIC'], ['ORI', 'OCA']],
    sameBy: [['LIC', 'LIS', 'LIY']],
    layout: [['LIC', 'LIS', 'LIY', 'LIT'], ['DOT', 'OCA'], ['MIS']],
    closing: 'property',
    requestType: 'SL',
  },
  {
    name: 'gun',
    letter: 'G',
    literal: 'STOLEN GUN',
    literalByKey: { ELG: 'LOST GUN', EFG: 'FELONY GUN', ERG: 'RECOVERED GUN' },
    enter: ['EG', 'EG-P', 'ELG', 'EFG', 'ERG'],
    modify: ['MG', 'MLG', 'MFG', 'MRG'],
    cancel: ['XG', 'XLG', 'XFG', 'XRG'],
    clear: ['CG', 'CLG', 'CFG', 'CRG'],
    locate: ['LG', 'LLG', 'LFG', 'LRG'],
    query: ['QG', 'QGB', 'ZG'],
    foundBy: [['SER', 'MAK'], ['SER'], ['NIC'], ['ORI', 'OCA']],
    sameBy: [['SER', 'MAK', 'CAL']],
    layout: [['SER', 'MAK', 'CAL', 'MOD', 'TYP'], ['DOT', 'OCA'], ['MIS']],
    closing: 'property',
    requestType: 'SG',
  },
  {
    name: 'article',
    letter: 'A',
    literal: 'STOLEN ARTICLE',
    literalByKey: { ELA: 'LOST ARTICLE', ELAA: 'LOST ARTICLE' },
    enter: ['EA', 'EA-P', 'EAA', 'ELA', 'ELAA'],
    modify: ['MA', 'MAA', 'MLA', 'MLAA'],
    cancel: ['XA', 'XAA', 'XLA', 'XLAA'],
    clear: ['CA', 'CAA', 'CLA', 'CLAA'],
    locate: ['LA', 'LAA', 'LLA'],
    query: ['QA', 'QAB', 'ZA'],
    foundBy: [['SER', 'TYP'], ['OAN', 'TYP'], ['NIC'], ['ORI', 'OCA']],
    sameBy: [
      ['TYP', 'SER'],
      ['TYP', 'OAN'],
    ],
    layout: [['TYP', 'SER', 'BRA', 'MOD', 'OAN'], ['DOT', 'OCA'], ['MIS']],
    closing: 'property',
    requestType: 'SA',
  },
  {
    name: 'boat',
    letter: 'B',
    literal: 'STOLEN BOAT',
    enter: ['EB', 'EB-P', 'EB-A', 'EB-F'],
    modify: ['MB'],
    cancel: ['XB'],
    clear: ['CB'],
    locate: ['LB'],
    supplement: ['EBS', 'EBT', ...boatParts('E')],
    cancelSupplement: ['XBT', ...boatParts('X')],
    query: ['QB', 'QBB', 'ZB'],
    foundBy: [['REG', 'RES'], ['REG'], ['BHN'], ['CGD'], ['NIC'], ['ORI', 'OCA']],
    sameBy: [['BHN'], ['REG', 'RES']],
    layout: [
      ['REG', 'RES', 'REY'],
      ['BHN', 'BYR', 'BMA', 'BTY', 'BLE', 'BCO'],
      ['CGD', 'BNM', 'HPT'],
      ['DOT', 'OCA'],
      ['MIS'],
    ],
    closing: 'property',
    requestType: 'SB',
  },
  {
    name: 'security',
    letter: 'S',
    literal: 'STOLEN SECURITY',
    enter: ['ES', 'ESS'],
    modify: ['MS', 'MSS'],
    cancel: ['XS', 'XSS'],
    clear: ['CS', 'CSS'],
    locate: ['LS', 'LSS'],
    query: ['QS', 'QSB', 'ZS'],
    foundBy: [['TYP', 'SER', 'DEN'], ['TYP', 'SER'], ['NIC'], ['ORI', 'OCA']],
    sameBy: [['TYP', 'SER', 'DEN']],
    layout: [['TYP', 'SER', 'DEN'], ['ISS', 'OWN', 'SDT', 'SOC'], ['DOT', 'OCA'], ['MIS']],
    closing: 'property',
    requestType: 'SS',
  },
];

/** What a message key does to the hot files. */
export const recordActions = [
  'enter',
  'modify',
  'cancel',
  'clear',
  'locate',
  'supplement',
  'cancelSupplement',
  'detain',
  'modifyDetainer',
  'cancelDetainer',
  'query',
] as const;
export type RecordAction = (typeof recordActions)[number];

/** Finds what a key does and the files it does it to (a query may search several); undefined for other keys. */
export function hotFileWork(
  key: string,
): { readonly action: RecordAction; readonly files: readonly HotFile[] } | undefined {
  for (const action of recordActions) {
    const files = hotFiles.filter((file) => file[action]?.includes(key));
    if (files.length > 0) return { action, files };
  }
  return undefined;
}

/** The row of a file by its name. */
export function hotFileNamed(name: HotFileName): HotFile {
  const file = hotFiles.find((row) => row.name === name);
  if (file === undefined) throw new RangeError(`there is no hot file ${name}`);
  return file;
}
