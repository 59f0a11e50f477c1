/** The worker thread that reads: its connection can write nothing once the ledger is open. A second one of its kind runs each `verify`. */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { openMasterKey } from '../cipher.ts';
import { readHeads } from '../heads.ts';
import type { VerifyReport } from '../ledger.ts';
import { LedgerReader } from '../queries.ts';
import { migrate } from '../schema.ts';
import { openSecrets, readSecrets, type Secrets } from '../secrets.ts';
import { Tokens } from '../tokens.ts';
import { kyselyOn } from './node-sqlite.ts';
import { openingFailure, openReading, openWriting } from './open-database.ts';
import { proveFile } from './prove-file.ts';
import type { ReaderAsk, ReaderSay, ThreadData } from './threads.ts';

const data = workerData as ThreadData;

interface Opened {
  readonly connection: DatabaseSync;
  readonly reader: LedgerReader;
}

/** Opens the file with the first question, so that the thread can load while the committer still makes the tables. */
async function open(): Promise<Opened> {
  const master = openMasterKey(data.masterKey);
  const connection = openReading(data.folder);
  const db = kyselyOn(connection);
  const secrets = await readSecrets(db, master);
  return { connection, reader: new LedgerReader(db, { master, tokens: new Tokens(secrets.token) }) };
}

/**
 * Answers several questions at one moment of the file, because finding the moment anew takes longer than the row that most of
 * them ask for. It is no older than the questions.
 */
async function atOneMoment(connection: DatabaseSync, answerAll: () => Promise<void>): Promise<void> {
  connection.exec('BEGIN');
  try {
    await answerAll();
  } finally {
    // A failing disk may have ended it already.
    if (connection.isTransaction) connection.exec('COMMIT');
  }
}

/** On a connection of its own, so that secrets which do not open are named in the report. */
async function verify(): Promise<VerifyReport> {
  const { masterKey, folder, headsFile } = data;
  return proveFile(() => openReading(folder), {
    master: openMasterKey(masterKey),
    second: async (seal) => (headsFile === undefined ? undefined : readHeads(headsFile, seal)),
  });
}

/**
 * The one time this thread writes: before the committer opens the file. It is done here because both need the same
 * library, which takes its time to load, and one of them loading it is enough.
 */
async function prepare(): Promise<Secrets> {
  const connection = openWriting(data.folder);
  try {
    const db = kyselyOn(connection);
    // One transaction around all of it: the tables of a new ledger are there whole or not at all, after one fsync.
    connection.exec('BEGIN IMMEDIATE');
    await migrate(db, 'sqlite');
    const secrets = await openSecrets(db, openMasterKey(data.masterKey));
    connection.exec('COMMIT');
    return secrets;
  } finally {
    connection.close();
  }
}

async function answer(
  reader: LedgerReader,
  ask: ReaderAsk & { method: Exclude<ReaderAsk['method'], 'prepare' | 'verify'> },
): Promise<unknown> {
  const method = reader[ask.method].bind(reader) as (...words: readonly unknown[]) => Promise<unknown>;
  return method(...ask.words);
}

function listen(): void {
  let opened: Promise<Opened> | undefined;
  const give = async ({ method, ...ask }: ReaderAsk): Promise<unknown> => {
    if (method === 'prepare') return prepare();
    if (method === 'verify') return verify();
    opened ??= open();
    return answer((await opened).reader, { ...ask, method });
  };
  const say = async (ask: ReaderAsk): Promise<ReaderSay> => {
    try {
      return { ask: ask.ask, ok: true, value: await give(ask) };
    } catch (error) {
      return { ask: ask.ask, ok: false, ...openingFailure(error) };
    }
  };
  const answerAll = async (asks: readonly ReaderAsk[]): Promise<void> => {
    let said: ReaderSay[] = [];
    for (const ask of asks) {
      said.push(await say(ask));
      if (said.length < answersAtOnce) continue;
      parentPort?.postMessage(said);
      said = [];
    }
    if (said.length > 0) parentPort?.postMessage(said);
  };
  parentPort?.on('message', async (asks: readonly ReaderAsk[]) => {
    const connection = asks.length > 1 ? (await opened?.catch(() => undefined))?.connection : undefined;
    if (connection === undefined || connection.isTransaction) await answerAll(asks);
    else await atOneMoment(connection, () => answerAll(asks));
  });
}

/** Answers that wait for one another at most. */
const answersAtOnce = 64;

listen();
