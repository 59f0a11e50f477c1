/**
 * Bells. A job in a queue carries a ledger id and nothing else; its ring only says "look at this row now". Losing every
 * bell loses nothing, because the gateway asks the ledger itself each second (DESIGN.md, section 5).
 */

/** What rings: `kind-id-version` is the job's id, so the same bell added twice rings once. */
export interface Bell {
  readonly kind: string;
  readonly id: string;
  readonly version: number;
}

/** A bell that rings at a moment. */
export interface TimedBell extends Bell {
  readonly dueAtMs: number;
}

/** Where an adapter finds, in the ledger, what ought to be armed. */
export interface BellSource {
  /** Every armed deadline due at or before the moment, soonest first, at most `limit`. */
  dueAtOrBefore(atMs: number, limit: number): Promise<readonly TimedBell[]>;
}

/** Called for each bell; it never waits for a send and never throws values. A bell may ring more than once. */
export type Ring = (bell: Bell) => Promise<void>;

export interface SchedulerHealth {
  readonly kind: 'in-process' | 'bullmq';
  readonly ok: boolean;
  /** One sentence for the status line, such as why Redis is away. */
  readonly text: string;
}

/** Rings each armed bell at its moment, never early; late if it must. */
export interface Scheduler {
  start(ring: Ring, source: BellSource): Promise<void>;
  arm(bell: TimedBell): Promise<void>;
  /** Calls a bell off; that it may ring all the same is allowed. */
  disarm(bell: Bell): Promise<void>;
  health(): SchedulerHealth;
  close(): Promise<void>;
}
