/**
 * `node bin/run.cjs test/tidy/lower-ratchet.ts`: takes out of ratchet.json what is small enough by now and lowers what has
 * shrunk. With `--accept` it takes in what is new too, which a review should ask about.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { excesses, readHouse } from './house.ts';
import ratchet from './ratchet.json' with { type: 'json' };

const known: Readonly<Record<string, number>> = ratchet;
const accept = process.argv.includes('--accept');
const lowered = new Map<string, number>();
for (const { rule, where, figure } of excesses(readHouse())) {
  const name = `${rule} ${where}`;
  const limit = accept ? Number.POSITIVE_INFINITY : (known[name] ?? 0);
  if (figure !== undefined && figure <= limit) lowered.set(name, Math.max(figure, lowered.get(name) ?? 0));
}
const entries = [...lowered].toSorted(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(join(import.meta.dirname, 'ratchet.json'), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
process.stdout.write(`${entries.length} known excesses\n`);
