/** Checks one value of one field against everything the dictionary and the key's table say of it. */
import { type CodeTable, hasCode, synonymOf } from '../code-tables.ts';
import type { CompiledField, Lexicon } from '../lexicon.ts';
import { isDate6, isDate8 } from '../rules/dates.ts';
import { addByRule, type Report } from './rule-note.ts';

const noTables: readonly CodeTable[] = [];

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

function checkClass(field: CompiledField, value: string, note: NoteOf): void {
  switch (field.class) {
    case 'num':
      if (!isDigits(value)) note('VALUE_CHARACTERS', field.provenance, 'Digits only.');
      return;
    case 'alpha':
      if (!isLetters(value)) note('VALUE_CHARACTERS', field.provenance, 'Letters only.');
      return;
    case 'alnum': {
      const grade = alnumGrade(value);
      if (grade === 1) note('VALUE_CHARACTERS', 'recalled', 'Letters and digits; other marks are doubtful.');
      if (grade === 2) note('VALUE_CHARACTERS', field.provenance, 'Letters and digits.');
      return;
    }
    case 'date':
      if (!(isDate8(value) || (field.min <= 6 && isDate6(value)))) {
        note('DATE_INVALID', field.provenance, field.min <= 6 ? 'CCYYMMDD or mmddyy.' : 'CCYYMMDD.');
      }
      return;
    default:
  }
}

type NoteOf = (
  code: Parameters<typeof addByRule>[1],
  provenance: CompiledField['provenance'],
  says: string,
  source?: string,
) => void;

function checkTables(field: CompiledField, value: string, note: NoteOf): void {
  if (hasCode(field.tables, value)) {
    for (const table of field.tables) {
      if (table.recalled.includes(value)) note('CODE_NOT_IN_TABLE', 'recalled', 'The code is recalled to be in use.');
    }
    return;
  }
  if (synonymOf(field.tables, value) !== undefined) {
    note('CODE_SYNONYM', 'recalled', 'Both spellings are published.', field.tables[0]?.source);
    return;
  }
  const names = field.tables.map((table) => table.name).join(', ');
  const provenance = field.openTable ? 'recalled' : field.provenance;
  note('CODE_NOT_IN_TABLE', provenance, `Table ${names}.`, field.tables[0]?.source);
}

function checkLength(field: CompiledField, length: number, note: NoteOf): void {
  if (length > field.useMax) note('VALUE_TOO_LONG', field.useMaxProvenance, `At most ${field.useMax} characters.`);
  else if (length > field.max) note('VALUE_TOO_LONG', field.maxProvenance, `At most ${field.max} characters.`);
  if (length < field.min) note('VALUE_TOO_SHORT', field.minProvenance, `At least ${field.min} characters.`);
}

/**
 * Checks a value, in capitals, and adds what is wrong to the report. `offset` is where the value begins in the text.
 * Recalled rules warn; verified and State rules refuse.
 */
export function checkValue(
  field: CompiledField,
  value: string,
  given: { report: Report; lexicon: Lexicon; offset?: number | undefined },
): void {
  const note: NoteOf = (code, provenance, says, source) =>
    addByRule(given.report, code, {
      provenance,
      source: source ?? field.row.source,
      field: field.code,
      offset: given.offset,
      says,
    });
  const length = value.length;
  if (length > field.useMax || length > field.max || length < field.min) checkLength(field, length, note);
  checkClass(field, value, note);
  if (field.values !== undefined && !field.values.has(value)) {
    note('VALUE_NOT_LISTED', field.valuesProvenance, `One of ${[...field.values].join(' ')}.`);
  }
  if (field.lookUp) checkTables(field, value, note);
  for (const edit of field.edits) {
    const tableNamed = (name: string) => {
      const table = given.lexicon.tables.get(name);
      return table === undefined ? noTables : [table];
    };
    if (!edit.accepts(value, field.tables, tableNamed)) note(edit.code, edit.provenance, edit.says, edit.source);
  }
}
