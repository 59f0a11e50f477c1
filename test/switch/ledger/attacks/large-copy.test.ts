/** A copy of a ledger that is too large to be taken in one step, while its gateway writes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backupFolder } from '../../../../src/switch/ledger/sqlite/offline.ts';
import { kept, messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { masterKey, sqliteHouse } from '../sqlite-house.ts';

/** Far more than are written while a copy of one moment is made. */
const writesMax = 3_000;

test('is done however much is written meanwhile, and is that of one moment', async () => {
  const house = await sqliteHouse();
  const ledger = await house.open();
  const large = { raw: new Uint8Array(2_000_000) };
  for (let n = 0; n < 5; n += 1) await ledger.append([unitOf(messageEntry(`large-${n}`, { texts: large }))]);
  const to = join(house.folder, '..', 'copy');
  const keys = { folder: house.folder, masterKey, headsFile: house.headsFile };
  let isDone = false;
  const copy = backupFolder({ ...keys, to, nowMs: startMs }).finally(() => {
    isDone = true;
  });
  let writeCount = 0;
  for (; !isDone && writeCount < writesMax; writeCount += 1) {
    kept((await ledger.append([unitOf(messageEntry(`during-${writeCount}`))]))[0]);
  }
  const wasDone = isDone;
  expect(await copy).toMatchObject({ ok: true });
  expect(wasDone).toBe(true);
  await ledger.close();
  await house.remove();
});
