/** A PostgreSQL cluster of the tests' own: a fresh one under the temporary folder, on a port of loopback, as its own user. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';

/** The folder of PostgreSQL's programs, or undefined where it is not installed. They are seldom on PATH. */
export function postgresPrograms(): string | undefined {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [asked.stdout?.trim(), ...versions.map((version) => join(debian, version, 'bin'))];
  return places.find((place) => place !== undefined && place !== '' && existsSync(join(place, 'initdb')));
}

/** PostgreSQL refuses to run as root; then its programs run as the user `postgres`. */
export function runAs(file: string, words: readonly string[]): void {
  const isRoot = process.getuid?.() === 0;
  const command = isRoot ? 'setpriv' : file;
  const all = isRoot ? ['--reuid=postgres', '--regid=postgres', '--clear-groups', file, ...words] : [...words];
  execFileSync(command, all, { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir() });
}

/** Gives a folder to whoever runs PostgreSQL here. */
export function giveToPostgres(folder: string): void {
  if (process.getuid?.() !== 0) return;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  chownSync(folder, id('-u'), id('-g'));
}

/** In seconds: `pg_ctl` would take a server for one that does not start after a minute. */
export const hangS = '600';

export interface PostgresCluster {
  readonly port: number;
  readonly dataFolder: string;
  url(database: string): string;
  stop(how?: 'fast' | 'immediate'): void;
  start(): void;
  remove(): void;
}

/** Makes and starts a cluster; a second or two. `logFolder` is an empty folder that its log (WAL) is to lie in, on a small disk. */
export async function startCluster({ logFolder }: { logFolder?: string } = {}): Promise<PostgresCluster> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const root = mkdtempSync(join(tmpdir(), 'hitline-postgres-'));
  giveToPostgres(root);
  const dataFolder = join(root, 'data');
  const port = await freePort();
  const log = logFolder === undefined ? [] : ['-X', logFolder, '--wal-segsize=1'];
  runAs(join(programs, 'initdb'), [
    '-D',
    dataFolder,
    '-U',
    'hitline',
    '-A',
    'trust',
    '--no-sync',
    '-E',
    'UTF8',
    ...log,
  ]);
  const small = logFolder === undefined ? '' : ' -c min_wal_size=2MB -c max_wal_size=8MB';
  // No socket in the file system: a temporary folder may have a long name, or a blank in it.
  const options = `-p ${port} -k '' -c listen_addresses=127.0.0.1 -c max_connections=40 -c shared_buffers=64MB${small}`;
  const control = (words: readonly string[]): void =>
    runAs(join(programs, 'pg_ctl'), ['-D', dataFolder, '-w', '-t', hangS, ...words]);
  const start = (): void => control(['-o', options, '-l', join(root, 'log'), 'start']);
  start();
  let running = true;
  return {
    port,
    dataFolder,
    url: (database) => `postgres://hitline@127.0.0.1:${port}/${database}`,
    stop(how = 'fast') {
      control(['-m', how, 'stop']);
      running = false;
    },
    start() {
      start();
      running = true;
    },
    remove() {
      if (running) control(['-m', 'immediate', 'stop']);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
