/** The worker thread of the committer: opens the file, brings its tables up to date, then commits what it is handed. */
import { parentPort, workerData } from 'node:worker_threads';
import { HitlineError } from '../../../faults/fault.ts';
import { HeadSeal } from '../heads.ts';
import { openMasterKey } from '../keys.ts';
import { migrate } from '../schema.ts';
import { Committer } from './committer.ts';
import { kyselyOn } from './node-sqlite.ts';
import { openSecrets, openWriting } from './open-database.ts';
import type { CommitterAsk, CommitterSay, ThreadData } from './threads.ts';

const data = workerData as ThreadData;

function say(what: CommitterSay): void {
  parentPort?.postMessage(what);
}

async function open(): Promise<Committer> {
  const master = openMasterKey(data.masterKey);
  const first = openWriting(data.folder);
  await migrate(kyselyOn(first), 'sqlite');
  const secrets = openSecrets(first, master);
  first.close();
  const committer = new Committer(() => openWriting(data.folder), {
    writer: data.writer,
    master,
    seal: new HeadSeal(secrets.head),
  });
  say({ type: 'ready', secrets, head: committer.head });
  return committer;
}

function obey(committer: Committer, ask: CommitterAsk): void {
  if (ask.type === 'commit') {
    const outcomes = committer.commit(ask.calls);
    say({ type: 'done', outcomes, head: committer.head });
  } else if (ask.type === 'cap') {
    committer.db.exec(`PRAGMA max_page_count = ${Math.floor(ask.pagesMax)}`);
  } else {
    committer.close();
    say({ type: 'closed' });
    parentPort?.close();
  }
}

try {
  const committer = await open();
  parentPort?.on('message', (ask: CommitterAsk) => obey(committer, ask));
} catch (error) {
  const code = error instanceof HitlineError ? error.code : 'LEDGER_FAILED';
  say({
    type: 'failed',
    code,
    text: error instanceof HitlineError ? '' : `The database says ${String((error as { errcode?: number }).errcode)}.`,
  });
}
