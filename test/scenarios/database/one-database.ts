/** A database for one gateway, and what its server can suffer, done to it from outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { PostgresCluster } from '../../switch/ledger/postgres-cluster.ts';

export async function runSql(
  url: string,
  ...statements: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that ends says so by itself as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const one of statements) ({ rows } = await client.query<Record<string, unknown>>(one));
    return rows;
  } finally {
    await client.end();
  }
}

/** Makes a database of this name, and gives its address. */
export async function newDatabase(cluster: PostgresCluster, name: string, how = ''): Promise<string> {
  await runSql(cluster.url('postgres'), `CREATE DATABASE ${name} ${how}`);
  return cluster.url(name);
}

/** The server's first process. */
export function serverPid(cluster: PostgresCluster): number {
  return Number(readFileSync(join(cluster.dataFolder, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** Stops every process of the server where it stands, as a machine that hangs would; gives what lets them go on. */
export function freeze(cluster: PostgresCluster): () => void {
  const first = serverPid(cluster);
  // First who makes the others: one made while they are counted would go on.
  process.kill(first, 'SIGSTOP');
  const pids = [first, ...childrenOf(first)];
  for (const pid of pids) tell(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) tell(pid, 'SIGCONT');
  };
}

/** A process that was about to end when it was counted may have gone. */
function tell(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ESRCH') throw error;
  }
}

function childrenOf(parent: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => parentOf(pid) === parent).map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    // After the name, which may hold anything but ends with the last parenthesis: state, then parent.
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) . /s, '')
        .split(' ', 1)[0],
    );
  } catch {
    return undefined;
  }
}
