/** A new master key: cut off in the middle, and what it leaves of the old one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HitlineError } from '../../../../src/faults/fault.ts';
import { purgeByRetention } from '../../../../src/switch/ledger/keeping/purge.ts';
import { rotateFolder, verifyFolder } from '../../../../src/switch/ledger/sqlite/offline.ts';
import { messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from '../sqlite-house.ts';

const newKey = new Uint8Array(32).fill(11);
let house: SqliteHouse;
beforeEach(async () => {
  house = await sqliteHouse();
  const ledger = await house.open();
  // Texts of many sizes, and every second one purged, so that pages are split and joined at odd places.
  const units = Array.from({ length: 1_500 }, (_, n) => {
    const texts = { raw: new Uint8Array(100 + ((n * 37) % 900)) };
    return unitOf(messageEntry(`m-${n}`, { texts, atMs: n % 2 === 0 ? startMs : 0 }));
  });
  for (let from = 0; from < units.length; from += 50) await ledger.append(units.slice(from, from + 50));
  const order = { id: 'p', retention: { message: 400 }, askedBy: 'A', agreedBy: 'B', atMs: startMs, monoMs: 1 };
  expect(await purgeByRetention(ledger, order)).toBe(750);
  await ledger.close();
});
afterEach(() => house.remove());

const keys = () => ({ folder: house.folder, headsFile: house.headsFile, masterKey });

/** What the ledger is under this key. */
async function under(key: Uint8Array): Promise<string> {
  try {
    return (await verifyFolder({ ...keys(), masterKey: key })).ok ? 'whole' : 'broken';
  } catch (error) {
    if (error instanceof HitlineError) return error.code;
    throw error;
  }
}

/** Rotates in a process of its own, which says when it has begun. */
const rotating = `
import { rotateFolder } from ${JSON.stringify(new URL('../../../../src/switch/ledger/sqlite/offline.ts', import.meta.url))};
const [, folder, headsFile] = process.argv;
const key = (byte) => new Uint8Array(32).fill(byte);
console.log('begun');
await rotateFolder({ folder, headsFile, masterKey: key(${masterKey[0]}), newKey: key(${newKey[0]}) });
`;

test('killed in the middle it is whole under one of the keys, and the other one is told that it is wrong', async () => {
  const how = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', rotating];
  const child = spawn(process.execPath, [...how, house.folder, house.headsFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect([await under(masterKey), await under(newKey)].toSorted()).toEqual(['LEDGER_KEY_WRONG', 'whole']);
});

test('leaves nothing in the file that the old key would open', async () => {
  const db = new DatabaseSync(join(house.folder, 'ledger.db'));
  const wrapped = db.prepare('SELECT wrapped FROM text').all();
  db.close();
  expect(await rotateFolder({ ...keys(), newKey })).toBe(750);
  const bytes = readFileSync(join(house.folder, 'ledger.db'));
  expect(wrapped.filter((row) => bytes.includes(Buffer.from(row['wrapped'] as Uint8Array)))).toEqual([]);
  expect(await under(newKey)).toBe('whole');
});
