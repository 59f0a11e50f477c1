/** What SQLite does at its barest: one-row commits into a table of two columns, the measure that the ledger is held against. */
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Opens a database of bare rows, with the settings that make a commit durable. */
export function openBare(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS bare(id INTEGER PRIMARY KEY, body BLOB)');
  return db;
}

/** Commits one-row inserts in groups of `depth`: rows a second. */
export function bareRate(db: DatabaseSync, body: Uint8Array, how: { count: number; depth: number }): number {
  const insert = db.prepare('INSERT INTO bare(body) VALUES (?)');
  const startedMs = performance.now();
  for (let n = 0; n < how.count; n += how.depth) {
    db.exec('BEGIN IMMEDIATE');
    for (let row = 0; row < how.depth; row += 1) insert.run(body);
    db.exec('COMMIT');
  }
  return how.count / ((performance.now() - startedMs) / 1_000);
}

/** The same in a thread of its own, asked for one row at a time by one that must not wait for a disk: rows a second. */
export async function threadedBareRate(file: string, body: Uint8Array, count: number): Promise<number> {
  const worker = new Worker(new URL('./peers/bare-committer.ts', import.meta.url), { workerData: file });
  // A copy of its own: a piece of a larger run of bytes would take the whole run along.
  const own = Uint8Array.from(body);
  let answered: () => void = () => undefined;
  worker.on('message', () => answered());
  const commitOne = (): Promise<void> =>
    new Promise((resolve) => {
      answered = resolve;
      worker.postMessage(own);
    });
  await commitOne();
  const startedMs = performance.now();
  for (let n = 0; n < count; n += 1) await commitOne();
  const rate = count / ((performance.now() - startedMs) / 1_000);
  worker.postMessage(null);
  await new Promise((resolve) => worker.once('exit', resolve));
  return rate;
}
