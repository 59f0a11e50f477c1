/**
 * The wall of a gateway's process is stepped by an hour under it, there and back, under load from twenty stations, and the
 * gateway is killed and started while its wall is elsewhere. Every step is on every console within a second, no deadline is
 * lost, none fires twice, and none before its moment.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Torture } from './torture.ts';
import { alarmed, figures, momentOf } from './town/alarmed.ts';
import { LoadedGateway } from './town/loaded-gateway.ts';

/** Where the wall is set to, in seconds from the true one, and whether the gateway is killed and started there. */
const steps = [
  ['+3600', false],
  ['+0', false],
  ['-3600', true],
  ['+0', true],
  ['+3600', true],
  ['+0', false],
] as const;

/** What this machine lacks for it. */
export function missing(): string | undefined {
  return libraryFile() === undefined ? 'faketime is not installed' : undefined;
}

export async function run(torture: Torture): Promise<void> {
  await torture.attempt("the machine's clock steps by an hour, back and forth", () => played(torture));
}

/** Debian's place for it, whatever the machine is. */
function libraryFile(): string | undefined {
  const libraries = '/usr/lib';
  const machines = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu')) : [];
  return machines.map((name) => join(libraries, name, 'faketime/libfaketimeMT.so.1')).find((file) => existsSync(file));
}

async function played(torture: Torture): Promise<void> {
  let offsetFile = '';
  const step = (seconds: string): void => writeFileSync(offsetFile, `${seconds}\n`);
  const before = { ...process.env };
  const beforeStart = (folder: string): void => {
    offsetFile = join(folder, 'offset');
    step('+0');
    Object.assign(process.env, {
      LD_PRELOAD: libraryFile(),
      FAKETIME_TIMESTAMP_FILE: offsetFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    });
  };
  try {
    await LoadedGateway.run({ random: torture.random, beforeStart }, async (load) => {
      const afterMs: number[] = [];
      for (const [seconds, isKilled] of torture.short ? steps.slice(0, 2) : steps) {
        await load.busy();
        const since = momentOf(load);
        step(seconds);
        if (isKilled) await load.killAndStart();
        else afterMs.push(await alarmed(load, 'CLOCK_STEPPED', { since }));
      }
      await load.end();
      torture.note(figures("a step of the machine's clock", afterMs, load));
    });
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
