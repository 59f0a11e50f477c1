/** The worker thread of the committer: opens the file, brings its tables up to date, then commits what it is handed. */
import { parentPort, workerData } from 'node:worker_threads';
import { HitlineError } from '../../../faults/fault.ts';
import { openMasterKey } from '../cipher.ts';
import { appendHead, HeadSeal } from '../heads.ts';
import { migrate } from '../schema.ts';
import { Committer } from './committer.ts';
import { kyselyOn } from './node-sqlite.ts';
import { openSecrets, openWriting } from './open-database.ts';
import type { CommitterAsk, CommitterData, CommitterSay } from './threads.ts';

const data = workerData as CommitterData;

function say(what: CommitterSay): void {
  parentPort?.postMessage(what);
}

interface Opened {
  readonly committer: Committer;
  readonly seal: HeadSeal;
}

async function open(): Promise<Opened> {
  const master = openMasterKey(data.masterKey);
  const first = openWriting(data.folder);
  await migrate(kyselyOn(first), 'sqlite');
  const secrets = openSecrets(first, master);
  first.close();
  const seal = new HeadSeal(secrets.head);
  const committer = new Committer(() => openWriting(data.folder), { writer: data.writer, master, seal });
  writeHead({ committer, seal }, data.nowMs);
  say({ type: 'ready', secrets, head: committer.head });
  return { committer, seal };
}

/** Takes the head to the second place; the ledger goes on when that place is away, and says so. */
function writeHead({ committer, seal }: Opened, nowMs: number): void {
  if (data.headsFile === undefined) return;
  try {
    appendHead(data.headsFile, seal.line({ atMs: nowMs, writer: data.writer, ...committer.head }));
    say({ type: 'head', ok: true });
  } catch {
    say({ type: 'head', ok: false });
  }
}

function obey(opened: Opened, ask: CommitterAsk): void {
  const { committer } = opened;
  if (ask.type === 'commit') {
    const outcomes = committer.commit(ask.calls);
    say({ type: 'done', outcomes, head: committer.head });
  } else if (ask.type === 'cap') {
    committer.capPages(ask.pagesMax);
  } else if (ask.type === 'head') {
    writeHead(opened, ask.nowMs);
  } else {
    writeHead(opened, ask.nowMs);
    committer.close();
    say({ type: 'closed' });
    parentPort?.close();
  }
}

try {
  const opened = await open();
  parentPort?.on('message', (ask: CommitterAsk) => obey(opened, ask));
} catch (error) {
  const known = error instanceof HitlineError;
  const text = known ? '' : `The database says ${String((error as { errcode?: number }).errcode)}.`;
  say({ type: 'failed', code: known ? error.code : 'LEDGER_FAILED', text });
}
