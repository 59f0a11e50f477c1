/** Opening the ledger's file once more in the same process, as the committer does after a disk that failed. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReading, openWriting } from '../../../../src/switch/ledger/sqlite/open-database.ts';
import { sqliteHouse } from '../sqlite-house.ts';

const kernelLocks = '/proc/locks';

/**
 * Without this lock a program with an older SQLite, such as a system's own `sqlite3`, believes it is alone when it ends: it
 * takes the log away, and what the gateway writes from then on is in a file that has no name.
 */
test.skipIf(!existsSync(kernelLocks))('leaves the lock that tells strangers of the gateway', async () => {
  const house = await sqliteHouse();
  await (await house.open()).close();
  const file = join(house.folder, 'ledger.db');
  const held = (): boolean => readFileSync(kernelLocks, 'utf8').includes(`:${statSync(file).ino} `);
  const reader = openReading(house.folder);
  reader.prepare('SELECT seq FROM head').all();
  expect(held()).toBe(true);
  const writer = openWriting(house.folder);
  writer.prepare('SELECT seq FROM head').all();
  expect(held()).toBe(true);
  reader.close();
  writer.close();
  expect(held()).toBe(false);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await house.remove();
});
