/** One single-line field of a form, and what a key does to it. Pure. */

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Field {
  /** The name under which its value is sent and its faults come back. */
  readonly name: string;
  /** The code shown before the label, such as NAM; empty for plain forms. */
  readonly code: string;
  readonly label: string;
  readonly must: boolean;
  /** A recalled rule asks for it: without it there is a warning and no more. */
  readonly wanted: boolean;
  /** One field of this group must be filled; empty for none. */
  readonly group: string;
  /** The most characters it takes. */
  readonly max: number;
  readonly value: string;
  /** Where the next character goes, 0 … value.length. */
  readonly cursor: number;
  /** Never shown, not even its length. */
  readonly secret: boolean;
  /** Typed letters become capitals. */
  readonly capitals: boolean;
  /** Takes several values, divided by `;`. */
  readonly several: boolean;
  readonly help: string;
  /** When there are any, the value is one of them (or still empty) and keys step through them. */
  readonly choices: readonly Choice[];
  /** Code tables its value may come from, code to meaning; shown as help while typing. */
  readonly codes: readonly Readonly<Record<string, string>>[];
  readonly faults: readonly string[];
  /** True while the other fields say that this one has no place; its value is then not sent. */
  readonly hidden: boolean;
}

/** A field with the usual rest: optional, shown, no choices, empty. */
export function makeField(given: Pick<Field, 'name' | 'label' | 'max'> & Partial<Field>): Field {
  const value = given.value ?? '';
  return {
    code: '',
    must: false,
    wanted: false,
    group: '',
    secret: false,
    capitals: false,
    several: false,
    help: '',
    choices: [],
    codes: [],
    faults: [],
    hidden: false,
    ...given,
    value,
    cursor: value.length,
  };
}

/** The field with this text put in where the cursor stands: control characters taken out, cut to its size. */
export function insert(field: Field, text: string): Field {
  if (field.choices.length > 0) return chooseByLetter(field, text);
  // A pasted line end must never act, and a control character must never be sent unseen.
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/gu, ' ');
  const cased = field.capitals ? clean.toUpperCase() : clean;
  const room = Math.max(0, field.max - field.value.length);
  const put = cased.slice(0, room);
  return {
    ...field,
    value: field.value.slice(0, field.cursor) + put + field.value.slice(field.cursor),
    cursor: field.cursor + put.length,
    faults: put === '' ? field.faults : [],
  };
}

function chooseByLetter(field: Field, text: string): Field {
  if (text === ' ') return step(field, 1);
  const letter = text.toLowerCase();
  const found = field.choices.find(
    (one) => one.label.toLowerCase().startsWith(letter) || one.value.toLowerCase().startsWith(letter),
  );
  return found === undefined ? field : { ...field, value: found.value, faults: [] };
}

function step(field: Field, by: 1 | -1): Field {
  const at = field.choices.findIndex((one) => one.value === field.value);
  const count = field.choices.length;
  const next = at === -1 ? (by === 1 ? 0 : count - 1) : (at + by + count) % count;
  return { ...field, value: field.choices[next]?.value ?? '', faults: [] };
}

function move(field: Field, cursor: number): Field {
  return { ...field, cursor: Math.max(0, Math.min(field.value.length, cursor)) };
}

function remove(field: Field, from: number, until: number): Field {
  if (from < 0 || from >= until || from >= field.value.length) return field;
  return { ...field, value: field.value.slice(0, from) + field.value.slice(until), cursor: from, faults: [] };
}

/** What an editing key does to the field; undefined when the key does not edit. */
export function edit(field: Field, key: string): Field | undefined {
  if (field.choices.length > 0) {
    if (key === 'left') return step(field, -1);
    if (key === 'right') return step(field, 1);
    if (key === 'backspace' || key === 'delete' || key === 'C-u') return { ...field, value: '', faults: [] };
    return undefined;
  }
  switch (key) {
    case 'left':
      return move(field, field.cursor - 1);
    case 'right':
      return move(field, field.cursor + 1);
    case 'home':
      return move(field, 0);
    case 'end':
      return move(field, field.value.length);
    case 'backspace':
      return remove(field, field.cursor - 1, field.cursor);
    case 'delete':
      return remove(field, field.cursor, field.cursor + 1);
    case 'C-u':
      return { ...field, value: '', cursor: 0, faults: [] };
    default:
      return undefined;
  }
}

/** The codes that fit what is typed so far, as `M MALE`: those that begin with it, then those whose meaning has it. */
export function fittingCodes(field: Field, countMax: number): string[] {
  const typed = field.value.trim().toUpperCase();
  const all = field.codes.flatMap((codes) => Object.entries(codes));
  const begins = all.filter(([code]) => code.startsWith(typed));
  const means = all.filter(
    ([code, meaning]) => !code.startsWith(typed) && typed.length > 1 && meaning.toUpperCase().includes(typed),
  );
  return [...begins, ...means].slice(0, countMax).map(([code, meaning]) => `${code} ${meaning}`);
}
