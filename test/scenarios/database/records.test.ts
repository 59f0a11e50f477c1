import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadMasterKey } from '../../../src/host/keys.ts';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { supervisorConsoleId } from '../../../src/practice/world.ts';
import type { ConfigInput } from '../../../src/switch/config.ts';
import type { Entry } from '../../../src/switch/ledger/ledger.ts';
import { openPostgresLedger } from '../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { hashPassword } from '../../../src/switch/people/password.ts';
import { jsonLines, runInside } from '../../cli/run-hitline.ts';
import { serve } from '../../switch/ledger/postgres/tls-server.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../../switch/ledger/postgres-cluster.ts';
import { Authority, opensslPresent } from '../../wire/certificates.ts';
import { Stage } from '../stage.ts';
import { newDatabase, runSql } from './one-database.ts';

/**
 * What the Records Section and its auditors do with a ledger, by the commands they use, at a gateway of its own process whose
 * database is reached over TLS with a password and a certificate.
 */
const missing = postgresPrograms() === undefined || !opensslPresent;
const databasePassword = 'Open-Sesame-1970';
const custodian = { osn: 'PRACCU1', password: 'keeper-4711-sample' };
const reason = 'order of the court';
const mebibyte = 1_048_576;
const capped = 256 * mebibyte;
const roomy = 65_536 * mebibyte;
const fourYearsMs = 4 * 366 * 86_400_000;
const script = {
  name: 'Sheriff',
  agencies: [
    {
      ori: 'WY0990200',
      name: 'Sage County Sheriff',
      phone: '5550100122',
      rules: [{ when: { key: 'YQ' }, replies: [{ say: 'wrong-subject' as const, afterMs: 50 }] }],
    },
  ],
  answers: { firstAfterMs: 0, secondAfterMs: 50 },
};

let cluster: PostgresCluster;
let authority: Authority;
let stage: Stage | undefined;
let databaseUrl: string;

async function openStage(): Promise<Stage> {
  const passwordHash = await hashPassword(custodian.password);
  const keeper = { osn: custodian.osn, name: 'CUSTODIAN SAMPLE', roles: ['custodian' as const], passwordHash };
  const ours = authority.issue('gateway');
  const opened = await Stage.open({
    script,
    databaseUrl,
    config(input, folder) {
      const put = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text, { mode: 0o600 });
        return name;
      };
      const postgres = {
        url: `postgres://hitline@localhost:${cluster.port}/records`,
        passwordFile: put('database.password', `${databasePassword}\n`),
        caFile: put('database-ca.pem', authority.certificate),
        certificateFile: put('ours.pem', ours.certificate),
        keyFile: put('ours.key', ours.key),
        bytesMax: capped,
      };
      const people = { initial: [...(input.people?.initial ?? []), keeper] };
      return { ...input, people, ledger: { purge: true, postgres } };
    },
  });
  stage = opened;
  for (const { osn, password } of [opened.operator, opened.supervisor, custodian]) {
    writeFileSync(join(opened.folder, osn), `${password}\n`, { mode: 0o600 });
  }
  return opened;
}

/** Another setting of the database, from the next start on. */
function setBytesMax(on: Stage, bytesMax: number): void {
  const file = join(on.folder, 'gateway.yaml');
  const input = JSON.parse(readFileSync(file, 'utf8')) as ConfigInput;
  const postgres = { ...input.ledger?.postgres, bytesMax };
  writeFileSync(file, JSON.stringify({ ...input, ledger: { ...input.ledger, postgres } }));
}

/** `hitline ledger …` as this person, at the console REC2 unless said otherwise. */
function run(on: Stage, osn: string, words: readonly string[]) {
  return runWith(on, { osn }, words);
}

async function runWith(
  on: Stage,
  { osn, at = 'REC2', input = '' }: { readonly osn: string; readonly at?: string; readonly input?: string },
  words: readonly string[],
) {
  const { host, port } = on.consoleAddress;
  const place = join(on.folder, `${at}.yaml`);
  writeFileSync(place, JSON.stringify({ url: `ws://${host}:${port}/`, consoleId: at }));
  const desk = ['--console', place, '--osn', osn, '--password-file', join(on.folder, osn), '--reason', reason];
  const ended = await runInside(['ledger', ...words, ...desk], { input });
  return { code: ended.code, said: jsonLines(ended.stdout) as readonly Record<string, unknown>[] };
}

function beside(on: Stage, osn: string): readonly string[] {
  return ['--approver', osn, '--approver-password-file', join(on.folder, osn)];
}

async function drafted(on: Stage, key: string, fields: Record<string, string[]>) {
  return (await on.coj()).call('draft', { key, destinations: [], fields });
}

