import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { HitlineError } from '../../../../src/faults/fault.ts';
import { checkConfig } from '../../../../src/switch/config.ts';
import { troubleOf } from '../../../../src/switch/ledger/postgres/dialing.ts';
import { openPostgresLedger } from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { databaseUrl } from '../../../../src/switch/ledger-store.ts';
import { kept, messageEntry, unitOf } from '../../../conformance/ledger.ts';
import { Authority, opensslPresent } from '../../../wire/certificates.ts';
import { practiceConfig } from '../../config/sample-config.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';
import { serve } from './tls-server.ts';

const missing = postgresPrograms() === undefined || !opensslPresent;
const password = 'Open-Sesame-1970';
let folder: string;
let authority: Authority;
let other: Authority;

beforeAll(() => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'hitline-dialing-'));
  authority = new Authority();
  other = new Authority();
  put('ca.pem', authority.certificate);
  put('other-ca.pem', other.certificate);
  put('password', `${password}\n`);
});
afterAll(() => {
  if (missing) return;
  rmSync(folder, { recursive: true, force: true });
  authority.remove();
  other.remove();
});
afterEach(() => vi.unstubAllEnvs());

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
}

interface Settings {
  readonly url: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** Opens the ledger as a gateway with these settings does, files one message in it, and closes it. */
async function keep(postgres: Settings): Promise<number> {
  const checked = checkConfig({ ...practiceConfig(), ledger: { postgres } }, folder);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const url = databaseUrl(checked.config) ?? '';
  const ledger = await openPostgresLedger({ url, writer: 'A', masterKey });
  try {
    const id = `m-${performance.now()}`;
    return kept((await ledger.append([unitOf(messageEntry(id))]))[0]).seq;
  } finally {
    await ledger.close();
  }
}

/** The fault of an opening that fails, with everything that can be read in it. */
async function faultOf(postgres: Settings): Promise<string> {
  const error: unknown = await keep(postgres).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HitlineError)) throw new Error(`not refused: ${String(error)}`);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    expect(`${cause.message} ${inspect(cause, { depth: 4 })}`).not.toContain('Sesame');
  }
  return `${error.code}: ${error.message}`;
}

