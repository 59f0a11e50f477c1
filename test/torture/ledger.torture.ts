/**
 * The ledger alone at its worst: processes killed in a burst, a full disk, a slow disk, clocks that step, a PostgreSQL
 * that restarts or loses its line in the middle of a COMMIT. What has a receipt is kept.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { systemClock } from '../../src/host/clock.ts';
import type { Ledger } from '../../src/switch/ledger/ledger.ts';
import { openPostgresLedger, type PostgresLedger } from '../../src/switch/ledger/postgres/postgres-ledger.ts';
import type { SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { type WatchedLedger, watchLedger } from '../../src/switch/watched-ledger.ts';
import { messageEntry, startMs, unitOf } from '../conformance/ledger.ts';
import { until } from '../scenarios/gateway-process.ts';
import { heldUpSince } from '../support/held-up.ts';
import { isAlive } from '../support/redis.ts';
import { cuttable } from '../switch/ledger/cuttable-line.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../switch/ledger/postgres-cluster.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from '../switch/ledger/sqlite-house.ts';
import type { Torture } from './torture.ts';

const burstWriter = join(import.meta.dirname, '../switch/ledger/burst-writer.ts');
const slowWriter = join(import.meta.dirname, '../switch/ledger/slow-writer.ts');
/** The longest time from a fault to its alarm. */
const alarmMsMax = 1_000;
/** The program that makes a disk slow. */
const tracer = 'strace';

export async function run(torture: Torture): Promise<void> {
  const { short } = torture;
  await torture.attempt(`killed at ${short ? 4 : 100} random moments`, () => killed(torture, short ? 4 : 100));
  await torture.attempt('the disk full at random moments', () => diskFull(torture, short ? 3 : 30));
  await torture.attempt('clocks stepped by an hour, back and forth', () => clockSteps(short ? 20 : 400));
  if (spawnSync(tracer, ['-V']).status === 0) {
    await torture.attempt('a disk that takes 2 s for each fsync', () => slowDisk());
  } else torture.note('no strace on PATH: the slow disk is left out');
  if (postgresPrograms() === undefined) {
    torture.note('PostgreSQL is not installed: its cases are left out');
    return;
  }
  const cluster = await startCluster();
  try {
    await torture.attempt('PostgreSQL restarted under two writers', () => restarted(torture, cluster, short ? 1 : 10));
    await torture.attempt('lines cut around COMMIT', () => lineCuts(torture, cluster, short ? 6 : 100));
  } finally {
    cluster.remove();
  }
}

async function withHouse(work: (house: SqliteHouse) => Promise<void>): Promise<void> {
  const house = await sqliteHouse();
  try {
    await work(house);
  } finally {
    await house.remove();
  }
}

/** A ledger of its own, closed however the work ends: one left open would keep the process alive. */
async function withLedger(work: (ledger: SqliteLedger) => Promise<void>): Promise<void> {
  await withHouse(async (house) => {
    const ledger = await house.open();
    try {
      await work(ledger);
    } finally {
      await ledger.close();
    }
  });
}

async function mustVerify(ledger: Ledger): Promise<void> {
  const report = await ledger.verify();
  assert.equal(report.ok, true, `the ledger does not verify: ${JSON.stringify(report.firstBroken)}`);
}

function startScript(
  words: readonly string[],
  hear: (line: string) => void,
  before: readonly string[] = [],
): ChildProcess {
  const [command = process.execPath, ...rest] = [
    ...before,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    ...words,
  ];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', hear);
  return child;
}

async function killed(torture: Torture, rounds: number): Promise<void> {
  await withHouse(async (house) => {
    const receipted: string[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const atLine = torture.random.below(150);
      let lines = 0;
      const words = [burstWriter, house.folder, house.headsFile, `r${round}`];
      const child = startScript(words, (line) => {
        if (line !== 'open') receipted.push(line);
        if (lines === atLine) child.kill('SIGKILL');
        lines += 1;
      });
      await once(child, 'close');
      assert.ok(lines > atLine, 'the burst ended by itself');
    }
    const ledger = await house.open();
    const states = await Promise.all(receipted.map((id) => ledger.state('message', id)));
    assert.deepEqual(states.filter((state) => state?.version !== 2).length, 0, 'a receipted entry is missing');
    torture.note(`${rounds} kills, ${receipted.length} receipts, none lost`);
    await mustVerify(ledger);
    await ledger.close();
  });
}

/** How many are kept at a time while the disk fills. */
const together = 10;

