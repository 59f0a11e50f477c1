/** How a program that runs until it is told to end learns that it is told. */

/** The signals that ask a program to end: of a service, of Ctrl-C, of a closed terminal window. */
const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Resolves at the first signal that asks this process to end, so that it can put its things away. A second one ends it at
 * once, the way the signal does it.
 */
export function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of endSignals) {
      process.once(name, () => {
        for (const other of endSignals) process.removeAllListeners(other);
        resolve();
      });
    }
  });
}
