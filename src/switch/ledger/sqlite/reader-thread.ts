/** A worker thread that reads: its connection can write nothing once the ledger is open. One of its kind runs each `verify`. */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type MasterKey, openMasterKey } from '../cipher.ts';
import type { VerifyReport } from '../ledger.ts';
import { LedgerReader } from '../queries.ts';
import { asKept } from '../reading/state-questions.ts';
import { clearText, type TextRow } from '../reading/text-rows.ts';
import { migrate } from '../schema.ts';
import { readHeads } from '../second-place/reading.ts';
import { openSecrets, readSecrets, type Secrets } from '../secrets.ts';
import { Tokens } from '../tokens.ts';
import { kyselyOn } from './node-sqlite.ts';
import { openingFailure, openReading, openWriting } from './open-database.ts';
import { packAnswers } from './passing/reader-answers.ts';
import { proveFile } from './prove-file.ts';
import { settleLog } from './settle-log.ts';
import type { ReaderAsk, ReaderMethods, ReaderSay, ThreadData } from './threads.ts';

const data = workerData as ThreadData;

interface Opened {
  readonly connection: DatabaseSync;
  readonly reader: LedgerReader;
  readonly text: ReaderMethods['text'];
}

type Asked = Exclude<keyof ReaderMethods, 'prepare' | 'verify'>;

/** Opens the file with the first question, so that the thread can load while the committer still makes the tables. */
async function open(): Promise<Opened> {
  const master = openMasterKey(data.masterKey);
  const connection = openReading(data.folder);
  const db = kyselyOn(connection);
  const secrets = await readSecrets(db, master);
  const reader = new LedgerReader(db, { master, tokens: new Tokens(secrets.token) });
  return { connection, reader, text: textsOn(connection, master) };
}

const findText = 'SELECT key_id, ciphertext, master_id, wrapped FROM text WHERE writer = ? AND seq = ? AND name = ?';

/** Texts are asked for by the thousand: the way of other questions, through Kysely and its promises, costs as much as the row. */
function textsOn(connection: DatabaseSync, master: MasterKey): ReaderMethods['text'] {
  const statement = connection.prepare(findText);
  return (writer, seq, asked) => {
    const place = { writer, seq, name: asKept(asked) };
    const row = statement.get(writer, seq, place.name) as TextRow | undefined;
    return row === undefined ? undefined : clearText(row, place, master);
  };
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
  settleLog(data.folder);
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

function answer(opened: Opened, method: Asked, words: readonly unknown[]): unknown {
  const { reader, text } = opened;
  const asked = method === 'text' ? text : reader[method].bind(reader);
  return (asked as (...words: readonly unknown[]) => unknown)(...words);
}

/** Answers that wait for one another at most. */
const answersAtOnce = 64;

function listen(): void {
  let opening: Promise<Opened> | undefined;
  let opened: Opened | undefined;
  const openOnce = async (): Promise<Opened> => {
    opening ??= open();
    opened = await opening;
    return opened;
  };
  /** No promise where there is nothing to wait for. */
  const give = (method: keyof ReaderMethods, words: readonly unknown[]): unknown => {
    if (method === 'prepare') return prepare();
    if (method === 'verify') return verify();
    return opened === undefined ? openOnce().then((own) => answer(own, method, words)) : answer(opened, method, words);
  };
  const say = (said: readonly ReaderSay[]): void => parentPort?.postMessage(packAnswers(said));
  const answerAll = async (asks: readonly ReaderAsk[]): Promise<void> => {
    let said: ReaderSay[] = [];
    for (const [ask, method, ...words] of asks) {
      try {
        const value = give(method, words);
        said.push({ ask, ok: true, value: value instanceof Promise ? await value : value });
      } catch (error) {
        said.push({ ask, ok: false, ...openingFailure(error) });
      }
      if (said.length < answersAtOnce) continue;
      say(said);
      said = [];
    }
    if (said.length > 0) say(said);
  };
  const answerTogether = async (asks: readonly ReaderAsk[]): Promise<void> => {
    const own = asks.length > 1 ? await openOnce().catch(() => undefined) : undefined;
    if (own === undefined) await answerAll(asks);
    else await atOneMoment(own.connection, () => answerAll(asks));
  };
  // One message after another: no question may be answered at a moment of the file that began before it was asked.
  let last = Promise.resolve();
  parentPort?.on('message', (asks: readonly ReaderAsk[]) => {
    last = last.then(() => answerTogether(asks));
  });
}

listen();
