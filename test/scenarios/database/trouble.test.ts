import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresCluster, postgresPrograms, startCluster } from '../../switch/ledger/postgres-cluster.ts';
import { Stage } from '../stage.ts';
import { freeze, newDatabase, runSql, serverPid } from './one-database.ts';
import { alarmWithinMs, ledgerAlarm, ledgerTrusted, load, nothingFails } from './under-load.ts';

/** A gateway as a process of its own, whose database server hangs, turns read-only, or has a full disk. */
const missing = postgresPrograms() === undefined;
let cluster: PostgresCluster;
let stage: Stage | undefined;
let smallDisk: string | undefined;

/** A disk of its own for a tablespace; only who may mount one has it. */
function mountSmallDisk(dataFolder: string): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'hitline-small-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', place]).status !== 0) {
    rmSync(place, { recursive: true });
    return undefined;
  }
  mkdirSync(join(place, 'space'));
  const { uid, gid } = statSync(dataFolder);
  chownSync(join(place, 'space'), uid, gid);
  return place;
}

/** Leaves not one block free on it, while others write there too; gives what makes room again. */
function fillDisk(place: string): () => void {
  const file = join(place, 'ballast');
  for (let left = statfsSync(place); left.bavail > 0; left = statfsSync(place)) {
    try {
      appendFileSync(file, Buffer.alloc(left.bavail * left.bsize));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
    }
  }
  return () => rmSync(file);
}

async function openStage(databaseUrl: string): Promise<Stage> {
  const opened = await Stage.open({
    script: { name: 'Silent', agencies: [], listeners: ['WY0990200'] },
    databaseUrl,
    config: (input) => ({ ...input, ledger: { postgres: { url: databaseUrl } } }),
  });
  stage = opened;
  await opened.upstreamUp();
  return opened;
}

/** Begins a trouble, and gives what ends it. */
type Trouble = () => Promise<() => Promise<void>> | (() => void);

/** The trouble comes under load; the alarm is up in time, screens are answered, and afterwards work goes on. */
async function suffer(on: Stage, begin: Trouble): Promise<void> {
  const coj = await on.coj();
  const busy = await load(on);
  await nothingFails(coj);
  const alarm = ledgerAlarm(coj);
  const sinceMs = performance.now();
  const end = await begin();
  try {
    expect((await alarm) - sinceMs).toBeLessThan(alarmWithinMs);
    const askedMs = performance.now();
    expect((await coj.call('status', {})).notices.join()).toContain('LEDGER FAILED');
    expect(performance.now() - askedMs).toBeLessThan(alarmWithinMs);
  } finally {
    await end();
  }
  await busy.goesOn();
  await busy.end();
  await ledgerTrusted(on);
}

describe.skipIf(missing)('a gateway whose database server is in trouble (skipped where it is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    smallDisk = mountSmallDisk(cluster.dataFolder);
  }, 30_000);
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  }, 60_000);
  afterAll(() => {
    cluster?.remove();
    if (smallDisk === undefined) return;
    spawnSync('umount', ['-l', smallDisk]);
    rmSync(smallDisk, { recursive: true, force: true });
  });

  test('says so within a second when it hangs, asked or not, or is read-only; nothing acknowledged is lost, and it goes on', async () => {
    const url = await newDatabase(cluster, 'troubled');
    const on = await openStage(url);
    const coj = await on.coj();
    await nothingFails(coj);
    // Nobody asks anything.
    const alarm = ledgerAlarm(coj);
    const sinceMs = performance.now();
    const thaw = freeze(cluster);
    try {
      expect((await alarm) - sinceMs).toBeLessThan(alarmWithinMs);
    } finally {
      thaw();
    }
    await ledgerTrusted(on);
    await suffer(on, () => freeze(cluster));
    await suffer(on, async () => {
      await setReadOnly('on');
      return () => setReadOnly('off');
    });
    await on.stopGateway();
  }, 60_000);

  test('says so within a second when its disk is full; what comes is refused, nothing acknowledged is lost, and it goes on', async ({
    skip,
  }) => {
    if (smallDisk === undefined) return skip('no disk can be mounted here');
    const disk = smallDisk;
    await runSql(cluster.url('postgres'), `CREATE TABLESPACE small LOCATION '${join(disk, 'space')}'`);
    const url = await newDatabase(cluster, 'narrow', 'TABLESPACE small');
    const on = await openStage(url);
    await suffer(on, () => fillDisk(disk));
    await on.stopGateway();
  }, 60_000);
});

/** For whoever begins a transaction from now on. */
async function setReadOnly(word: 'on' | 'off'): Promise<void> {
  await runSql(
    cluster.url('postgres'),
    'SET default_transaction_read_only = off',
    `ALTER SYSTEM SET default_transaction_read_only = ${word}`,
  );
  process.kill(serverPid(cluster), 'SIGHUP');
}
