/** Somebody with the ledger, its second place, copies of both from before, and no key: what he cuts off and how he hides it. */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../../src/host/clock.ts';
import { Chance, openMasterKey } from '../../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../../src/switch/ledger/heads.ts';
import type { VerifyReport } from '../../../../src/switch/ledger/ledger.ts';
import { readyUnit } from '../../../../src/switch/ledger/prepare.ts';
import { migrate } from '../../../../src/switch/ledger/schema.ts';
import type { Doubt } from '../../../../src/switch/ledger/second-place/found.ts';
import { keepHeads } from '../../../../src/switch/ledger/second-place/head-keeper.ts';
import { newestFile } from '../../../../src/switch/ledger/second-place/newest.ts';
import { openSecrets } from '../../../../src/switch/ledger/secrets.ts';
import { Committer } from '../../../../src/switch/ledger/sqlite/committer.ts';
import { verifyCopy } from '../../../../src/switch/ledger/sqlite/copy-folder.ts';
import { kyselyOn } from '../../../../src/switch/ledger/sqlite/node-sqlite.ts';
import { backupFolder, restoreFolder, verifyFolder } from '../../../../src/switch/ledger/sqlite/offline.ts';
import { openWriting } from '../../../../src/switch/ledger/sqlite/open-database.ts';
import { Tokens } from '../../../../src/switch/ledger/tokens.ts';
import { messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { manualClock } from '../../../console/manual-clock.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from '../sqlite-house.ts';

let house: SqliteHouse;
beforeEach(async () => {
  house = await sqliteHouse();
});
afterEach(() => house.remove());

const newest = (): string => newestFile(house.headsFile, 'gw1');
const ledgerFile = (): string => join(house.folder, 'ledger.db');
const aside = (name: string): string => join(house.folder, '..', name);
const keys = () => ({ folder: house.folder, masterKey, headsFile: house.headsFile });
const verify = (): Promise<VerifyReport> => verifyFolder(keys());

/** Files these messages one after another as a gateway does, in one thread, and ends well; gives what the start doubted. */
async function fileEach(...ids: string[]): Promise<readonly Doubt[]> {
  return fileAs({ writer: 'gw1', folder: house.folder, clock: systemClock }, ...ids);
}

async function fileAs(
  as: { writer: string; folder: string; clock: Clock },
  ...ids: string[]
): Promise<readonly Doubt[]> {
  const doubts: Doubt[] = [];
  const { writer, folder, clock } = as;
  const master = openMasterKey(masterKey);
  mkdirSync(folder, { recursive: true });
  const first = openWriting(folder);
  await migrate(kyselyOn(first), 'sqlite');
  const secrets = await openSecrets(kyselyOn(first), master);
  first.close();
  const seal = new HeadSeal(secrets.head);
  const committer = new Committer(() => openWriting(folder), { writer, master, seal });
  const heads = keepHeads(
    { writer, seal, clock, head: committer.head },
    { headsFile: house.headsFile, onHeadsDoubted: (doubt) => doubts.push(doubt) },
  );
  const sealing = { tokens: new Tokens(secrets.token), chance: new Chance() };
  for (const id of ids) {
    expect(committer.commit([[readyUnit(unitOf(messageEntry(id)), sealing)]])).toMatchObject([{ ok: true }]);
    heads?.moved(committer.head);
  }
  await heads?.close();
  committer.close();
  return doubts;
}

const lines = (): string[] => readFileSync(house.headsFile, 'utf8').trimEnd().split('\n');
const putLines = (...all: string[]): void => writeFileSync(house.headsFile, all.map((line) => `${line}\n`).join(''));

/** As a kill leaves it within the minute: the newest head is there, the line of the minute is not. */
const forgetLastLine = (): void => putLines(...lines().slice(0, -1));

/** Puts the ledger back as it was when this copy was made, whose head is authentic. */
const cutTo = (name: string): void => copyFileSync(aside(name), ledgerFile());

test('rows of the minute before a kill are missed, although an older authentic head was put back', async () => {
  await fileEach('a');
  copyFileSync(ledgerFile(), aside('before.db'));
  await fileEach('b', 'c');
  forgetLastLine();
  expect(await verify()).toMatchObject({ ok: true, eventCount: 3 });
  cutTo('before.db');
  expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('the tail is cut') });
  // The next start says so, files what comes, and leaves what it knew for every later proof.
  expect(await fileEach('d', 'e', 'f')).toEqual([{ reason: 'ROWS_LACKING', seq: 1, knownSeq: 3 }]);
  expect((await verify()).firstBroken).toMatchObject({ writer: 'gw1', what: expect.stringContaining('another row') });
});

