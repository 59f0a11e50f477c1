import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tellStories } from '../../src/practice/headless.ts';
import type { Practice } from '../../src/practice/practice.ts';
import { needsRedis } from '../support/needs-redis.ts';
import { startRedisInHand } from '../support/redis.ts';
import { brokenLaws } from './laws.ts';

/** Values of sensitive fields in the three stories, as they would stand in a file if anything leaked. */
const secrets = [
  'RECORD, ROBIN',
  'RECORD,ROBIN',
  '19800202',
  'SC26000002',
  'PRACTICE,PAT',
  'PRW0001',
  'SAMPLE, SAM',
  'SD26000003',
];

/** The past of the chain cannot change between two steps unseen by the next look: it is verified at every fifth. */
const verifyEach = 5;

async function everyLawHolds(practice: Practice, step: number): Promise<void> {
  const broken = await brokenLaws({
    ledger: practice.gateway.ledger,
    simulatorEvents: practice.simulator.events,
    stationReceived: practice.dispatch.received,
    verifyChain: step % verifyEach === 0,
    paths: [join(practice.folder, 'data'), join(practice.folder, 'gateway.log')],
    secrets: [...secrets, ...practice.credentials.map((one) => one.password)],
  });
  expect(broken).toEqual([]);
}

async function tell(
  redis: NonNullable<Parameters<typeof tellStories>[0]['redis']>,
): Promise<readonly { step: string; scheduler?: string }[]> {
  const lines: { step: string; scheduler?: string }[] = [];
  await tellStories({
    redis,
    pace: 0.1,
    print: (line) => lines.push(JSON.parse(line)),
    afterStep: (practice) => everyLawHolds(practice, lines.length),
  });
  return lines;
}

test('the three stories happen over TCP on the scheduler in process, and every law holds after every step', async () => {
  const lines = await tell({ mode: 'none' });
  expect(lines[0]?.scheduler).toBe('in-process');
  expect(lines.at(-1)?.step).toContain('the chain verifies');
}, 60_000);

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
  }, 60_000);
});
