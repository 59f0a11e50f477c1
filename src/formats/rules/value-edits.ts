/** Edits of single values that are more than a length, a class and a code table: a row each, named by the field dictionary. */
import type { FaultCode } from '../../faults/fault.ts';
import { type CodeTable, hasCode } from '../code-tables.ts';
import type { Provenance } from '../message.ts';
import { isDate8 } from './dates.ts';
import { vinCheckAgrees } from './vin.ts';

/** One edit. `accepts` gets the value in capitals, the field's own code tables, and all tables by name. */
export interface ValueEdit {
  readonly code: FaultCode;
  readonly provenance: Provenance;
  readonly source: string;
  /** What the edit asks for, as a sentence; never a value. */
  readonly says: string;
  accepts(value: string, own: readonly CodeTable[], all: ReadonlyMap<string, CodeTable>): boolean;
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** True when the text from `from` on is digits; true of nothing. */
function digitsFrom(text: string, from: number): boolean {
  for (let at = from; at < text.length; at += 1) if (!isDigit(text.charCodeAt(at))) return false;
  return true;
}

/** True when the text from `from` on is capitals and digits; true of nothing. */
function capitalsOrDigitsFrom(text: string, from: number): boolean {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (!isCapital(code) && !isDigit(code)) return false;
  }
  return true;
}

/** True for one zero or more and nothing else. */
function isZeros(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) !== 48) return false;
  return text !== '';
}

function isOneLetter(text: string): boolean {
  return text.length === 1 && isCapital(text.charCodeAt(0));
}

/** True for the characters of a name: capitals, blanks, commas, apostrophes, hyphens. */
function isNameText(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (!isCapital(code) && code !== 32 && code !== 39 && code !== 44 && code !== 45) return false;
  }
  return true;
}

/** True for nine characters of the form of an ORI; trailing 00 is not asked for (NLETS O1). */
export function isOri(text: string): boolean {
  return (
    text.length === 9 && isCapital(text.charCodeAt(0)) && isCapital(text.charCodeAt(1)) && capitalsOrDigitsFrom(text, 2)
  );
}

/** True for one letter and nine digits. The check digit is not published and is never computed. */
export function isNic(text: string): boolean {
  return text.length === 10 && isCapital(text.charCodeAt(0)) && digitsFrom(text, 1);
}

/** True when the table of that name holds the code. */
function inTable(all: ReadonlyMap<string, CodeTable>, name: string, code: string): boolean {
  const table = all.get(name);
  return table !== undefined && Object.hasOwn(table.codes, code);
}

function splitColors(value: string): readonly string[] {
  return value.split('/');
}

/** The code in front of literal text: the longest head of the value, up to `most` characters, that a table holds. */
function startsWithCode(value: string, tables: readonly CodeTable[], most: number): boolean {
  for (let length = Math.min(most, value.length); length > 0; length -= 1) {
    if (hasCode(tables, value.slice(0, length).trimEnd())) return true;
  }
  return false;
}

/** True for one of the literals that may stand in front of an offense code, such as ATTEMPT TO COMMIT. */
function isOffenseLiteral(words: string, all: ReadonlyMap<string, CodeTable>): boolean {
  return inTable(all, 'GOFF', words.replace(/ *-$/, ''));
}

