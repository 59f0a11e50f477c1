/**
 * The time a living gateway lives by (DESIGN.md, section 5, Time): taken from the wall once, at the start, and carried on
 * by the clock that only goes forward. When the wall steps, no deadline moves; it is told, and the next start takes the
 * wall as it is then.
 */
import type { Clock } from '../../host/clock.ts';

/** More than this between the wall and the steady time is a step and not drift. */
const stepMsMin = 2_000;
/** Drift is followed no faster than a time daemon slews: half a millisecond each second. */
const slewRatioMax = 0.0005;

/** A Clock whose `wallMs` never steps and never goes back. Whole milliseconds, like the machine's. */
export interface SteadyClock extends Clock {
  /** How far the wall has stepped away since the start, in milliseconds; forward is positive. */
  steppedMs(): number;
  /** Compares the wall with the steady time: follows drift, tells of a step. Called by `watchDue`, ten times a second. */
  observe(): void;
}

/** Told once for each step of the wall of more than 2 s, in milliseconds; forward is positive. */
export type OnStep = (stepMs: number) => void;

/**
 * Makes the steady time of a clock. A clock that is steady already is given back as it is, so that every room can ask for
 * it and all share the one the gateway made.
 */
export function steadyClock(clock: Clock | SteadyClock, onStep: OnStep = () => {}): SteadyClock {
  if ('observe' in clock) return clock;
  let startWallMs = clock.wallMs();
  const startMonoMs = clock.monoMs();
  let steppedMs = 0;
  let observedMonoMs = startMonoMs;
  const exactMs = (): number => startWallMs + (clock.monoMs() - startMonoMs);
  return {
    wallMs: () => Math.floor(exactMs()),
    monoMs: () => clock.monoMs(),
    after: (delayMs, action) => clock.after(delayMs, action),
    steppedMs: () => steppedMs,
    observe() {
      const monoMs = clock.monoMs();
      const slewMsMax = (monoMs - observedMonoMs) * slewRatioMax;
      observedMonoMs = monoMs;
      const apartMs = clock.wallMs() - exactMs() - steppedMs;
      if (Math.abs(apartMs) > stepMsMin) {
        steppedMs += apartMs;
        onStep(Math.round(apartMs));
        return;
      }
      startWallMs += Math.max(-slewMsMax, Math.min(slewMsMax, apartMs));
    },
  };
}
