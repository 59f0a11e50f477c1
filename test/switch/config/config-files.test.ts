import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFiles } from '../../../src/switch/config/config-files.ts';
import { Authority, opensslPresent } from '../../wire/certificates.ts';

let folder = '';
let authority: Authority | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-config-files-'));
  const put = (name: string, text: string, mode = 0o600): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  put('seal.key', generateKeyPairSync('ed25519').privateKey.export(pem).toString());
  put('other.key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem).toString());
  put('open.key', 'anything', 0o644);
  put('secret', 'anything');
  put('notes.txt', 'No certificate, no key.');
  mkdirSync(join(folder, 'sheets'));
  if (!opensslPresent) return;
  authority = new Authority();
  const door = authority.issue('door');
  put('ca.pem', authority.certificate);
  put('door.pem', door.certificate);
  put('door.key', door.key);
});
afterAll(() => {
  authority?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A configuration whose every file is in order. */
function right() {
  const tls = { certificateFile: 'door.pem', keyFile: 'door.key', caFile: 'ca.pem' };
  return {
    dataFolder: 'not/made/yet',
    keys: { file: 'made-at-the-start.key' },
    ledger: { sealKeyFile: 'seal.key', secondPlaceFile: '/nowhere/at/all/place.heads' },
    doors: { station: { tls, blockKeyFile: 'secret' }, console: { tls } },
    upstream: { tls },
    sourcesFolder: 'sheets',
    log: { file: 'hitline.log' },
  };
}

const textsOf = (data: unknown): string[] => checkFiles(data, folder).map(({ path, text }) => `${path}: ${text}`);

describe.skipIf(!opensslPresent)('the files that a configuration names (skipped where openssl is missing)', () => {
  test('pass when each is there and holds what it must; what a start makes need not be there yet', () => {
    expect(textsOf(right())).toEqual([]);
    expect(textsOf(undefined)).toEqual([]);
    expect(textsOf({ doors: [], dataFolder: 7, log: null })).toEqual([]);
  });

  test('are each named by their setting when they are missing, all at once', () => {
    const tls = { certificateFile: 'none.pem', keyFile: 'none.key', caFile: 'none-ca.pem' };
    const faults = checkFiles(
      {
        keys: { file: 'no-folder/master.key' },
        ledger: { sealKeyFile: 'none', postgres: { ...tls, passwordFile: 'none' } },
        doors: { station: { tls, blockKeyFile: 'none' }, console: { tls } },
        upstream: { tls, blockKeyFile: 'none' },
        sourcesFolder: 'none',
        log: { file: 'no-folder/hitline.log' },
      },
      folder,
    );
    const pathsOfTls = ['ledger.postgres', 'doors.station.tls', 'doors.console.tls', 'upstream.tls'].flatMap((path) =>
      Object.keys(tls).map((name) => `${path}.${name}`),
    );
    expect(faults.map((one) => one.path).toSorted()).toEqual(
      [
        ...pathsOfTls,
        'keys.file',
        'ledger.postgres.passwordFile',
        'ledger.sealKeyFile',
        'doors.station.blockKeyFile',
        'upstream.blockKeyFile',
        'sourcesFolder',
        'log.file',
      ].toSorted(),
    );
    expect(faults.every(({ text }) => /not there|no such/.test(text))).toBe(true);
    expect(JSON.stringify(faults)).not.toContain('none.pem');
  });

  const unfit: readonly (readonly [string, object, string])[] = [
    [
      'a certificate',
      { upstream: { tls: { caFile: 'notes.txt' } } },
      'upstream.tls.caFile: It holds no certificate (PEM).',
    ],
    [
      'a private key',
      { doors: { console: { tls: { keyFile: 'notes.txt' } } } },
      'doors.console.tls.keyFile: It holds no private key (PEM), or one under a passphrase.',
    ],
    [
      'the key of its certificate',
      { doors: { station: { tls: { certificateFile: 'door.pem', keyFile: 'other.key' } } } },
      'doors.station.tls.keyFile: This key does not belong to the certificate.',
    ],
    [
      'an Ed25519 key',
      { ledger: { sealKeyFile: 'other.key' } },
      'ledger.sealKeyFile: It holds no Ed25519 private key (PEM).',
    ],
    ['a secret', { keys: { file: 'open.key' } }, 'keys.file: Others may read it; it must have mode 0600.'],
    [
      'a file',
      { doors: { station: { blockKeyFile: 'sheets' } } },
      'doors.station.blockKeyFile: This is a folder, not a file.',
    ],
    ['a folder', { sourcesFolder: 'notes.txt' }, 'sourcesFolder: This is a file, not a folder.'],
    ['a folder for data', { dataFolder: 'notes.txt' }, 'dataFolder: This is a file, not a folder.'],
    ['a file for the log', { log: { file: 'sheets' } }, 'log.file: This is a folder, not a file.'],
    [
      'a path of folders',
      { ledger: { sealKeyFile: 'notes.txt/seal.key' } },
      'ledger.sealKeyFile: A part of this path is not a folder.',
    ],
  ];
  test.each(unfit)('are told when one is not %s', (_what, data, text) => {
    expect(textsOf(data)).toEqual([text]);
  });
});
