/** A dispatch center that asks all the time, and consoles that hear what becomes of the ledger. */
import { expect } from 'vitest';
import type { ConsoleClient } from '../../../src/console/client.ts';
import { systemClock } from '../../../src/host/clock.ts';
import { openDispatchCenter } from '../../../src/practice/dispatch-center.ts';
import { stopwatch } from '../../support/held-up.ts';
import { until } from '../gateway-process.ts';
import type { Stage } from '../stage.ts';

export const alarmWithinMs = 1_000;

/** Resolves when this console is told that the ledger fails, with the moment. */
function ledgerAlarm(console: ConsoleClient): Promise<number> {
  return new Promise((resolve) => {
    const stop = console.onNotification((heard) => {
      if (heard.name !== 'alarm' || heard.says.code !== 'LEDGER_FAILED') return;
      stop();
      resolve(performance.now());
    });
  });
}

/**
 * Listens for the alarm of a ledger that is trusted now. One that is up already is not put up again, and a machine that is
 * held up may make the ledger late at any moment: who begins to listen after the last look might wait in vain.
 */
export async function listenForAlarm(console: ConsoleClient): Promise<{ readonly alarm: Promise<number> }> {
  for (;;) {
    let isUp = false;
    const alarm = ledgerAlarm(console).finally(() => {
      isUp = true;
    });
    await nothingFails(console);
    if (!isUp) return { alarm };
  }
}

async function nothingFails(console: ConsoleClient): Promise<void> {
  await until('the ledger is trusted', async () => {
    const { notices } = await console.call('status', {});
    return notices.some((one) => one.startsWith('LEDGER FAILED')) ? undefined : true;
  });
}

/** Waits until the ledger is trusted again, with that it was not on file; every law holds then. */
export async function ledgerTrusted(stage: Stage): Promise<void> {
  const console = await stage.coj();
  await nothingFails(console);
  await stage.happens('that it was not trusted is on file', async () => {
    const { rows } = await console.call('alarms', {});
    return rows.some((row) => row.code === 'LEDGER_FAILED') ? true : undefined;
  });
}

export interface Load {
  /** How many inquiries were acknowledged so far. */
  count(): number;
  /** Waits until some more were acknowledged. */
  goesOn(): Promise<void>;
  /** Lets nothing new be asked, and waits for what is under way. */
  end(): Promise<void>;
}

/** What was refused is asked again a moment later, as a program at a desk would. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => systemClock.after(20, resolve));
}

/** Inquiries of the dispatch center, one after another on each of a few lanes; what is refused is asked again. */
export async function load(stage: Stage): Promise<Load> {
  // Not through the stage: a load is no step, and goes on while the server is away.
  const { stationAcknowledged, stationReceived } = stage;
  const onText = (text: string): void => void stationReceived.push(text);
  const center = await openDispatchCenter({ address: stage.stationAddress, clock: systemClock, onText });
  let taken = 0;
  let ending = false;
  let number = 0;
  const lane = async (): Promise<void> => {
    while (!ending) {
      number += 1;
      const day = String((number % 28) + 1).padStart(2, '0');
      const text = `1N01DSP1.QW.CO099013N.NAM/RECORD,RILEY.DOB/19${10 + (number % 80)}01${day}.SEX/F.RAC/W`;
      const outcome = await center.send(text);
      if (outcome.type === 'acked') {
        taken += 1;
        stationAcknowledged.push(text);
      } else await aMoment();
    }
  };
  const lanes = Array.from({ length: 3 }, lane);
  const goesOn = async (): Promise<void> => {
    const before = taken;
    await until('work is taken', () => (taken > before + 10 ? true : undefined));
  };
  await goesOn();
  return {
    count: () => taken,
    goesOn,
    async end() {
      ending = true;
      await Promise.all(lanes);
      await center.close();
    },
  };
}

/** Begins a trouble, and gives what ends it. */
export type Trouble = () => Promise<() => Promise<void>> | (() => void);

/** The trouble comes under load; the alarm is up in time, screens are answered, and afterwards work goes on. */
export async function suffer(on: Stage, begin: Trouble): Promise<void> {
  const coj = await on.coj();
  const busy = await load(on);
  const { alarm } = await listenForAlarm(coj);
  const end = await begin();
  // Some troubles take their time to begin: whoever fills a disk writes for as long as the disk takes it.
  const tookMs = stopwatch();
  try {
    expect(tookMs(await alarm)).toBeLessThan(alarmWithinMs);
    const answeredMs = stopwatch();
    await coj.call('status', {});
    expect(answeredMs()).toBeLessThan(alarmWithinMs);
    await until('the screen says so', async () =>
      (await coj.call('status', {})).notices.join().includes('LEDGER FAILED') ? true : undefined,
    );
  } finally {
    await end();
  }
  await busy.goesOn();
  await busy.end();
  await ledgerTrusted(on);
}
