import { systemClock } from '../../src/host/clock.ts';

const lookEachMs = 5;
/** What has not happened after so long never will, on any machine. */
export const hangMs = 120_000;

/** Resolves as soon as the condition holds; rejects with what was waited for when it never does. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMonoMs = systemClock.monoMs() + hangMs;
  while (!(await condition())) {
    if (systemClock.monoMs() > endMonoMs) throw new Error(`waited ${hangMs} ms in vain until ${what}`);
    await new Promise<void>((looked) => systemClock.after(lookEachMs, looked));
  }
}
