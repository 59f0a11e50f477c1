import { expect, test } from 'vitest';
import { tellStories } from '../../src/practice/headless.ts';
import { needsRedis } from '../support/needs-redis.ts';
import { startRedisInHand } from '../support/redis.ts';
import { LawWatch } from './laws/law-watch.ts';

async function tell(
  redis: NonNullable<Parameters<typeof tellStories>[0]['redis']>,
): Promise<readonly { step: string; scheduler?: string }[]> {
  const lines: { step: string; scheduler?: string }[] = [];
  let watch: LawWatch | undefined;
  await tellStories({
    redis,
    pace: 0.1,
    print: (line) => lines.push(JSON.parse(line)),
    afterStep: (practice) => {
      watch ??= new LawWatch({
        folder: practice.folder,
        events: () => practice.simulator.events,
        stationReceived: practice.dispatch.received,
        secrets: practice.credentials.map((one) => one.password),
      });
      return watch.check();
    },
  });
  return lines;
}

test('the three stories happen over TCP on the scheduler in process, and every law holds after every step', async () => {
  const lines = await tell({ mode: 'none' });
  expect(lines[0]?.scheduler).toBe('in-process');
  expect(lines.at(-1)?.step).toContain('the chain verifies');
});

needsRedis('with a real Redis', () => {
  test('the three stories happen on BullMQ, and every law holds after every step', async () => {
    const redis = await startRedisInHand();
    try {
      const lines = await tell({ mode: 'url', url: redis.url });
      expect(lines[0]?.scheduler).toBe('bullmq');
      expect(lines.at(-1)?.step).toContain('the chain verifies');
    } finally {
      await redis.close();
    }
  });
});
