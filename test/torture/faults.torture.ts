/**
 * A gateway under load from twenty stations while its disk is full, read-only, slow or broken, or its clock steps by an hour.
 * Every console must have the alarm within a second, the loop stays alive, no law is broken, and afterwards all goes on.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/host/clock.ts';
import type { SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { until } from '../scenarios/gateway-process.ts';
import type { Stage } from '../scenarios/stage.ts';
import type { Torture } from './torture.ts';
import { pass } from './town/crowd.ts';
import { canMakeTrouble, pidOf, type Trouble, trouble, troubles } from './town/disk-trouble.ts';
import { LoadedGateway } from './town/loaded-gateway.ts';

const alarmMsMax = 1_000;
const hourMs = 3_600_000;

export async function run(torture: Torture): Promise<void> {
  const rounds = torture.short ? 1 : 5;
  await torture.attempt('the disk is full', () => diskFull(torture, rounds));
  await torture.attempt('the clock steps by an hour, through the port', () => clockPort(torture, rounds));
  if (canMakeTrouble()) {
    for (const what of Object.keys(troubles) as Trouble[]) {
      if (torture.short && what === 'disk that gives errors') continue;
      await torture.attempt(`a ${what}`, () => diskTrouble(torture, what, rounds));
    }
  } else torture.note('strace is not here or may hold no process: read-only, slow and broken disks are left out');
  const faketime = faketimeLibrary();
  if (faketime === undefined) torture.note('no faketime: the clock of the machine is not stepped');
  else if (!torture.short)
    await torture.attempt('the clock of the machine steps by an hour', () => machineClock(torture, faketime));
}

/** Times from the trouble to the alarm on each console, in milliseconds. */
async function alarmed(load: LoadedGateway, code: string, sinceMs: number): Promise<number> {
  const heardMs = await Promise.all(load.ears.map((ear) => ear.next(code, sinceMs)));
  const afterMs = Math.round(Math.max(...heardMs) - sinceMs);
  assert.ok(afterMs <= alarmMsMax, `the alarm ${code} was on every screen only after ${afterMs} ms`);
  return afterMs;
}

/** What a case measured, in one line. */
function figures(what: string, afterMs: readonly number[], load: LoadedGateway): string {
  return `${what}: alarm on every screen after ${afterMs.join(', ')} ms; a console waited ${load.longestWaitMs} ms at most; ${load.summary}`;
}

/** The gateway trusts its ledger again, and says so. */
async function healed(stage: Stage): Promise<void> {
  const coj = await stage.coj();
  await until('the ledger is trusted again', async () =>
    (await coj.call('status', {})).notices.join().includes('LEDGER FAILED') ? undefined : true,
  );
}

async function diskFull(torture: Torture, rounds: number): Promise<void> {
  await LoadedGateway.run({ random: torture.random, stage: { inside: true } }, async (load) => {
    const afterMs: number[] = [];
    const ledger = load.stage.gateway.ledger as SqliteLedger;
    for (let n = 0; n < rounds; n += 1) {
      await load.busy();
      await healed(load.stage);
      const sinceMs = performance.now();
      ledger.capPages(1);
      afterMs.push(await alarmed(load, 'LEDGER_FAILED', sinceMs));
      await pass(torture.random.below(1_000));
      ledger.capPages(1_000_000);
      await healed(load.stage);
    }
    await load.end();
    torture.note(figures('a full disk', afterMs, load));
  });
}

async function diskTrouble(torture: Torture, what: Trouble, rounds: number): Promise<void> {
  await LoadedGateway.run({ random: torture.random }, async (load) => {
    const { folder } = load.stage;
    const of = { pid: pidOf(join(folder, 'gateway.yaml')), dataFolder: join(folder, 'data') };
    const afterMs: number[] = [];
    for (let n = 0; n < rounds; n += 1) {
      await load.busy();
      // A machine with too much to do may have made its disk late before; a trouble begins with a ledger that is trusted.
      await healed(load.stage);
      const underWay = await trouble(what, of);
      try {
        afterMs.push(await alarmed(load, 'LEDGER_FAILED', underWay.sinceMs));
        await pass(torture.random.below(3_000));
      } finally {
        await underWay.end();
      }
      await healed(load.stage);
    }
    await load.end();
    torture.note(figures(`a ${what}`, afterMs, load));
  });
}

/** The wall can be stepped; the clock that only goes forward is the machine's. */
function steppingClock(): Clock & { step(byMs: number): void } {
  let steppedMs = 0;
  return {
    wallMs: () => systemClock.wallMs() + steppedMs,
    monoMs: () => systemClock.monoMs(),
    after: (delayMs, action) => systemClock.after(delayMs, action),
    step(byMs) {
      steppedMs += byMs;
    },
  };
}

async function clockPort(torture: Torture, rounds: number): Promise<void> {
  const clock = steppingClock();
  await LoadedGateway.run({ random: torture.random, stage: { inside: true, ports: { clock } } }, async (load) => {
    const afterMs: number[] = [];
    for (let n = 0; n < rounds; n += 1) {
      for (const byMs of [hourMs, -hourMs]) {
        await load.busy();
        await pass(torture.random.below(1_000));
        const sinceMs = performance.now();
        clock.step(byMs);
        afterMs.push(await alarmed(load, 'CLOCK_STEPPED', sinceMs));
      }
    }
    await load.end();
    torture.note(figures('a step of the clock', afterMs, load));
  });
}

/** Debian's place for it, whatever the machine is. */
function faketimeLibrary(): string | undefined {
  const libraries = '/usr/lib';
  const machines = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu')) : [];
  return machines.map((name) => join(libraries, name, 'faketime/libfaketimeMT.so.1')).find((file) => existsSync(file));
}

/** The wall of the process is stepped under it, there and back, and it is killed and started while the wall is elsewhere. */
async function machineClock(torture: Torture, library: string): Promise<void> {
  const offset = { file: '' };
  const step = (seconds: string): void => writeFileSync(offset.file, `${seconds}\n`);
  const config = (folder: string): void => {
    offset.file = join(folder, 'offset');
    step('+0');
    Object.assign(process.env, {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    });
  };
  try {
    await LoadedGateway.run({ random: torture.random, beforeStart: config }, async (load) => {
      const afterMs: number[] = [];
      for (const [seconds, isKilled] of [
        ['+3600', false],
        ['+0', false],
        ['-3600', true],
        ['+0', true],
        ['+3600', true],
        ['+0', false],
      ] as const) {
        await load.busy();
        const sinceMs = performance.now();
        step(seconds);
        if (isKilled) await load.killAndStart();
        else afterMs.push(await alarmed(load, 'CLOCK_STEPPED', sinceMs));
      }
      await load.end();
      torture.note(figures("a step of the machine's clock", afterMs, load));
    });
  } finally {
    for (const name of [
      'LD_PRELOAD',
      'FAKETIME_TIMESTAMP_FILE',
      'FAKETIME_NO_CACHE',
      'FAKETIME_DONT_FAKE_MONOTONIC',
      'DONT_FAKE_MONOTONIC',
    ])
      delete process.env[name];
  }
}
