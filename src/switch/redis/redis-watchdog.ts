/**
 * Keeps a private Redis from outliving its gateway. A shell stands between the two: it holds the reading end of a pipe
 * whose writing end only the gateway has, so that the kernel closes it when the gateway dies, by SIGKILL too; then it
 * kills the server at once. With `appendfsync always` a kill loses nothing that was acknowledged.
 */
import { spawn } from 'node:child_process';

/*
 * "$@" is the server and its words. The shell waits for the server and ends with it; a second one waits for the pipe.
 * When the first shell is killed alone, the gateway sees it end, closes the pipe, and the second one still kills.
 */
const script = `
exec 3<&0 </dev/null
"$@" 3<&- >/dev/null 2>&1 &
server=$!
echo "$server"
exec >/dev/null
(read -r _ <&3; kill -KILL "$server") &
watch=$!
wait "$server"
code=$?
kill "$watch"
exit "$code"
`;

/** A server under watch. */
export interface WatchedServer {
  /** The server's own process id, once the shell has told it. */
  pid(): number | undefined;
  /** Resolves with why it ended: an exit code, `signal`, or `ENOENT` and the like when nothing could be started. */
  readonly ended: Promise<string>;
  /** Kills the server; the shell clears it away and ends. Safe to call twice. */
  kill(): void;
  /** Kills the shells and the server together, for a shell that somebody stopped. */
  killSession(): void;
}

/** Starts `program` with `words` under watch, in a session of its own, so that a Ctrl-C meant for the gateway passes by. */
export function startWatched(program: string, words: readonly string[]): WatchedServer {
  const shell = spawn('/bin/sh', ['-c', script, 'hitline-redis', program, ...words], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
  });
  let told = '';
  shell.stdout.setEncoding('latin1').on('data', (text: string) => {
    if (told.length < 64) told += text;
  });
  // Writing never happens; an error on the pipe only says that the shell has gone, which `exit` says better.
  shell.stdin.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    shell.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'spawn'));
    shell.once('exit', (code, signal) => resolve(signal === null ? String(code) : 'signal'));
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    shell.stdin.destroy();
  });
  return {
    pid: () => (/^\d+\n/.test(told) ? Number.parseInt(told, 10) : undefined),
    ended,
    kill: () => shell.stdin.destroy(),
    killSession() {
      shell.stdin.destroy();
      if (!isOver && shell.pid !== undefined) killSession(shell.pid);
    },
  };
}

function killSession(leaderPid: number): void {
  try {
    process.kill(-leaderPid, 'SIGKILL');
  } catch {
    // It ended between the look and the kill.
  }
}
