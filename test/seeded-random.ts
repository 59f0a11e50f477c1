/** Chance that can be played again: the same seed gives the same numbers on every machine. */
export interface SeededRandom {
  /** A number from 0 up to, but not, 1. */
  next(): number;
  /** A whole number from 0 up to, but not, `limit`. */
  below(limit: number): number;
  /** One of the choices; there must be at least one. */
  pick<Choice>(choices: readonly Choice[]): Choice;
}

/** The mulberry32 generator: 32 bits of state, enough to vary a test and small enough to trust. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    pick(choices) {
      const choice = choices[Math.floor(next() * choices.length)];
      if (choice === undefined && choices.length === 0) throw new Error('nothing to pick from');
      return choice as (typeof choices)[number];
    },
  };
}