/** Every edit by its name. */
export const valueEdits: Readonly<Record<string, ValueEdit>> = {
  ori: {
    code: 'VALUE_FORM',
    provenance: 'verified',
    source: 'GH-ORI, NLETS O1',
    says: 'It must be an ORI: two letters and seven letters or digits.',
    accepts: isOri,
  },
  nic: {
    code: 'VALUE_FORM',
    provenance: 'verified',
    source: 'WI-NIC',
    says: 'It must be one letter and nine digits.',
    accepts: isNic,
  },
  'nic-or-none': {
    code: 'VALUE_FORM',
    provenance: 'verified',
    source: 'WI-NIC, NLETS N4',
    says: 'It must be one letter and nine digits, or NONE to Canada.',
    accepts: (value) => value === 'NONE' || isNic(value),
  },
  'image-nic': {
    code: 'VALUE_FORM',
    provenance: 'state',
    source: 'FCIC-XML',
    says: 'It must be I and nine digits.',
    accepts: (value) => /^I[0-9]{9}$/.test(value),
  },
  'case-number': {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled',
    says: 'It may not begin with SUPP, be zeros only, a single letter, or NONE.',
    accepts: (value) => !value.startsWith('SUPP') && value !== 'NONE' && !isZeros(value) && !isOneLetter(value),
  },
  'name-comma': {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled',
    says: 'A comma must stand between the last name and the first.',
    accepts: (value) => value.includes(','),
  },
  'name-letters': {
    code: 'VALUE_CHARACTERS',
    provenance: 'recalled',
    source: 'recalled',
    says: 'A name takes letters, blanks, hyphens and one comma.',
    accepts: isNameText,
  },
  height: {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled',
    says: 'Feet and inches from 400 to 711, inches 00 to 11.',
    accepts: (value) => value >= '400' && value <= '711' && value.slice(1) <= '11',
  },
  weight: {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled',
    says: 'Pounds from 050 to 499.',
    accepts: (value) => value >= '050' && value <= '499',
  },
  'soc-range': {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled',
    says: 'It must be 001010001 or more.',
    accepts: (value) => value >= '001010001',
  },
  mnu: {
    code: 'VALUE_FORM',
    provenance: 'state',
    source: 'WI-PIF, FCIC-XML',
    says: 'A code of the table MNU, a hyphen, and 1 to 12 characters.',
    accepts: (value, _own, all) =>
      value.length > 3 && value.charAt(2) === '-' && value.length <= 15 && inTable(all, 'MNU', value.slice(0, 2)),
  },
  'not-zeros': {
    code: 'VALUE_EMPTY_NUMBER',
    provenance: 'state',
    source: 'FCIC-XML',
    says: 'Zeros only are prohibited.',
    accepts: (value) => !isZeros(value),
  },
  serial: {
    code: 'VALUE_EMPTY_NUMBER',
    provenance: 'state',
    source: 'FCIC-XML',
    says: 'Zeros only or a single letter are prohibited.',
    accepts: (value) => !isZeros(value) && !isOneLetter(value),
  },
  'not-unknown': {
    code: 'VALUE_EMPTY_NUMBER',
    provenance: 'state',
    source: 'FCIC-XML',
    says: 'UNK, UNKN and UNKNOWN are prohibited.',
    accepts: (value) => value !== 'UNK' && value !== 'UNKN' && value !== 'UNKNOWN',
  },
  'no-symbols': {
    code: 'VALUE_CHARACTERS',
    provenance: 'verified',
    source: 'WI-LIC, NLETS N11',
    says: 'Leave out blanks, hyphens and symbols.',
    accepts: (value) => capitalsOrDigitsFrom(value, 0),
  },
  'vin-letters': {
    code: 'VALUE_CHARACTERS',
    provenance: 'recalled',
    source: '49 CFR 565 (recalled)',
    says: 'Seventeen characters never hold I, O or Q.',
    accepts: (value) => value.length !== 17 || !/[IOQ]/.test(value),
  },
  'vin-check': {
    code: 'VIN_CHECK_DIGIT',
    provenance: 'recalled',
    source: '49 CFR 565 (recalled)',
    says: 'It is warned of, never refused.',
    accepts: vinCheckAgrees,
  },
  'year-or-nx': {
    code: 'VALUE_FORM',
    provenance: 'state',
    source: 'FCIC-XML, NLETS N4',
    says: 'A year of two or four digits, or NX for non-expiring.',
    accepts: (value) => value === 'NX' || ((value.length === 2 || value.length === 4) && digitsFrom(value, 0)),
  },
  'full-year': {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'FCIC-XML; two digits are published for Nlets only',
    says: 'The year has four digits.',
    accepts: (value) => value.length !== 2 || value === 'NX',
  },
  'fbi-letters': {
    code: 'VALUE_CHARACTERS',
    provenance: 'state',
    source: 'FCIC-XML, TX-CCH',
    says: 'One to nine letters and digits, no check digit is computed.',
    accepts: (value) => capitalsOrDigitsFrom(value, 0),
  },
  'fbi-form': {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled; nine digits: WI-PIF',
    says: 'Up to seven digits, up to seven digits with letters and a check of two at most, or nine characters.',
    accepts: (value) => /^(?:[0-9]{1,7}(?:[A-Z]{1,2}[0-9]{0,2})?|[A-Z0-9]{9})$/.test(value) && /[0-9]/.test(value),
  },
  'state-first': {
    code: 'VALUE_FORM',
    provenance: 'recalled',
    source: 'recalled',
    says: 'It begins with the two letters of its State.',
    accepts: (value, _own, all) => {
      const state = value.slice(0, 2);
      return inTable(all, 'UnitedStates', state) || inTable(all, 'USTerritories', state);
    },
  },
  fingerprint: {
    code: 'VALUE_FORM',
    provenance: 'verified',
    source: 'NIEM, WI-PIF',
    says: 'Ten pairs: codes of the table FPClassification or ridge counts.',
    accepts: (value, _own, all) => {
      for (let at = 0; at < value.length; at += 2) {
        const pair = value.slice(at, at + 2);
        if (!/^[0-9]{2}$/.test(pair) && !inTable(all, 'FPClassification', pair)) return false;
      }
      return value.length === 20;
    },
  },
  offense: {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'state',
    source: 'FCIC-XML, NIEM',
    says: 'A four-digit code of the table OFF, with a literal of the table GOFF in front if need be.',
    accepts: (value, own, all) =>
      hasCode(own, value.slice(-4)) && (value.length === 4 || isOffenseLiteral(value.slice(0, -4).trim(), all)),
  },
  'vehicle-make': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'FCIC-XML, NIEM; the list grows often',
    says: 'The first four characters must be a code of the table VMA.',
    accepts: (value, own) => hasCode(own, value.slice(0, 4).trimEnd()),
  },
  'boat-make': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'FCIC-XML, NIEM; the list grows often',
    says: 'The first characters must be a code of the table BMA, or MISC.',
    accepts: (value, own) => value.startsWith('MISC') || startsWithCode(value, own, 4),
  },
  'gun-make': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'FCIC-XML, NIEM; the list grows often',
    says: 'The first two or three characters must be a code of the table MAK.',
    accepts: (value, own) => value.startsWith('ZZZ') || startsWithCode(value, own, 3),
  },
  color: {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'state',
    source: 'FCIC-XML, NIEM',
    says: 'One code of the table, or two with a slash between.',
    accepts: (value, own) => hasCode(own, value) || splitColors(value).every((color) => hasCode(own, color)),
  },
  'gun-type': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'verified',
    source: 'NIEM',
    says: 'The first character must be of the table GTYP, the second of GTYP2.',
    accepts: (value, _own, all) =>
      inTable(all, 'GTYP', value.slice(0, 1)) && (value.length < 2 || inTable(all, 'GTYP2', value.slice(1, 2))),
  },
  'gun-combination': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'NIEM',
    says: 'Two characters together should stand in the table GTYP3.',
    accepts: (value, _own, all) => value.length !== 2 || inTable(all, 'GTYP3', value),
  },
  'article-type': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'verified',
    source: 'NIEM',
    says: 'The first character must be of the table TYPA.',
    accepts: (value, _own, all) => inTable(all, 'TYPA', value.slice(0, 1)),
  },
  'dictionary-code': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'NIEM; the list grows often',
    says: 'It should be a code of the article dictionary TYP.',
    accepts: (value, own) => hasCode(own, value),
  },
  brand: {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'NIEM; the list grows often',
    says: 'It should be a code of the brand table.',
    accepts: (value, own) => hasCode(own, value),
  },
  'code-run': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'NIEM, FCIC-XML',
    says: 'It should begin with a code of the table.',
    accepts: (value, own) => startsWithCode(value, own, 3),
  },
  'code-first': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'NIEM, FCIC-XML',
    says: 'It should begin with a code of the table, then text.',
    accepts: (value, own) => startsWithCode(value, own, 1),
  },
  'date-or-word': {
    code: 'DATE_INVALID',
    provenance: 'state',
    source: 'WSP-XML, EFTS-C',
    says: 'Write a date that exists as CCYYMMDD, or a word for non-expiring.',
    accepts: (value) => !/^[0-9]+$/.test(value) || isDate8(value),
  },
  'date-or-literal': {
    code: 'DATE_INVALID',
    provenance: 'recalled',
    source: 'recalled',
    says: 'A date CCYYMMDD, or a word for non-expiring.',
    accepts: (value) => !/^[0-9]+$/.test(value) || isDate8(value),
  },
  'unit-last': {
    code: 'CODE_NOT_IN_TABLE',
    provenance: 'recalled',
    source: 'NIEM; that the letter stands last is recalled',
    says: 'It should end in a unit letter of the table VehicleEPD.',
    accepts: (value, own) => hasCode(own, value.slice(-1)),
  },
  'log-time': {
    code: 'VALUE_FORM',
    provenance: 'verified',
    source: 'NLETS N19',
    says: 'ccyymmdd or ccyymmdd@hhmm.',
    accepts: (value) => isDate8(value.slice(0, 8)) && /^.{8}(?:@[0-2][0-9][0-5][0-9])?$/.test(value),
  },
};
