/** Trouble with the disk of a process that runs, made by strace between it and the kernel: the process knows of nothing. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../support/redis.ts';

/** What the kernel says of a file from one moment on. */
export const troubles = {
  /** As after a remount: every write is refused. */
  'read-only file': 'inject=pwrite64,pwritev,ftruncate:error=EROFS',
  'disk that gives errors': 'inject=pwrite64,pwritev,fsync,fdatasync:error=EIO',
  /** Takes every byte and cannot promise one. */
  'disk that cannot flush': 'inject=fsync,fdatasync:error=EIO',
  'disk that takes 2 s for each fsync': 'inject=fdatasync,fsync:delay_enter=2000000',
} as const;
export type Trouble = keyof typeof troubles;

/** Whether strace is here and may hold on to a process that is not its own child. */
export function canMakeTrouble(): boolean {
  if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) return false;
  return process.getuid?.() === 0 || !guardsProcesses();
}

/** Some kernels let nobody but root hold on to a process that runs already. */
function guardsProcesses(): boolean {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'latin1').trim() !== '0';
  } catch {
    return false;
  }
}

export interface TroubleUnderWay {
  /** It is over; the process runs on. */
  end(): Promise<void>;
}

/** Begins a trouble with the ledger's files of a process; resolves when it has begun. */
export async function trouble(
  what: Trouble,
  of: { readonly pid: number; readonly dataFolder: string },
): Promise<TroubleUnderWay> {
  const inject = troubles[what];
  const calls = /inject=([^:]*):/.exec(inject)?.[1] ?? '';
  const files = ['ledger.db', 'ledger.db-wal'].flatMap((name) => ['-P', join(of.dataFolder, name)]);
  const words = ['-f', '-p', String(of.pid), '-o', '/dev/null', '-e', `trace=${calls}`, '-e', inject, ...files];
  const child = spawn('strace', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  await attached(child);
  return {
    async end() {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      // A trouble that was over while the process ran on would have proved nothing.
      if (isOver && isAlive(of.pid)) throw new Error('strace let go of the process by itself');
      if (isOver) return;
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

/**
 * Strace says so when it holds every thread of the process. It is listened to for as long as it runs: it speaks of each new
 * thread, and a pipe that nobody holds open would end it.
 */
async function attached(child: ChildProcess): Promise<void> {
  let said = '';
  const isAttached = new Promise<boolean>((resolve) => {
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('attached')) resolve(true);
    });
    child.once('exit', () => resolve(false));
  });
  if (!(await isAttached)) throw new Error(`strace holds nothing: ${said}`);
}

/** The process whose command line holds this text. */
export function pidOf(text: string): number {
  const own = String(process.pid);
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== own);
  const pid = found.find((name) => {
    try {
      return readFileSync(join('/proc', name, 'cmdline'), 'latin1').includes(text);
    } catch {
      return false;
    }
  });
  if (pid === undefined) throw new Error('no process has this command line');
  return Number(pid);
}
