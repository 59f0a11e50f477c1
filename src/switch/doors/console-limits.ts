/** Every cap of the console door, with its unit. */
export interface ConsoleLimits {
  /** Connections at one time. At the cap the oldest one where nobody is logged on is closed for the new one. */
  readonly sessionsMax: number;
  /** A connection that has not said hello by then is closed. */
  readonly helloMs: number;
  /** Between two pings; a screen that leaves two unanswered is closed. */
  readonly pulseMs: number;
  /** Calls a second a screen may make for good, and how many it may save up for a burst. */
  readonly callsPerSecond: number;
  readonly callBurst: number;
  /** Calls that may wait for their answer at one time. */
  readonly callsOpenMax: number;
  /** Calls refused one after another for being too many, after which the connection is closed. */
  readonly refusedCallsMax: number;
  /** What may wait to be written to a screen before notifications are left out and one `resync` stands for them. */
  readonly bufferedBytesMax: number;
  /** How long a polite close may take. */
  readonly closeMs: number;
}

export const consoleLimits: ConsoleLimits = {
  sessionsMax: 128,
  helloMs: 10_000,
  pulseMs: 5_000,
  callsPerSecond: 50,
  callBurst: 100,
  callsOpenMax: 16,
  refusedCallsMax: 200,
  bufferedBytesMax: 262_144,
  closeMs: 1_000,
};

/** A call of this size counts as one, a larger one as so many more. */
const callBytes = 32_768;

/** Lets calls through at a steady rate with a burst saved up. */
export class CallRate {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMonoMs: number;

  constructor(limits: Pick<ConsoleLimits, 'callsPerSecond' | 'callBurst'>, monoMs: number) {
    this.#perSecond = limits.callsPerSecond;
    this.#burst = limits.callBurst;
    this.#tokens = limits.callBurst;
    this.#atMonoMs = monoMs;
  }

  /** Takes a call of this size at this moment; false when it comes too soon. */
  take(bytes: number, monoMs: number): boolean {
    const gained = ((monoMs - this.#atMonoMs) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#atMonoMs = monoMs;
    const cost = Math.min(this.#burst, 1 + Math.floor(bytes / callBytes));
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