async function diskFull(torture: Torture, rounds: number): Promise<void> {
  await withLedger(async (ledger) => {
    const kept = new Set<string>();
    for (let round = 1; round <= rounds; round += 1) {
      // Less than the file has already is taken for what it has.
      ledger.capPages(torture.random.below(60) + round * 20);
      let failed = 0;
      const fillOne = async (n: number): Promise<void> => {
        const id = `f${round}-${n}`;
        const entry = messageEntry(id, { texts: { raw: randomBytes(torture.random.below(6_000)) } });
        const [receipt] = await ledger.append([unitOf(entry)]).catch((error: { code: string }) => {
          assert.equal(error.code, 'LEDGER_FAILED');
          failed += 1;
          return [];
        });
        if (receipt?.ok === true) kept.add(id);
      };
      // A few at a time: of a batch that meets the end of the disk nothing is kept, and the batches before it stay.
      for (let from = 0; from < 400; from += together) {
        await Promise.all(Array.from({ length: together }, (_, n) => fillOne(from + n)));
      }
      assert.ok(failed > 0, 'the disk was never full');
      const onFile = await ledger.states({ stream: 'message', limit: 5_000 });
      assert.deepEqual(new Set(onFile.map((state) => state.id)).size, kept.size);
      ledger.capPages(1_000_000);
      const after = `after-${round}`;
      assert.equal((await ledger.append([unitOf(messageEntry(after))]))[0]?.ok, true);
      kept.add(after);
      if (kept.size > 4_000) break;
    }
    assert.ok(kept.size > rounds * 2, 'hardly anything was kept before the disk was full');
    torture.note(`${rounds} times full, ${kept.size} kept, none lost`);
    await mustVerify(ledger);
  });
}

async function clockSteps(rounds: number): Promise<void> {
  await withHouse(async (house) => {
    const ledger = await house.open();
    for (let round = 0; round < rounds; round += 1) {
      const atMs = startMs + round + (round % 3 === 0 ? 3_600_000 : round % 3 === 1 ? -3_600_000 : 0);
      await ledger.append([unitOf(messageEntry(`c-${round}`, { atMs, monoMs: round }))]);
    }
    const history = await ledger.events({ stream: 'message', limit: 5_000 });
    const filed = history.toSorted((a, b) => a.seq - b.seq).map((event) => event.monoMs);
    assert.deepEqual(
      filed,
      filed.toSorted((a, b) => a - b),
      'the order of filing follows the wall clock',
    );
    await mustVerify(ledger);
    await ledger.close();
  });
}

/** The loop of a process must live while its disk sleeps: the script prints the longest time the loop stood still. */
async function slowDisk(): Promise<void> {
  await withHouse(async (house) => {
    // The ledger is made before its disk becomes slow.
    await (await house.open()).close();
    const lines: string[] = [];
    const heldUpMs = heldUpSince();
    const slow = [tracer, '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync'];
    const inject = ['-e', 'inject=fdatasync,fsync:delay_enter=2000000'];
    const words = [slowWriter, house.folder];
    const child = startScript(words, (line) => lines.push(line), [...slow, ...inject]);
    await once(child, 'close');
    const said = JSON.parse(lines.at(-1) ?? '{}') as { longestStillMs?: number; longestAppendMs?: number };
    assert.ok((said.longestAppendMs ?? 0) >= 1_900, `the disk was not slow: ${lines.join()}`);
    const stillMsMax = 1_000 + heldUpMs();
    assert.ok((said.longestStillMs ?? Number.POSITIVE_INFINITY) < stillMsMax, `the loop stood still: ${lines.join()}`);
  });
}

async function withDatabase(
  cluster: PostgresCluster,
  work: (url: string, database: string) => Promise<void>,
): Promise<void> {
  const database = `torture${process.hrtime.bigint()}`;
  const client = new pg.Client({ connectionString: cluster.url('postgres') });
  await client.connect();
  await client.query(`CREATE DATABASE ${database}`);
  await client.end();
  await work(cluster.url(database), database);
}

