import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf } from '../../../src/switch/ledger/chain.ts';
import { openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../src/switch/ledger/heads.ts';
import type { VerifyReport } from '../../../src/switch/ledger/ledger.ts';
import type { EventTable } from '../../../src/switch/ledger/schema.ts';
import { readHeads } from '../../../src/switch/ledger/second-place/reading.ts';
import { readSecrets } from '../../../src/switch/ledger/secrets.ts';
import { kyselyOn } from '../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { verifyLedger } from '../../../src/switch/ledger/verify.ts';
import { messageEntry, unitOf } from '../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from './sqlite-house.ts';

let house: SqliteHouse;
let file: string;
let db: DatabaseSync;
beforeAll(async () => {
  house = await sqliteHouse();
  const ledger = await house.open();
  for (let n = 1; n <= 6; n += 1) {
    await ledger.append([
      unitOf(
        messageEntry(`m-${n}`, {
          state: { status: 'HELD', key: 'QW', ori: 'A', osn: 'B', link: 'C', parent: 'D', dueAtMs: n, body: { n } },
        }),
        messageEntry(`f-${n}`, { stream: 'frame', texts: {}, tokens: [] }),
      ),
    ]);
  }
  await ledger.append([unitOf(messageEntry('m-1', { version: 2, texts: {} }))]);
  await ledger.close();
  file = join(house.folder, 'intruded.db');
  copyFileSync(join(house.folder, 'ledger.db'), file);
  db = new DatabaseSync(file);
});
afterAll(async () => {
  db?.close();
  await house?.remove();
});

/** What `verify` says of the file as it stands, heads of the second place included. */
async function verify(withSecond = true): Promise<VerifyReport> {
  const master = openMasterKey(masterKey);
  const ledger = kyselyOn(db);
  const seal = new HeadSeal((await readSecrets(ledger, master)).head);
  const second = await readHeads(house.headsFile, seal);
  return verifyLedger(ledger, { master, seal, ...(withSecond ? { second } : {}) });
}

/** Does something to the file, asks `verify`, and undoes it. */
async function intruded(intrusion: () => void): Promise<VerifyReport> {
  db.exec('BEGIN');
  try {
    intrusion();
    return await verify();
  } finally {
    db.exec('ROLLBACK');
  }
}

const tables = ['event', 'text', 'state', 'token', 'head'] as const;

/** The same value with one byte or digit changed. */
function changed(value: unknown): string | number | Uint8Array {
  if (value instanceof Uint8Array) return value.map((byte, index) => (index === value.length - 1 ? byte ^ 1 : byte));
  if (typeof value === 'number') return value + 1_000;
  if (typeof value === 'string') return value.replace(/.$/u, (last) => (last === 'x' ? 'y' : 'x'));
  return 'x';
}

test('untouched, it verifies', async () => {
  expect(await verify()).toMatchObject({ ok: true, eventCount: 13 });
});

/** The search index holds nothing before a block is full: search-index.test.ts intrudes there. */
describe.each(tables.filter((table) => table !== 'token'))('in the table %s', (table) => {
  const allRows = () => db.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[];
  const where = (row: Record<string, unknown>) =>
    Object.keys(row)
      .map((column) => `"${column}" IS ?`)
      .join(' AND ');
  const values = (row: Record<string, unknown>) => Object.values(row) as (string | number | Uint8Array | null)[];

  test('a changed byte in any column of any row is found', async () => {
    const all = allRows();
    expect(all.length).toBeGreaterThan(0);
    for (const row of all) {
      for (const column of Object.keys(row)) {
        const report = await intruded(() => {
          db.prepare(`UPDATE "${table}" SET "${column}" = ? WHERE ${where(row)}`).run(
            changed(row[column]),
            ...values(row),
          );
        });
        expect(report.ok, `${table}.${column}`).toBe(false);
        expect(report.firstBroken?.what).toBeTruthy();
      }
    }
  });

  test('a deleted row is found, whichever it is', async () => {
    for (const row of allRows()) {
      const report = await intruded(() => {
        db.prepare(`DELETE FROM "${table}" WHERE ${where(row)}`).run(...values(row));
      });
      expect(report.ok, JSON.stringify(row)).toBe(false);
    }
  });

  test('an added row is found', async () => {
    const [row] = allRows();
    const report = await intruded(() => {
      const columns = Object.keys(row ?? {});
      const copy = columns.map((column) =>
        ['seq', 'id', 'name'].includes(column) || (table === 'head' && column === 'writer')
          ? changed(row?.[column])
          : row?.[column],
      ) as (string | number | Uint8Array | null)[];
      if (table === 'event') copy[columns.indexOf('seq')] = 14;
      db.prepare(`INSERT INTO "${table}" VALUES (${columns.map(() => '?').join(',')})`).run(...copy);
    });
    expect(report.ok).toBe(false);
  });
});

test('two rows that changed places are found', async () => {
  const report = await intruded(() => {
    db.exec('UPDATE event SET seq = -1 WHERE seq = 5; UPDATE event SET seq = 5 WHERE seq = 6');
    db.exec('UPDATE event SET seq = 6 WHERE seq = -1');
  });
  expect(report.firstBroken).toMatchObject({ writer: 'gw1', seq: 5 });
});

test('two texts that changed places are found', async () => {
  const report = await intruded(() => {
    db.exec('UPDATE text SET seq = -1 WHERE seq = 1; UPDATE text SET seq = 1 WHERE seq = 3');
    db.exec('UPDATE text SET seq = 3 WHERE seq = -1');
  });
  expect(report.firstBroken).toMatchObject({ writer: 'gw1', seq: 1 });
});

/** Deletes the last rows of everything, as somebody would who wants them never to have been. */
function cutTail(from: number): void {
  db.exec(`DELETE FROM text WHERE seq >= ${from}`);
  db.exec(`DELETE FROM event WHERE seq >= ${from}`);
  db.exec("DELETE FROM state WHERE id IN ('m-6', 'f-6'); UPDATE state SET version = 1 WHERE id = 'm-1'");
  db.exec("UPDATE state SET updated_at_ms = updated_at_ms - 1, body = '{\"n\":1}' WHERE id = 'm-1'");
  db.exec(`DELETE FROM token WHERE seq >= ${from}`);
}

test('a cut tail is found, by the head in the ledger and without it by the second place', async () => {
  expect((await intruded(() => cutTail(11))).firstBroken).toMatchObject({ writer: 'gw1', seq: 11 });
  const alsoHead = await intruded(() => {
    cutTail(11);
    db.exec('DELETE FROM head');
  });
  expect(alsoHead.firstBroken).toMatchObject({ writer: 'gw1', what: expect.stringContaining('second place') });
});

test('a cut tail is found by the head in the ledger alone, before the second place knows of it', async () => {
  db.exec('BEGIN');
  cutTail(11);
  const report = await verify(false);
  db.exec('ROLLBACK');
  expect(report.firstBroken).toMatchObject({ writer: 'gw1', seq: 11, what: expect.stringContaining('head') });
});

test('everything deleted is found by the second place', async () => {
  const report = await intruded(() => {
    for (const table of tables) db.exec(`DELETE FROM "${table}"`);
  });
  expect(report.firstBroken).toMatchObject({ writer: 'gw1', what: expect.stringContaining('second place') });
});

/** Writes the whole chain anew, correct in itself, after changing the data of one row. */
function rewriteChain(): void {
  db.exec("UPDATE event SET actor = 'somebody else' WHERE seq = 2");
  let prev = '0'.repeat(64);
  for (const event of db.prepare('SELECT * FROM event ORDER BY seq').all() as unknown as EventTable[]) {
    const { at_ms: atMs, mono_ms: monoMs, tokens_sha256: tokensSha256, ...row } = event;
    const hash = hashOf(prev, { ...row, atMs, monoMs, tokensSha256 });
    db.prepare('UPDATE event SET prev = ?, hash = ? WHERE seq = ?').run(prev, hash, event.seq);
    prev = hash;
  }
  db.prepare('UPDATE head SET hash = ?').run(prev);
}

test('a chain rewritten whole is found, although it is correct in itself', async () => {
  expect((await intruded(rewriteChain)).firstBroken).toMatchObject({ writer: 'gw1' });
  const forged = await intruded(() => {
    rewriteChain();
    const { seq, hash } = db.prepare('SELECT seq, hash FROM head').get() as { seq: number; hash: string };
    db.prepare('UPDATE head SET mac = ?').run(new HeadSeal(new Uint8Array(32)).mac('gw1', { seq, hash }));
  });
  expect(forged.firstBroken?.writer).toBe('gw1');
});

test('a second place that was emptied or forged is found, a line torn by a power failure is not held against it', async () => {
  const whole = readFileSync(house.headsFile, 'utf8');
  try {
    writeFileSync(house.headsFile, '');
    expect((await verify()).firstBroken?.what).toContain('second place');
    writeFileSync(house.headsFile, whole.replace(/"seq":13/, '"seq":12'));
    expect((await verify()).firstBroken?.what).toContain('second place');
    writeFileSync(house.headsFile, `${whole}{"atMs":17999`);
    expect(await verify()).toMatchObject({ ok: true });
  } finally {
    writeFileSync(house.headsFile, whole);
  }
});

test('a page damaged outside the rows is named by the running ledger', async () => {
  const other = await sqliteHouse();
  const ledger = await other.open();
  await ledger.append(Array.from({ length: 300 }, (_, n) => unitOf(messageEntry(`p-${n}`))));
  await ledger.close();
  const path = join(other.folder, 'ledger.db');
  const look = new DatabaseSync(path);
  const { rootpage } = look.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'state_status'").get() as {
    rootpage: number;
  };
  look.close();
  const bytes = readFileSync(path);
  const again = await other.open();
  bytes.fill(0, rootpage * 4096 - 100, rootpage * 4096);
  writeFileSync(path, bytes);
  const report = await again.verify();
  expect(report.ok).toBe(false);
  await again.close();
  await other.remove();
});
