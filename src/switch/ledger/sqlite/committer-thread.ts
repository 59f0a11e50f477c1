/** The worker thread of the committer: opens the file, then commits what it is handed. It loads little, to start fast. */
import { parentPort, workerData } from 'node:worker_threads';
import { openMasterKey } from '../cipher.ts';
import { HeadSeal } from '../heads.ts';
import type { Secrets } from '../secrets.ts';
import { Committer } from './committer.ts';
import { openingFailure, openWriting } from './open-database.ts';
import { unpackCalls } from './passing/packing.ts';
import type { CommitterAsk, CommitterSay, Done, ThreadData } from './threads.ts';

const data = workerData as ThreadData;

function say(what: CommitterSay): void {
  parentPort?.postMessage(what);
}

/** The tables and secrets are ready when this is asked: the reader's thread has seen to them (see `prepare` there). */
function open(secrets: Secrets): Committer {
  const master = openMasterKey(data.masterKey);
  const seal = new HeadSeal(secrets.head);
  return new Committer(() => openWriting(data.folder), { writer: data.writer, master, seal });
}

function obey(committer: Committer, ask: Exclude<CommitterAsk, { type: 'open' }>): void {
  if (ask.type === 'commit') {
    const outcomes = committer.commit(unpackCalls(ask.calls));
    const done: Done = { outcomes, head: committer.head };
    say({ type: 'done', words: JSON.stringify(done) });
  } else if (ask.type === 'cap') {
    committer.capPages(ask.pagesMax);
  } else if (ask.type === 'forget') {
    committer.forgetPurged();
  } else {
    committer.forgetPurged();
    committer.close();
    say({ type: 'closed' });
    parentPort?.close();
  }
}

function listen(): void {
  let committer: Committer | undefined;
  parentPort?.on('message', (ask: CommitterAsk) => {
    if (ask.type !== 'open') {
      if (committer !== undefined) obey(committer, ask);
      return;
    }
    try {
      committer = open(ask.secrets);
      say({ type: 'ready', head: committer.head });
    } catch (error) {
      say({ type: 'failed', ...openingFailure(error) });
      parentPort?.close();
    }
  });
}

listen();
