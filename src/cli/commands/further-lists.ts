/**
 * Code lists of the package that no field of the dictionary names: kinds of trailers, trucks, aircraft and the like. They are for
 * looking up only, so they are read when somebody asks for one.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CodeTable } from '../../formats/code-tables.ts';

const names = [
  'Aircraft',
  'CBTY',
  'CPRO',
  'Construction',
  'FPattern',
  'Farm',
  'GTYPE',
  'LITP',
  'Motorcycle',
  'ProhibitedPersonsCategory',
  'Reference',
  'Snowmobile',
  'TRFU',
  'TYPE',
  'Trailers',
  'Trucks',
  'VMOUsage',
] as const;

/** The names of these lists, sorted. */
export const furtherListNames: readonly string[] = names;

/** One of these lists, by its name in any case; undefined when there is none. */
export function furtherList(name: string): Pick<CodeTable, 'codes' | 'synonyms'> | undefined {
  const found = names.find((one) => one.toUpperCase() === name.toUpperCase());
  if (found === undefined) return undefined;
  const folder = join(dirname(createRequire(import.meta.url).resolve('@cityssm/ncic-lookup')), 'data');
  const codes = JSON.parse(readFileSync(join(folder, `${found}.json`), 'utf8')) as CodeTable['codes'];
  return { codes, synonyms: {} };
}