test('the chain grown again to the very row that is known is named, whichever was written down last', async () => {
  await fileEach('a');
  copyFileSync(ledgerFile(), aside('before.db'));
  await fileEach('b');
  cutTo('before.db');
  await fileEach('c');
  expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('another row') });
});

test('the newest head taken away is named; after the next start it is a gap that every report names', async () => {
  await fileEach('a');
  copyFileSync(ledgerFile(), aside('before.db'));
  await fileEach('b');
  forgetLastLine();
  cutTo('before.db');
  rmSync(newest());
  expect((await verify()).firstBroken).toMatchObject({ what: expect.stringContaining('lost the newest head') });
  expect(await fileEach('c')).toMatchObject([{ reason: 'NEWEST_LOST', seq: 1 }]);
  for (let n = 0; n < 2; n += 1) {
    expect(await verify()).toMatchObject({ ok: true, gaps: [{ writer: 'gw1', seq: 1 }] });
    expect(await fileEach(`d-${n}`)).toEqual([]);
  }
});

test('a second place that was emptied is named, and after the next start every report says since when it knows', async () => {
  await fileEach('a', 'b');
  rmSync(newest());
  rmSync(house.headsFile);
  expect((await verify()).firstBroken).toMatchObject({ what: expect.stringContaining('knows nothing') });
  expect(await fileEach('c')).toMatchObject([{ reason: 'NOTHING_KNOWN', seq: 2 }]);
  expect(await verify()).toMatchObject({ ok: true, gaps: [{ writer: 'gw1', seq: 2 }] });
});

test('an older newest head that was put back is named, and so is a line in its place', async () => {
  await fileEach('a');
  copyFileSync(newest(), aside('newest'));
  await fileEach('b');
  copyFileSync(newest(), aside('newest-2'));
  copyFileSync(aside('newest'), newest());
  expect((await verify()).firstBroken).toMatchObject({ what: expect.stringContaining('older than its lines') });
  writeFileSync(newest(), `${lines().at(-1)}\n`);
  expect((await verify()).firstBroken).toMatchObject({ what: expect.stringContaining('not authentic') });
  copyFileSync(aside('newest-2'), newest());
  renameSync(newest(), newestFile(house.headsFile, 'gw2'));
  expect((await verify()).ok).toBe(false);
});

test('a newest head torn by a power failure, at any byte, is not held against the ledger', async () => {
  await fileEach('a', 'b');
  forgetLastLine();
  const whole = readFileSync(newest());
  // The second of the two places is the one that was written last; the other has the head of the start.
  for (const at of [513, 700, 1_000]) {
    writeFileSync(newest(), Buffer.concat([whole.subarray(0, at), Buffer.alloc(1_024 - at)]));
    expect((await verify()).firstBroken).toBeUndefined();
  }
});

test('a clock that was stepped back changes nothing of what is known', async () => {
  await fileEach('a');
  await fileAs({ writer: 'gw1', folder: house.folder, clock: manualClock(startMs - 86_400_000) }, 'b');
  expect(await verify()).toMatchObject({ ok: true });
  copyFileSync(ledgerFile(), aside('before.db'));
  await fileEach('c');
  forgetLastLine();
  cutTo('before.db');
  expect((await verify()).firstBroken).toMatchObject({ seq: 3 });
});

