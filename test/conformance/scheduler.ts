/** What every Scheduler keeps, whatever it is made of. Run on each adapter by scheduler.test.ts. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/host/clock.ts';
import { systemClock } from '../../src/host/clock.ts';
import type { Scheduler, TimedBell } from '../../src/switch/deadlines/scheduler.ts';
import { watchDue } from '../../src/switch/deadlines/watch-due.ts';
import { heldUpSince } from '../support/held-up.ts';
import { BellLedger } from './bell-ledger.ts';

/** Where the schedulers of one test live: a fresh place for each, such as a prefix of its own in Redis. */
export interface SchedulerPlace {
  open(clock: Clock): Scheduler;
}

/** A bell due so many milliseconds from now. */
export function bellIn(delayMs: number, id = 'd1', version = 1): TimedBell {
  return { kind: 'deadline', id, version, dueAtMs: Math.ceil(systemClock.wallMs()) + delayMs };
}

/** What the design promises; bells are late by a few milliseconds on an idle machine. */
const lateMsMax = 1_000;

export function schedulerConformance(name: string, makePlace: () => SchedulerPlace): void {
  describe(`the Scheduler port, ${name}`, () => {
    const open: Scheduler[] = [];
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    });
    const start = async (place: SchedulerPlace, ledger: BellLedger): Promise<Scheduler> => {
      const scheduler = place.open(systemClock);
      open.push(scheduler);
      await scheduler.start(ledger.ring, ledger);
      return scheduler;
    };

    test('bells ring at their moments, never early, in whatever order they were armed', async () => {
      const heldUpMs = heldUpSince();
      const ledger = new BellLedger();
      const scheduler = await start(makePlace(), ledger);
      const bells = [180, 60, 240, 0, 120, 61].map((delayMs, index) => ledger.file(bellIn(delayMs, `d${index}`)));
      for (const bell of bells) await scheduler.arm(bell);
      const rings = await Promise.all(bells.map((bell) => ledger.rung(bell)));
      for (const ring of rings) {
        expect(ring.lateMs).toBeGreaterThanOrEqual(0);
        expect(ring.lateMs - heldUpMs()).toBeLessThan(lateMsMax);
      }
    });

    test('a bell rings once, however often it was armed', async () => {
      const ledger = new BellLedger();
      const scheduler = await start(makePlace(), ledger);
      const bell = ledger.file(bellIn(60, 'again'));
      const last = ledger.file(bellIn(220, 'last'));
      for (let times = 0; times < 3; times++) await scheduler.arm(bell);
      await scheduler.arm(last);
      await ledger.rung(last);
      expect(ledger.ringsOf(bell)).toHaveLength(1);
    });

    test('a bell called off moves nothing; a bell armed anew rings at the new moment and not at the old one', async () => {
      const ledger = new BellLedger();
      const scheduler = await start(makePlace(), ledger);
      const off = ledger.file(bellIn(80, 'off'));
      const early = ledger.file(bellIn(90, 'moved', 1));
      for (const bell of [off, early]) await scheduler.arm(bell);
      ledger.callOff(off);
      await scheduler.disarm(off);
      const later = ledger.file(bellIn(200, 'moved', 2));
      await scheduler.disarm(early);
      await scheduler.arm(later);
      const ring = await ledger.rung(later);
      expect(ring.lateMs).toBeGreaterThanOrEqual(0);
      expect(ledger.rings.filter((one) => one.moved)).toEqual([ring]);
    });

    test('a start rebuilds every bell from the ledger: the overdue, the coming, those armed in an earlier life', async () => {
      const place = makePlace();
      const ledger = new BellLedger();
      const earlier = await start(place, ledger);
      const armed = ledger.file(bellIn(250, 'armed'));
      await earlier.arm(armed);
      await earlier.close();
      const overdue = ledger.file(bellIn(-60_000, 'overdue'));
      const coming = ledger.file(bellIn(300, 'coming'));
      await start(place, ledger);
      const rings = await Promise.all([overdue, armed, coming].map((bell) => ledger.rung(bell)));
      for (const ring of rings) expect(ring.lateMs).toBeGreaterThanOrEqual(0);
      expect(ledger.rings).toHaveLength(3);
    });

    test('1,000 bells of one moment all ring, each once', async () => {
      const ledger = new BellLedger();
      const scheduler = await start(makePlace(), ledger);
      const moment = bellIn(300).dueAtMs;
      const bells = Array.from({ length: 1_000 }, (_, index) => ({ ...bellIn(0, `b${index}`), dueAtMs: moment }));
      await Promise.all(bells.map((bell) => scheduler.arm(ledger.file(bell))));
      await ledger.rungCount(1_000);
      expect(new Set(ledger.rings.map((ring) => ring.name)).size).toBe(1_000);
      expect(Math.min(...ledger.rings.map((ring) => ring.lateMs))).toBeGreaterThanOrEqual(0);
    });

    test('a ring that fails with a value in its words hurts no other bell, and the watch rings it again', async () => {
      const ledger = new BellLedger();
      const scheduler = makePlace().open(systemClock);
      open.push(scheduler);
      const failing = ledger.file(bellIn(50, 'failing'));
      let failures = 0;
      const ring: BellLedger['ring'] = async (bell) => {
        if (bell.id === 'failing' && failures++ === 0) throw new Error('NAM/RECORD, SAMPLE');
        await ledger.ring(bell);
      };
      await scheduler.start(ring, ledger);
      await scheduler.arm(failing);
      const other = ledger.file(bellIn(150, 'other'));
      await scheduler.arm(other);
      await ledger.rung(other);
      expect(scheduler.health().text).not.toContain('RECORD');
      const watch = watchDue({ source: ledger, ring, clock: systemClock });
      await ledger.rung(failing);
      await watch.close();
    });

    test('arming before the start and after the end is taken quietly', async () => {
      const ledger = new BellLedger();
      const scheduler = makePlace().open(systemClock);
      const bell = ledger.file(bellIn(20, 'before'));
      await scheduler.arm(bell);
      await scheduler.start(ledger.ring, ledger);
      await ledger.rung(bell);
      await scheduler.close();
      await scheduler.arm(bellIn(0, 'after'));
      await scheduler.disarm(bell);
      await scheduler.close();
      expect(ledger.rings).toHaveLength(1);
    });
  });
}
