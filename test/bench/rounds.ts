/**
 * How benchmarks measure: ours and the baseline in turns, in one run on one machine, so that a ratio means something
 * although the machine is shared and its speed drifts.
 */
import type { SeededRandom } from '../seeded-random.ts';

/** One line of the report. `value`, `min` and `max` are ours, `ratio` is value / baseline; all in `unit`. */
export interface BenchLine {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
  readonly runs: number;
  readonly min: number;
  readonly max: number;
}

/** One comparison. Each measure does its work once and gives one figure in `unit`. */
export interface Comparison {
  readonly case: string;
  /** Such as `exchanges/s` or `ms`. */
  readonly unit: string;
  readonly ours: () => Promise<number>;
  readonly baseline: () => Promise<number>;
  /** How many figures of each; 5 unless said otherwise, 3 when short. */
  readonly runs?: number;
}

/** Several figures of the same work, such as a rate and a delay: each measure gives them in the order of `cases`. */
export interface JointComparison {
  readonly cases: readonly { readonly case: string; readonly unit: string }[];
  readonly ours: () => Promise<readonly number[]>;
  readonly baseline: () => Promise<readonly number[]>;
  readonly runs?: number;
}

/** What a benchmark file gets: it exports `run(bench: Bench): Promise<void>`. */
export interface Bench {
  readonly seed: number;
  readonly random: SeededRandom;
  /** True with `--short`: a smaller load and fewer runs, to see that it works. */
  readonly short: boolean;
  /** Measures and prints one line. */
  compare(comparison: Comparison): Promise<BenchLine>;
  /** Measures once for several figures, and prints a line for each. */
  compareEach(comparison: JointComparison): Promise<readonly BenchLine[]>;
  /** Says something to the person watching, apart from the figures. */
  note(text: string): void;
}

/** The shape of every `NAME.bench.ts`. */
export interface BenchScript {
  run(bench: Bench): Promise<void>;
}

/**
 * Runs both measures in turns and sums them up by their medians. One round of each comes first and is not counted,
 * so that neither pays for the warming up; who goes first changes every round, so that neither always follows the other.
 */
export async function interleave(
  comparison: JointComparison,
  runs: number,
): Promise<readonly Omit<BenchLine, 'bench'>[]> {
  await comparison.baseline();
  await comparison.ours();
  const ours: (readonly number[])[] = [];
  const baseline: (readonly number[])[] = [];
  for (let round = 0; round < runs; round += 1) {
    if (round % 2 === 1) ours.push(await comparison.ours());
    baseline.push(await comparison.baseline());
    if (round % 2 === 0) ours.push(await comparison.ours());
  }
  return comparison.cases.map((one, at) => {
    const figures = ours.map((round) => round[at] ?? Number.NaN);
    const value = median(figures);
    const base = median(baseline.map((round) => round[at] ?? Number.NaN));
    return {
      case: one.case,
      value: rounded(value),
      unit: one.unit,
      baseline: rounded(base),
      ratio: rounded(value / base),
      runs,
      min: rounded(Math.min(...figures)),
      max: rounded(Math.max(...figures)),
    };
  });
}

/** One figure as a comparison of several. */
export function joint({ case: name, unit, ours, baseline }: Comparison): JointComparison {
  return { cases: [{ case: name, unit }], ours: async () => [await ours()], baseline: async () => [await baseline()] };
}

/** The middle figure, or the mean of the two in the middle; of nothing it is NaN. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const low = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (high + low) / 2;
}

/** Four figures that mean something; more would only be the noise of the machine. */
function rounded(figure: number): number {
  return Number(figure.toPrecision(4));
}