test('of two chains in one second place each is held against its own heads', async () => {
  await fileEach('a');
  await fileAs({ writer: 'gw2', folder: house.folder, clock: systemClock }, 'x', 'y');
  expect(await verify()).toMatchObject({ ok: true, eventCount: 3 });
  copyFileSync(newestFile(house.headsFile, 'gw2'), newest());
  expect((await verify()).firstBroken).toMatchObject({ writer: 'gw1' });
});

test('a folder copied and started elsewhere under the same second place is named by both', async () => {
  await fileEach('a');
  mkdirSync(aside('fork'));
  copyFileSync(ledgerFile(), join(aside('fork'), 'ledger.db'));
  await fileEach('b');
  const fork = { writer: 'gw1', folder: aside('fork'), clock: systemClock };
  expect(await fileAs(fork, 'other', 'more')).toMatchObject([{ reason: 'ROWS_LACKING' }]);
  expect(await verifyFolder({ ...keys(), folder: aside('fork') })).toMatchObject({ ok: false });
  expect(await verify()).toMatchObject({ ok: false, firstBroken: { writer: 'gw1' } });
});

describe('after a restore that was wanted', () => {
  const mark = { by: 'records@pineridge', atMs: startMs };
  const restored = { atMs: startMs, by: mark.by, copyMadeAtMs: startMs - 1, goneCount: 2 };
  const gone = [{ writer: 'gw1', fromSeq: 2, toSeq: 3 }];

  /** A copy of one row, two more rows, and then the copy put back; gives the report of the restore. */
  async function restoreOlder(): Promise<VerifyReport> {
    await fileEach('a');
    await backupFolder({ ...keys(), to: aside('copy'), nowMs: startMs - 1 });
    await fileEach('b', 'c');
    // The lines of the last minute were never written: the newest head alone tells how much is gone.
    forgetLastLine();
    rmSync(house.folder, { recursive: true });
    return restoreFolder({ ...keys(), from: aside('copy'), mark });
  }

  test('every report is ok, and names who did it, when, and how many rows are gone', async () => {
    expect(await restoreOlder()).toMatchObject({ ok: true, eventCount: 1, restores: [{ ...restored, gone }] });
    expect(await verify()).toMatchObject({ ok: true, restores: [{ ...restored, gone }] });
    // A gateway that only starts and stops changes nothing of that.
    expect(await fileEach()).toEqual([]);
    expect(await verify()).toMatchObject({ ok: true, restores: [{ ...restored, gone }] });
    expect(await fileEach('d', 'e', 'f', 'g')).toEqual([]);
    const ledger = await house.open();
    expect(await ledger.verify()).toMatchObject({ ok: true, eventCount: 5, restores: [{ ...restored, gone }] });
    await ledger.close();
    const later = { ...keys(), to: aside('later'), nowMs: startMs + 5 };
    expect(await backupFolder(later)).toMatchObject({ ok: true, restores: [restored] });
    // Once more, from the newer copy: both are named, and of the second nothing is gone.
    rmSync(house.folder, { recursive: true });
    expect(await restoreFolder({ ...keys(), from: aside('later'), mark })).toMatchObject({
      ok: true,
      restores: [restored, { goneCount: 0, gone: [] }],
    });
    expect(await verify()).toMatchObject({ ok: true, eventCount: 5, restores: [restored, { goneCount: 0 }] });
  });

  test('one that was begun and given up, so that the ledger of before goes on, is named and has taken nothing', async () => {
    await fileEach('a');
    await backupFolder({ ...keys(), to: aside('copy'), nowMs: startMs });
    await fileEach('b');
    renameSync(house.folder, aside('old'));
    await restoreFolder({ ...keys(), from: aside('copy'), mark });
    rmSync(house.folder, { recursive: true });
    renameSync(aside('old'), house.folder);
    for (const ids of [[], ['c']]) {
      expect(await verify()).toMatchObject({ ok: true, restores: [{ goneCount: 0, gone: [] }] });
      expect(await fileEach(...ids)).toEqual([]);
    }
    expect(await verify()).toMatchObject({ ok: true, eventCount: 3, restores: [{ goneCount: 0 }] });
  });

  test('a tail cut from then on is named as ever', async () => {
    await restoreOlder();
    copyFileSync(ledgerFile(), aside('before.db'));
    await fileEach('d', 'e', 'f');
    forgetLastLine();
    cutTo('before.db');
    expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('the tail is cut') });
  });

  test('its line written again later hides nothing', async () => {
    await restoreOlder();
    copyFileSync(ledgerFile(), aside('before.db'));
    const line = lines().at(-1) ?? '';
    await fileEach('d', 'e', 'f');
    cutTo('before.db');
    putLines(...lines(), line);
    expect(await verify()).toMatchObject({ ok: false });
    // Nor in place of what stands between, while the newest head tells of it.
    putLines(...lines().slice(0, lines().indexOf(line) + 1));
    expect((await verify()).firstBroken).toMatchObject({ seq: 2, what: expect.stringContaining('the tail is cut') });
  });

  test('a proof fails when the line, or what stands before it, was changed, moved or taken away', async () => {
    await restoreOlder();
    expect(await verify()).toMatchObject({ ok: true });
    const all = lines();
    const at = all.findIndex((line) => line.includes('restored'));
    const line = all[at] ?? '';
    const [first = '', next = '', ...rest] = all;
    const changes = [
      all.toSpliced(at, 1),
      [next, ...rest],
      [next, first, ...rest],
      all.toSpliced(at - 1, 2, line, all[at - 1] ?? ''),
      all.with(at, line.replace('records@', 'x@')),
      all.with(at, line.replace('"was":{"seq":3', '"was":{"seq":2')),
      all.with(at, line.replace('"sharedSeq":1', '"sharedSeq":3')),
    ];
    for (const changed of changes) {
      expect(changed).not.toEqual(all);
      putLines(...changed);
      expect(await verify(), changed.join()).toMatchObject({ ok: false });
    }
  });

  test('on a machine that never had this ledger it is named too, and what is cut from then on is found', async () => {
    await fileEach('a', 'b');
    await backupFolder({ ...keys(), to: aside('copy'), nowMs: startMs });
    const there = { ...keys(), folder: aside('there'), headsFile: aside('there.heads') };
    await restoreFolder({ ...there, from: aside('copy'), mark });
    expect(await verifyFolder(there)).toMatchObject({ ok: true, restores: [{ by: mark.by, goneCount: 0 }] });
    const db = new DatabaseSync(join(there.folder, 'ledger.db'));
    db.exec('DELETE FROM event; DELETE FROM head; DELETE FROM text; DELETE FROM state');
    db.close();
    expect(await verifyFolder(there)).toMatchObject({ ok: false, firstBroken: { writer: 'gw1' } });
  });

  test('a copy that was made of what is gone can still be proved and put back', async () => {
    await fileEach('a');
    await backupFolder({ ...keys(), to: aside('old'), nowMs: startMs });
    await fileEach('b', 'c');
    await backupFolder({ ...keys(), to: aside('new'), nowMs: startMs });
    rmSync(house.folder, { recursive: true });
    await restoreFolder({ ...keys(), from: aside('old'), mark });
    await fileEach('d');
    expect(await verifyCopy(aside('new'), keys())).toMatchObject({ ok: true, eventCount: 3 });
    rmSync(house.folder, { recursive: true });
    await restoreFolder({ ...keys(), from: aside('new'), mark });
    expect(await verify()).toMatchObject({
      ok: true,
      eventCount: 3,
      restores: [{ goneCount: 0 }, { goneCount: 1, gone: [{ writer: 'gw1', fromSeq: 2, toSeq: 2 }] }],
    });
  });
});
