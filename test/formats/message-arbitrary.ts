/** Messages of every key made by chance from the tables: every one of them is one the tables allow. */
import fc from 'fast-check';
import { exampleMessage, exampleValue } from '../../src/formats/example.ts';
import type { CompiledField, CompiledKey, Lexicon } from '../../src/formats/lexicon.ts';
import type { Message } from '../../src/formats/message.ts';
import { buildWith } from '../../src/formats/request/build.ts';
import { checkValue } from '../../src/formats/request/check-value.ts';
import { newReport } from '../../src/formats/request/rule-note.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const alnum = `${letters}0123456789`;
const prose = `${alnum} ,-/'()+:`;

function stringOf(characters: string, min: number, max: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters), minLength: Math.max(1, min), maxLength: Math.max(1, max) });
}

const dates = fc
  .tuple(fc.integer({ min: 1900, max: 2099 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => `${year}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`);

function freeValue(field: CompiledField): fc.Arbitrary<string> {
  const max = Math.min(field.max, field.useMax, field.toEnd ? 60 : 24);
  switch (field.class) {
    case 'num':
      return stringOf('0123456789', field.min, max);
    case 'alpha':
      return stringOf(letters, field.min, max);
    case 'alnum':
      return stringOf(alnum, field.min, max);
    case 'date':
      return dates;
    case 'name':
      return fc.tuple(stringOf(letters, 1, 8), stringOf(letters, 1, 8)).map(([last, first]) => `${last}, ${first}`);
    default:
      return stringOf(field.toEnd ? `${prose}.\n` : prose, field.min, max);
  }
}

/** A value the field takes without a fault, in the spelling that is sent. */
export function fieldValue(key: CompiledKey, field: CompiledField, lexicon: Lexicon): fc.Arbitrary<string> {
  const example = exampleValue(key, field);
  const codes = field.tables.flatMap((table) => Object.keys(table.codes)).slice(0, 200);
  const listed = field.values === undefined ? codes : [...field.values];
  const raw = listed.length > 0 ? fc.constantFrom(...listed, example) : freeValue(field);
  return raw.map((value) => {
    const trimmed = value.trim();
    const report = newReport();
    checkValue(field, trimmed, { report, lexicon, at: 0, today: undefined, offsetOf: undefined });
    return report.faults.length === 0 && trimmed !== '' ? trimmed : example;
  });
}

type Fields = Readonly<Record<string, readonly string[]>>;

const mendsMax = 12;

/** What the rules ask for put in and what they will not have taken out, until the message builds; undefined when it never does. */
function mended(
  least: Message,
  wanted: Fields,
  { values, lexicon }: { readonly values: Fields; readonly lexicon: Lexicon },
): Message | undefined {
  let fields = wanted;
  for (let round = 0; round < mendsMax; round += 1) {
    const built = buildWith({ ...least, fields }, lexicon);
    if (built.ok) return { ...least, fields };
    const next = { ...fields };
    for (const { code, field = '' } of built.faults) {
      const asked = code === 'FIELD_MISSING' || code === 'FIELD_PARTNER_MISSING';
      const value = values[field];
      if (asked && value !== undefined) next[field] = value;
      else delete next[field];
    }
    fields = next;
  }
  return undefined;
}

/** In the order of the key's table, as a message is read back. */
function inOrder(message: Message, key: CompiledKey): Message {
  const codes = [...key.fields.keys()].filter((code) => message.fields[code] !== undefined);
  return { ...message, fields: Object.fromEntries(codes.map((code) => [code, message.fields[code] ?? []])) };
}

/** A message of a key: its example, with chance values, and chance further fields where the rules let them stand. */
export function messageOf(key: CompiledKey, lexicon: Lexicon): fc.Arbitrary<Message> {
  const least = exampleMessage(key, lexicon);
  const fields = [...key.fields.values()];
  const chosen = fc.record({
    values: fc.tuple(...fields.map((field) => fieldValue(key, field, lexicon))),
    extra: fc.tuple(...fields.map(() => fc.boolean())),
  });
  return chosen.map(({ values, extra }) => {
    const all = Object.fromEntries(fields.map(({ code }, index) => [code, [values[index] ?? '']]));
    const wanted = Object.entries(all).filter(
      ([code], index) => extra[index] === true || least.fields[code] !== undefined,
    );
    const made = mended(least, Object.fromEntries(wanted), { values: all, lexicon });
    return made === undefined ? least : inOrder(made, key);
  });
}
