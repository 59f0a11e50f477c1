import { systemClock } from '../../src/host/clock.ts';

const lookEachMs = 5;

/** Resolves as soon as the condition holds; rejects with what was waited for when it does not within `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, limitMs = 5_000): Promise<void> {
  const endMonoMs = systemClock.monoMs() + limitMs;
  while (!(await condition())) {
    if (systemClock.monoMs() > endMonoMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await new Promise<void>((looked) => systemClock.after(lookEachMs, looked));
  }
}
