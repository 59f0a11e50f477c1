/**
 * Writes the fixture file of a key from its table: `node test/formats/write-fixtures.ts KEY …`. It gives the first good example and
 * one without each field that must be there; a person then adds what the trade knows. A file that exists is left alone.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleMessage, exampleValue } from '../../src/formats/example.ts';
import type { FieldUse } from '../../src/formats/key-table.ts';
import { type CompiledKey, federalLexicon } from '../../src/formats/lexicon.ts';
import type { Message } from '../../src/formats/message.ts';
import { buildWith } from '../../src/formats/request/build.ts';
import { parseWith } from '../../src/formats/request/parse.ts';

const folder = join(import.meta.dirname, '../../fixtures/messages');

/** The example with one field taken out of its text, however the body is laid out. */
function without(message: Message, code: string): string {
  const built = buildWith(message, federalLexicon);
  if (!built.ok) throw new Error(`the example of ${message.key} does not build`);
  const coded = parseWith(built.text, { lexicon: federalLexicon });
  if (!coded.ok) throw new Error(`the example of ${message.key} does not parse`);
  const fields = Object.entries(message.fields).filter(([name]) => name !== code);
  const body = fields.map(([name, values]) => `${name}/${values.join(`.${name}/`)}`).join('.');
  const head = built.text.slice(0, bodyAt(message, built.text));
  return `${head}${body}${message.text === undefined ? '' : `${body === '' ? '' : '.\n'}${message.text}`}`;
}

function bodyAt(message: Message, text: string): number {
  const txt = text.indexOf('TXT\n');
  if (txt >= 0) return txt + 4;
  return text.indexOf(`.${message.ori}.`) + message.ori.length + 2;
}

const missing: ReadonlySet<string> = new Set(['FIELD_MISSING', 'FIELD_GROUP_MISSING']);

function notes(text: string): string {
  const parsed = parseWith(text, { lexicon: federalLexicon });
  const list = parsed.ok ? parsed.warnings.filter((one) => missing.has(one.code)) : parsed.faults;
  const words = list.map((one) => (one.field === undefined ? one.code : `${one.code} ${one.field}`));
  return `# ${parsed.ok ? 'warns' : 'bad'} ${words.join(', ')}`;
}

/** The example with other members of its groups, where those it has would make the field unnecessary. */
function withNeedFor(key: CompiledKey, message: Message, use: FieldUse): Message {
  const idle = (use.unless ?? []).filter((code) => message.fields[code] !== undefined);
  if (idle.length === 0) return message;
  const group = key.groups.find((one) => one.codes.some((code) => idle.includes(code)));
  const other = group?.codes.find((code) => !use.unless?.includes(code)) ?? '';
  const field = key.fields.get(other);
  const partners = key.partners.filter((one) => idle.includes(one.partner)).map((one) => one.use.code);
  const kept = Object.entries(message.fields).filter(([code]) => !idle.includes(code) && !partners.includes(code));
  const added = field === undefined ? [] : [[other, [exampleValue(key, field)]] as const];
  return { ...message, fields: Object.fromEntries([...kept, ...added]) };
}

/** The text of a key's fixture file. */
function fixtureOf(name: string): string {
  const key = federalLexicon.keys.get(name);
  if (key === undefined) throw new Error(`no such key: ${name}`);
  const message = exampleMessage(key, federalLexicon);
  const built = buildWith(message, federalLexicon);
  const sections = [`# good the least that is asked for\n${built.ok ? built.text : ''}\n`];
  for (const { use } of key.musts) {
    const text = without(withNeedFor(key, message, use), use.code);
    sections.push(`${notes(text)}\n${text}\n`);
  }
  for (const group of key.groups) {
    const member = group.codes.find((code) => message.fields[code] !== undefined);
    if (member === undefined || key.musts.some(({ use }) => use.code === member)) continue;
    const text = without(message, member);
    if (notes(text).includes('FIELD_GROUP_MISSING')) sections.push(`${notes(text)}\n${text}\n`);
  }
  return sections.join('');
}

const words = process.argv.slice(2);
const names = words.length > 0 ? words : [...federalLexicon.keys.keys()];
mkdirSync(folder, { recursive: true });
for (const name of names) {
  const file = join(folder, `${name}.txt`);
  if (!existsSync(file)) writeFileSync(file, fixtureOf(name));
}
