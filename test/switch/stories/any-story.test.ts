import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HitlineError } from '../../../src/faults/fault.ts';
import { openRooms } from '../rooms.ts';
import { brokenAtTheEnd, brokenNow } from './story-laws.ts';
import { happen, story } from './world.ts';

/** More and other stories for a run of its own: HITLINE_STORIES=2000 HITLINE_SEED=1; then a failing one is made short, too. */
const runs = Number(process.env['HITLINE_STORIES'] ?? 15);
const seed = Number(process.env['HITLINE_SEED'] ?? 20_261_122);
const isLong = runs > 100;

test('whatever operators, supervisors, stations, the switch, the line and the machine do, the laws hold at every moment', async () => {
  await fc.assert(
    fc.asyncProperty(story(isLong ? 1 : 40, isLong ? 90 : 50), async (happenings) => {
      const rooms = await openRooms();
      for (const [at, one] of happenings.entries()) {
        const thrown = await happen(rooms, one);
        if (thrown !== undefined && !(thrown instanceof HitlineError)) throw thrown;
        expect(await brokenNow(rooms), `after step ${at}, ${JSON.stringify(one)}`).toEqual([]);
      }
      expect(await brokenAtTheEnd(rooms)).toEqual([]);
      expect(rooms.faults.filter((one) => !(one instanceof HitlineError))).toEqual([]);
    }),
    { numRuns: runs, seed, endOnFailure: !isLong },
  );
}, 3_600_000);
