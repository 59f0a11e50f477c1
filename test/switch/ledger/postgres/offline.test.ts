import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMasterKey } from '../../../../src/host/keys.ts';
import { openMasterKey } from '../../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../../src/switch/ledger/heads.ts';
import type { Ledger } from '../../../../src/switch/ledger/ledger.ts';
import { openReaders } from '../../../../src/switch/ledger/postgres/connection.ts';
import {
  backupDatabase,
  rebuildDatabase,
  restoreDatabase,
  rotateDatabase,
} from '../../../../src/switch/ledger/postgres/offline.ts';
import {
  openPostgresLedger,
  type PostgresLedger,
  type PostgresLedgerOptions,
} from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { verifyDatabase } from '../../../../src/switch/ledger/postgres/prove-database.ts';
import { appendLine } from '../../../../src/switch/ledger/second-place/head-files.ts';
import { readSecrets, type Secrets } from '../../../../src/switch/ledger/secrets.ts';
import { backupFolder, restoreFolder } from '../../../../src/switch/ledger/sqlite/offline.ts';
import { openLedger } from '../../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { jsonLines, runHitline } from '../../../cli/run-hitline.ts';
import { fullBlock, inOpenBlock, kept, messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { bytesBelow } from '../../../support/bytes-below.ts';
import { practiceConfig } from '../../config/sample-config.ts';
import { cuttable } from '../cuttable-line.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';

const missing = postgresPrograms() === undefined;
const newKey = new Uint8Array(32).fill(11);

let cluster: PostgresCluster;
let databaseCount = 0;
let root: string;
let url: string;

async function newDatabase(): Promise<string> {
  databaseCount += 1;
  await runSql(cluster.url('postgres'), `CREATE DATABASE kept${databaseCount}`);
  return cluster.url(`kept${databaseCount}`);
}

async function runSql(address: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return rows;
}

const mark = { by: 'records@pineridge', atMs: startMs };
const keys = () => ({ url, masterKey, headsFile: join(root, 'heads'), mark });

function open(writer = 'gw1', more: Partial<PostgresLedgerOptions> = {}): Promise<PostgresLedger> {
  return openPostgresLedger({ ...keys(), writer, ...more });
}

async function fill(count = 5): Promise<void> {
  const ledger = await open();
  for (let n = 1; n <= count; n += 1) {
    const sent = messageEntry(`m-${n}`, { version: 2, texts: {}, type: 'SENT' });
    await ledger.append([unitOf(messageEntry(`m-${n}`), sent)]);
  }
  await ledger.close();
}

/** Everything that neither a rotation nor a copy may change. */
async function chained(address: string): Promise<readonly unknown[]> {
  const tables = ['event', 'token', 'head', 'text', 'state'].map((table) =>
    runSql(
      address,
      `SELECT ${table === 'text' ? 'writer, seq, name, key_id, ciphertext' : '*'} FROM ${table} ORDER BY 1, 2, 3, 4`,
    ),
  );
  return Promise.all(tables);
}

const tablesThere = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";

/** Whether these bytes stand in a table's file; the server's log of changes is another matter. */
async function isOnDisk(bytes: Buffer): Promise<boolean> {
  await runSql(url, 'CHECKPOINT');
  return bytesBelow(join(cluster.dataFolder, 'base')).some((file) => file.includes(bytes));
}

async function secretsOf(address: string): Promise<Secrets> {
  const db = openReaders({ url: address, writer: '' });
  const secrets = await readSecrets(db, openMasterKey(masterKey));
  await db.destroy();
  return secrets;
}

async function textOf(ledger: Ledger, id: string): Promise<string> {
  const [event] = await ledger.history('message', id);
  return Buffer.from((await ledger.text(event ?? { writer: '', seq: 0 }, 'raw')) ?? []).toString();
}

describe.skipIf(missing)('the tools of a ledger in PostgreSQL', () => {
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.remove());
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'hitline-postgres-offline-'));
    url = await newDatabase();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('a copy made while two gateways write is of one moment, and can be put into a database and into a folder', async () => {
    const [one, two] = await Promise.all([open('gw1'), open('gw2')]);
    await one.append(fullBlock(20));
    let writing = true;
    const writers = [one, two].map(async (ledger, index) => {
      for (let n = 0; writing; n += 1) {
        const id = `w${index}-${n}`;
        await ledger.append([unitOf(messageEntry(id)), unitOf(messageEntry(id, { version: 2 }))]);
      }
    });
    const to = join(root, 'copy');
    const report = await backupDatabase({ ...keys(), to, nowMs: startMs });
    writing = false;
    await Promise.all(writers);
    expect(report).toMatchObject({ ok: true, writers: [{ writer: 'gw1' }, { writer: 'gw2' }] });
    expect(readdirSync(to)).toEqual(['ledger.db', 'manifest.json']);
    await one.append([unitOf(messageEntry('after'))]);
    await Promise.all([one.close(), two.close()]);
    expect((await verifyDatabase(keys())).eventCount).toBeGreaterThan(report.eventCount);

    const other = { ...keys(), url: await newDatabase() };
    expect(await restoreDatabase({ ...other, from: to })).toMatchObject(report);
    const { ok, restores } = await verifyDatabase(other);
    expect(ok).toBe(true);
    expect(restores).toMatchObject([{ by: mark.by, copyMadeAtMs: startMs }]);
    expect(restores?.[0]?.gone.find((one) => one.writer === 'gw1')?.fromSeq).toBe((report.writers[0]?.seq ?? 0) + 1);
    const folder = join(root, 'data');
    expect(await restoreFolder({ ...keys(), folder, from: to })).toMatchObject(report);
    const restored = await open('gw1', { url: other.url, headsFile: join(root, 'heads-1') });
    const embedded = await openLedger({ folder, writer: 'gw1', masterKey, headsFile: join(root, 'heads-2') });
    for (const ledger of [restored, embedded]) {
      expect(await ledger.state('message', 'after')).toBeUndefined();
      const token = { kind: 'NIC', value: 'W3' } as const;
      const found = await ledger.states({ stream: 'message', token, limit: 9 });
      expect(found.map((row) => row.id).sort()).toEqual(['b-3', inOpenBlock(3)]);
      expect(await textOf(ledger, 'b-3')).toContain('b-3');
      expect(await ledger.states({ stream: 'message', ori: 'CO0990100', limit: 500 })).not.toEqual([]);
      expect(kept((await ledger.append([unitOf(messageEntry('next'))]))[0]).seq).toBe(
        (report.writers[0]?.seq ?? 0) + 1,
      );
      await ledger.close();
    }
  });

  test('rows of the minute before a kill are known in the second place, although an older authentic head was put back', async () => {
    const ledger = await open();
    await ledger.append([unitOf(messageEntry('a'))]);
    const [head] = await runSql(url, 'SELECT seq, hash, mac FROM head');
    await ledger.append([unitOf(messageEntry('b'))]);
    await ledger.close();
    // As a kill leaves it: the line of the minute was never written.
    const lines = readFileSync(keys().headsFile, 'utf8').trimEnd().split('\n');
    writeFileSync(keys().headsFile, lines.slice(0, -1).join('\n'));
    expect(await verifyDatabase(keys())).toMatchObject({ ok: true, eventCount: 2 });
    const cut = "DELETE FROM event WHERE seq = 2; DELETE FROM text WHERE seq = 2; DELETE FROM state WHERE id = 'b'";
    await runSql(url, `${cut}; UPDATE head SET seq = 1, hash = '${head?.['hash']}', mac = '${head?.['mac']}'`);
    const doubts: unknown[] = [];
    const broken = { firstBroken: { writer: 'gw1', seq: 2, what: expect.stringContaining('the tail is cut') } };
    expect(await verifyDatabase(keys())).toMatchObject(broken);
    const again = await open('gw1', { onHeadsDoubted: (doubt) => doubts.push(doubt) });
    expect(await again.verify()).toMatchObject(broken);
    await again.close();
    expect(doubts).toEqual([{ reason: 'ROWS_LACKING', seq: 1, knownSeq: 2 }]);
  });

  test('a copy of a ledger in a folder can be put into a database, and is found in it', async () => {
    const folder = join(root, 'data');
    const embedded = await openLedger({ folder, writer: 'gw1', masterKey, headsFile: keys().headsFile });
    for (let n = 0; n < 3; n += 1) await embedded.append([unitOf(messageEntry(`m-${n}`))]);
    await embedded.close();
    const to = join(root, 'copy');
    const report = await backupFolder({ ...keys(), folder, to, nowMs: startMs });
    expect(await restoreDatabase({ ...keys(), from: to })).toMatchObject(report);
    expect(await runSql(url, 'SELECT DISTINCT settled FROM state')).toEqual([{ settled: 1 }]);
    expect(await verifyDatabase(keys())).toMatchObject({ ok: true, eventCount: 3 });
    const ledger = await open();
    expect((await ledger.states({ stream: 'message', ori: 'CO0990100', limit: 9 })).map((row) => row.id)).toHaveLength(
      3,
    );
    expect(await textOf(ledger, 'm-1')).toContain('m-1');
    await ledger.close();
  });

  test('a changed copy is refused, and the database stays empty', async () => {
    await fill();
    const to = join(root, 'copy');
    await backupDatabase({ ...keys(), to, nowMs: startMs });
    const other = { ...keys(), url: await newDatabase(), from: to };
    const refused = async (): Promise<void> => {
      await expect(restoreDatabase(other)).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
      expect(await runSql(other.url, tablesThere)).toEqual([]);
    };
    const whole = readFileSync(join(to, 'ledger.db'));
    const manifest = readFileSync(join(to, 'manifest.json'), 'utf8');
    const turned = Buffer.from(whole);
    const place = whole.indexOf('CO0990100');
    turned[place] = (turned[place] ?? 0) ^ 1;
    writeFileSync(join(to, 'ledger.db'), turned);
    await refused();
    // Whoever changes a copy and says so has not the key to say it with.
    const sha256 = createHash('sha256').update(turned).digest('hex');
    writeFileSync(join(to, 'manifest.json'), JSON.stringify({ ...JSON.parse(manifest), sha256 }));
    await refused();
    // A copy whose making was cut off has no manifest.
    writeFileSync(join(to, 'ledger.db'), whole);
    rmSync(join(to, 'manifest.json'));
    await refused();
    writeFileSync(join(to, 'manifest.json'), manifest);
    await expect(restoreDatabase({ ...other, masterKey: newKey })).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    expect(await restoreDatabase(other)).toMatchObject({ ok: true, eventCount: 10 });
  });

  test('a true copy that the second place contradicts leaves nothing in the database', async () => {
    await fill();
    const to = join(root, 'copy');
    await backupDatabase({ ...keys(), to, nowMs: startMs });
    const seal = new HeadSeal((await secretsOf(url)).head);
    await appendLine(keys().headsFile, seal.line({ atMs: 1, writer: 'gw1', seq: 3, hash: 'ab'.repeat(32) }));
    const other = { ...keys(), url: await newDatabase(), from: to };
    await expect(restoreDatabase(other)).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
    expect(await runSql(other.url, tablesThere)).toEqual([]);
    // A machine that never had this ledger has no second place: there the copy begins one.
    const fresh = { ...other, headsFile: join(root, 'fresh') };
    expect(await restoreDatabase(fresh)).toMatchObject({ ok: true });
    expect(await verifyDatabase(fresh)).toMatchObject({ ok: true, eventCount: 10 });
    await runSql(fresh.url, 'TRUNCATE event, head, text, state');
    expect(await verifyDatabase(fresh)).toMatchObject({ ok: false, firstBroken: { writer: 'gw1' } });
  });

  test('a broken ledger has no usable copy, and a copy goes into no database that holds anything', async () => {
    await fill();
    const to = join(root, 'copy');
    await backupDatabase({ ...keys(), to, nowMs: startMs });
    await expect(restoreDatabase({ ...keys(), from: to })).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
    const other = await newDatabase();
    await runSql(other, 'CREATE SCHEMA own; CREATE TABLE own.thing (a int)');
    await expect(restoreDatabase({ ...keys(), url: other, from: to })).rejects.toMatchObject({
      code: 'BACKUP_UNUSABLE',
    });
    await expect(backupDatabase({ ...keys(), to, nowMs: startMs })).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
    await runSql(url, "UPDATE event SET actor = 'x' WHERE seq = 3");
    const broken = { ...keys(), to: join(root, 'broken'), nowMs: startMs };
    await expect(backupDatabase(broken)).rejects.toMatchObject({ code: 'BACKUP_UNUSABLE' });
    expect(existsSync(join(root, 'broken', 'manifest.json'))).toBe(false);
  });

  test('a new master key opens everything, the old one nothing, and ciphertext and chain have not moved', async () => {
    await fill();
    const before = await chained(url);
    const [wrapped] = await runSql(url, 'SELECT wrapped FROM text LIMIT 1');
    expect(await isOnDisk(wrapped?.['wrapped'] as Buffer)).toBe(true);
    const wrong = { ...keys(), masterKey: newKey, newKey: new Uint8Array(32).fill(12) };
    await expect(rotateDatabase(wrong)).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    expect(await verifyDatabase(keys())).toMatchObject({ ok: true });
    expect(await rotateDatabase({ ...keys(), newKey })).toBe(5);
    expect(await chained(url)).toEqual(before);
    expect(await isOnDisk(wrapped?.['wrapped'] as Buffer)).toBe(false);
    await expect(open()).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    const after = { ...keys(), to: join(root, 'copy'), nowMs: startMs };
    await expect(backupDatabase(after)).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    expect(existsSync(after.to)).toBe(false);
    await expect(rebuildDatabase(keys())).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    const ledger = await open('gw1', { masterKey: newKey });
    expect(await textOf(ledger, 'm-3')).toContain('m-3');
    const token = { kind: 'NAM', value: 'RECORD' } as const;
    expect(await ledger.states({ stream: 'message', token, limit: 10 })).toHaveLength(5);
    expect(await ledger.verify()).toMatchObject({ ok: true, eventCount: 10 });
    await ledger.close();
  });

  test('a rotation that falls half way leaves everything under the old key', async () => {
    await fill();
    await runSql(url, 'UPDATE text SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE seq = 9');
    const before = await runSql(url, 'SELECT * FROM text ORDER BY seq');
    await expect(rotateDatabase({ ...keys(), newKey })).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    expect(await runSql(url, 'SELECT * FROM text ORDER BY seq')).toEqual(before);
    await (await open()).close();
  });

  test('what needs the ledger alone is refused while a gateway has it, and one that lost it does not come back under the old key', async () => {
    await fill();
    const to = join(root, 'copy');
    await backupDatabase({ ...keys(), to, nowMs: startMs });
    const ledger = await open();
    const locked = { code: 'LEDGER_LOCKED' };
    await expect(rotateDatabase({ ...keys(), newKey })).rejects.toMatchObject(locked);
    await expect(rebuildDatabase(keys())).rejects.toMatchObject(locked);
    await expect(restoreDatabase({ ...keys(), from: to })).rejects.toMatchObject(locked);
    await ledger.append([unitOf(messageEntry('kept'))]);
    await runSql(
      url,
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'hitline gw1'",
    );
    expect(await rotateDatabase({ ...keys(), newKey })).toBe(6);
    await expect(ledger.append([unitOf(messageEntry('late'))])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    await ledger.close();
    expect(await verifyDatabase({ ...keys(), masterKey: newKey })).toMatchObject({ ok: true, eventCount: 11 });
  });

  test('a line cut at the end leaves all of it done or nothing, and what is there verifies', async () => {
    await fill();
    const to = join(root, 'copy');
    await backupDatabase({ ...keys(), to, nowMs: startMs });
    const line = await cuttable(cluster.port);
    const through = (address: string): string => {
      const cut = new URL(address);
      cut.port = String(line.port);
      return cut.href;
    };
    const lost = { code: 'LEDGER_FAILED' };
    const other = { ...keys(), url: await newDatabase(), from: to };
    line.cutAt('before COMMIT', undefined, 'commit\0');
    await expect(restoreDatabase({ ...other, url: through(other.url) })).rejects.toMatchObject(lost);
    await expect.poll(() => runSql(other.url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")).toEqual([]);
    expect(await runSql(other.url, tablesThere)).toEqual([]);
    line.cutAt('after COMMIT', undefined, 'commit\0');
    await expect(restoreDatabase({ ...other, url: through(other.url) })).rejects.toMatchObject(lost);
    expect(await verifyDatabase(other)).toMatchObject({ ok: true, eventCount: 10 });
    line.cutAt('before COMMIT', undefined, 'commit\0');
    await expect(rotateDatabase({ ...keys(), url: through(url), newKey })).rejects.toMatchObject(lost);
    expect(await verifyDatabase(keys())).toMatchObject({ ok: true, eventCount: 10 });
    await expect.poll(() => runSql(url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")).toEqual([]);
    line.cutAt('after COMMIT', undefined, 'commit\0');
    await expect(rotateDatabase({ ...keys(), url: through(url), newKey })).rejects.toMatchObject(lost);
    expect(await verifyDatabase({ ...keys(), masterKey: newKey })).toMatchObject({ ok: true, eventCount: 10 });
    expect(line.cuts()).toBe(4);
    await line.close();
  });

  test('a ruined state table is written anew from the events', async () => {
    await fill();
    const before = await chained(url);
    await runSql(url, "UPDATE state SET status = 'SENT'; DELETE FROM state WHERE id = 'm-2'");
    expect(await verifyDatabase(keys())).toMatchObject({ ok: false });
    expect(await rebuildDatabase(keys())).toBe(5);
    expect(await verifyDatabase(keys())).toMatchObject({ ok: true });
    expect(await chained(url)).toEqual(before);
  });

  test('a database that is away or holds no ledger is told apart from a copy that cannot be used', async () => {
    const failed = { code: 'LEDGER_FAILED' };
    for (const address of [url, 'postgres://hitline@127.0.0.1:1/house']) {
      const there = { ...keys(), url: address };
      await expect(backupDatabase({ ...there, to: join(root, 'copy'), nowMs: 1 })).rejects.toMatchObject(failed);
      await expect(rotateDatabase({ ...there, newKey })).rejects.toMatchObject(failed);
      await expect(rebuildDatabase(there)).rejects.toMatchObject(failed);
    }
    expect(await runSql(url, tablesThere)).toEqual([]);
  });

  test('the command line does each of them, and says what it did as it does for a ledger in a folder', async () => {
    const config = join(root, 'gateway.yaml');
    const write = (address: string, file: string): void =>
      writeFileSync(
        config,
        JSON.stringify({ ...practiceConfig(), keys: { file }, ledger: { postgres: { url: address } } }),
      );
    const said = async (...words: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await runHitline(['ledger', ...words, '--config', config]);
      return { code, ...(jsonLines(stdout)[0] as object), stderr };
    };
    const key = createMasterKey(join(root, 'master.key'), true);
    write(url, 'master.key');
    const ledger = await open('A', { masterKey: key, headsFile: join(root, 'data.heads') });
    await ledger.append([unitOf(messageEntry('m-1')), unitOf(messageEntry('m-2'))]);
    const copy = join(root, 'copy');
    expect(await said('backup', '--to', copy)).toMatchObject({ code: 0, ok: true, eventCount: 2 });
    const rotate = ['rotate', '--new-key', join(root, 'new.key')];
    expect(await said(...rotate)).toMatchObject({ code: 70, stderr: expect.stringContaining('LEDGER_LOCKED') });
    await ledger.close();
    const other = await newDatabase();
    write(other, 'master.key');
    expect(await said('restore', '--from', copy)).toMatchObject({ code: 0, ok: true, eventCount: 2 });
    await runSql(other, "UPDATE state SET status = 'ACKED'");
    expect(await said('rebuild')).toMatchObject({ code: 0, ok: true, stateCount: 2 });
    expect(await said(...rotate)).toMatchObject({
      code: 0,
      dataKeyCount: 2,
      stderr: expect.stringContaining('keys.file'),
    });
    write(other, 'new.key');
    expect(await said('verify')).toMatchObject({ code: 0, ok: true, eventCount: 2 });
  });
});
