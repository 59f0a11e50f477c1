import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { scriptNames } from '../script-options.ts';
import { seededRandom } from '../seeded-random.ts';
import { makeTorture, type TortureLine, type TortureScript } from './torture.ts';

/** The short form of every torture but those whose cases the suites of the ledger and of the schedulers play already. */
const playedElsewhere = ['ledger', 'redis-kill'];
const names = scriptNames(import.meta.dirname, '.torture.ts').filter((name) => !playedElsewhere.includes(name));
const seed = Number(process.env['HITLINE_SEED'] ?? randomInt(0xffff_ffff));

for (const name of names) {
  const script = (await import(`./${name}.torture.ts`)) as TortureScript;
  const lacks = script.missing?.();
  const reason = lacks === undefined ? '' : ` (skipped: ${lacks})`;
  test.skipIf(lacks !== undefined)(`the short form of ${name} holds${reason}`, async () => {
    const lines: TortureLine[] = [];
    const torture = makeTorture(
      { name, seed, short: true, random: seededRandom(seed) },
      { print: (line) => lines.push(line), note: () => {} },
    );
    await script.run(torture);
    const failed = lines.filter((line) => !line.ok).map((line) => `${line.case}: ${line.reason}`);
    expect(lines.length, 'a torture that tortures nothing').toBeGreaterThan(0);
    expect(failed, `again: npm run torture -- ${name} --short --seed ${seed}`).toEqual([]);
  });
}
