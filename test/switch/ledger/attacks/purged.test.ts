/** What was purged is gone from the file, its log and the slack of its pages, whoever reads meanwhile; and nobody waits for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { purgeByRetention } from '../../../../src/switch/ledger/keeping/purge.ts';
import type { SqliteLedger } from '../../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { manualClock } from '../../../console/manual-clock.ts';
import { stopwatch } from '../../../support/held-up.ts';
import { type SqliteHouse, sqliteHouse } from '../sqlite-house.ts';

let house: SqliteHouse;

beforeEach(async () => {
  house = await sqliteHouse();
});

afterEach(() => house.remove());

type Secret = { readonly ciphertext: Uint8Array; readonly wrapped: Uint8Array };

/** Ciphertexts and wrapped keys of all rows that a purge of old messages will take. */
function oldTexts(db: DatabaseSync): readonly Secret[] {
  const rows = db
    .prepare('SELECT t.ciphertext, t.wrapped FROM text t JOIN event e USING (writer, seq) WHERE e.at_ms = 0')
    .all();
  return rows as unknown as Secret[];
}

/** How many of them can still be found in any file of the ledger. */
function left(texts: readonly Secret[]): number {
  const names = readdirSync(house.folder).filter((name) => name.startsWith('ledger.db'));
  const files = names.map((name) => readFileSync(join(house.folder, name)));
  return texts.filter(({ ciphertext, wrapped }) =>
    files.some((file) => file.includes(Buffer.from(ciphertext)) || file.includes(Buffer.from(wrapped))),
  ).length;
}

const purge = (ledger: SqliteLedger) =>
  purgeByRetention(ledger, {
    id: 'p',
    retention: { message: 400 },
    askedBy: 'A',
    agreedBy: 'B',
    atMs: startMs,
    monoMs: 1,
  });

const texts = (n: number) => ({ raw: new Uint8Array(100 + ((n * 37) % 900)) });

test('the slack of split pages holds nothing of it', async () => {
  const ledger = await house.open();
  // Old and new rows side by side, and more of them than a page holds, so that pages which split hold both.
  for (let from = 0; from < 800; from += 40) {
    const units = Array.from({ length: 40 }, (_, n) =>
      unitOf(messageEntry(`m-${from + n}`, { atMs: n % 2 === 0 ? 0 : startMs, texts: texts(from + n) })),
    );
    await ledger.append(units);
  }
  const reading = new DatabaseSync(join(house.folder, 'ledger.db'), { readOnly: true });
  const gone = oldTexts(reading);
  reading.close();
  expect(left(gone)).toBe(400);
  await purge(ledger);
  expect(left(gone)).toBe(0);
  await ledger.close();
  expect(left(gone)).toBe(0);
});

test('whoever reads an older moment hinders nobody, and the log forgets within a minute when he is done', async () => {
  const clock = manualClock();
  const ledger = await house.open('gw1', { clock });
  await ledger.append(
    Array.from({ length: 50 }, (_, n) => unitOf(messageEntry(`m-${n}`, { atMs: 0, texts: texts(n) }))),
  );
  const reading = new DatabaseSync(join(house.folder, 'ledger.db'), { readOnly: true });
  reading.exec('BEGIN');
  const gone = oldTexts(reading);
  const tookMs = stopwatch();
  await purge(ledger);
  // Far below the five seconds that a connection waits for another, far above what a purge takes.
  expect(tookMs()).toBeLessThan(3_000);
  reading.exec('COMMIT');
  reading.close();
  clock.advance(60_000);
  // The committer does one thing after another: what it is asked now comes after the forgetting.
  await ledger.append([unitOf(messageEntry('later'))]);
  expect(left(gone)).toBe(0);
  await ledger.close();
});

test('what a kill left in the log goes with the next start', async () => {
  const ledger = await house.open();
  await ledger.append(
    Array.from({ length: 50 }, (_, n) => unitOf(messageEntry(`m-${n}`, { atMs: 0, texts: texts(n) }))),
  );
  // A reader stays over the end of the gateway, as a backup by other means may.
  const reading = new DatabaseSync(join(house.folder, 'ledger.db'), { readOnly: true });
  reading.exec('BEGIN');
  const gone = oldTexts(reading);
  await purge(ledger);
  await ledger.close();
  expect(left(gone)).toBe(50);
  reading.exec('COMMIT');
  reading.close();
  const again = await house.open();
  expect(left(gone)).toBe(0);
  await again.close();
});
