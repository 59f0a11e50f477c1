/**
 * `npm run bench -- [NAME …] [--short] [--seed N]`: runs test/bench/NAME.bench.ts, one after another, each in a process of
 * its own. Standard output is JSON lines (see BenchLine) and nothing else; the seed and notes go to standard error.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import '../loopback-guard.ts';
import { readScriptOptions, type ScriptOptions, scriptNames } from '../script-options.ts';
import { seededRandom } from '../seeded-random.ts';
import { type BenchLine, type BenchScript, interleave, type JointComparison, joint } from './rounds.ts';

const runsFull = 5;
const runsShort = 3;

async function runOne(name: string, { short, seed }: ScriptOptions): Promise<void> {
  process.stderr.write(`bench ${name}: seed ${seed} (again: npm run bench -- ${name} --seed ${seed})\n`);
  const script = (await import(`./${name}.bench.ts`)) as BenchScript;
  const compareEach = async (comparison: JointComparison): Promise<readonly BenchLine[]> => {
    const runs = short ? runsShort : (comparison.runs ?? runsFull);
    const lines = (await interleave(comparison, runs)).map((line) => ({ bench: name, ...line }));
    for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
    return lines;
  };
  await script.run({
    seed,
    short,
    random: seededRandom(seed),
    compareEach,
    async compare(comparison) {
      const [line] = await compareEach({
        ...joint(comparison),
        ...(comparison.runs === undefined ? {} : { runs: comparison.runs }),
      });
      if (line === undefined) throw new Error('a comparison gives a line');
      return line;
    },
    note: (text) => void process.stderr.write(`bench ${name}: ${text}\n`),
  });
}

function runEach(words: readonly string[], { names, seed }: ScriptOptions): number {
  const flags = [...(words.includes('--short') ? ['--short'] : []), '--seed', String(seed)];
  let failedCount = 0;
  for (const name of names) {
    const child = spawnSync(process.execPath, [...process.execArgv, import.meta.filename, name, ...flags], {
      stdio: 'inherit',
    });
    if (child.status !== 0) failedCount += 1;
  }
  return failedCount === 0 ? 0 : 1;
}

const words = process.argv.slice(2);
const known = scriptNames(import.meta.dirname, '.bench.ts');
const read = readScriptOptions(words, { known, freshSeed: randomInt(0xffff_ffff) });
if (!read.ok) {
  process.stderr.write(`bench: ${read.reason}\nusage: npm run bench -- [NAME …] [--short] [--seed N]\n`);
  process.exitCode = 2;
} else if (read.options.names.length === 1) {
  await runOne(read.options.names[0] ?? '', read.options);
} else {
  process.exitCode = runEach(words, read.options);
}
