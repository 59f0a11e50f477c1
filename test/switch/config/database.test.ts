import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkConfig } from '../../../src/switch/config.ts';
import { databaseUrl } from '../../../src/switch/ledger-store.ts';
import { practiceConfig } from './sample-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitline-database-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(postgres: { readonly url: string; readonly passwordFile?: string; readonly caFile?: string }) {
  return checkConfig({ ...practiceConfig(), ledger: { postgres } }, folder);
}
function faultsOf(checked: ReturnType<typeof check>): readonly string[] {
  return checked.ok ? [] : checked.faults.map((one) => `${one.path}: ${one.text}`);
}
const here = 'postgres://hitline@127.0.0.1:5432/house';

test('a database on loopback needs no TLS; any other does', () => {
  expect(check({ url: here }).ok).toBe(true);
  expect(check({ url: 'postgres://hitline@[::1]/house' }).ok).toBe(true);
  const away = { url: 'postgres://hitline@db.invalid/house' };
  expect(faultsOf(check(away))).toEqual([expect.stringMatching(/^ledger.postgres.caFile: /)]);
  expect(check({ ...away, caFile: 'database-ca.pem' }).ok).toBe(true);
});

test.each([
  ['a password', 'postgres://hitline:Open-Sesame-1970@127.0.0.1/house'],
  ['a password in its options', `${here}?password=Open-Sesame-1970`],
  ['options that undo TLS', `${here}?sslmode=disable`],
  ['no user', 'postgres://127.0.0.1/house'],
])('%s in the address is refused by its path, and not repeated', (_what, url) => {
  const faults = faultsOf(check({ url }));
  expect(faults).toEqual([expect.stringMatching(/^ledger.postgres.url: /)]);
  expect(faults.join()).not.toContain('Sesame');
});

test('the password may not lie in the data folder', () => {
  expect(faultsOf(check({ url: here, passwordFile: 'data/database.password' }))).toEqual([
    expect.stringMatching(/^ledger.postgres.passwordFile: /),
  ]);
});

test('the address that is dialed has the password of the file, whatever stands in it, and insists on the certificate', () => {
  const password = 'p/a@s:s wörd%';
  writeFileSync(join(folder, 'database.password'), `${password}\n`, { mode: 0o600 });
  const checked = check({
    url: 'postgres://hitline@db.invalid/house',
    passwordFile: 'database.password',
    caFile: 'ca.pem',
  });
  if (!checked.ok) throw new Error('the configuration is good');
  const url = new URL(databaseUrl(checked.config) ?? '');
  expect(decodeURIComponent(url.password)).toBe(password);
  expect(url.host).toBe('db.invalid');
  expect(url.searchParams.get('sslmode')).toBe('verify-full');
  expect(url.searchParams.get('sslrootcert')).toBe(join(folder, 'ca.pem'));
  expect(JSON.stringify(checked.config)).not.toContain('wörd');
});