/** Appends until it is told to end; gives the ids that have a receipt. */
function keepWriting(ledger: Ledger, prefix: string): { end(): Promise<readonly string[]> } {
  let going = true;
  const receipted: string[] = [];
  const caller = async (lane: number): Promise<void> => {
    for (let n = 0; going; n += 1) {
      const id = `${prefix}-${lane}-${n}`;
      const receipts = await ledger.append([unitOf(messageEntry(id))]).catch(() => []);
      if (receipts[0]?.ok === true) receipted.push(id);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const all = Promise.all(Array.from({ length: 8 }, (_, lane) => caller(lane)));
  return {
    async end() {
      going = false;
      await all;
      return receipted;
    },
  };
}

async function mustHold(ledger: PostgresLedger, receipted: readonly string[]): Promise<void> {
  assert.ok(receipted.length > 0, 'nothing was written');
  const states = await Promise.all(receipted.map((id) => ledger.state('message', id)));
  assert.equal(states.filter((state) => state === undefined).length, 0, 'a receipted entry is missing');
  await mustVerify(ledger);
}

/** Notices a ledger as a gateway does, and tells how long after a moment the alarm was raised. */
function alarmOf(ledger: Ledger): { readonly watched: WatchedLedger; after(sinceMs: number): Promise<number> } {
  const failedAtMs: number[] = [];
  const heldUpMs = heldUpSince();
  const watched = watchLedger(ledger, { clock: systemClock, failed: () => void failedAtMs.push(performance.now()) });
  return {
    watched,
    async after(sinceMs) {
      const atMs = await until('the alarm is raised', () => failedAtMs.find((one) => one >= sinceMs));
      assert.ok(atMs - sinceMs <= alarmMsMax + heldUpMs(), `the alarm was raised only after ${atMs - sinceMs} ms`);
      return Math.round(atMs - sinceMs);
    },
  };
}

async function restarted(torture: Torture, cluster: PostgresCluster, times: number): Promise<void> {
  await withDatabase(cluster, async (url) => {
    const root = mkdtempSync(join(tmpdir(), 'hitline-torture-'));
    const open = (writer: string) => openPostgresLedger({ url, writer, masterKey, headsFile: join(root, 'heads') });
    const [one, two] = await Promise.all([open('gw1'), open('gw2')]);
    const alarms = [alarmOf(one), alarmOf(two)];
    const writing = alarms.map(({ watched }, index) => keepWriting(watched.ledger, `writer-${index}`));
    const afterMs: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const before = [one.head().seq, two.head().seq];
      // To the server itself: a program that waits for its end would hold this process up, and with it the alarm.
      const pid = Number(readFileSync(join(cluster.dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
      const sinceMs = performance.now();
      process.kill(pid, torture.random.pick(['SIGQUIT', 'SIGINT'] as const));
      afterMs.push(...(await Promise.all(alarms.map((alarm) => alarm.after(sinceMs)))));
      await until('the server has ended', () => (isAlive(pid) ? undefined : true));
      cluster.start();
      // Each writer has found its way back when its chain has grown.
      for (const [index, ledger] of [one, two].entries()) {
        while (ledger.head().seq <= (before[index] ?? 0)) await ledger.state('message', 'none').catch(() => undefined);
      }
    }
    const receipted = (await Promise.all(writing.map((one) => one.end()))).flat();
    torture.note(
      `${times} restarts, ${receipted.length} receipts, none lost; alarm after ${Math.max(0, ...afterMs)} ms at most`,
    );
    await mustHold(one, receipted);
    for (const { watched } of alarms) watched.close();
    await Promise.all([one.close(), two.close()]);
    rmSync(root, { recursive: true });
  });
}

async function lineCuts(torture: Torture, cluster: PostgresCluster, times: number): Promise<void> {
  await withDatabase(cluster, async (_url, database) => {
    const line = await cuttable(cluster.port);
    const url = `postgres://hitline@127.0.0.1:${line.port}/${database}`;
    const ledger = await openPostgresLedger({ url, writer: 'gw1', masterKey });
    const alarm = alarmOf(ledger);
    const receipted: string[] = [];
    const afterMs: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const moment = torture.random.pick(['before COMMIT', 'after COMMIT'] as const);
      line.cutAt(moment);
      const id = `cut-${n}`;
      const sinceMs = performance.now();
      const [receipt] = await alarm.watched.ledger.append([unitOf(messageEntry(id))]).catch(() => []);
      assert.equal(receipt?.ok === true, moment === 'after COMMIT', `cut ${moment}`);
      if (receipt?.ok === true) receipted.push(id);
      else {
        assert.equal(await ledger.state('message', id), undefined, 'it was kept although it was said not to be');
        // What was kept after all needs no alarm; what was not kept has one.
        afterMs.push(await alarm.after(sinceMs));
      }
    }
    assert.equal(line.cuts(), times);
    torture.note(
      `${times} cuts, ${receipted.length} kept after all; alarm after ${Math.max(0, ...afterMs)} ms at most`,
    );
    await mustHold(ledger, [...receipted, ...(await lastWord(ledger))]);
    alarm.watched.close();
    await ledger.close();
    await line.close();
  });
}

async function lastWord(ledger: Ledger): Promise<readonly string[]> {
  await ledger.append([unitOf(messageEntry('last'))]);
  return ['last'];
}