/** Something of four years ago is on file, put there while no gateway runs. */
async function fileOldAct(on: Stage): Promise<void> {
  const dataFolder = join(on.folder, 'data');
  const masterKey = loadMasterKey({ file: join(on.folder, 'master.key'), practice: true, dataFolder, create: false });
  const ledger = await openPostgresLedger({
    url: databaseUrl,
    writer: 'A',
    masterKey,
    headsFile: `${dataFolder}.heads`,
  });
  const texts = { reason: Buffer.from('long ago') };
  const at = { version: 1, atMs: Date.now() - fourYearsMs, monoMs: 0, actor: 'PRACOP9' };
  const old: Entry = { ...at, stream: 'act', id: 'act-old', type: 'ACTED', data: {}, texts };
  await ledger.append([{ entries: [old] }]);
  await ledger.close();
}

const robin = { NAM: ['RECORD,RILEY'], DOB: ['19550505'], SEX: ['F'], RAC: ['W'] };
const history = {
  NAM: ['PRACTICE, QUINN'],
  DOB: ['19850101'],
  SEX: ['M'],
  RAC: ['W'],
  PUR: ['C'],
  ATN: ['DET RECORD'],
};

describe.skipIf(missing)('records of a gateway on PostgreSQL (skipped where it or openssl is missing)', () => {
  beforeAll(async () => {
    cluster = await startCluster();
    authority = new Authority();
    databaseUrl = await newDatabase(cluster, 'records');
    await runSql(databaseUrl, `ALTER ROLE hitline PASSWORD '${databasePassword}'`);
    serve(cluster, { identity: authority.issue('database'), clientAuthority: authority.certificate });
  });
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });
  afterAll(() => {
    cluster?.remove();
    authority?.remove();
  });

  test('at its cap only what belongs to confirmations is taken, and says so; with more room the records of years are kept, hidden, held, destroyed and proved', async () => {
    const on = await openStage();
    await on.upstreamUp();
    await atTheCap(on);
    await on.stopGateway();
    await fileOldAct(on);
    setBytesMax(on, roomy);
    await on.startGateway();
    await on.upstreamUp();
    expect((await (await on.coj()).call('status', {})).notices.join()).not.toContain('LEDGER FULL');
    await on.step(() => freed(on));
    const asked = await on.step(() => logged(on));
    await on.step(() => hidden(on, asked));
    await on.step(() => heldAndPurged(on));
    await exported(on);
    await on.stopGateway();
    await on.checkLaws({ secrets: [databasePassword, custodian.password, reason], paths: [cluster.dataFolder] });
    const config = join(on.folder, 'gateway.yaml');
    expect(await runInside(['ledger', 'verify', '--config', config])).toMatchObject({ code: 0, stderr: '' });
    const lines = await runSql(databaseUrl, 'SELECT count(*)::int AS count FROM pg_stat_ssl WHERE ssl');
    expect(lines).toEqual([{ count: 0 }]);
  });
});

async function atTheCap(on: Stage): Promise<void> {
  const coj = await on.coj();
  expect((await coj.call('status', {})).notices.join()).toContain('LEDGER FULL');
  expect((await coj.call('alarms', {})).rows.map((row) => row.code)).toContain('LEDGER_FULL');
  await expect(drafted(on, 'QW', robin)).rejects.toMatchObject({ code: 'LEDGER_FULL' });
  const inquiry = '1N01DSP1.QW.CO099013N.NAM/RECORD,RILEY.DOB/19550505.SEX/F.RAC/W';
  const dispatch = await on.dispatch();
  // What arrives is filed all the same, and its sender told.
  expect(await dispatch.send(inquiry)).toMatchObject({ type: 'acked' });
  await on.happens('the station is told', () => dispatch.received.find((text) => text.includes('LEDGER_FULL')));
  expect(on.simulator.events.filter((event) => event.type === 'received')).toEqual([]);
  const held = await on.requestHeld(urgentRequest);
  await on.acceptAndRelease(held.id);
  await on.message(held.id, (view) => ['ACKED', 'ANSWERED'].includes(view.status));
  // Every byte of it went over TLS.
  const [line] = await runSql(
    databaseUrl,
    `SELECT bool_and(s.ssl AND s.version = 'TLSv1.3') AS all FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
      WHERE a.application_name LIKE 'hitline%' AND a.application_name <> 'hitline reads' AND a.datname = 'records'`,
  );
  expect(line).toEqual({ all: true });
}

/** What contradicts a question is in quarantine until a person says what it is. */
async function freed(on: Stage): Promise<void> {
  const coj = await on.coj();
  const stray = await on.happens('the stray YR is on file', async () =>
    (await coj.call('list', { box: 'inbound', limit: 50 })).rows.find((row) => row.key === 'YR'),
  );
  expect(stray.status).toBe('QUARANTINED');
  expect(await run(on, on.supervisor.osn, ['free', stray.id, '--stands-alone'])).toMatchObject({ code: 0 });
  const view = await coj.call('show', { id: stray.id });
  expect(view.status).not.toBe('QUARANTINED');
}

