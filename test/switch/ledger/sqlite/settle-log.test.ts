import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { openReading, openWriting } from '../../../../src/switch/ledger/sqlite/open-database.ts';
import { settleLog } from '../../../../src/switch/ledger/sqlite/settle-log.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Before the frames of a log stands its header, of 32 bytes; before the pages of its index, 136. */
const logHeaderBytes = 32;
const indexHeaderBytes = 136;
const pageBytes = 4_000;
/** Not whole in the source, so that only what was freed holds it. */
const marker = ['CLEAR', 'TEXT'].join('-');

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hitline-settle-test-'));
  folders.push(folder);
  return folder;
};

/** A folder as a process left it that was killed when it began its log anew: old frames stand behind a new header. */
function killedFolder(rows: number): string {
  const [from, folder] = [newFolder(), newFolder()];
  const writing = openWriting(from);
  writing.exec('PRAGMA wal_autocheckpoint = 0');
  writing.exec('CREATE TABLE filling(body BLOB)');
  const insert = writing.prepare('INSERT INTO filling VALUES (zeroblob(?))');
  writing.exec('BEGIN');
  for (let n = 0; n < rows; n += 1) insert.run(pageBytes);
  writing.exec('COMMIT');
  writing.exec('PRAGMA wal_checkpoint(RESTART)');
  insert.run(1);
  for (const name of ['ledger.db', 'ledger.db-wal']) copyFileSync(join(from, name), join(folder, name));
  writing.close();
  const log = readFileSync(join(folder, 'ledger.db-wal'));
  writeFileSync(join(folder, 'ledger.db-wal'), log.fill(0, logHeaderBytes, logHeaderBytes + 24));
  return folder;
}

/** Leaves clear text all over the memory that this process has freed. */
function litterMemory(): void {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE litter(body TEXT)');
  const insert = db.prepare('INSERT INTO litter VALUES (?)');
  for (let n = 0; n < 300; n += 1) insert.run(marker.repeat(4_000));
  db.close();
}

function indexOf(folder: string): Buffer {
  const reading = openReading(folder);
  try {
    reading.prepare('SELECT count(*) FROM filling').get();
    return readFileSync(join(folder, 'ledger.db-shm')).subarray(indexHeaderBytes);
  } finally {
    reading.close();
  }
}

test('what a killed process left in the log brings no memory of the next one into the index of the log', () => {
  const folder = killedFolder(300);
  litterMemory();
  settleLog(folder);
  expect(existsSync(join(folder, 'ledger.db-wal'))).toBe(false);
  const index = indexOf(folder);
  expect(index.includes(marker)).toBe(false);
  expect(index.every((byte) => byte === 0)).toBe(true);
});

test('every row that was kept is there, with the log settled and beside whoever has the file', () => {
  const folder = newFolder();
  const writing = openWriting(folder);
  writing.exec('CREATE TABLE filling(body BLOB)');
  writing.exec('INSERT INTO filling VALUES (1)');
  settleLog(folder);
  writing.exec('INSERT INTO filling VALUES (2)');
  const killed = newFolder();
  for (const name of ['ledger.db', 'ledger.db-wal']) copyFileSync(join(folder, name), join(killed, name));
  writing.close();
  settleLog(killed);
  settleLog(killed);
  const reading = openReading(killed);
  expect(reading.prepare('SELECT body FROM filling').all()).toEqual([{ body: 1 }, { body: 2 }]);
  reading.close();
});
