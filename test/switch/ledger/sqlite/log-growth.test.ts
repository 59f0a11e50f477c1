/** The log beside the file: how large it becomes, and that it does not stay so. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReading, openWriting } from '../../../../src/switch/ledger/sqlite/open-database.ts';

test('a log that grew while somebody read one moment is cut when he has done, and stays small while others read briefly', {
  timeout: 120_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hitline-log-test-'));
  const logMegabytes = (): number => statSync(join(folder, 'ledger.db-wal')).size / 1_048_576;
  const writing = openWriting(folder);
  writing.exec('CREATE TABLE filling(body BLOB)');
  const reading = openReading(folder);
  const look = reading.prepare('SELECT count(*) AS n FROM filling');
  const write = (megabytes: number): void => {
    for (let n = 0; n < megabytes; n += 1) {
      writing.exec('INSERT INTO filling VALUES (zeroblob(1048576))');
      look.get();
    }
  };
  write(40);
  expect(logMegabytes()).toBeLessThan(24);
  reading.exec('BEGIN');
  look.get();
  write(80);
  expect(logMegabytes()).toBeGreaterThan(80);
  reading.exec('COMMIT');
  write(4);
  expect(logMegabytes()).toBeLessThanOrEqual(64);
  reading.close();
  writing.close();
  rmSync(folder, { recursive: true });
});
