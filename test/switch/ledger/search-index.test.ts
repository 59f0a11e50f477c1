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

test('whatever befalls while a block is open (a commit that fails, a start, purges), what remains of its tokens is found when it is full', {
  timeout: 120_000,
}, async () => {
  const own = await sqliteHouse();
  let ledger = await own.open();
  const nic = (n: number) => ({ kind: 'NIC' as const, value: `W${n}` });
  const find = async (n: number) =>
    (await ledger.states({ stream: 'message', token: nic(n), limit: 10 })).map(({ id }) => id);
  /** Of three years ago, so that a purge takes them. */
  const old = [2, 600, 1_300];
  const unit = (n: number) => {
    const at = { atMs: old.includes(n) ? 0 : startMs + n };
    if (old.includes(n) || n % 50 === 0) return unitOf(messageEntry(`m-${n}`, { ...at, tokens: [nic(n)] }));
    const { state: _state, ...bare } = messageEntry(`f-${n}`, {
      stream: 'frame',
      texts: {},
      tokens: [],
      data: {},
      ...at,
    });
    return unitOf(bare);
  };
  let next = 0;
  const fileUpTo = async (end: number) => {
    await ledger.append(Array.from({ length: end - next }, (_, n) => unit(next + n)));
    next = end;
  };
  const purge = (id: string) =>
    purgeByRetention(ledger, {
      retention: { message: 400 },
      askedBy: 'A',
      agreedBy: 'B',
      id,
      atMs: startMs,
      monoMs: 1,
    });
  await fileUpTo(400);
  await ledger.close();
  ledger = await own.open();
  // The head is the last row of a transaction: by then the tokens of its rows were gathered.
  const other = new DatabaseSync(join(own.folder, 'ledger.db'));
  other.exec("CREATE TRIGGER no_head BEFORE UPDATE ON head BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
  await expect(ledger.append(Array.from({ length: 400 }, (_, n) => unit(n + 20_000)))).rejects.toThrow();
  other.exec('DROP TRIGGER no_head');
  other.close();
  await fileUpTo(1_100);
  expect(await purge('gathered')).toBe(2);
  await fileUpTo(1_310);
  expect(await purge('not-yet-gathered')).toBe(1);
  await fileUpTo(blockRows + 2);
  for (const n of [0, 50, 450, 650, 1_050, 1_200, 8_150]) expect(await find(n)).toEqual([`m-${n}`]);
  for (const n of [...old, 20_000]) expect(await find(n)).toEqual([]);
  expect(await ledger.verify()).toMatchObject({ ok: true });
  await ledger.close();
  await own.remove();
});
