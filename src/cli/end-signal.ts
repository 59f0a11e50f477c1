/** How a program that runs until it is told to end learns that it is told. */
import { constants } from 'node:os';
import { systemClock } from '../host/clock.ts';

/** The signals that ask a program to end: of a service, of Ctrl-C, of a closed terminal window. */
const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A terminal, npm and the launcher may each hand on the same Ctrl-C; within this time it is one. */
const sameSignalMs = 1_000;

/**
 * Resolves at the first signal that asks this process to end, so that it can put its things away. One that comes later
 * than `sameSignalMs` after it, from a person who will not wait, ends the process at once.
 */
export function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    for (const name of endSignals) {
      process.on(name, () => {
        const nowMs = systemClock.monoMs();
        firstMs ??= nowMs;
        if (nowMs - firstMs > sameSignalMs) process.exit(128 + constants.signals[name]);
        resolve();
      });
    }
  });
}
