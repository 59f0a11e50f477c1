/** Whoever is not the gateway can neither read its files nor hold a lock on one of them. */
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messageEntry, unitOf } from '../../../conformance/ledger.ts';
import { sqliteHouse } from '../sqlite-house.ts';

test('in a data folder that others may enter, every file of the ledger is for its owner alone', {
  timeout: 120_000,
}, async () => {
  const house = await sqliteHouse();
  await (await house.open()).close();
  chmodSync(house.folder, 0o755);
  const ledger = await house.open();
  await ledger.append([unitOf(messageEntry('m-1'))]);
  const open = readdirSync(house.folder).filter((name) => (statSync(join(house.folder, name)).mode & 0o077) !== 0);
  expect(readdirSync(house.folder)).toEqual(expect.arrayContaining(['ledger.db', 'ledger.db-wal', 'lock.db']));
  expect(open).toEqual([]);
  await ledger.close();
  await house.remove();
});
