/**
 * How many things stand in a state, counted as they move, so that nobody has to read thousands of rows to know that there are
 * thousands. Made from the ledger at the start; it counts what this gateway files.
 */
import type { Ledger, Stream } from '../ledger/ledger.ts';

/** A thing that was filed with a new state row. */
export interface Moved {
  readonly stream: Stream;
  /** Undefined for a thing that was not there before. */
  readonly from: string | undefined;
  readonly to: string;
}

export interface Counts {
  /** Counts what the ledger has now. */
  start(): Promise<void>;
  moved(all: readonly Moved[]): void;
  of(stream: Stream, status: string): number;
}

const counted: readonly (readonly [Stream, string])[] = [
  ['message', 'HELD'],
  ['message', 'QUEUED'],
  ['case', 'open'],
  ['alarm', 'RAISED'],
];
/** The ledger gives no more at a time; beyond it the count at the start says "at least". */
const rowsMax = 5_000;

export function makeCounts(ledger: Ledger): Counts {
  const counts = new Map<string, number>();
  const add = (stream: Stream, status: string, by: number): void => {
    const name = `${stream} ${status}`;
    const before = counts.get(name);
    if (before !== undefined) counts.set(name, Math.max(0, before + by));
  };
  for (const [stream, status] of counted) counts.set(`${stream} ${status}`, 0);
  return {
    async start() {
      for (const [stream, status] of counted) {
        const rows = await ledger.states({ stream, status: [status], limit: rowsMax });
        counts.set(`${stream} ${status}`, rows.length);
      }
    },
    moved(all) {
      for (const { stream, from, to } of all) {
        if (from !== undefined) add(stream, from, -1);
        add(stream, to, 1);
      }
    },
    of: (stream, status) => counts.get(`${stream} ${status}`) ?? 0,
  };
}
