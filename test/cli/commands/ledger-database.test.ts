import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMasterKey } from '../../../src/host/keys.ts';
import { practiceConfig } from '../../switch/config/sample-config.ts';
import { runInside } from '../run-hitline.ts';

/** The ledger commands of an installation whose ledger is in a database. Nothing here needs one. */
const password = 'Open-Sesame-1970';
let root: string;
let config: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hitline-database-cli-'));
  config = join(root, 'gateway.yaml');
  createMasterKey(join(root, 'master.key'), true);
  write({ url: 'postgres://hitline@127.0.0.1:1/house' });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(postgres: object): void {
  writeFileSync(config, JSON.stringify({ ...practiceConfig(), ledger: { postgres } }));
}

/** A copy is looked at before the database is: "ledger restore" needs one first. */
test.each([
  ['verify', []],
  ['backup', ['--to', 'copy']],
  ['rotate', ['--new-key', 'new.key']],
  ['rebuild', []],
])('"ledger %s" of a database that is away says so, without its password', async (name, [option, file]) => {
  const passwordFile = join(root, 'database.password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  write({ url: 'postgres://hitline@127.0.0.1:1/house', passwordFile });
  const more = option === undefined ? [] : [option, join(root, file ?? '')];
  const ended = await runInside(['ledger', name, '--config', config, ...more]);
  expect(ended.code).toBe(70);
  expect(ended.stderr).toMatch(/LEDGER_FAILED/);
  expect(`${ended.stdout}${ended.stderr}`).not.toContain(password);
});

test('a password that others may read stops it', async () => {
  const passwordFile = join(root, 'database.password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o644 });
  write({ url: 'postgres://hitline@127.0.0.1:1/house', passwordFile });
  const ended = await runInside(['ledger', 'verify', '--config', config]);
  expect(ended.stderr).toMatch(/KEY_FILE_UNUSABLE/);
  expect(ended.stderr).not.toContain(password);
});
