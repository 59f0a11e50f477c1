import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inProcessScheduler } from '../../../src/switch/deadlines/in-process-scheduler.ts';
import { BellLedger } from '../../conformance/bell-ledger.ts';
import { settle, virtualClock } from '../../support/virtual-clock.ts';

const hourMs = 3_600_000;

test('whatever is armed, and wherever the wall steps, each bell rings once at its moment of time passed', async () => {
  const bells = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 15 });
  const steps = fc.array(fc.integer({ min: -2 * hourMs, max: 2 * hourMs }), { minLength: 20, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(bells, steps, async (delaysMs, stepsMs) => {
      const clock = virtualClock();
      const startMs = clock.wallMs();
      // The rings are timed by time passed: the wall is what steps.
      const ledger = new BellLedger({ ...clock, wallMs: () => startMs + clock.monoMs() });
      const scheduler = inProcessScheduler(clock);
      await scheduler.start(ledger.ring, ledger);
      const all = delaysMs.map((delayMs, index) => ({
        kind: 'deadline',
        id: `d${index}`,
        version: 1,
        dueAtMs: startMs + delayMs,
      }));
      for (const bell of all) await scheduler.arm(ledger.file(bell));
      for (const stepMs of stepsMs) {
        clock.step(stepMs);
        await clock.pass(1_050);
      }
      await scheduler.close();
      expect(ledger.rings).toHaveLength(all.length);
      for (const ring of ledger.rings) expect(ring.lateMs).toBe(0);
    }),
    { numRuns: 25 },
  );
});

test('the one timer never waits longer than an hour, so that a row nobody told of is found', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  const scheduler = inProcessScheduler(clock);
  await scheduler.start(ledger.ring, ledger);
  await settle();
  expect(clock.timerCount()).toBe(1);
  const untold = ledger.file({ kind: 'deadline', id: 'untold', version: 1, dueAtMs: clock.wallMs() + 90 * 60_000 });
  await clock.pass(3 * hourMs);
  expect(ledger.ringsOf(untold).map((ring) => ring.lateMs)).toEqual([0]);
  await scheduler.close();
  expect(clock.timerCount()).toBe(0);
});

test('a timer that comes early rings nothing early', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  const hasty = { ...clock, after: (delayMs: number, action: () => void) => clock.after(delayMs * 0.9, action) };
  const scheduler = inProcessScheduler(hasty);
  await scheduler.start(ledger.ring, ledger);
  await scheduler.arm(ledger.file({ kind: 'deadline', id: 'd1', version: 1, dueAtMs: clock.wallMs() + 1_000 }));
  await clock.pass(1_001);
  expect(ledger.rings).toHaveLength(1);
  expect(ledger.rings[0]?.lateMs).toBeGreaterThanOrEqual(0);
  await scheduler.close();
});

test('a ledger that fails is asked again a second later, and health says so meanwhile', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  const bell = ledger.file({ kind: 'deadline', id: 'd1', version: 1, dueAtMs: clock.wallMs() });
  let failures = 2;
  const scheduler = inProcessScheduler(clock);
  await scheduler.start(ledger.ring, {
    dueAtOrBefore: (atMs, limit) =>
      failures-- > 0 ? Promise.reject(new Error('NAM/RECORD, SAMPLE')) : ledger.dueAtOrBefore(atMs, limit),
  });
  await settle();
  expect(scheduler.health()).toMatchObject({ ok: false });
  expect(scheduler.health().text).not.toContain('RECORD');
  await clock.pass(2_000);
  expect(ledger.ringsOf(bell)).toHaveLength(1);
  expect(scheduler.health()).toMatchObject({ ok: true });
  await scheduler.close();
});

test('a handler that keeps failing is tried each second and no oftener; one that moves nothing is rung once', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  const scheduler = inProcessScheduler(clock);
  const rings = { failing: 0, idle: 0 };
  await scheduler.start(async (bell) => {
    rings[bell.id === 'failing' ? 'failing' : 'idle'] += 1;
    if (bell.id === 'failing') throw new Error('no');
  }, ledger);
  for (const id of ['failing', 'idle']) {
    await scheduler.arm(ledger.file({ kind: 'deadline', id, version: 1, dueAtMs: clock.wallMs() }));
  }
  await clock.pass(5_500);
  expect(rings).toEqual({ failing: 6, idle: 1 });
  await scheduler.close();
});
