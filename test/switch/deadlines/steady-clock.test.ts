import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steadyClock } from '../../../src/switch/deadlines/steady-clock.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

test('whatever the wall does, steady time never goes back and keeps within a slew of the time passed', async () => {
  const moves = fc.array(
    fc.record({ passMs: fc.integer({ min: 0, max: 5_000 }), stepMs: fc.integer({ min: -1e8, max: 1e8 }) }),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(moves, async (list) => {
      const clock = virtualClock();
      const steady = steadyClock(clock);
      const startMs = steady.wallMs();
      let lastMs = startMs;
      let passedMs = 0;
      for (const { passMs, stepMs } of list) {
        await clock.pass(passMs);
        clock.step(stepMs);
        steady.observe();
        passedMs += passMs;
        expect(steady.wallMs()).toBeGreaterThanOrEqual(lastMs);
        expect(Math.abs(steady.wallMs() - startMs - passedMs)).toBeLessThanOrEqual(passedMs * 0.0005 + 1);
        lastMs = steady.wallMs();
      }
    }),
    { numRuns: 40 },
  );
});

test('a step of more than 2 s is told once and moves nothing; the way back is told too', async () => {
  const clock = virtualClock();
  const steps: number[] = [];
  const steady = steadyClock(clock, (stepMs) => steps.push(stepMs));
  const startMs = steady.wallMs();
  clock.step(3_600_000);
  for (let second = 0; second < 5; second++) {
    await clock.pass(1_000);
    steady.observe();
  }
  expect(steps).toEqual([3_600_000]);
  expect(steady.wallMs()).toBe(startMs + 5_000);
  expect(steady.steppedMs()).toBe(3_600_000);
  clock.step(-3_600_000);
  steady.observe();
  expect(steps).toEqual([3_600_000, -3_600_000]);
  expect(steady.wallMs()).toBe(startMs + 5_000);
});

test('drift is followed at half a millisecond a second, until the wall is met', async () => {
  const clock = virtualClock();
  const steady = steadyClock(clock);
  clock.step(20);
  for (let second = 0; second < 10; second++) {
    await clock.pass(1_000);
    steady.observe();
  }
  expect(clock.wallMs() - steady.wallMs()).toBe(15);
  for (let second = 0; second < 100; second++) {
    await clock.pass(1_000);
    steady.observe();
  }
  expect(clock.wallMs() - steady.wallMs()).toBeLessThanOrEqual(1);
});

test('a steady clock is given back as it is, so that all rooms share one', () => {
  const steady = steadyClock(virtualClock());
  expect(steadyClock(steady)).toBe(steady);
});
