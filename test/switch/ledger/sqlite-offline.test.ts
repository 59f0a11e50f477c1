import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  backupFolder,
  rebuildFolder,
  restoreFolder,
  rotateFolder,
  verifyFolder,
} from '../../../src/switch/ledger/sqlite/offline.ts';
import { kept, messageEntry, startMs, unitOf } from '../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from './sqlite-house.ts';

let house: SqliteHouse;
beforeEach(async () => {
  house = await sqliteHouse();
});
afterEach(() => house.remove());

const newKey = new Uint8Array(32).fill(11);
const mark = { by: 'records@pineridge', atMs: startMs };
const keys = () => ({ folder: house.folder, masterKey, headsFile: house.headsFile, mark });

async function fill(count = 5): Promise<void> {
  const ledger = await house.open();
  for (let n = 1; n <= count; n += 1) {
    await ledger.append([
      unitOf(messageEntry(`m-${n}`), messageEntry(`m-${n}`, { version: 2, texts: {}, type: 'SENT' })),
    ]);
  }
  await ledger.close();
}

test('a new master key opens everything, the old one nothing, and ciphertext and chain have not moved', async () => {
  await fill();
  const look = (): unknown[] => {
    const db = new DatabaseSync(join(house.folder, 'ledger.db'));
    const chained = ['event', 'token', 'head'].map((table) => db.prepare(`SELECT * FROM ${table}`).all());
    const rows = [...chained, db.prepare('SELECT writer, seq, name, key_id, ciphertext FROM text').all()];
    db.close();
    return rows;
  };
  const before = look();
  expect(await rotateFolder({ ...keys(), newKey })).toBe(5);
  expect(look()).toEqual(before);
  await expect(house.open()).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
  const ledger = await house.open('gw1', { masterKey: newKey });
  const [event] = await ledger.history('message', 'm-3');
  expect(Buffer.from((await ledger.text(event ?? { writer: '', seq: 0 }, 'raw')) ?? []).toString()).toContain('m-3');
  expect(await ledger.states({ stream: 'message', token: { kind: 'NAM', value: 'RECORD' }, limit: 10 })).toHaveLength(
    5,
  );
  expect(await ledger.verify()).toMatchObject({ ok: true, eventCount: 10 });
  await ledger.close();
});

test('a rotation with a wrong old key changes nothing', async () => {
  await fill();
  const wrong = { ...keys(), masterKey: newKey, newKey: new Uint8Array(32).fill(12) };
  await expect(rotateFolder(wrong)).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
  expect(await verifyFolder(keys())).toMatchObject({ ok: true });
});

test('offline work does not touch a folder that a gateway has open', async () => {
  const ledger = await house.open();
  await expect(verifyFolder(keys())).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
  await expect(rotateFolder({ ...keys(), newKey })).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
  await expect(rebuildFolder(keys())).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
  await ledger.close();
});

test('a copy made while the gateway writes can be restored and verifies', async () => {
  const ledger = await house.open();
  await ledger.append([unitOf(messageEntry('before'))]);
  let writing = true;
  const writer = (async () => {
    for (let n = 0; writing; n += 1) await ledger.append([unitOf(messageEntry(`during-${n}`))]);
  })();
  const to = join(house.folder, '..', 'copy');
  const report = await backupFolder({ ...keys(), to, nowMs: startMs });
  writing = false;
  await writer;
  expect(report).toMatchObject({ ok: true });
  expect(readdirSync(to)).toEqual(['ledger.db', 'manifest.json']);
  await ledger.append([unitOf(messageEntry('after'))]);
  await ledger.close();

  const target = join(house.folder, '..', 'restored');
  expect(await restoreFolder({ ...keys(), folder: target, from: to })).toMatchObject({ ok: true });
  const restored = await house.open('gw2', { folder: target, headsFile: join(house.folder, '..', 'heads2') });
  expect(await restored.state('message', 'before')).toMatchObject({ version: 1 });
  expect(await restored.state('message', 'after')).toBeUndefined();
  expect(kept((await restored.append([unitOf(messageEntry('next'))]))[0]).seq).toBe(1);
  await restored.close();
  await expect(restoreFolder({ ...keys(), folder: target, from: to })).rejects.toMatchObject({
    code: 'BACKUP_UNUSABLE',
  });
});

