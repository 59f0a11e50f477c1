/**
 * `npm run torture -- [NAME …] [--short] [--seed N]`: runs test/torture/NAME.torture.ts. Standard output is JSON lines (see
 * TortureLine); the seed and the command that plays a failure again go to standard error. Ends with 1 when a case failed.
 */
import { randomInt } from 'node:crypto';
import '../loopback-guard.ts';
import { readScriptOptions, type ScriptOptions, scriptNames } from '../script-options.ts';
import { seededRandom } from '../seeded-random.ts';
import { makeTorture, type TortureScript } from './torture.ts';

/** Runs one script; gives how many cases it ran and how many failed. */
async function runOne(name: string, { short, seed }: ScriptOptions): Promise<{ ran: number; failed: number }> {
  const again = `npm run torture -- ${name} --seed ${seed}${short ? ' --short' : ''}`;
  process.stderr.write(`torture ${name}: seed ${seed} (again: ${again})\n`);
  const script = (await import(`./${name}.torture.ts`)) as TortureScript;
  let ran = 0;
  let failed = 0;
  const torture = makeTorture(
    { name, seed, short, random: seededRandom(seed) },
    {
      print(line) {
        ran += 1;
        if (!line.ok) failed += 1;
        process.stdout.write(`${JSON.stringify(line)}\n`);
      },
      note: (text) => void process.stderr.write(`torture ${name}: ${text}\n`),
    },
  );
  const lacks = script.missing?.();
  if (lacks === undefined) await script.run(torture);
  else torture.note(`left out: ${lacks}`);
  if (failed > 0) process.stderr.write(`torture ${name}: ${failed} of ${ran} cases failed; again: ${again}\n`);
  return { ran, failed };
}

const known = scriptNames(import.meta.dirname, '.torture.ts');
const read = readScriptOptions(process.argv.slice(2), { known, freshSeed: randomInt(0xffff_ffff) });
if (read.ok) {
  let ran = 0;
  let failed = 0;
  for (const name of read.options.names) {
    const result = await runOne(name, read.options);
    ran += result.ran;
    failed += result.failed;
  }
  process.stderr.write(`torture: ${ran} cases, ${failed} failed\n`);
  // No case at all is a failure too: a torture that tortures nothing must not look like one that passed.
  process.exitCode = failed === 0 && ran > 0 ? 0 : 1;
} else {
  process.stderr.write(`torture: ${read.reason}\nusage: npm run torture -- [NAME …] [--short] [--seed N]\n`);
  process.exitCode = 2;
}
