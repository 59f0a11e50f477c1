/** Writes the hot files and registers into a folder, in the form in which `loadHotFiles` reads them. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { HitlineError } from '../../faults/fault.ts';
import { hotFiles } from './files.ts';
import type { HotRecord } from './hot-records.ts';
import type { LoadedFiles } from './load-hot-files.ts';

const at = (ms: number): string => new Date(ms).toISOString();

function recordOut(record: HotRecord): object {
  const { locate, supplements, detainer, purged } = record;
  return {
    nic: record.nic,
    ori: record.ori,
    key: record.key,
    entered: at(record.enteredAtMs),
    updated: at(record.updatedAtMs),
    fields: record.fields,
    ...(locate === undefined ? {} : { locate: { ori: locate.ori, at: at(locate.atMs), fields: locate.fields } }),
    ...(supplements === undefined ? {} : { supplements }),
    ...(detainer === undefined ? {} : { detainer: { at: at(detainer.atMs), fields: detainer.fields } }),
    ...(purged === undefined ? {} : { purged: { by: purged.by, at: at(purged.atMs) } }),
  };
}

/**
 * Saves everything, cleared records too, so that no NIC is given twice. Each file is written beside its place and then
 * moved there, so that a folder never holds half of one.
 * @throws HitlineError FILE_UNWRITABLE
 */
export async function saveHotFiles(folder: string, files: LoadedFiles): Promise<void> {
  const records = [...files.records.byNic.values()];
  const lists: Readonly<Record<string, readonly unknown[]>> = {
    ...Object.fromEntries(
      hotFiles.map(({ name }) => [name, records.filter((record) => record.file === name).map(recordOut)]),
    ),
    'criminal-histories': files.registers.histories,
    registrations: files.registers.registrations,
    licences: files.registers.licences,
  };
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, list] of Object.entries(lists)) {
      const place = join(folder, `${name}.yaml`);
      await writeFile(`${place}.new`, stringify(list));
      await rename(`${place}.new`, place);
    }
  } catch (cause) {
    throw new HitlineError('FILE_UNWRITABLE', { cause });
  }
}
