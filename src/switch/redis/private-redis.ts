/**
 * A Redis of the gateway's own: a child process on a unix socket in a folder only its user may enter (DESIGN.md, section
 * 5). It is started again when it dies, and is gone with the gateway. How late its bells ring stands in
 * docs/decisions/0004; `npm run bench -- bells` measures it.
 */
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { HitlineError } from '../../faults/fault.ts';
import type { Clock } from '../../host/clock.ts';
import type { Log } from '../../host/log.ts';
import { leaveSocketFolder, socketPath } from '../../host/paths.ts';
import { lockFolder } from '../ledger/sqlite/folder-lock.ts';
import type { WatchedServer } from './redis-watchdog.ts';
import { startWatched } from './redis-watchdog.ts';

const logFileBytesMax = 1_000_000;
const backoffMsMin = 100;
const backoffMsMax = 5_000;
/** A server that has lived so long starts anew without a wait. */
const provenMs = 10_000;
/** A shell that has not ended so long after the kill is killed with all its session. */
const killMsMax = 500;
/** How often the folder's lock and a server left over are looked at. */
const lookMs = 100;
/** A server left over whose watchdog is gone too is asked to end after so many looks. */
const asksAfterLooks = 20;

/** What a private Redis is started with. */
export interface PrivateRedisOptions {
  /** The server program, as `findRedis` gives it. */
  readonly program: string;
  /** A folder for it alone; made with mode 0700. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A private Redis; it may be starting, running or waiting to start again. */
export interface PrivateRedis {
  readonly socketPath: string;
  /** The server's process id while it runs. */
  pid(): number | undefined;
  /** Undefined while the server runs, else one sentence on why it does not. */
  trouble(): string | undefined;
  /** Kills the server, waits until it is gone, and frees the folder. */
  close(): Promise<void>;
}

/** The words a private server is started with: no port, every write on disk before its answer, punctual timers. */
function serverWords(folder: string, socket: string): string[] {
  const settings: readonly (readonly [string, string])[] = [
    ['port', '0'],
    ['unixsocket', socket],
    ['unixsocketperm', '600'],
    ['dir', folder],
    ['appendonly', 'yes'],
    ['appendfsync', 'always'],
    ['save', ''],
    ['hz', '500'],
    ['dynamic-hz', 'no'],
    ['maxmemory-policy', 'noeviction'],
    ['daemonize', 'no'],
    ['logfile', join(folder, 'redis.log')],
    ['loglevel', 'warning'],
  ];
  return settings.flatMap(([name, value]) => [`--${name}`, value]);
}

class RedisChild implements PrivateRedis {
  readonly socketPath: string;
  readonly #options: PrivateRedisOptions;
  #server: WatchedServer | undefined;
  #unlock: (() => void) | undefined;
  #trouble: string | undefined = 'The private Redis is starting.';
  #callOff = (): void => {};
  #backoffMs = backoffMsMin;
  #closed = false;

  constructor(options: PrivateRedisOptions) {
    this.#options = { ...options, folder: resolve(options.folder) };
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    chmodSync(options.folder, 0o700);
    this.socketPath = socketPath(options.folder, 'redis.sock');
    this.#takeFolder();
  }

  pid(): number | undefined {
    return this.#server?.pid();
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    this.#trouble = 'The private Redis was closed.';
    if (this.#server !== undefined) {
      const server = this.#server;
      server.kill();
      const callOff = this.#options.clock.after(killMsMax, () => server.killSession());
      await server.ended;
      callOff();
    }
    this.#unlock?.();
    rmSync(this.socketPath, { force: true });
    leaveSocketFolder(this.socketPath, this.#options.folder);
  }

  #later(delayMs: number, action: () => void): void {
    if (this.#closed) return;
    this.#callOff = this.#options.clock.after(delayMs, action);
  }

  /** Two gateways never share the folder: the second waits for the first to go, and says so. */
  #takeFolder(): void {
    try {
      this.#unlock = lockFolder(this.#options.folder);
    } catch (error) {
      const isHeld = error instanceof HitlineError && error.code === 'LEDGER_LOCKED';
      this.#trouble = isHeld
        ? 'Another gateway holds the folder of the private Redis.'
        : 'The folder of the private Redis cannot be used.';
      this.#later(lookMs, () => this.#takeFolder());
      return;
    }
    this.#awaitEmpty(0);
  }

  /** The server of a gateway that was just killed may need a moment to follow it; two never write one file. */
  #awaitEmpty(looks: number): void {
    const probe = connect(this.socketPath);
    probe.once('connect', () => {
      this.#trouble = 'A private Redis of an earlier gateway still runs.';
      if (looks >= asksAfterLooks) probe.end('SHUTDOWN NOSAVE\r\n');
      probe.destroySoon();
      this.#later(lookMs, () => this.#awaitEmpty(looks + 1));
    });
    probe.once('error', () => {
      if (!this.#closed) this.#startServer();
    });
  }

  #startServer(): void {
    const { program, folder, clock, log } = this.#options;
    shortenLog(join(folder, 'redis.log'));
    const server = startWatched(program, serverWords(folder, this.socketPath));
    this.#server = server;
    this.#trouble = undefined;
    const startedMonoMs = clock.monoMs();
    void server.ended.then((why) => {
      if (this.#server === server) this.#server = undefined;
      if (this.#closed) return;
      this.#trouble = `The private Redis ended (${why}) and is started again.`;
      log.warn({ code: 'REDIS_ENDED', kind: 'private', place: why });
      if (clock.monoMs() - startedMonoMs > provenMs) this.#backoffMs = backoffMsMin;
      this.#later(this.#backoffMs, () => this.#awaitEmpty(0));
      this.#backoffMs = Math.min(this.#backoffMs * 2, backoffMsMax);
    });
  }
}

/** The server's own log says what went wrong at a start; it is begun anew when it has grown long. */
function shortenLog(file: string): void {
  try {
    if (statSync(file).size > logFileBytesMax) rmSync(file);
  } catch {
    // There is none yet, or it cannot be touched; neither keeps the server from starting.
  }
}

/**
 * Starts a private Redis and returns at once; connect to its socket and be patient. Whatever goes wrong later is told by
 * `trouble`. Throws DATA_FOLDER_UNUSABLE when no socket can have a short enough name, and the system's error when the
 * folder cannot be made.
 */
export function startRedis(options: PrivateRedisOptions): PrivateRedis {
  return new RedisChild(options);
}
