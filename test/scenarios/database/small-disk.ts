/** A disk so small that it is soon full. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveToPostgres } from '../../switch/ledger/postgres-cluster.ts';

/** A disk of its own with a folder `space` for a database server, or undefined: only who may mount one has it. */
export function mountSmallDisk(): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'hitline-small-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', place]).status !== 0) {
    rmSync(place, { recursive: true });
    return undefined;
  }
  mkdirSync(join(place, 'space'));
  giveToPostgres(join(place, 'space'));
  return place;
}

/** Leaves not one block free on it, while others write there too; gives what makes room again. */
export function fillDisk(place: string): () => void {
  const file = join(place, 'ballast');
  for (let left = statfsSync(place); left.bavail > 0; left = statfsSync(place)) {
    try {
      appendFileSync(file, Buffer.alloc(left.bavail * left.bsize));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
    }
  }
  return () => rmSync(file);
}

export function unmountSmallDisk(place: string): void {
  spawnSync('umount', ['-l', place]);
  rmSync(place, { recursive: true, force: true });
}
