/**
 * The net under every adapter: each second the gateway asks the ledger itself for what is due and rings it
 * (DESIGN.md, section 5), so that losing Redis, or a bug in a scheduler, makes a deadline at most a second late.
 */
import type { Clock } from '../../host/clock.ts';
import { codeOf, makeRinger } from './ringer.ts';
import type { BellSource, Ring } from './scheduler.ts';
import { steadyClock } from './steady-clock.ts';

/** The wall is compared so often that a step of it is on every screen within a second. */
const tickMs = 100;
const ticksPerLook = 10;
/** What one look takes at most; the ledger gives no more. */
const bellsMax = 5_000;

export interface WatchDue {
  /** Undefined while all is well, else the code of what failed last: the ledger's look, or a ring. */
  trouble(): string | undefined;
  /** Stops looking; resolves when the rings under way have ended. */
  close(): Promise<void>;
}

/**
 * Looks at once and then each second for what `source` says is due by the steady time, and rings it; what stays due is
 * rung again at the next look. `clock` should be the gateway's one SteadyClock, which is compared with the wall here, ten
 * times a second.
 */
export function watchDue(options: {
  readonly source: BellSource;
  readonly ring: Ring;
  readonly clock: Clock;
}): WatchDue {
  const clock = steadyClock(options.clock);
  const ringer = makeRinger(options.ring);
  let lookTrouble: string | undefined;
  let closed = false;
  let looking = false;
  let callOff = (): void => {};

  const ringDue = async (): Promise<void> => {
    const bells = await options.source.dueAtOrBefore(clock.wallMs(), bellsMax);
    for (const bell of bells) {
      if (closed) return;
      // At the cap the rest wait for a ring to end, so that a thousand bells of one moment need no thousand seconds.
      while (!closed && ringer.room() === 0) await ringer.next();
      if (bell.dueAtMs <= clock.wallMs()) ringer.offer(bell);
    }
  };
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      await ringDue();
      lookTrouble = undefined;
    } catch (error) {
      lookTrouble = codeOf(error);
    } finally {
      looking = false;
    }
  };
  let ticks = 0;
  const tick = (): void => {
    if (closed) return;
    callOff = clock.after(tickMs, tick);
    clock.observe();
    if (ticks % ticksPerLook === 0) void look();
    ticks += 1;
  };
  tick();
  return {
    trouble: () => lookTrouble ?? ringer.trouble(),
    async close() {
      closed = true;
      callOff();
      await ringer.idle();
    },
  };
}
