/** The worker thread of the committer: opens the file, then commits what it is handed. It loads little, to start fast. */
import { parentPort, workerData } from 'node:worker_threads';
import { openMasterKey } from '../cipher.ts';
import { appendHead, HeadSeal } from '../heads.ts';
import type { Secrets } from '../secrets.ts';
import { Committer } from './committer.ts';
import { openingFailure, openWriting } from './open-database.ts';
import { unpackCalls } from './packing.ts';
import type { CommitterAsk, CommitterSay, Done, ThreadData } from './threads.ts';

const data = workerData as ThreadData;

function say(what: CommitterSay): void {
  parentPort?.postMessage(what);
}

interface Opened {
  readonly committer: Committer;
  readonly seal: HeadSeal;
  /** The head that the second place has. */
  writtenSeq: number | undefined;
}

/** The tables and secrets are ready when this is asked: the reader's thread has seen to them (see `prepare` there). */
async function open(secrets: Secrets, nowMs: number): Promise<Opened> {
  const master = openMasterKey(data.masterKey);
  const seal = new HeadSeal(secrets.head);
  const committer = new Committer(() => openWriting(data.folder), { writer: data.writer, master, seal });
  const opened: Opened = { committer, seal, writtenSeq: undefined };
  await writeHead(opened, nowMs);
  return opened;
}

/** Takes the head to the second place; the ledger goes on when that place is away, and says so. */
async function writeHead(opened: Opened, nowMs: number): Promise<void> {
  const { committer, seal } = opened;
  const { head } = committer;
  // A chain that has not grown needs no second line that says the same.
  if (data.headsFile === undefined || opened.writtenSeq === head.seq) return;
  try {
    await appendHead(data.headsFile, seal.line({ atMs: nowMs, writer: data.writer, ...head }));
    opened.writtenSeq = head.seq;
    say({ type: 'head', ok: true });
  } catch {
    say({ type: 'head', ok: false });
  }
}

async function obey(opened: Opened, ask: Exclude<CommitterAsk, { type: 'open' }>): Promise<void> {
  const { committer } = opened;
  if (ask.type === 'commit') {
    const outcomes = committer.commit(unpackCalls(ask.calls));
    const done: Done = { outcomes, head: committer.head };
    say({ type: 'done', words: JSON.stringify(done) });
  } else if (ask.type === 'cap') {
    committer.capPages(ask.pagesMax);
  } else if (ask.type === 'head') {
    committer.forgetPurged();
    await writeHead(opened, ask.nowMs);
  } else {
    await writeHead(opened, ask.nowMs);
    committer.forgetPurged();
    committer.close();
    say({ type: 'closed' });
    parentPort?.close();
  }
}

function listen(): void {
  let opened: Opened | undefined;
  parentPort?.on('message', async (ask: CommitterAsk) => {
    if (ask.type !== 'open') {
      if (opened !== undefined) await obey(opened, ask);
      return;
    }
    try {
      opened = await open(ask.secrets, ask.nowMs);
      say({ type: 'ready', head: opened.committer.head });
    } catch (error) {
      say({ type: 'failed', ...openingFailure(error) });
      parentPort?.close();
    }
  });
}

listen();
