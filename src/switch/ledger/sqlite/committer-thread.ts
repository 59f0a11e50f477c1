/** The worker thread of the committer: opens the file, brings its tables up to date, then commits what it is handed. */
import { parentPort, workerData } from 'node:worker_threads';
import { HitlineError } from '../../../faults/fault.ts';
import { openMasterKey } from '../cipher.ts';
import { appendHead, HeadSeal } from '../heads.ts';
import { migrate } from '../schema.ts';
import { openSecrets } from '../secrets.ts';
import { Committer } from './committer.ts';
import { kyselyOn } from './node-sqlite.ts';
import { openWriting } from './open-database.ts';
import type { CommitterAsk, CommitterData, CommitterSay } from './threads.ts';

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damagedCodes: readonly number[] = [11, 26];

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
  const db = kyselyOn(first);
  await migrate(db, 'sqlite');
  const secrets = await openSecrets(db, master);
  first.close();
  const seal = new HeadSeal(secrets.head);
  const committer = new Committer(() => openWriting(data.folder), { writer: data.writer, master, seal });
  await writeHead({ committer, seal }, data.nowMs);
  say({ type: 'ready', secrets, head: committer.head });
  return { committer, seal };
}

/** Takes the head to the second place; the ledger goes on when that place is away, and says so. */
async function writeHead({ committer, seal }: Opened, nowMs: number): Promise<void> {
  if (data.headsFile === undefined) return;
  try {
    await appendHead(data.headsFile, seal.line({ atMs: nowMs, writer: data.writer, ...committer.head }));
    say({ type: 'head', ok: true });
  } catch {
    say({ type: 'head', ok: false });
  }
}

async function obey(opened: Opened, ask: CommitterAsk): Promise<void> {
  const { committer } = opened;
  if (ask.type === 'commit') {
    const outcomes = committer.commit(ask.calls);
    say({ type: 'done', outcomes, head: committer.head });
  } else if (ask.type === 'cap') {
    committer.capPages(ask.pagesMax);
  } else if (ask.type === 'head') {
    await writeHead(opened, ask.nowMs);
  } else {
    await writeHead(opened, ask.nowMs);
    committer.close();
    say({ type: 'closed' });
    parentPort?.close();
  }
}

try {
  const opened = await open();
  parentPort?.on('message', (ask: CommitterAsk) => void obey(opened, ask));
} catch (error) {
  const { errcode } = error as { errcode?: number };
  const damaged = errcode !== undefined && damagedCodes.includes(errcode);
  const code = error instanceof HitlineError ? error.code : damaged ? 'LEDGER_BROKEN' : 'LEDGER_FAILED';
  say({ type: 'failed', code, text: errcode === undefined ? '' : `SQLite says ${errcode}.` });
}
