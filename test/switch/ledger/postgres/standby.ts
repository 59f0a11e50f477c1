/** A second server that has everything the first one commits: no COMMIT is answered before it has it too. */
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../../support/free-port.ts';
import { until } from '../../../support/until.ts';
import { hangS, type PostgresCluster, postgresPrograms, runAs } from '../postgres-cluster.ts';

export interface Standby {
  /** Stops what hears of each COMMIT where it stands, and lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  remove(): void;
}

/** Makes one for a cluster and waits until the cluster counts on it; two or three seconds. */
export async function startStandby(cluster: PostgresCluster): Promise<Standby> {
  const programs = postgresPrograms() ?? '';
  const root = mkdtempSync(join(tmpdir(), 'hitline-standby-'));
  const { uid, gid } = statSync(cluster.dataFolder);
  chownSync(root, uid, gid);
  const dataFolder = join(root, 'data');
  const port = await freePort();
  const from = ['-h', '127.0.0.1', '-p', String(cluster.port), '-U', 'hitline'];
  runAs(join(programs, 'pg_basebackup'), ['-D', dataFolder, '-R', '-X', 'stream', '-c', 'fast', ...from]);
  const options = `-p ${port} -k '' -c listen_addresses=127.0.0.1`;
  const control = (...words: string[]): void =>
    runAs(join(programs, 'pg_ctl'), ['-D', dataFolder, '-w', '-t', hangS, ...words]);
  control('-o', options, '-l', join(root, 'log'), 'start');
  const client = new pg.Client({ connectionString: cluster.url('postgres') });
  await client.connect();
  await client.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
  await client.query('SELECT pg_reload_conf()');
  await until(async () => {
    const { rows } = await client.query<{ sync_state: string }>('SELECT sync_state FROM pg_stat_replication');
    return rows.some((row) => row.sync_state === 'sync');
  }, 'the standby is counted on');
  await client.end();
  const beside = new pg.Client({ connectionString: `postgres://hitline@127.0.0.1:${port}/postgres` });
  await beside.connect();
  const { rows } = await beside.query<{ pid: number }>('SELECT pid FROM pg_stat_wal_receiver');
  await beside.end();
  const receiver = rows[0]?.pid;
  if (receiver === undefined) throw new Error('the standby hears nothing');
  return {
    signal: (name) => void process.kill(receiver, name),
    remove() {
      process.kill(receiver, 'SIGCONT');
      control('-m', 'immediate', 'stop');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