test('a copy that was changed, or that another ledger made, is not restored', async () => {
  await fill();
  const to = join(house.folder, '..', 'copy');
  await backupFolder({ ...keys(), to, nowMs: startMs });
  const target = join(house.folder, '..', 'restored');
  const manifest = readFileSync(join(to, 'manifest.json'), 'utf8');
  writeFileSync(join(to, 'manifest.json'), manifest.replace(/"madeAtMs":\d/, '"madeAtMs":9'));
  await expect(restoreFolder({ ...keys(), folder: target, from: to })).rejects.toMatchObject({
    code: 'BACKUP_UNUSABLE',
  });
  writeFileSync(join(to, 'manifest.json'), manifest);
  appendFileSync(join(to, 'ledger.db'), 'x');
  await expect(restoreFolder({ ...keys(), folder: target, from: to })).rejects.toMatchObject({
    code: 'BACKUP_UNUSABLE',
  });
  expect(existsSync(join(target, 'ledger.db'))).toBe(false);
  mkdirSync(join(house.folder, '..', 'there'));
  await expect(
    backupFolder({ ...keys(), to: join(house.folder, '..', 'there'), nowMs: startMs }),
  ).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
});

test('on a machine that never had this ledger a copy is restored, and its heads begin the second place there', async () => {
  await fill();
  const to = join(house.folder, '..', 'copy');
  await backupFolder({ ...keys(), to, nowMs: startMs });
  const there = {
    mark,
    masterKey,
    folder: join(house.folder, '..', 'elsewhere'),
    headsFile: join(house.folder, '..', 'new'),
  };
  expect(await restoreFolder({ ...there, from: to })).toMatchObject({ ok: true, eventCount: 10 });
  expect(await verifyFolder(there)).toMatchObject({ ok: true, eventCount: 10 });
  const db = new DatabaseSync(join(there.folder, 'ledger.db'));
  db.exec('DELETE FROM event; DELETE FROM head; DELETE FROM text; DELETE FROM state');
  db.close();
  expect(await verifyFolder(there)).toMatchObject({ ok: false, firstBroken: { writer: 'gw1' } });
});

/** All of a state row but in which index it stands, of which the events say nothing. */
const chainedColumns = `stream, id, version, status, key, ori, osn, link, parent, due_at_ms, created_at_ms, updated_at_ms,
  body`;

test('a ruined state table is written anew from the events', async () => {
  await fill();
  const db = new DatabaseSync(join(house.folder, 'ledger.db'));
  const before = db.prepare(`SELECT ${chainedColumns} FROM state`).all();
  db.exec("UPDATE state SET status = 'SENT'; DELETE FROM state WHERE id = 'm-2'");
  db.close();
  expect(await verifyFolder(keys())).toMatchObject({ ok: false });
  expect(await rebuildFolder(keys())).toBe(5);
  expect(await verifyFolder(keys())).toMatchObject({ ok: true });
  const again = new DatabaseSync(join(house.folder, 'ledger.db'));
  expect(again.prepare(`SELECT ${chainedColumns} FROM state`).all()).toEqual(before);
  again.close();
});

test('what was purged is nowhere in the file, not even as ciphertext', async () => {
  const { purgeByRetention } = await import('../../../src/switch/ledger/keeping/purge.ts');
  const ledger = await house.open();
  await ledger.append([unitOf(messageEntry('gone', { atMs: 0 })), unitOf(messageEntry('stays'))]);
  const rows = (): Record<string, Uint8Array>[] => {
    const db = new DatabaseSync(join(house.folder, 'ledger.db'), { readOnly: true });
    const all = db.prepare('SELECT ciphertext, wrapped FROM text').all();
    db.close();
    return all as Record<string, Uint8Array>[];
  };
  const secrets = Object.values(rows()[0] ?? {}).map((bytes) => Buffer.from(bytes));
  expect(secrets).toHaveLength(2);
  const order = { id: 'p', retention: { message: 400 }, askedBy: 'A', agreedBy: 'B', atMs: startMs, monoMs: 1 };
  expect(await purgeByRetention(ledger, order)).toBe(1);
  await ledger.close();
  const pieces = await house.bytesOnDisk();
  for (const secret of secrets) expect(pieces.some((piece) => piece.includes(secret))).toBe(false);
});
