/**
 * What a gateway holds in memory while twenty stations, an operator and a supervisor keep it busy and its ledger, its cases and
 * its alarms become ever more: a records section's machine has 2 GB, and the gateway runs for months.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/host/clock.ts';
import type { Torture } from './torture.ts';
import { pass } from './town/crowd.ts';
import { pidOf } from './town/disk-trouble.ts';
import { LoadedGateway } from './town/loaded-gateway.ts';

const megabytesMax = 480;
/** How much more it may hold in the last third of a long run than in the second. */
const growthMegabytesMax = 60;
const lookMs = 1_000;

/** What this machine lacks for it. */
export function missing(): string | undefined {
  return existsSync('/proc/self/status') ? undefined : 'no /proc tells what a process holds';
}

export async function run(torture: Torture): Promise<void> {
  const lastsMs = torture.short ? 4_000 : 5 * 60_000;
  await torture.attempt('a gateway under twenty stations stays small', () =>
    LoadedGateway.run({ random: torture.random }, async (load) => {
      const pid = pidOf(join(load.stage.folder, 'gateway.yaml'));
      const held: number[] = [];
      await load.busy();
      const endMs = systemClock.monoMs() + lastsMs;
      while (systemClock.monoMs() < endMs) {
        held.push(megabytesOf(pid));
        await pass(lookMs);
      }
      await load.end();
      const third = Math.floor(held.length / 3);
      const [middle, last] = [median(held.slice(third, 2 * third)), median(held.slice(2 * third))];
      torture.note(
        `${Math.max(...held)} MB at most, ${middle} in the second third, ${last} in the last; ${load.summary}`,
      );
      assert.ok(Math.max(...held) <= megabytesMax, `it held ${Math.max(...held)} MB`);
      if (!torture.short) assert.ok(last - middle <= growthMegabytesMax, `it grew from ${middle} MB to ${last} MB`);
    }),
  );
}

function megabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
