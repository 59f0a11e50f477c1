import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { HitlineError } from '../../src/faults/fault.ts';
import { createMasterKey, loadMasterKey } from '../../src/host/keys.ts';
import { isLoopbackHost } from '../../src/host/loopback.ts';
import { claimDataFolder, socketPath } from '../../src/host/paths.ts';

const root = mkdtempSync(join(tmpdir(), 'hitline-machine-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
let file = '';
let dataFolder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'x'));
  file = join(folder, 'master.key');
  dataFolder = join(folder, 'data');
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HitlineError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('the master key', () => {
  it('is made once, for its owner alone, and read again', () => {
    const source = { file, practice: false, dataFolder, create: true };
    const key = loadMasterKey(source);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadMasterKey({ ...source, create: false })).toEqual(key);
    expect(loadMasterKey(source)).toEqual(key);
    expect(readdirSync(folder)).toEqual(['master.key']);
  });

  it('is never written over', () => {
    createMasterKey(file, false);
    expect(codeOf(() => createMasterKey(file, false))).toMatch(/^KEY_FILE_UNUSABLE/);
  });

  it('is refused when there is none, when others may read it, and when a byte of it is wrong', () => {
    const source = { file, practice: false, dataFolder, create: false };
    expect(codeOf(() => loadMasterKey(source))).toMatch(/^KEY_FILE_UNUSABLE/);
    createMasterKey(file, false);
    chmodSync(file, 0o640);
    expect(codeOf(() => loadMasterKey(source))).toContain('0600');
    writeFileSync(file, `hitline-master-key-1 0011223344556677 ${Buffer.alloc(32).toString('base64')}\n`, {
      mode: 0o600,
    });
    chmodSync(file, 0o600);
    expect(codeOf(() => loadMasterKey(source))).toContain('check value');
  });

  it('of practice opens nothing live, nor the other way round', () => {
    const live = join(folder, 'live.key');
    createMasterKey(file, true);
    createMasterKey(live, false);
    expect(codeOf(() => loadMasterKey({ file, practice: false, dataFolder, create: false }))).toContain(
      'practice system',
    );
    expect(codeOf(() => loadMasterKey({ file: live, practice: true, dataFolder, create: false }))).toContain(
      'live system',
    );
  });

  it('may not lie in the data folder, not even by a link', () => {
    mkdirSync(dataFolder);
    const inside = join(dataFolder, 'master.key');
    createMasterKey(inside, false);
    symlinkSync(inside, file);
    for (const path of [inside, file]) {
      expect(codeOf(() => loadMasterKey({ file: path, practice: false, dataFolder, create: false }))).toContain(
        'data folder',
      );
    }
  });

  it('comes from a systemd credential when no file is set', () => {
    const key = createMasterKey(join(folder, 'hitline-master-key'), false);
    const source = { practice: false, dataFolder, create: false };
    expect(loadMasterKey({ ...source, credentialsFolder: folder })).toEqual(key);
    expect(codeOf(() => loadMasterKey(source))).toMatch(/^KEY_FILE_UNUSABLE/);
  });
});

describe('the data folder', () => {
  it('is made for its owner alone and stays of one kind', () => {
    const paths = claimDataFolder(dataFolder, { practice: true });
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
    expect(dirname(paths.ledgerFile)).toBe(dataFolder);
    expect(claimDataFolder(dataFolder, { practice: true })).toEqual(paths);
    expect(codeOf(() => claimDataFolder(dataFolder, { practice: false }))).toMatch(/^DATA_FOLDER_UNUSABLE/);
  });

  it('is refused when others may enter it', () => {
    mkdirSync(dataFolder);
    chmodSync(dataFolder, 0o755);
    expect(codeOf(() => claimDataFolder(dataFolder, { practice: true }))).toContain('0700');
  });

  it('gets a socket whose name the kernel takes, however deep it lies', () => {
    expect(socketPath(dataFolder, 'redis.sock')).toBe(join(dataFolder, 'redis.sock'));
    const deep = join(dataFolder, 'd'.repeat(60), 'e'.repeat(60));
    const path = socketPath(deep, 'redis.sock');
    expect(Buffer.byteLength(path)).toBeLessThan(108);
    expect(socketPath(deep, 'redis.sock')).toBe(path);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    chmodSync(dirname(path), 0o755);
    expect(codeOf(() => socketPath(deep, 'redis.sock'))).toMatch(/^DATA_FOLDER_UNUSABLE/);
    rmSync(dirname(path), { recursive: true });
    expect(existsSync(dirname(path))).toBe(false);
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])('is %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example.org', '127.evil', 'localhost.example.org', ''])(
    'is not %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});
