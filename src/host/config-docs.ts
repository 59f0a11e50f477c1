import { z } from 'zod';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
}

/** One setting as a person looks it up. */
export interface SettingDoc {
  readonly path: string;
  readonly takes: string;
  /** The default as JSON, `required`, or an empty text for what may be left out. */
  readonly unlessGiven: string;
  readonly meaning: string;
}

/** Every setting of a schema, in its order. A list's members are written `name[]`, a map's `name.*`. */
export function settingDocs(schema: z.ZodType): readonly SettingDoc[] {
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return [...walkObject(json, '')];
}

/** The same as a Markdown table. */
export function settingTable(schema: z.ZodType): string {
  const rows = settingDocs(schema).map(
    (one) => `| \`${one.path}\` | ${cell(one.takes)} | ${cell(one.unlessGiven)} | ${cell(one.meaning)} |`,
  );
  return ['| setting | takes | unless given | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function* walkObject(schema: JsonSchema, prefix: string): Generator<SettingDoc> {
  const required = new Set(schema.required ?? []);
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    yield {
      path,
      takes: takes(child),
      unlessGiven: unlessGiven(child, required.has(name)),
      meaning: child.description ?? '',
    };
    yield* walkInside(child, path);
  }
}

function* walkInside(schema: JsonSchema, path: string): Generator<SettingDoc> {
  yield* walkObject(schema, path);
  if (schema.items !== undefined) yield* walkObject(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object') yield* walkObject(schema.additionalProperties, `${path}.*`);
}

function takes(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.type === 'array') return `list${bounds(schema.minItems, schema.maxItems)} of ${takes(schema.items ?? {})}`;
  if (schema.type === 'object') return schema.properties === undefined ? 'map' : 'section';
  if (schema.type === 'integer' || schema.type === 'number') {
    return `${schema.type}${bounds(schema.minimum, schema.maximum)}`;
  }
  return schema.type ?? 'anything';
}

function bounds(least: number | undefined, most: number | undefined): string {
  const top = most === undefined || most >= Number.MAX_SAFE_INTEGER ? undefined : most;
  if (least === undefined && top === undefined) return '';
  if (top === undefined) return ` from ${least}`;
  return ` ${least ?? 0} to ${top}`;
}

function unlessGiven(schema: JsonSchema, required: boolean): string {
  if (schema.default !== undefined) {
    return schema.type === 'object' ? 'its defaults' : `\`${JSON.stringify(schema.default)}\``;
  }
  return required ? 'required' : 'none';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
