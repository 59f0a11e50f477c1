/**
 * The same blows as in gateway-kill, dealt to gateways that keep their ledger in PostgreSQL: each in a database of its own on
 * one server, which runs on. What is checked after each blow is read from the database.
 */
import { newDatabase } from '../scenarios/database/one-database.ts';
import { postgresPrograms, startCluster } from '../switch/ledger/postgres-cluster.ts';
import type { Torture } from './torture.ts';
import { dealBlows } from './town/blows.ts';

/** What this machine lacks for it. */
export function missing(): string | undefined {
  return postgresPrograms() === undefined ? 'PostgreSQL is not installed' : undefined;
}

export async function run(torture: Torture): Promise<void> {
  const cluster = await startCluster();
  const { dataFolder } = cluster;
  try {
    await dealBlows(torture, {
      database: async (number) => ({ url: await newDatabase(cluster, `town${number}`), dataFolder }),
      short: { gateway: 1, redis: 0, both: 0, wipe: 0 },
    });
  } finally {
    cluster.remove();
  }
}
