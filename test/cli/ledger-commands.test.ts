import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMasterKey } from '../../src/host/keys.ts';
import { claimDataFolder } from '../../src/host/paths.ts';
import { makePacket } from '../../src/switch/ledger/keeping/packet.ts';
import { sealUnit } from '../../src/switch/ledger/keeping/seal.ts';
import { openLedger, type SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { messageEntry, startMs, unitOf } from '../conformance/ledger.ts';
import { practiceConfig } from '../switch/config/sample-config.ts';
import { jsonLines, runInside } from './run-hitline.ts';

let root: string;
let config: string;
let masterKey: Uint8Array;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'hitline-ledger-cli-'));
  config = join(root, 'gateway.yaml');
  masterKey = createMasterKey(join(root, 'master.key'), true);
  writeFileSync(config, JSON.stringify(practiceConfig()));
  const ledger = await open();
  await ledger.append([unitOf(messageEntry('m-1')), unitOf(messageEntry('m-2'))]);
  await ledger.close();
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

function open(key = masterKey, headsFile = join(root, 'data.heads')): Promise<SqliteLedger> {
  const { folder } = claimDataFolder(join(root, 'data'), { practice: true });
  return openLedger({ folder, writer: 'A', masterKey: key, headsFile });
}

async function run(...words: string[]): Promise<{ code: number | null; said: unknown; stderr: string }> {
  const ended = await runInside(['ledger', ...words]);
  return { code: ended.code, said: jsonLines(ended.stdout)[0], stderr: ended.stderr };
}

test('verify ends with 0 on a whole ledger and with 1 and the place on a broken one', async () => {
  expect(await run('verify', '--config', config)).toMatchObject({ code: 0, said: { ok: true, eventCount: 2 } });
  const db = new DatabaseSync(join(root, 'data/ledger.db'));
  db.exec("UPDATE event SET actor = 'x' WHERE seq = 2");
  db.close();
  expect(await run('verify', '--config', config)).toMatchObject({
    code: 1,
    said: { ok: false, firstBroken: { writer: 'A', seq: 2 } },
  });
});

test('verify says so when a gateway has the folder, and when the key is another one', async () => {
  const ledger = await open();
  expect(await run('verify', '--config', config)).toMatchObject({
    code: 70,
    stderr: expect.stringContaining('LEDGER_LOCKED'),
  });
  await ledger.close();
  rmSync(join(root, 'master.key'));
  createMasterKey(join(root, 'master.key'), true);
  expect(await run('verify', '--config', config)).toMatchObject({
    code: 70,
    stderr: expect.stringContaining('LEDGER_KEY_WRONG'),
  });
});

test('a backup is made, and restored where there is no ledger', async () => {
  const copy = join(root, 'copy');
  expect(await run('backup', '--config', config, '--to', copy)).toMatchObject({ code: 0, said: { ok: true } });
  expect((await run('restore', '--config', config, '--from', copy)).code).toBe(70);
  rmSync(join(root, 'data'), { recursive: true });
  expect(await run('restore', '--config', config, '--from', copy)).toMatchObject({ code: 0, said: { eventCount: 2 } });
  expect(await run('verify', '--config', config)).toMatchObject({ code: 0 });
});

test('a restore under a second place that the configuration names is named by verify from then on, with what is gone', async () => {
  const headsFile = join(root, 'elsewhere');
  writeFileSync(config, JSON.stringify({ ...practiceConfig(), ledger: { secondPlaceFile: 'elsewhere' } }));
  const copy = join(root, 'copy');
  // Nothing is known there of this chain yet.
  expect((await run('backup', '--config', config, '--to', copy)).stderr).toContain('BACKUP_UNUSABLE');
  const more = async (...ids: string[]): Promise<void> => {
    const ledger = await open(masterKey, headsFile);
    for (const id of ids) await ledger.append([unitOf(messageEntry(id))]);
    await ledger.close();
  };
  await more();
  rmSync(copy, { recursive: true });
  expect(await run('backup', '--config', config, '--to', copy)).toMatchObject({ code: 0 });
  await more('m-3', 'm-4', 'm-5');
  rmSync(join(root, 'data'), { recursive: true });
  const restores = [{ by: expect.stringContaining('@'), goneCount: 3, gone: [{ writer: 'A', fromSeq: 3, toSeq: 5 }] }];
  const restored = await run('restore', '--config', config, '--from', copy);
  expect(restored).toMatchObject({ code: 0, said: { ok: true, eventCount: 2, restores } });
  expect(await run('verify', '--config', config)).toMatchObject({ code: 0, said: { ok: true, restores } });
});

