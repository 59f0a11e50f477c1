/** What somebody may do in a database beside its rows: views, triggers, rules, policies, indexes, tables under the same names. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresLedger } from '../../../../src/switch/ledger/postgres/postgres-ledger.ts';
import { verifyDatabase } from '../../../../src/switch/ledger/postgres/prove-database.ts';
import { messageEntry, unitOf } from '../../../conformance/ledger.ts';
import { type PostgresCluster, postgresPrograms, startCluster } from '../postgres-cluster.ts';
import { masterKey } from '../sqlite-house.ts';

const asFunction = 'RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$';
const shown = `s.id as id, s.status as status, s.created_at_ms as at_ms, s.parent as message_id, s.key as message_key,
  s.osn as operator, null::bytea as requestor, s.ori as receiving_agency, null::bytea as secondary_recipient,
  s.key as purpose_code, null::bytea as subject FROM state s`;

/** What is done, and how it is undone. */
const deeds: readonly (readonly [string, string])[] = [
  [`CREATE FUNCTION f() ${asFunction}`, 'DROP FUNCTION f()'],
  [
    `CREATE FUNCTION f() ${asFunction}; CREATE TRIGGER t BEFORE INSERT ON text FOR EACH ROW EXECUTE FUNCTION f()`,
    'DROP TRIGGER t ON text; DROP FUNCTION f()',
  ],
  ['CREATE RULE r AS ON INSERT TO token DO INSTEAD NOTHING', 'DROP RULE r ON token'],
  ['ALTER TABLE state ENABLE ROW LEVEL SECURITY', 'ALTER TABLE state DISABLE ROW LEVEL SECURITY'],
  ["CREATE POLICY p ON state USING (id <> 'm-1')", 'DROP POLICY p ON state'],
  ['DROP INDEX event_time', 'CREATE INDEX event_time ON event(stream, at_ms)'],
  [
    'DROP INDEX event_thing; CREATE INDEX event_thing ON event(stream, id, version)',
    'DROP INDEX event_thing; CREATE UNIQUE INDEX event_thing ON event(stream, id, version)',
  ],
  ['ALTER TABLE event ADD COLUMN more text', 'ALTER TABLE event DROP COLUMN more'],
  ['CREATE TABLE more(a text)', 'DROP TABLE more'],
  ['CREATE SEQUENCE more', 'DROP SEQUENCE more'],
  [
    'CREATE SCHEMA hitline; CREATE TABLE hitline.event AS SELECT * FROM event',
    'DROP TABLE hitline.event; DROP SCHEMA hitline',
  ],
  [`CREATE OR REPLACE VIEW iii_log AS SELECT ${shown} WHERE s.stream = 'iii' AND s.id <> 'i-1'`, 'SELECT 1'],
];

describe.skipIf(postgresPrograms() === undefined)('verify of a database names', () => {
  let cluster: PostgresCluster;
  let client: pg.Client;
  let root: string;
  const keys = () => ({ url: cluster.url('postgres'), masterKey, headsFile: join(root, 'heads') });
  beforeAll(async () => {
    cluster = await startCluster();
    root = mkdtempSync(join(tmpdir(), 'hitline-heads-'));
    const ledger = await openPostgresLedger({ ...keys(), writer: 'gw1' });
    const state = { status: 'ASKED', osn: 'PR0101', body: {} };
    await ledger.append([
      unitOf(messageEntry('m-1')),
      unitOf(messageEntry('i-1', { stream: 'iii', tokens: [], state })),
    ]);
    await ledger.close();
    client = new pg.Client({ connectionString: cluster.url('postgres') });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await cluster?.remove();
    rmSync(root, { recursive: true, force: true });
  });

  test.each(deeds)('%s', async (deed, undo) => {
    expect(await verifyDatabase(keys())).toMatchObject({ ok: true });
    await client.query(deed);
    expect((await verifyDatabase(keys())).firstBroken?.what).toMatch(/tables|by itself|view/);
    await client.query(undo);
  });
});
