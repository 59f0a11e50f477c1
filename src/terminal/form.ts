/** What keys do in a form, and how its text pane is laid out. Pure; what a form is for stands in screens/. */
import { edit, type Field, insert } from './field.ts';
import { exactLines, type Line, line, pictures, type Size, sheetLines, wrap } from './frame.ts';
import type { FormScreen, Pane } from './model.ts';

/** Rows that belong to the head (4) and the foot (3) of every screen. */
const chromeRows = 7;
/** The title of a form and the two lines of help under it. */
const formRows = 3;

/** The smallest screen that can hold head, foot and something between. */
export const least: Size = { columns: 60, rows: 16 };

/** True where nothing could be read, so that nothing may be done either. */
export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < least.columns || rows < least.rows;
}

/** Rows between head and foot. */
export function bodyRows(size: Size): number {
  return Math.max(1, size.rows - chromeRows);
}

/** Fields that are not hidden take part in a form. */
export function shownFields(form: FormScreen): readonly Field[] {
  return form.fields.filter((field) => !field.hidden);
}

/** How many rows the pane above the fields has: what the fields leave, but never less than 3. */
export function paneRows(form: FormScreen, size: Size): number {
  if (form.pane === null) return 0;
  const fieldRows = shownFields(form).reduce((sum, field) => sum + 1 + field.faults.length, form.faults.length);
  return Math.max(3, bodyRows(size) - formRows - fieldRows - 2);
}

/** The lines of a pane, wrapped for a screen this wide. */
export function paneLines(pane: Pane, size: Size): readonly Line[] {
  const width = size.columns - 2;
  return pane.paragraphs.flatMap((paragraph): Line[] => {
    if (paragraph.style === 'exact') return exactLines(paragraph.text, width).map((text) => line(text));
    if (paragraph.style === 'sheet') return sheetLines(paragraph.text, width).map((text) => line(text));
    if (paragraph.style === 'heading') return [line(pictures(paragraph.text), 'strong')];
    return wrap(pictures(paragraph.text), width).map((text) => line(text));
  });
}

/** Moves the pane and notes when its last line has been on the screen. */
export function scrollPane(form: FormScreen, size: Size, by: number): FormScreen {
  if (form.pane === null) return form;
  const rows = paneRows(form, size);
  const count = paneLines(form.pane, size).length;
  const top = Math.max(0, Math.min(form.pane.top + by, count - rows));
  return { ...form, pane: { ...form.pane, top, wasRead: form.pane.wasRead || top + rows >= count } };
}

/** The field that has the cursor. */
export function focused(form: FormScreen): Field | undefined {
  return form.fields[form.focus];
}

/** The cursor on the next or previous field that is shown; it stays at the ends. */
export function moveFocus(form: FormScreen, by: 1 | -1): FormScreen {
  for (let at = form.focus + by; at >= 0 && at < form.fields.length; at += by) {
    if (form.fields[at]?.hidden === false) return { ...form, focus: at };
  }
  return form;
}

/** True when no shown field comes after the focused one. */
export function isOnLast(form: FormScreen): boolean {
  return moveFocus(form, 1) === form;
}

function withField(form: FormScreen, field: Field): FormScreen {
  const fields = form.fields.map((one, at) => (at === form.focus ? field : one));
  return { ...form, fields, dirty: form.dirty || field.value !== focused(form)?.value };
}

/** Puts typed or pasted text into the focused field. */
export function typeInto(form: FormScreen, text: string): FormScreen {
  const field = focused(form);
  return field === undefined ? form : withField(form, insert(field, text));
}

/** What an editing key does; undefined when it does not edit. */
export function editWith(form: FormScreen, key: string): FormScreen | undefined {
  const field = focused(form);
  const edited = field === undefined ? undefined : edit(field, key);
  return edited === undefined ? undefined : withField(form, edited);
}

/** What stands in a field; blanks around it never count. */
export function typedIn(form: FormScreen, name: string): string {
  const field = form.fields.find((one) => one.name === name);
  if (field === undefined || field.hidden) return '';
  return field.secret ? field.value : field.value.trim();
}

/** Shows every fault at its field, the others above the fields, and puts the cursor on the first field with one. */
export function showFaults(
  form: FormScreen,
  faults: readonly { readonly field?: string | undefined; readonly text: string }[],
): FormScreen {
  const fields = form.fields.map((field) => ({
    ...field,
    faults: field.hidden ? [] : faults.filter((fault) => isOf(fault.field, field.name)).map((fault) => fault.text),
  }));
  const homeless = faults.filter(
    (fault) => !form.fields.some((field) => !field.hidden && isOf(fault.field, field.name)),
  );
  const first = fields.findIndex((field) => field.faults.length > 0);
  return {
    ...form,
    fields,
    faults: homeless.map((fault) => (fault.field === undefined ? fault.text : `${fault.field}: ${fault.text}`)),
    focus: first === -1 ? form.focus : first,
  };
}

/** A gateway names a place as `check.lookedBy` or `fields.NAM.0`; a field by its own name alone. */
function isOf(place: string | undefined, name: string): boolean {
  return place !== undefined && (place === name || place.split('.').includes(name));
}

/** Empties what must never be kept: passwords and factors. */
export function withoutSecrets(form: FormScreen): FormScreen {
  return { ...form, fields: form.fields.map((field) => (field.secret ? { ...field, value: '', cursor: 0 } : field)) };
}
