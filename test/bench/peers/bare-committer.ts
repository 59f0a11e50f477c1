/** A thread that commits one bare row for each message it is sent, and answers after the commit. */
import { parentPort, workerData } from 'node:worker_threads';
import { openBare } from '../bare-commits.ts';

const db = openBare(workerData as string);
const insert = db.prepare('INSERT INTO bare(body) VALUES (?)');

parentPort?.on('message', (body: Uint8Array | null) => {
  if (body === null) {
    db.close();
    parentPort?.close();
    return;
  }
  db.exec('BEGIN IMMEDIATE');
  insert.run(body);
  db.exec('COMMIT');
  parentPort?.postMessage(true);
});
