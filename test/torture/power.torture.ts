/**
 * The power of the disk is cut at random moments, under load from twenty stations and after each offline command: what was
 * not flushed is gone. Whatever was acknowledged or said to be done is there, and the chain is whole.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMasterKey } from '../../src/host/keys.ts';
import { claimDataFolder } from '../../src/host/paths.ts';
import { openLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { jsonLines, runInside } from '../cli/run-hitline.ts';
import { messageEntry, unitOf } from '../conformance/ledger.ts';
import { practiceConfig } from '../switch/config/sample-config.ts';
import type { Torture } from './torture.ts';
import { pass } from './town/crowd.ts';
import { canMakeTrouble, pidOf, trouble } from './town/disk-trouble.ts';
import { LoadedGateway } from './town/loaded-gateway.ts';
import { canCutPower, PowerDisk } from './town/power-disk.ts';

/** What this machine lacks for it. */
export function missing(): string | undefined {
  return canCutPower() ? undefined : 'no file system in a file may be mounted here';
}

export async function run(torture: Torture): Promise<void> {
  const cuts = torture.short ? 1 : 30;
  await torture.attempt(`the power cut under load, ${cuts} ${cuts === 1 ? 'time' : 'times'}`, () =>
    cutUnderLoad(torture, cuts),
  );
  await torture.attempt('the power cut after each command', () => onItsOwnDisk(cutAfterEachCommand));
}

/** Everything that runs has its files on a disk of its own. */
async function onItsOwnDisk(work: (disk: PowerDisk) => Promise<void>): Promise<void> {
  const disk = PowerDisk.make();
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = disk.folder;
  try {
    await work(disk);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    disk.remove();
  }
}

function cutUnderLoad(torture: Torture, cuts: number): Promise<void> {
  return onItsOwnDisk((disk) =>
    LoadedGateway.run({ random: torture.random }, async (load) => {
      for (let n = 0; n < cuts; n += 1) {
        await load.busy();
        // What a disk could not flush must not have been acknowledged: only a cut shows whether it was.
        const isFailing = n % 3 === 2 && canMakeTrouble();
        const underWay = isFailing ? await trouble('disk that cannot flush', gatewayOf(load)) : undefined;
        await pass(torture.random.below(300));
        await load.killAndStart(() => disk.cut());
        await underWay?.end();
      }
      await load.end();
      torture.note(`${cuts} cuts: ${load.summary}`);
    }),
  );
}

function gatewayOf({ stage: { folder } }: LoadedGateway): { readonly pid: number; readonly dataFolder: string } {
  return { pid: pidOf(join(folder, 'gateway.yaml')), dataFolder: join(folder, 'data') };
}

/** An IT person's evening: each command says that it is done, the power fails at once, and it is. */
async function cutAfterEachCommand(disk: PowerDisk): Promise<void> {
  const at = (name: string): string => join(disk.folder, 'house', name);
  const configure = (keyFile: string): void => {
    const input = { ...practiceConfig(), keys: { file: at(keyFile) } };
    writeFileSync(at('gateway.yaml'), JSON.stringify(input), { flush: true });
  };
  mkdirSync(at(''));
  configure('master.key');
  const masterKey = createMasterKey(at('master.key'), true);
  const { folder } = claimDataFolder(at('data'), { practice: true });
  const ledger = await openLedger({ folder, writer: 'A', masterKey, headsFile: `${folder}.heads` });
  await ledger.append([unitOf(messageEntry('m-1')), unitOf(messageEntry('m-2'))]);
  await ledger.close();
  disk.cut();
  const proved = (...words: string[]): Promise<void> => succeeds('verify', '--config', at('gateway.yaml'), ...words);
  const done = async (...words: readonly [string, ...string[]]): Promise<void> => {
    const [command, ...rest] = words;
    await succeeds(command, '--config', at('gateway.yaml'), ...rest);
    disk.cut();
  };
  await proved();
  await done('backup', '--to', at('copy'));
  await proved('--copy', at('copy'));
  rmSync(folder, { recursive: true });
  await done('restore', '--from', at('copy'));
  await proved();
  await done('rotate', '--new-key', at('new.key'));
  configure('new.key');
  await proved();
  await done('rebuild');
  await proved();
}

async function succeeds(...words: readonly string[]): Promise<void> {
  const ended = await runInside(['ledger', ...words]);
  assert.equal(ended.code, 0, `ledger ${words[0]}: ${ended.stderr} ${JSON.stringify(jsonLines(ended.stdout))}`);
}
