/** A message key as a person wants to read it: drawn from its table alone, for the command line and for docs/keys.md. */
import { exampleMessage } from './example.ts';
import { type CompiledField, type CompiledKey, type Lexicon, standingOf } from './lexicon.ts';
import type { KeyClass } from './message.ts';
import { buildWith } from './request/build.ts';

/** What the class of a key means for its messages. */
export const classWords: Readonly<Record<KeyClass, string>> = {
  inquiry: 'inquiry: leaves at once, may be sent again',
  history: 'history: leaves at once after its purpose and log checks, may be sent again',
  record: 'record: held for a supervisor, never sent again by itself',
  confirm: 'confirm: held for a supervisor, never sent again by itself',
  tell: 'tell: held for a supervisor, never sent again by itself',
};

const formWords: Readonly<Record<CompiledKey['table']['form'], string>> = {
  coded: 'fields with codes',
  positional: 'values in a fixed order, or fields with codes',
  nlets: 'Nlets header and fields',
  'free-text': 'Nlets header and text',
};

function needOf(field: CompiledField): string {
  const { use } = field;
  if (use === undefined) return 'may';
  const standing = standingOf(field);
  const need = standing === 'one of' ? `one of ${use.group}` : standing;
  const partner = use.with === undefined ? '' : `, with ${use.with}`;
  const unless = use.unless === undefined ? '' : `, unless ${use.unless.join(' ')}`;
  return `${need}${partner}${unless}`;
}

function sizeOf(field: CompiledField): string {
  const most = Math.min(field.max, field.useMax);
  if (!Number.isFinite(most)) return 'any';
  return field.min === most || field.min === 0 ? String(most) : `${field.min}-${most}`;
}

function valuesOf(field: CompiledField): string {
  if (field.values !== undefined) return `: ${[...field.values].join(' ')}`;
  return field.tables.length === 0 ? '' : `: table ${field.tables.map((table) => table.name).join(', ')}`;
}

function fieldLine(field: CompiledField): string {
  const sure = field.useMaxProvenance === 'recalled' || field.provenance === 'recalled' ? ' (recalled)' : '';
  const note = field.use?.note === undefined ? '' : ` [${field.use.note}]`;
  return `  ${field.code.padEnd(8)}${needOf(field).padEnd(24)} ${sizeOf(field).padEnd(6)} ${field.name}${valuesOf(field)}${sure}${note}`;
}

function variantLines(key: CompiledKey): readonly string[] {
  return (key.table.variants ?? []).map((variant) => {
    const when = Object.entries(variant.when).map(([code, value]) => `${code}/${value}`);
    const optional = variant.optional.length === 0 ? '' : `, and may hold ${variant.optional.join(' ')}`;
    const sure = variant.provenance === 'verified' ? '' : ` (${variant.provenance})`;
    return `  ${when.length === 0 ? 'one set' : when.join(' ')}: ${variant.required.join(' ')}${optional}${sure}`;
  });
}

function addressLine(key: CompiledKey): readonly string[] {
  const rule = key.table.destinations;
  if (rule === undefined) return [];
  const kind = { ori: 'nine-character ORIs', region: 'two-character codes', both: 'ORIs and two-character codes' }[
    rule.kind
  ];
  const words = [
    `${rule.max === undefined ? '' : `at most ${rule.max} `}${kind}`,
    ...(rule.regionMax === undefined ? [] : [`at most ${rule.regionMax} codes`]),
    ...(rule.only === undefined ? [] : [`only ${rule.only}`]),
    ...(rule.not === undefined ? [] : [`not ${rule.not.join(' ')}`]),
  ];
  return [`  to: ${words.join(', ')} (${rule.provenance}: ${rule.source})`];
}

/** What single destinations ask for. */
function destinationLines(key: CompiledKey): readonly string[] {
  return (key.table.destinationNeeds ?? []).map(({ to, required = [], not = [], ...rule }) => {
    const asks = required.length === 0 ? '' : ` needs ${required.join(' ')}`;
    const refuses = not.length === 0 ? '' : ` does not take ${not.join(' ')}`;
    return `  to ${to}${rule.with === undefined ? '' : ` with ${rule.with}`}:${asks}${refuses} (${rule.provenance}: ${rule.source})`;
  });
}

/** What the key asks of free text. */
function bodyLine(key: CompiledKey): readonly string[] {
  const { body, freeToo } = key.table;
  const words = [
    ...(freeToo === true ? ['may stand in place of the fields'] : []),
    ...(body?.must === true ? ['must be there'] : []),
    ...(body?.max === undefined ? [] : [`at most ${body.max} characters`]),
    ...(body?.listed === undefined ? [] : [`published: ${body.listed.join(', ')}`]),
  ];
  if (words.length === 0) return [];
  return [`  text: ${words.join(', ')}${body === undefined ? '' : ` (${body.provenance}: ${body.source})`}`];
}

/** The page of one key, a line each. */
export function keyPage(key: CompiledKey, lexicon: Lexicon): readonly string[] {
  const { table } = key;
  const built = buildWith(exampleMessage(key, lexicon), lexicon);
  const fields = [...key.fields.values()];
  return [
    `${table.key}  ${table.title}`,
    `  ${classWords[table.class]}`,
    `  line ${table.line}${table.header === undefined ? '' : `, header ${table.header}`}; ${formWords[table.form]}`,
    ...(table.replies.length === 0 ? [] : [`  answered by ${table.replies.join(', ')}`]),
    ...addressLine(key),
    ...destinationLines(key),
    ...bodyLine(key),
    ...fields.map(fieldLine),
    ...(fields.length === 0 && table.form !== 'free-text' ? ['  its fields are in no public source'] : []),
    ...(table.positions === undefined
      ? []
      : [`  order without codes: ${table.positions.order.join(' ')} (${table.positions.provenance})`]),
    ...variantLines(key),
    ...(table.rules === undefined ? [] : [`  rules between fields: ${table.rules.join(', ')}`]),
    ...(table.open === true ? ['  and any other field of the dictionary'] : []),
    ...(built.ok ? ['  example:', ...built.text.split('\n').map((line) => `    ${line}`)] : []),
    `  key ${table.provenance}, fields ${table.fieldsProvenance ?? 'not known'}: ${table.source}`,
    ...(table.note === undefined ? [] : [`  ${table.note}`]),
  ];
}

/** One line for a list of keys. */
export function keyLine(key: CompiledKey): string {
  const { table } = key;
  return `${table.key.padEnd(6)} ${table.class.padEnd(8)} ${table.line.padEnd(6)} ${table.title}`;
}
