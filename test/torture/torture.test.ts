import { expect, test } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import { makeTorture, type TortureLine } from './torture.ts';

test('a case that throws is a failed line with its reason and seed, and the next case still runs', async () => {
  const lines: TortureLine[] = [];
  const torture = makeTorture(
    { name: 'kill', seed: 7, short: true, random: seededRandom(7) },
    { print: (line) => lines.push(line), note: () => {} },
  );
  await torture.attempt('breaks', async () => {
    throw new Error('law 2 broken');
  });
  await torture.attempt('holds', async () => {});
  expect(lines).toMatchObject([
    { torture: 'kill', case: 'breaks', ok: false, seed: 7, reason: expect.stringContaining('law 2 broken') },
    { torture: 'kill', case: 'holds', ok: true, seed: 7 },
  ]);
});

test('the same seed plays the same chance again', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
  expect(new Set(draw(42)).size).toBeGreaterThan(10);
});