/** The log of criminal histories: its parties apart, as columns of the database too, persons in none of them in clear. */
async function logged(on: Stage): Promise<string> {
  const { id } = await drafted(on, 'QH', history);
  await on.message(id ?? '', (view) => view.status === 'ANSWERED');
  const recipient = join(on.folder, 'recipient.json');
  writeFileSync(recipient, JSON.stringify({ name: 'CLERK, SAMPLE', agency: 'SAGE COUNTY COURT' }));
  const how = ['--how', 'hand', '--purpose', 'C', '--basis', '28 CFR 20.33', '--verified', 'Badge seen'];
  const { osn } = on.supervisor;
  expect(await run(on, osn, ['disseminate', id ?? '', '--recipient', recipient, ...how])).toMatchObject({ code: 0 });
  expect((await run(on, osn, ['iii', '--purpose', 'C'])).said).toMatchObject([
    { kind: 'disseminated', operator: osn, secondaryRecipient: 'CLERK, SAMPLE; SAGE COUNTY COURT' },
    { kind: 'asked', operator: on.operator.osn, requestor: 'DET RECORD', receivingAgency: 'CO0990100' },
  ]);
  const rows = await runSql(databaseUrl, "SELECT * FROM iii_log WHERE status = 'ASKED'");
  expect(rows).toMatchObject([
    { message_id: id, message_key: 'QH', operator: on.operator.osn, receiving_agency: 'CO0990100', purpose_code: 'C' },
  ]);
  for (const column of ['requestor', 'subject']) expect(rows[0]?.[column]).toBeInstanceOf(Buffer);
  return id ?? '';
}

/** A custodian seals the subject; a search finds nothing, and he is told why. */
async function hidden(on: Stage, id: string): Promise<void> {
  const subject = join(on.folder, 'subject.json');
  writeFileSync(subject, JSON.stringify({ name: 'PRACTICE, QUINN', dob: '19850101' }));
  const byName = ['search', '--name'];
  const input = 'PRACTICE, QUINN\n';
  expect((await runWith(on, { osn: on.supervisor.osn, input }, byName)).said).toMatchObject([{ id }]);
  const order = ['seal-subject', '--order', 'PR-1', '--subject', subject];
  expect(await run(on, on.supervisor.osn, order)).toMatchObject({ said: [{ faults: [{ code: 'ROLE_MISSING' }] }] });
  const sealed = await run(on, custodian.osn, order);
  expect(sealed).toMatchObject({ code: 0 });
  expect((await runWith(on, { osn: on.supervisor.osn, input }, byName)).said).toEqual([]);
  expect(JSON.stringify((await runWith(on, { osn: custodian.osn, input }, byName)).said)).toContain('"PR-1"');
  const gone = await run(on, on.supervisor.osn, ['show', id]);
  expect(gone).toMatchObject({ code: 1, said: [{ faults: [{ code: 'NOT_FOUND' }] }] });
  const orderId = String(sealed.said[0]?.['id']);
  const lift = ['unseal-subject', orderId, ...beside(on, on.supervisor.osn)];
  expect(await run(on, custodian.osn, lift)).toMatchObject({ code: 0 });
  expect((await runWith(on, { osn: on.supervisor.osn, input }, byName)).said).toMatchObject([{ id }]);
}

/** Nothing is destroyed under a hold; without it two people destroy what the schedule no longer keeps, and it is told for ever. */
async function heldAndPurged(on: Stage): Promise<void> {
  const { osn } = on.supervisor;
  const hold = String((await run(on, osn, ['hold'])).said[0]?.['id']);
  const purge = ['purge', ...beside(on, custodian.osn)];
  expect((await run(on, osn, purge)).said).toMatchObject([{ faults: [{ code: 'LEDGER_HELD' }] }]);
  expect(await run(on, osn, ['hold', '--lift', hold, ...beside(on, custodian.osn)])).toMatchObject({ code: 0 });
  expect((await run(on, osn, ['purge', ...beside(on, osn)])).said).toMatchObject([
    { faults: [{ code: 'SAME_PERSON' }] },
  ]);
  expect((await run(on, osn, purge)).said).toEqual([{ ok: true, purgedCount: 1 }]);
  expect((await run(on, osn, purge)).said).toEqual([{ ok: true, purgedCount: 0 }]);
  const texts = await runSql(
    databaseUrl,
    "SELECT count(t.seq)::int AS count FROM event e LEFT JOIN text t USING (writer, seq) WHERE e.id = 'act-old'",
  );
  expect(texts).toEqual([{ count: 0 }]);
}

/** A case taken along proves itself without the ledger, and a changed one does not. */
async function exported(on: Stage): Promise<void> {
  const [newest] = (await (await on.coj()).call('cases', { open: true, limit: 5 })).rows;
  const file = join(on.folder, 'case.json');
  const words = ['export', '--case', newest?.id ?? '', '--to', file];
  expect(await runWith(on, { osn: on.supervisor.osn, at: supervisorConsoleId }, words)).toMatchObject({ code: 0 });
  expect(await runInside(['ledger', 'check', file])).toMatchObject({ code: 0, stderr: '' });
  writeFileSync(file, readFileSync(file, 'utf8').replace('"seq":', '"seq":1'));
  expect(await runInside(['ledger', 'check', file])).toMatchObject({ code: 1 });
}
