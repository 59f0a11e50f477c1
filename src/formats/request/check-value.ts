/** Checks one value of one field against everything the dictionary and the key's table say of it. */
import type { FaultCode } from '../../faults/fault.ts';
import { synonymOf } from '../code-tables.ts';
import type { CompiledField, Lexicon } from '../lexicon.ts';
import type { Provenance } from '../message.ts';
import { isDate6, isDate8 } from '../rules/dates.ts';
import { addByRule, type Report } from './rule-note.ts';

function isDigits(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

function isLetters(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 65 || code > 90) return false;
  }
  return true;
}

/** 0: letters, digits, blanks and hyphens; 1: also other marks; 2: something that cannot be printed. */
function alnumGrade(value: string): 0 | 1 | 2 {
  let grade: 0 | 1 | 2 = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if ((code >= 65 && code <= 90) || (code >= 48 && code <= 57)) continue;
    if (code === 32 || code === 45) continue;
    if (code < 32 || code === 127) return 2;
    grade = 1;
  }
  return grade;
}

/** Where a value stands, and where what is wrong with it goes. One is used for a whole message. */
export interface CheckPlace {
  readonly report: Report;
  readonly lexicon: Lexicon;
  /** Where the value begins in the text that is read, and how to find that place in the original; undefined when building. */
  at: number;
  /** The day it is, CCYYMMDD; undefined when the reader was not told. */
  readonly today: string | undefined;
  readonly offsetOf: ((at: number) => number) | undefined;
}

interface Note {
  readonly code: FaultCode;
  readonly provenance: Provenance;
  readonly says: string;
  readonly source?: string | undefined;
}

function note(field: CompiledField, place: CheckPlace, what: Note): void {
  addByRule(place.report, what.code, {
    provenance: what.provenance,
    source: what.source ?? field.row.source,
    field: field.code,
    offset: place.offsetOf?.(place.at),
    says: what.says,
  });
}

function checkClass(field: CompiledField, value: string, place: CheckPlace): void {
  const { provenance } = field;
  const code = 'VALUE_CHARACTERS';
  switch (field.class) {
    case 'num':
      if (!isDigits(value)) note(field, place, { code, provenance, says: 'Digits only.' });
      return;
    case 'alpha':
      if (!isLetters(value)) note(field, place, { code, provenance, says: 'Letters only.' });
      return;
    case 'alnum': {
      const grade = alnumGrade(value);
      if (grade === 0) return;
      const says = 'Letters and digits; other marks are doubtful.';
      note(field, place, { code, provenance: grade === 1 ? 'recalled' : provenance, says });
      return;
    }
    case 'date':
      if (isDate8(value) || (field.min <= 6 && isDate6(value))) return;
      note(field, place, {
        code: 'DATE_INVALID',
        provenance,
        says: field.min <= 6 ? 'Write it as CCYYMMDD or mmddyy.' : 'Write it as CCYYMMDD.',
      });
      return;
    default:
  }
}

function checkTables(field: CompiledField, value: string, place: CheckPlace): void {
  if (field.codes.has(value) && !field.recalledCodes.includes(value)) return;
  noteTables(field, value, place);
}

/** Says what is odd about a value that stands in no table, or is only recalled to be a code. */
function noteTables(field: CompiledField, value: string, place: CheckPlace): void {
  const source = field.tables[0]?.source;
  if (field.codes.has(value)) {
    note(field, place, {
      code: 'CODE_NOT_IN_TABLE',
      provenance: 'recalled',
      says: 'The code is recalled to be in use.',
      source,
    });
    return;
  }
  if (synonymOf(field.tables, value) !== undefined) {
    note(field, place, { code: 'CODE_SYNONYM', provenance: 'recalled', says: 'Both spellings are published.', source });
    return;
  }
  const names = field.tables.map((table) => table.name);
  const tables = names.length === 1 ? `the table ${names[0]}` : `one of the tables ${names.join(', ')}`;
  const provenance = field.openTable ? 'recalled' : field.provenance;
  note(field, place, { code: 'CODE_NOT_IN_TABLE', provenance, says: `Look it up in ${tables}.`, source });
}

function checkLength(field: CompiledField, length: number, place: CheckPlace): void {
  const code = 'VALUE_TOO_LONG';
  if (length > field.useMax) {
    note(field, place, { code, provenance: field.useMaxProvenance, says: `At most ${field.useMax} characters.` });
  } else if (length > field.max) {
    note(field, place, { code, provenance: field.maxProvenance, says: `At most ${field.max} characters.` });
  }
  if (length >= field.min) return;
  note(field, place, {
    code: 'VALUE_TOO_SHORT',
    provenance: field.minProvenance,
    says: `At least ${field.min} characters.`,
  });
}

function checkEdits(field: CompiledField, value: string, place: CheckPlace): void {
  for (const edit of field.edits) {
    if (!edit.accepts(value, field.tables, place.lexicon.tables)) note(field, place, edit);
  }
}

const latestWords = {
  today: 'Not later than today.',
  'next-year': 'Not later than the year after this one.',
} as const;

/** A date after today, or a year after the next; what is no date or year at all is another rule's business. */
function checkLatest(field: CompiledField, value: string, place: CheckPlace): void {
  const { latest } = field;
  const { today } = place;
  if (latest === undefined || today === undefined) return;
  if (latest === 'today') {
    if (value.length !== 8 || value <= today) return;
  } else if (value.length !== 4 || value <= String(Number(today.slice(0, 4)) + 1)) return;
  note(field, place, { code: 'DATE_FUTURE', provenance: field.latestProvenance, says: latestWords[latest] });
}

/**
 * Checks what stands behind a code in a question: one value, or several with commas between, each by itself. That some keys take
 * several so is recalled (ncic.md, section 1.2), and warned of.
 */
export function checkAsked(field: CompiledField, value: string, place: CheckPlace): void {
  if (field.class === 'name' || field.class === 'text' || !value.includes(',')) {
    checkValue(field, value, place);
    return;
  }
  for (const one of value.split(',')) checkValue(field, one.trim(), place);
  const says = 'Several values with commas between; repeat the field if the State does not take them so.';
  note(field, place, { code: 'VALUE_FORM', provenance: 'recalled', says, source: 'recalled' });
}

/**
 * Checks a value, in capitals, and adds what is wrong to the report. Recalled rules warn; verified and State rules refuse.
 */
export function checkValue(field: CompiledField, value: string, place: CheckPlace): void {
  const length = value.length;
  if (length > field.useMax || length > field.max || length < field.min) checkLength(field, length, place);
  checkClass(field, value, place);
  if (field.values !== undefined && !field.values.has(value)) {
    note(field, place, {
      code: 'VALUE_NOT_LISTED',
      provenance: field.valuesProvenance,
      says: `One of ${[...field.values].join(' ')}.`,
    });
  }
  if (field.lookUp) checkTables(field, value, place);
  if (field.latest !== undefined) checkLatest(field, value, place);
  if (field.edits.length > 0) checkEdits(field, value, place);
}
