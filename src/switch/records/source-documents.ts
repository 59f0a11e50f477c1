/** Source documents of our own records: one text file per NIC in a folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The document behind one of our records. The NIC's form is checked first, because it becomes a file's name. */
export async function findSource(folder: string | undefined, nic: string): Promise<string | undefined> {
  if (folder === undefined || !/^[A-Z]\d{9}$/.test(nic)) return undefined;
  try {
    return await readFile(join(folder, `${nic}.txt`), 'utf8');
  } catch {
    return undefined;
  }
}
