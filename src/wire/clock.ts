/** The time a link lives by: a port of the line's own, of the same shape as the machine's clock. */
export interface LinkClock {
  /** Milliseconds since 1970-01-01 UTC; only traces read it. */
  wallMs(): number;
  /** Milliseconds that only go forward. */
  monoMs(): number;
  /** Calls `action` once after at least `delayMs` milliseconds; gives a function that calls it off. */
  after(delayMs: number, action: () => void): () => void;
}
