import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSealKey } from '../../src/host/keys.ts';

let root: string;
let dataFolder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hitline-seal-key-'));
  dataFolder = join(root, 'data');
  mkdirSync(dataFolder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, key: KeyObject, mode = 0o600): string {
  writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }), { mode });
  return file;
}

test('the key of the seals is an Ed25519 key that its owner alone can read, outside the data folder', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = write(join(root, 'seal.pem'), privateKey);
  expect(loadSealKey({ file, dataFolder }).equals(privateKey)).toBe(true);
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const bad = [
    write(join(root, 'open.pem'), privateKey, 0o644),
    write(join(dataFolder, 'seal.pem'), privateKey),
    write(join(root, 'p256.pem'), p256),
    join(root, 'missing.pem'),
  ];
  writeFileSync(join(root, 'text.pem'), 'no key', { mode: 0o600 });
  for (const one of [...bad, join(root, 'text.pem')]) {
    expect(() => loadSealKey({ file: one, dataFolder })).toThrow(
      expect.objectContaining({ code: 'KEY_FILE_UNUSABLE' }),
    );
  }
});
