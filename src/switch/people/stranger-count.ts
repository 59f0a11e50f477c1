/** The rule of failed log-ons; `lockMs` null means until somebody releases it. */
interface FailureRule {
  readonly failedLogonsMax: number;
  readonly windowMs: number;
  readonly lockMs: number | null;
}

interface StrangerRecord {
  readonly failedAtMs: readonly number[];
  readonly lockedUntilMs: number;
}

const strangersMax = 1_000;

/**
 * Counts failures under identifiers nobody has, so that they lock as those of real accounts do and the answer does not
 * tell which exist. Kept in memory only, at most 1,000; the longest silent one is forgotten first.
 */
export class StrangerCount {
  readonly #rule: FailureRule;
  readonly #records = new Map<string, StrangerRecord>();

  constructor(rule: FailureRule) {
    this.#rule = rule;
  }

  /** Notes a failure at `atMs` and tells whether the identifier was locked at this console before it. */
  fail(identifier: string, device: string, atMs: number): boolean {
    const { failedLogonsMax, windowMs, lockMs } = this.#rule;
    const key = `${device} ${identifier.toUpperCase()}`;
    const record = this.#records.get(key) ?? { failedAtMs: [], lockedUntilMs: 0 };
    const locked = atMs < record.lockedUntilMs;
    const failedAtMs = locked
      ? record.failedAtMs
      : [...record.failedAtMs.filter((one) => atMs - one < windowMs), atMs].slice(-failedLogonsMax);
    const nowLocked = !locked && failedAtMs.length >= failedLogonsMax;
    const lockedUntilMs = nowLocked ? atMs + (lockMs ?? Number.POSITIVE_INFINITY) : record.lockedUntilMs;
    this.#records.delete(key);
    this.#records.set(key, { failedAtMs, lockedUntilMs });
    const oldest = this.#records.size > strangersMax ? this.#records.keys().next().value : undefined;
    if (oldest !== undefined) this.#records.delete(oldest);
    return locked;
  }
}