test('verify proves a copy where it lies, whatever became of the ledger, and refuses one that was changed', async () => {
  const copy = join(root, 'copy');
  await run('backup', '--config', config, '--to', copy);
  rmSync(join(root, 'data'), { recursive: true });
  const verify = ['verify', '--config', config, '--copy', copy];
  expect(await run(...verify)).toMatchObject({ code: 0, said: { ok: true, eventCount: 2 } });
  rmSync(join(root, 'data.heads'));
  expect(await run(...verify)).toMatchObject({ code: 0, said: { ok: true, eventCount: 2 } });
  const file = join(copy, 'ledger.db');
  writeFileSync(file, readFileSync(file).fill(1, 9_000));
  expect(await run(...verify)).toMatchObject({ code: 70, stderr: expect.stringContaining('BACKUP_UNUSABLE') });
});

test('after a rotation only the new key opens the ledger', async () => {
  const file = join(root, 'new.key');
  const ended = await run('rotate', '--config', config, '--new-key', file);
  expect(ended).toMatchObject({
    code: 0,
    said: { ok: true, dataKeyCount: 2 },
    stderr: expect.stringContaining('keys.file'),
  });
  expect((await run('verify', '--config', config)).code).toBe(70);
  writeFileSync(config, JSON.stringify({ ...practiceConfig(), keys: { file } }));
  expect((await run('verify', '--config', config)).code).toBe(0);
});

test('rebuild mends a ruined state table', async () => {
  const db = new DatabaseSync(join(root, 'data/ledger.db'));
  db.exec("UPDATE state SET status = 'ACKED'");
  db.close();
  expect((await run('verify', '--config', config)).code).toBe(1);
  expect(await run('rebuild', '--config', config)).toMatchObject({ code: 0, said: { stateCount: 2 } });
  expect((await run('verify', '--config', config)).code).toBe(0);
});

test('verify tests the signatures of the daily seals, and names the first that does not hold', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = join(root, 'public.pem');
  const other = join(root, 'other.pem');
  writeFileSync(pem, publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(other, generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }));
  const file = async (day: string, signingKey?: KeyObject): Promise<void> => {
    const ledger = await open();
    const at = { atMs: startMs, monoMs: 2, ...(signingKey === undefined ? {} : { signingKey }) };
    await ledger.append([sealUnit(day, await ledger.chainHeads(), at)]);
    await ledger.close();
  };
  await file('2026-11-01');
  await file('2026-11-02', privateKey);
  expect((await run('verify', '--config', config)).said).not.toHaveProperty('seals');
  expect(await run('verify', '--config', config, '--key', pem)).toMatchObject({
    code: 0,
    said: { ok: true, seals: { count: 2, signedCount: 1 } },
  });
  expect(await run('verify', '--config', config, '--key', other)).toMatchObject({
    code: 1,
    said: { firstBroken: { writer: 'A', seq: 4, what: 'the signature of the seal does not hold' } },
  });
  const copy = join(root, 'copy');
  await run('backup', '--config', config, '--to', copy);
  const verify = ['verify', '--config', config, '--copy', copy, '--key'];
  expect(await run(...verify, pem)).toMatchObject({ code: 0, said: { seals: { signedCount: 1 } } });
  expect(await run(...verify, other)).toMatchObject({ code: 1, said: { firstBroken: { writer: 'A', seq: 4 } } });
  const sealKeyFile = join(root, 'seal.pem');
  writeFileSync(sealKeyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(config, JSON.stringify({ ...practiceConfig(), ledger: { sealKeyFile } }));
  expect(await run('verify', '--config', config)).toMatchObject({ code: 0, said: { seals: { signedCount: 1 } } });
  // Somebody who has the files but not the key of the seals cannot go on sealing.
  await file('2026-11-03');
  expect(await run('verify', '--config', config)).toMatchObject({
    code: 1,
    said: { firstBroken: { seq: 5, what: 'the seal is not signed' } },
  });
});

test('check tells a true packet from a changed one and from what is none', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const ledger = await open();
  const rows = await ledger.packetRows([{ stream: 'message', id: 'm-1' }]);
  const heads = await ledger.chainHeads();
  await ledger.close();
  const parts = { madeAtMs: startMs, madeBy: 'PRACSUP1', reason: 'review', selection: {}, rows, heads };
  const packet = join(root, 'packet.json');
  const pem = join(root, 'public.pem');
  writeFileSync(packet, JSON.stringify(makePacket(parts, privateKey)));
  writeFileSync(pem, publicKey.export({ format: 'pem', type: 'spki' }));
  expect(await run('check', packet)).toMatchObject({ code: 0, said: { ok: true, rowCount: 1, signed: null } });
  expect((await run('check', packet)).said).toMatchObject({ proves: expect.stringContaining('signature alone') });
  expect(await run('check', packet, '--key', pem)).toMatchObject({ code: 0, said: { signed: true } });
  writeFileSync(packet, readFileSync(packet, 'utf8').replace('"madeBy":"PRACSUP1"', '"madeBy":"PRACSUP2"'));
  expect(await run('check', packet)).toMatchObject({ code: 1, said: { ok: false } });
  writeFileSync(packet, 'no packet');
  expect(await run('check', packet)).toMatchObject({
    code: 1,
    said: { ok: false, faults: [{ code: 'PACKET_BROKEN' }] },
  });
});
