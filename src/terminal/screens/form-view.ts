/** A form: its title, the text to read above it, its fields, and two lines of help for the field with the cursor. */
import { type Field, fittingCodes } from '../field.ts';
import { bodyRows, focused, paneLines, paneRows, shownFields } from '../form.ts';
import { column, cut, fitted, type Line, line, pictures, span, wrap } from '../frame.ts';
import { shownKey } from '../keys.ts';
import type { FormScreen, Model } from '../model.ts';
import { formTitle } from './purposes.ts';

const labelColumns = 34;
const secretColumns = 20;

/** What stands in the box of a field, and how far it is scrolled. */
function shownValue(field: Field, width: number, hasFocus: boolean): { readonly text: string; readonly from: number } {
  if (field.secret) return { text: field.value === '' ? '' : '(typed, not shown)', from: 0 };
  const chosen = field.choices.find((one) => one.value === field.value);
  if (field.choices.length > 0) return { text: `◄ ${chosen?.label ?? 'choose'} ►`, from: 0 };
  const from = hasFocus ? Math.max(0, field.cursor - width + 1) : 0;
  return { text: pictures(field.value.slice(from, from + width)), from };
}

function markOf({ must, wanted, group }: Field): string {
  if (must) return '*';
  if (wanted) return '~';
  return group === '' ? ' ' : '+';
}

function labelOf(field: Field): string {
  const code = field.code === '' ? '' : `${field.code.padEnd(4)} `;
  return `${markOf(field)} ${code}${field.label}`;
}

interface Placed {
  readonly lines: readonly Line[];
  readonly cursor: { readonly row: number; readonly column: number } | null;
}

function fieldLines(form: FormScreen, field: Field, width: number): Placed {
  const hasFocus = focused(form) === field;
  const room = Math.max(4, width - labelColumns - 4);
  // One cell more than it takes, for the cursor behind the last character.
  const wanted = field.secret ? secretColumns : field.max + 1;
  const boxed = Math.min(room, field.choices.length > 0 ? room : wanted);
  const value = shownValue(field, boxed, hasFocus);
  const row: Line = [
    span(hasFocus ? '> ' : '  ', 'strong'),
    span(`${column(labelOf(field), labelColumns - 1)} `, field.faults.length > 0 ? 'bad' : 'plain'),
    span(column(value.text, boxed), hasFocus ? 'entry' : 'bar'),
    span(field.max >= boxed && field.choices.length === 0 && !field.secret ? ' …' : ''),
  ];
  const faults = field.faults.map(
    (text): Line => [span('    ! ', 'alarm'), span(cut(pictures(text), width - 6), 'bad')],
  );
  const at = field.secret || field.choices.length > 0 ? 0 : field.cursor - value.from;
  return {
    lines: [row, ...faults],
    cursor: hasFocus ? { row: 0, column: 2 + labelColumns + Math.min(at, boxed - 1) } : null,
  };
}

function helpLines(form: FormScreen, width: number): readonly [Line, Line] {
  const field = focused(form);
  if (field === undefined) return [line(''), line('')];
  const count = field.secret || field.choices.length > 0 ? '' : `${field.value.length} of ${field.max} characters. `;
  const name = field.code === '' ? '' : `${field.label}. `;
  const lines = wrap(`${name}${count}${field.help}`, width);
  const codes = field.codes.length === 0 ? [] : fittingCodes(field, 20);
  // Codes matter more than the rest of a rule: a person under stress looks for the letter to type.
  const second = codes.length > 0 ? codes.join(' · ') : lines.slice(1).join(' ');
  return [line(lines[0] ?? '', 'quiet'), line(cut(pictures(second), width), codes.length > 0 ? 'plain' : 'quiet')];
}

function paneView(model: Model, form: FormScreen): readonly Line[] {
  const pane = form.pane;
  if (pane === null) return [];
  const rows = paneRows(form, model.size);
  const lines = paneLines(pane, model.size);
  const last = Math.min(lines.length, pane.top + rows);
  const where = lines.length <= rows ? 'all of it' : `lines ${pane.top + 1}–${last} of ${lines.length}`;
  const read = !pane.mustRead
    ? lines.length <= rows
      ? ''
      : ` – ${shownKey('page-down')} and ${shownKey('page-up')} move it`
    : pane.wasRead
      ? ' – READ TO THE END'
      : ` – MORE BELOW: ${shownKey('page-down')}, read it to the end`;
  const width = model.size.columns;
  const bar = (text: string): Line => fitted([span(text, 'bar')], width);
  const shown = lines.slice(pane.top, pane.top + rows).map((one): Line => [span('│ ', 'quiet'), ...one]);
  return [bar(` ${pictures(pane.title)} – ${where}${read}`), ...shown, bar(last < lines.length ? ' ▼ more' : '')];
}

/** The lines of a form and where its cursor stands in them; the fields scroll so that the cursor is always seen. */
export function formView(model: Model, form: FormScreen): Placed {
  const width = model.size.columns;
  const pane = paneView(model, form);
  const homeless = form.faults.map(
    (text): Line => [span('  ! ', 'alarm'), span(cut(pictures(text), width - 4), 'bad')],
  );
  const banner = form.purpose.kind === 'logon' ? model.banner.map((text) => line(cut(pictures(text), width))) : [];
  const head = [[span(formTitle(form), 'strong'), span(waitWords(form), 'warn')], ...banner, ...pane, ...homeless];
  const room = Math.max(1, bodyRows(model.size) - head.length - 2);
  const placed = shownFields(form).map((field) => fieldLines(form, field, width));
  let at = 0;
  let cursorRow = 0;
  let cursorColumn: number | null = null;
  for (const one of placed) {
    if (one.cursor !== null) {
      cursorRow = at;
      cursorColumn = one.cursor.column;
    }
    at += one.lines.length;
  }
  const all = placed.flatMap((one) => one.lines);
  const top = Math.max(0, Math.min(cursorRow - Math.floor(room / 2), all.length - room));
  const fields = all.slice(top, top + room);
  const filler = Array.from({ length: room - fields.length }, () => line(''));
  return {
    lines: [...head, ...fields, ...filler, ...helpLines(form, width)],
    cursor: cursorColumn === null ? null : { row: head.length + cursorRow - top, column: cursorColumn },
  };
}

function waitWords(form: FormScreen): string {
  return form.waitingFor === null ? '' : '  – waiting for the gateway …';
}
