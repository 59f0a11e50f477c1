import type { Log, LogFields } from '../../src/host/log.ts';

/** A log that says nothing. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A log that keeps its lines for a test to look at. */
export function keptLog(): Log & { readonly lines: readonly LogFields[] } {
  const lines: LogFields[] = [];
  const keep = (fields: LogFields): void => void lines.push(fields);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}