describe.skipIf(missing)('the line to a real server (skipped where PostgreSQL or openssl is missing)', () => {
  let cluster: PostgresCluster;
  const at = (host: string): Settings => ({
    url: `postgres://hitline@${host}:${cluster.port}/ledger`,
    passwordFile: 'password',
    caFile: 'ca.pem',
  });
  beforeAll(async () => {
    cluster = await startCluster();
    const client = new pg.Client({ connectionString: cluster.url('postgres') });
    await client.connect();
    await client.query(`ALTER ROLE hitline PASSWORD '${password}'`);
    await client.query('CREATE DATABASE ledger');
    await client.end();
  });
  afterAll(() => cluster?.remove());

  test('is TLS 1.3 to a server of the authority and the name; what the environment says of it does not count', async () => {
    serve(cluster, { identity: authority.issue('database') });
    for (const [name, value] of Object.entries({
      PGSSLMODE: 'disable',
      PGPASSWORD: 'not this',
      PGOPTIONS: '-c default_transaction_read_only=on',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    })) {
      vi.stubEnv(name, value);
    }
    const before = await keep(at('127.0.0.1'));
    expect(await keep(at('localhost'))).toBe(before + 1);
    expect(await faultOf({ ...at('localhost'), caFile: 'other-ca.pem' })).toContain('DATABASE_UNTRUSTED');
    const { passwordFile: _, ...without } = at('localhost');
    expect(await faultOf(without)).toMatch(/^DATABASE_REFUSED: .*ledger\.postgres\.passwordFile/);
    put('wrong', 'Open-Sesame-1971\n');
    expect(await faultOf({ ...at('localhost'), passwordFile: 'wrong' })).toMatch(/^DATABASE_REFUSED: .*password/);
    expect(await faultOf({ ...at('localhost'), caFile: 'nowhere.pem' })).toMatch(/^TLS_SETTINGS: .*ledger\.postgres/);
    expect(await faultOf({ ...at('localhost'), url: `${at('localhost').url}s` })).toMatch(
      /^DATABASE_REFUSED: .*database/,
    );
  });

  test.each([
    ['has no TLS', () => ({}), /^DATABASE_UNTRUSTED: .*It has no TLS\./],
    ['is of another authority', () => ({ identity: other.issue('database') }), /^DATABASE_UNTRUSTED: .*authority/],
    [
      'bears another name',
      () => ({ identity: authority.issue('database', { names: 'DNS:elsewhere.invalid' }) }),
      /^DATABASE_UNTRUSTED: .*another name/,
    ],
    [
      'has a certificate that has expired',
      () => ({ identity: authority.issue('database', { days: -1 }) }),
      /^DATABASE_UNTRUSTED: .*expired/,
    ],
    [
      'speaks an older TLS',
      () => ({ identity: authority.issue('database'), protocolMax: 'TLSv1.2' as const }),
      /^DATABASE_UNTRUSTED: .*TLS 1\.3/,
    ],
  ])('a server that %s is refused, and the fault says so', async (_what, served, fault) => {
    serve(cluster, served());
    expect(await faultOf(at('localhost'))).toMatch(fault);
    expect(await faultOf(at('127.0.0.1'))).toMatch(fault);
  });

  test('our certificate is shown where the server asks for one; without it, or with a stranger’s, the fault says so', async () => {
    serve(cluster, { identity: authority.issue('database'), clientAuthority: authority.certificate });
    const ours = authority.issue('gateway');
    const strange = other.issue('gateway');
    put('ours.pem', ours.certificate);
    put('ours.key', ours.key);
    put('strange.pem', strange.certificate);
    put('strange.key', strange.key);
    const shown = { ...at('localhost'), certificateFile: 'ours.pem', keyFile: 'ours.key' };
    expect(await keep(shown)).toBeGreaterThan(0);
    expect(await faultOf(at('localhost'))).toMatch(/^DATABASE_REFUSED: .*certificate/);
    const stranger = { ...shown, certificateFile: 'strange.pem', keyFile: 'strange.key' };
    expect(await faultOf(stranger)).toMatch(/^DATABASE_UNTRUSTED: .*ledger\.postgres\.certificateFile/);
    expect(await faultOf({ ...shown, keyFile: 'strange.key' })).toMatch(/^TLS_SETTINGS: /);
  });

  test('certificates that were renewed while a ledger is open are those of its next connection', async () => {
    serve(cluster, { identity: authority.issue('database') });
    put('renewed-ca.pem', authority.certificate);
    const settings = { ...at('localhost'), caFile: 'renewed-ca.pem' };
    const checked = checkConfig({ ...practiceConfig(), ledger: { postgres: settings } }, folder);
    if (!checked.ok) throw new Error('the configuration is good');
    const ledger = await openPostgresLedger({ url: databaseUrl(checked.config) ?? '', writer: 'A', masterKey });
    serve(cluster, { identity: other.issue('database') });
    const refusal = { code: 'LEDGER_FAILED', message: expect.stringContaining('authority') };
    await expect(ledger.append([unitOf(messageEntry('r-1'))])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    await expect(ledger.append([unitOf(messageEntry('r-1'))])).rejects.toMatchObject(refusal);
    await expect(ledger.state('message', 'r-1')).rejects.toMatchObject(refusal);
    // Half written: those before stay in use, and nothing falls over.
    put('renewed-ca.pem', '-----BEGIN');
    await expect(ledger.append([unitOf(messageEntry('r-1'))])).rejects.toMatchObject(refusal);
    put('renewed-ca.pem', other.certificate);
    expect(kept((await ledger.append([unitOf(messageEntry('r-1'))]))[0]).seq).toBeGreaterThan(0);
    expect(await ledger.state('message', 'r-1')).toMatchObject({ version: 1 });
    await ledger.close();
  });
});

/** A server that says of itself what it is told to, and keeps everything it is sent. */
async function impostor(hear: (socket: Socket, said: Buffer) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (said) => hear(socket, said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `postgres://hitline@localhost:${(server.address() as AddressInfo).port}/ledger`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a client asks who wants TLS: eight bytes, and not one more before it has it. */
const askForTls = '0000000804d2162f';
/** "Send me the password as it is." */
const askForPassword = Buffer.from('520000000800000003', 'hex');

describe.skipIf(missing)('an impostor is told nothing (skipped where openssl is missing)', () => {
  test.each([
    ['that has no TLS and asks for the password', Buffer.concat([Buffer.from('N'), askForPassword])],
    ['that says no and then asks', Buffer.from('N')],
    ['that answers before it is asked', Buffer.concat([Buffer.from('S'), askForPassword])],
    ['that answers with an error', Buffer.from('E')],
  ])('%s', async (_what, answer) => {
    const heard: Buffer[] = [];
    const there = await impostor((socket, said) => {
      heard.push(said);
      socket.on('data', (more) => heard.push(more));
      socket.write(answer);
      socket.write(askForPassword);
    });
    const fault = await faultOf({ url: there.url, passwordFile: 'password', caFile: 'ca.pem' });
    expect(fault).toMatch(/^(DATABASE_UNTRUSTED|LEDGER_FAILED): /);
    await there.close();
    expect(Buffer.concat(heard).toString('hex')).toBe(askForTls);
  });

  test('that has TLS of its own hears neither who comes nor what for', async () => {
    const identity = other.issue('database');
    const heard: Buffer[] = [];
    const there = await impostor((socket) => {
      socket.write('S');
      const secureContext = createSecureContext({ cert: identity.certificate, key: identity.key });
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      secure.on('data', (said) => heard.push(said));
      secure.once('secure', () => secure.write(askForPassword));
    });
    expect(await faultOf({ url: there.url, passwordFile: 'password', caFile: 'ca.pem' })).toMatch(
      /^DATABASE_UNTRUSTED: /,
    );
    await there.close();
    expect(Buffer.concat(heard).toString()).toBe('');
  });
});

test.each([
  [
    { code: '53100', message: 'could not extend file: RECORD, SAMPLE' },
    'The disk of the database is full.',
    'SQLSTATE_53100',
  ],
  [{ code: '25006', message: 'RECORD, SAMPLE' }, 'The database is read-only.', 'SQLSTATE_25006'],
  [{ code: '23505', message: 'RECORD, SAMPLE' }, 'PostgreSQL says 23505.', 'SQLSTATE_23505'],
  [{ code: 'ECONNREFUSED', message: 'RECORD, SAMPLE' }, 'The database does not answer.', 'ECONNREFUSED'],
  [{ code: 'EPIPE' }, 'The database does not answer.', 'EPIPE'],
  [new Error('RECORD, SAMPLE'), 'The connection to PostgreSQL is lost.', 'DATABASE_AWAY'],
  [undefined, 'The connection to PostgreSQL is lost.', 'DATABASE_AWAY'],
])('a trouble is named by its code alone: %j', (error, detail, reason) => {
  expect(troubleOf(error)).toEqual({ code: 'LEDGER_FAILED', detail, reason });
});
