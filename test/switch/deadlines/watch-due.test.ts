import { expect, test } from 'vitest';
import { steadyClock } from '../../../src/switch/deadlines/steady-clock.ts';
import { watchDue } from '../../../src/switch/deadlines/watch-due.ts';
import { BellLedger } from '../../conformance/bell-ledger.ts';
import { settle, virtualClock } from '../../support/virtual-clock.ts';

function bellAt(dueAtMs: number, id = 'd1') {
  return { kind: 'deadline', id, version: 1, dueAtMs };
}

test('what nobody rings is rung within a second of its moment and never before it', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  const watch = watchDue({ source: ledger, ring: ledger.ring, clock });
  for (const delayMs of [0, 1, 999, 1_000, 1_001, 4_321]) ledger.file(bellAt(clock.wallMs() + delayMs, `d${delayMs}`));
  await clock.pass(6_000);
  expect(ledger.rings).toHaveLength(6);
  for (const ring of ledger.rings) {
    expect(ring.lateMs).toBeGreaterThanOrEqual(0);
    expect(ring.lateMs).toBeLessThanOrEqual(1_000);
  }
  await watch.close();
  expect(clock.timerCount()).toBe(0);
});

test('what stays due is rung each second, but never while it rings; the others do not wait for it', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  let letGo = (): void => {};
  const rings: string[] = [];
  const ring = async (bell: { readonly id: string }): Promise<void> => {
    rings.push(bell.id);
    if (bell.id === 'slow') await new Promise<void>((resolve) => (letGo = resolve));
    if (bell.id === 'failing') throw new Error('NAM/RECORD, SAMPLE');
  };
  for (const id of ['slow', 'failing']) ledger.file(bellAt(clock.wallMs(), id));
  const watch = watchDue({ source: ledger, ring, clock });
  await clock.pass(3_500);
  expect(rings.filter((id) => id === 'slow')).toHaveLength(1);
  expect(rings.filter((id) => id === 'failing')).toHaveLength(4);
  expect(watch.trouble()).toBe('INTERNAL');
  letGo();
  await clock.pass(1_000);
  expect(rings.filter((id) => id === 'slow')).toHaveLength(2);
  letGo();
  await watch.close();
});

test('a step of the wall moves no deadline, and is seen within a second', async () => {
  const wall = virtualClock();
  const steps: number[] = [];
  const clock = steadyClock(wall, (stepMs) => steps.push(stepMs));
  const ledger = new BellLedger(clock);
  const watch = watchDue({ source: ledger, ring: ledger.ring, clock });
  const bell = ledger.file(bellAt(clock.wallMs() + 10_000));
  await wall.pass(2_000);
  wall.step(3_600_000);
  await wall.pass(1_000);
  expect(steps).toEqual([3_600_000]);
  expect(ledger.rings).toHaveLength(0);
  wall.step(-7_200_000);
  await wall.pass(8_000);
  expect(ledger.ringsOf(bell)).toHaveLength(1);
  expect(ledger.rings[0]?.lateMs).toBeLessThanOrEqual(1_000);
  await watch.close();
});

test('more bells of one moment than may ring at once all ring at one look', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  for (let index = 0; index < 3_000; index++) ledger.file(bellAt(clock.wallMs(), `d${index}`));
  const watch = watchDue({ source: ledger, ring: ledger.ring, clock });
  await ledger.rungCount(3_000);
  expect(new Set(ledger.rings.map((ring) => ring.name)).size).toBe(3_000);
  await watch.close();
});

test('a ledger that fails is asked again at the next look', async () => {
  const clock = virtualClock();
  const ledger = new BellLedger(clock);
  const bell = ledger.file(bellAt(clock.wallMs()));
  let failures = 1;
  const source: BellLedger['dueAtOrBefore'] = (atMs, limit) =>
    failures-- > 0 ? Promise.reject(new Error('no')) : ledger.dueAtOrBefore(atMs, limit);
  const watch = watchDue({ source: { dueAtOrBefore: source }, ring: ledger.ring, clock });
  await settle();
  expect(watch.trouble()).toBe('INTERNAL');
  await clock.pass(1_000);
  expect(ledger.ringsOf(bell)).toHaveLength(1);
  expect(watch.trouble()).toBeUndefined();
  await watch.close();
});
