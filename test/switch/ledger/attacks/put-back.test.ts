/** Somebody with the file, copies of it from before, and no key: what he puts back under the running chain. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256Hex } from '../../../../src/switch/ledger/chain.ts';
import { Chance, openMasterKey } from '../../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../../src/switch/ledger/heads.ts';
import { purgeByRetention } from '../../../../src/switch/ledger/keeping/purge.ts';
import type { VerifyReport } from '../../../../src/switch/ledger/ledger.ts';
import { readyUnit } from '../../../../src/switch/ledger/prepare.ts';
import { newestFile } from '../../../../src/switch/ledger/second-place/newest.ts';
import { Committer } from '../../../../src/switch/ledger/sqlite/committer.ts';
import { kyselyOn } from '../../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { backupFolder, verifyFolder } from '../../../../src/switch/ledger/sqlite/offline.ts';
import { openWriting } from '../../../../src/switch/ledger/sqlite/open-database.ts';
import { Tokens } from '../../../../src/switch/ledger/tokens.ts';
import { verifyLedger } from '../../../../src/switch/ledger/verify.ts';
import { kept, messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from '../sqlite-house.ts';

let house: SqliteHouse;
beforeEach(async () => {
  house = await sqliteHouse();
});
afterEach(() => house.remove());

const file = (): string => join(house.folder, 'ledger.db');
const verify = (): Promise<VerifyReport> =>
  verifyFolder({ folder: house.folder, masterKey, headsFile: house.headsFile });

/** Does something to the file that no gateway has open. */
function intrude<T>(act: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file());
  try {
    return act(db);
  } finally {
    db.close();
  }
}

/** Files these messages one after another; without any the gateway only starts and stops. */
async function fileEach(...ids: string[]): Promise<void> {
  const ledger = await house.open();
  for (const id of ids) kept((await ledger.append([unitOf(messageEntry(id))]))[0]);
  await ledger.close();
}

test('search tokens of a purged row that are put back are named', async () => {
  const ledger = await house.open();
  await ledger.append([unitOf(messageEntry('old', { atMs: 0 })), unitOf(messageEntry('young'))]);
  const tokens = intrude((db) => db.prepare("SELECT tokens FROM event WHERE id = 'old'").get()?.['tokens']);
  const order = { id: 'p', retention: { message: 400 }, askedBy: 'A', agreedBy: 'B', atMs: startMs, monoMs: 1 };
  expect(await purgeByRetention(ledger, order)).toBe(1);
  await ledger.close();
  expect(await verify()).toMatchObject({ ok: true });
  intrude((db) => db.prepare("UPDATE event SET tokens = ? WHERE id = 'old'").run(tokens as Uint8Array));
  expect((await verify()).firstBroken).toMatchObject({ seq: 1, what: expect.stringContaining('token') });
});

test('a data key that opens at its place, but is that of another text, is named', async () => {
  await fileEach('a');
  copyFileSync(file(), join(house.folder, '..', 'fork.db'));
  await fileEach('b');
  const other = intrude((db) => db.prepare('SELECT key_id, wrapped FROM text WHERE seq = 2').get());
  copyFileSync(join(house.folder, '..', 'fork.db'), file());
  rmSync(house.headsFile);
  rmSync(newestFile(house.headsFile, 'gw1'));
  await fileEach('c');
  expect(await verify()).toMatchObject({ ok: true });
  const put = 'UPDATE text SET key_id = ?, wrapped = ? WHERE seq = 2';
  intrude((db) => db.prepare(put).run(String(other?.['key_id']), other?.['wrapped'] as Uint8Array));
  expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('text') });
});

test('a folder from before under a newer second place is named, and once it has grown past it still is', async () => {
  await fileEach('a');
  copyFileSync(file(), join(house.folder, '..', 'before.db'));
  await fileEach('b', 'c');
  copyFileSync(join(house.folder, '..', 'before.db'), file());
  expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('tail is cut') });
  await fileEach('d', 'e', 'f');
  expect((await verify()).firstBroken).toMatchObject({ what: expect.stringContaining('second place') });
});

test('a ledger whose tail was cut down to an older authentic head is not copied as a whole one', async () => {
  await fileEach('a');
  const heads = intrude((db) => db.prepare('SELECT seq, hash, mac FROM head').get());
  await fileEach('b');
  intrude((db) => {
    db.exec("DELETE FROM event WHERE seq = 2; DELETE FROM text WHERE seq = 2; DELETE FROM state WHERE id = 'b'");
    const { seq, hash, mac } = heads as { seq: number; hash: string; mac: string };
    db.prepare('UPDATE head SET seq = ?, hash = ?, mac = ?').run(seq, hash, mac);
  });
  expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('tail is cut') });
  const keys = { folder: house.folder, masterKey, headsFile: house.headsFile };
  const copying = backupFolder({ ...keys, to: join(house.folder, '..', 'copy'), nowMs: startMs });
  await expect(copying).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
});

test('a number in the head of the file that no ledger sets is named', async () => {
  await fileEach('a');
  for (const name of ['user_version', 'application_id']) {
    intrude((db) => db.exec(`PRAGMA ${name} = 7`));
    expect((await verify()).firstBroken?.what).toContain('head of the file');
    intrude((db) => db.exec(`PRAGMA ${name} = 0`));
    expect(await verify()).toMatchObject({ ok: true });
  }
});

test('a search token kept as letters, which no search would find, is named', async () => {
  await fileEach();
  const master = openMasterKey(masterKey);
  const seal = new HeadSeal(masterKey);
  const committer = new Committer(() => openWriting(house.folder), { writer: 'gw2', master, seal });
  // A digest that happens to be readable: one in some ten thousand is.
  const tokens = Buffer.from('ABCDEFGHIJKLMNOP');
  const sealing = { tokens: new Tokens(masterKey), chance: new Chance() };
  const { entries, ...unit } = readyUnit(unitOf(messageEntry('a')), sealing);
  const marked = entries.map((entry) => ({ ...entry, tokens, tokensSha256: sha256Hex(tokens) }));
  expect(committer.commit([[{ ...unit, entries: marked }]])).toMatchObject([{ ok: true }]);
  committer.close();
  const broken = async () => {
    const db = new DatabaseSync(file());
    const { firstBroken } = await verifyLedger(kyselyOn(db), { master, seal });
    db.close();
    return firstBroken;
  };
  expect(await broken()).toBeUndefined();
  intrude((db) => db.exec('UPDATE event SET tokens = CAST(tokens AS TEXT)'));
  expect(await broken()).toMatchObject({ seq: 1, what: expect.stringContaining('token') });
});
