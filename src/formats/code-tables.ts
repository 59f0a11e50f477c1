/**
 * The code tables: NIEM 5.2 lists of NCIC codes as the package @cityssm/ncic-lookup carries them, with a thin overlay for
 * what its sources print differently. Their texts are read once, when this file is loaded; nothing here reads or writes later. A
 * list is made of its text when it is first asked for, because no program needs them all and the longest take their time.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One code table. */
export interface CodeTable {
  readonly name: string;
  /** Code to its meaning. */
  readonly codes: Readonly<Record<string, string>>;
  /** Spellings taken on input, each with the code that is sent. */
  readonly synonyms: Readonly<Record<string, string>>;
  /** Codes that are recalled to be in use but stand in no list that was read. */
  readonly recalled: readonly string[];
  /** A list that grows often (makes, models, types): a code outside it warns and is not refused. */
  readonly open: boolean;
  readonly source: string;
}

/** A table as data: what a State profile adds or changes, and what the overlay below corrects. */
export interface CodeTablePatch {
  readonly synonyms?: Readonly<Record<string, string>>;
  readonly codes?: Readonly<Record<string, string>>;
  readonly recalled?: readonly string[];
  readonly open?: boolean;
}

const closedTables =
  'ADD BLT BXR CMC CRC DBN DCH ECR ETN EXL EYE FILE FPClassification GOFF HAIR HIT IDT IMT LIT MNP MNU MPC NPF OFF OFS PAR ' +
  'PCO RACE RMI ROV RPP RPS SEX SKIN SVC TNT UDC VOW VPC VST Canadian Country Indian Mexican USTerritories UnitedStates ' +
  'CAL GTYP GTYP2 GTYP3 TYPS TYPA HUL PRO HSP VCO BCO BTY VehicleEPD';
const openTables = 'ABRA BMA BPS BRA CAT CDA JWT MAK SMT TYP VMA VMO';

/** Corrections and additions; each says where the difference comes from. */
const overlay: Readonly<Record<string, CodeTablePatch>> = {
  // The list writes 01 to 06; replies are recalled to show one digit. Both are taken, one is sent.
  EXL: { synonyms: { '01': '1', '02': '2', '03': '3', '04': '4', '05': '5', '06': '6' } },
  // The FBI missing-person form prints WHT and GRE, NIEM has WHI and GRN.
  HAIR: { synonyms: { WHT: 'WHI', GRE: 'GRN' } },
  EYE: { synonyms: { GRE: 'GRN' } },
  // A junk key of the list; PA is recalled.
  GTYP3: { synonyms: { '--': 'PA' } },
  SEX: { codes: { X: 'NOT SPECIFIED' }, recalled: ['X'] },
};

const dataFolder = join(dirname(createRequire(import.meta.url).resolve('@cityssm/ncic-lookup')), 'data');

/** Gives what `make` makes, made when it is first asked for and kept. */
function madeOnce<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A table whose codes are made when they are first asked for. */
function tableOf(rest: Omit<CodeTable, 'codes'>, make: () => CodeTable['codes']): CodeTable {
  const codes = madeOnce(make);
  const { name, synonyms, recalled, open, source } = rest;
  return {
    name,
    get codes() {
      return codes();
    },
    synonyms,
    recalled,
    open,
    source,
  };
}

function patchedCodes(table: CodeTable, patch: CodeTablePatch): CodeTable['codes'] {
  const codes: Record<string, string> = { ...table.codes, ...patch.codes };
  for (const [from, to] of Object.entries(patch.synonyms ?? {})) {
    const meaning = codes[from];
    if (meaning !== undefined && !Object.hasOwn(codes, to)) codes[to] = meaning;
    delete codes[from];
  }
  return codes;
}

/** The table with a patch laid over it: synonyms point at the code that is sent, added codes join the list. */
export function patchTable(table: CodeTable, patch: CodeTablePatch): CodeTable {
  return tableOf(
    {
      name: table.name,
      synonyms: { ...table.synonyms, ...patch.synonyms },
      recalled: [...table.recalled, ...(patch.recalled ?? [])],
      open: patch.open ?? table.open,
      source: table.source,
    },
    () => patchedCodes(table, patch),
  );
}

function loadTable(name: string, open: boolean): CodeTable {
  const list = readFileSync(join(dataFolder, `${name}.json`), 'utf8');
  const rest = { name, synonyms: {}, recalled: [], open, source: 'NIEM 5.2 (December 2022)' };
  const bare = tableOf(rest, () => JSON.parse(list) as CodeTable['codes']);
  const patch = overlay[name];
  return patch === undefined ? bare : patchTable(bare, patch);
}

/** An empty table for a State profile to fill. */
export function emptyTable(name: string, source: string): CodeTable {
  return { name, codes: {}, synonyms: {}, recalled: [], open: false, source };
}

/** Every code table that a field of the dictionary names, by its name. */
export const codeTables: ReadonlyMap<string, CodeTable> = new Map([
  ...closedTables.split(' ').map((name) => [name, loadTable(name, false)] as const),
  ...openTables.split(' ').map((name) => [name, loadTable(name, true)] as const),
]);

/** The codes of some tables together; joined when first asked. */
export interface CodeSet {
  has(code: string): boolean;
}

function joinedCodes(tables: readonly CodeTable[]): Set<string> {
  const codes = new Set<string>();
  for (const table of tables) for (const code in table.codes) codes.add(code);
  return codes;
}

/** Joins the codes of tables. */
export function codeSetOf(tables: readonly CodeTable[]): CodeSet {
  let codes: Set<string> | undefined;
  return {
    has(code) {
      codes ??= joinedCodes(tables);
      return codes.has(code);
    },
  };
}

/** True when one of the tables holds the code. */
export function hasCode(tables: readonly CodeTable[], code: string): boolean {
  for (const table of tables) if (Object.hasOwn(table.codes, code)) return true;
  return false;
}

/** The code that is sent for a spelling taken on input, or undefined when the value is no synonym. */
export function synonymOf(tables: readonly CodeTable[], value: string): string | undefined {
  for (const table of tables) if (Object.hasOwn(table.synonyms, value)) return table.synonyms[value];
  return undefined;
}

/** What a code means, from the first table that holds it or a synonym of it. */
export function meaningOf(tables: readonly CodeTable[], value: string): string | undefined {
  const code = synonymOf(tables, value) ?? value;
  for (const table of tables) if (Object.hasOwn(table.codes, code)) return table.codes[code];
  return undefined;
}
