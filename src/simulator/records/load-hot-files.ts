/** Loads the synthetic records of the hot files and registers from a folder of YAML files, one file each. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { HitlineError } from '../../faults/fault.ts';
import type { Values } from '../../formats/message.ts';
import { noRegisters, type Registers } from './criminal-histories.ts';
import { type HotFileName, hotFiles } from './files.ts';
import { type HotRecord, type HotRecords, noRecords, recordsMax, withRecords } from './hot-records.ts';

const ori = z.string().regex(/^[A-Z]{2}[A-Z0-9]{7}$/);
const fields = z
  .record(z.string().regex(/^[A-Z]{3}$/), z.union([z.string(), z.array(z.string())]))
  .transform((held): Values => Object.fromEntries(Object.entries(held).map(([code, value]) => [code, [value].flat()])));

const hotRecord = z.strictObject({
  nic: z.string().regex(/^[A-Z][0-9]{9}$/),
  ori,
  key: z.string().min(2).max(6),
  entered: z.iso.datetime(),
  fields,
  updated: z.iso.datetime().optional(),
  locate: z.strictObject({ ori, at: z.iso.datetime(), fields }).optional(),
  supplements: fields.optional(),
  detainer: z.strictObject({ at: z.iso.datetime(), fields }).optional(),
  purged: z.strictObject({ by: z.enum(['clear', 'cancel', 'retention']), at: z.iso.datetime() }).optional(),
});

const history = z.strictObject({
  fbi: z.string().min(1).max(9),
  sid: z.string().min(3).max(10),
  fields,
  arrests: z
    .array(z.strictObject({ date: z.string(), agency: z.string(), charge: z.string(), disposition: z.string() }))
    .default([]),
});

const register = z.strictObject({ fields });

/** What a folder of fixtures holds. */
export interface LoadedFiles {
  readonly records: HotRecords;
  readonly registers: Registers;
}

function checked<T>(schema: z.ZodType<T>, data: unknown, file: string): readonly T[] {
  const result = z.array(schema).max(recordsMax).safeParse(data);
  if (result.success) return result.data;
  const detail = result.error.issues.map((issue) => `${file} ${issue.path.join('.')}: ${issue.code}`).join('; ');
  throw new HitlineError('HOT_FILES_INVALID', { detail });
}

function readRecords(name: HotFileName, data: unknown): readonly HotRecord[] {
  return checked(hotRecord, data, name).map((one) => ({
    file: name,
    nic: one.nic,
    ori: one.ori,
    key: one.key,
    fields: one.fields,
    enteredAtMs: Date.parse(one.entered),
    updatedAtMs: Date.parse(one.updated ?? one.entered),
    ...(one.locate === undefined
      ? {}
      : { locate: { ori: one.locate.ori, atMs: Date.parse(one.locate.at), fields: one.locate.fields } }),
    ...(one.supplements === undefined ? {} : { supplements: one.supplements }),
    ...(one.detainer === undefined
      ? {}
      : { detainer: { atMs: Date.parse(one.detainer.at), fields: one.detainer.fields } }),
    ...(one.purged === undefined ? {} : { purged: { by: one.purged.by, atMs: Date.parse(one.purged.at) } }),
  }));
}

/** Reads what one file holds into what was loaded before it; a file with another name is a mistake, not a surprise. */
function withFile(loaded: LoadedFiles, name: string, data: unknown): LoadedFiles {
  const { records, registers } = loaded;
  const file = hotFiles.find((one) => one.name === name);
  if (file !== undefined) return { ...loaded, records: withRecords(records, readRecords(file.name, data)) };
  switch (name) {
    case 'criminal-histories':
      return { records, registers: { ...registers, histories: checked(history, data, name) } };
    case 'registrations':
      return { records, registers: { ...registers, registrations: checked(register, data, name) } };
    case 'licences':
      return { records, registers: { ...registers, licences: checked(register, data, name) } };
    default:
      throw new HitlineError('HOT_FILES_INVALID', { detail: 'A file is named for no hot file and no register.' });
  }
}

/**
 * Loads every `*.yaml` of a folder; each is named for the hot file or register it fills.
 * @throws HitlineError FILE_UNREADABLE or HOT_FILES_INVALID, naming files and paths, never values.
 */
export async function loadHotFiles(folder: string): Promise<LoadedFiles> {
  let loaded: LoadedFiles = { records: noRecords, registers: noRegisters };
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  } catch (cause) {
    throw new HitlineError('FILE_UNREADABLE', { cause });
  }
  for (const name of names) {
    const source = await readFile(join(folder, name), 'utf8');
    let data: unknown;
    try {
      data = parse(source);
    } catch (cause) {
      throw new HitlineError('HOT_FILES_INVALID', { detail: `${name} is not YAML.`, cause });
    }
    loaded = withFile(loaded, name.replace(/\.yaml$/, ''), data);
  }
  return loaded;
}
