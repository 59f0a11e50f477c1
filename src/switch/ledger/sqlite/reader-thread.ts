/** The worker thread that reads: its connection can write nothing. A second one of its kind runs each `verify`. */
import { parentPort, workerData } from 'node:worker_threads';
import { HitlineError } from '../../../faults/fault.ts';
import { HeadSeal, readHeads } from '../heads.ts';
import { openMasterKey } from '../keys.ts';
import type { VerifyReport } from '../ledger.ts';
import { LedgerReader } from '../queries.ts';
import { Tokens } from '../tokens.ts';
import { verifyLedger } from '../verify.ts';
import { kyselyOn } from './node-sqlite.ts';
import { openReading, openSecrets } from './open-database.ts';
import type { ReaderAsk, ReaderSay, ThreadData } from './threads.ts';

const data = workerData as ThreadData;
const master = openMasterKey(data.masterKey);
const connection = openReading(data.folder);
const secrets = openSecrets(connection, master);
const db = kyselyOn(connection);
const reader = new LedgerReader(db, { master, tokens: new Tokens(secrets.token) });

async function integrity(): Promise<string | undefined> {
  const rows = connection.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[];
  return rows[0]?.integrity_check === 'ok' ? undefined : 'a page of the file is damaged';
}

async function verify(): Promise<VerifyReport> {
  const seal = new HeadSeal(secrets.head);
  // The whole walk sees one moment, whatever is written meanwhile.
  connection.exec('BEGIN');
  try {
    await db.selectFrom('head').select('seq').execute();
    const second = data.headsFile === undefined ? undefined : readHeads(data.headsFile, seal);
    return await verifyLedger(db, { master, seal, integrity, ...(second === undefined ? {} : { second }) });
  } catch (error) {
    if (error instanceof HitlineError) throw error;
    return {
      ok: false,
      eventCount: 0,
      writers: [],
      firstBroken: { writer: '', seq: 0, what: 'the file cannot be read' },
    };
  } finally {
    connection.exec('ROLLBACK');
  }
}

async function answer(ask: ReaderAsk): Promise<unknown> {
  if (ask.method === 'verify') return verify();
  const method = reader[ask.method].bind(reader) as (...words: readonly unknown[]) => Promise<unknown>;
  return method(...ask.words);
}

parentPort?.on('message', (ask: ReaderAsk) => {
  const say = (what: ReaderSay): void => parentPort?.postMessage(what);
  answer(ask).then(
    (value) => say({ ask: ask.ask, ok: true, value }),
    (error) => say({ ask: ask.ask, ok: false, code: error instanceof HitlineError ? error.code : 'LEDGER_FAILED' }),
  );
});
