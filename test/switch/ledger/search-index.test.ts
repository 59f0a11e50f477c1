/** The search index gets the tokens of a block when the block is full; until then they stand in their events alone. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../src/switch/ledger/heads.ts';
import { purgeByRetention } from '../../../src/switch/ledger/keeping/purge.ts';
import { readSecrets } from '../../../src/switch/ledger/secrets.ts';
import { kyselyOn } from '../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { blockRows, blocksFilled } from '../../../src/switch/ledger/tokens.ts';
import { verifyLedger } from '../../../src/switch/ledger/verify.ts';
import { fullBlock, messageEntry, startMs, unitOf } from '../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from './sqlite-house.ts';

let house: SqliteHouse;
let db: DatabaseSync;
beforeAll(async () => {
  house = await sqliteHouse();
  const ledger = await house.open();
  await ledger.append(fullBlock(2));
  await ledger.close();
  const file = join(house.folder, 'intruded.db');
  copyFileSync(join(house.folder, 'ledger.db'), file);
  db = new DatabaseSync(file);
});
afterAll(async () => {
  db?.close();
  await house?.remove();
});

/** Whether `verify` is content after this was done to the file; it is undone. */
async function verifiesAfter(sql: string): Promise<boolean> {
  const ledger = kyselyOn(db);
  const master = openMasterKey(masterKey);
  const seal = new HeadSeal((await readSecrets(ledger, master)).head);
  db.exec('BEGIN');
  try {
    db.exec(sql);
    return (await verifyLedger(ledger, { master, seal })).ok;
  } finally {
    db.exec('ROLLBACK');
  }
}

test('a block is filled when the row after it is filed', () => {
  expect(blocksFilled({ seq: 0 }, { seq: blockRows - 1 })).toEqual([]);
  expect(blocksFilled({ seq: blockRows - 1 }, { seq: blockRows })).toEqual([0]);
  expect(blocksFilled({ seq: blockRows }, { seq: 2 * blockRows - 1 })).toEqual([]);
  expect(blocksFilled({ seq: 1 }, { seq: 3 * blockRows + 5 })).toEqual([0, 1, 2]);
});

test('the index holds the tokens of the full block and none of the open one', () => {
  expect(db.prepare('SELECT writer, block, seq FROM token ORDER BY seq').all()).toEqual([
    { writer: 'gw1', block: 0, seq: 1 },
    { writer: 'gw1', block: 0, seq: 2 },
  ]);
});

test.each([
  "UPDATE token SET token = x'00112233445566778899aabbccddeeff' WHERE seq = 1",
  'UPDATE token SET seq = 3 WHERE seq = 1',
  'UPDATE token SET block = 1 WHERE seq = 1',
  "UPDATE token SET writer = 'gw2' WHERE seq = 1",
  'DELETE FROM token WHERE seq = 2',
  'DELETE FROM token',
  "INSERT INTO token(writer, block, token, seq) VALUES ('gw1', 0, x'00112233445566778899aabbccddeeff', 1)",
  `INSERT INTO token(writer, block, token, seq) SELECT writer, 1, tokens, seq FROM event WHERE seq = ${blockRows + 1}`,
  `UPDATE event SET tokens = x'00112233445566778899aabbccddeeff' WHERE seq = ${blockRows + 1}`,
  `UPDATE event SET tokens = NULL WHERE seq = ${blockRows + 1}`,
])('a change is named: %s', async (sql) => {
  expect(await verifiesAfter('SELECT 1')).toBe(true);
  expect(await verifiesAfter(sql)).toBe(false);
});

test('what is purged from a full block, or before its block is full, is found by no token', async () => {
  const own = await sqliteHouse();
  const ledger = await own.open();
  const token = { kind: 'NIC', value: 'W1' } as const;
  const find = async () => (await ledger.states({ stream: 'message', token, limit: 10 })).map(({ id }) => id);
  const order = { retention: { message: 400 }, askedBy: 'A', agreedBy: 'B', atMs: startMs, monoMs: 1 };
  const old = messageEntry('old', { tokens: [token], atMs: 0 });
  await ledger.append([unitOf(old)]);
  expect(await find()).toEqual(['old']);
  expect(await purgeByRetention(ledger, { ...order, id: 'before' })).toBe(1);
  await ledger.append(fullBlock(2));
  expect(await find()).toEqual([`b-${blockRows + 1}`, 'b-1']);
  expect(await purgeByRetention(ledger, { ...order, id: 'after', atMs: startMs + 500 * 86_400_000 })).toBe(4);
  expect(await find()).toEqual([]);
  expect(await ledger.verify()).toMatchObject({ ok: true });
  await ledger.close();
  await own.remove();
});
