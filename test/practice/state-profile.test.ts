import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStateProfile } from '../../src/formats/states/state-profile.ts';
import { makeCredentials, practiceConfig } from '../../src/practice/world.ts';
import { practiceReplyRules } from '../../src/simulator/reply-rules.ts';
import { checkConfig } from '../../src/switch/config.ts';
import { liveConfig } from '../switch/config/sample-config.ts';

const file = join(import.meta.dirname, '../../src/practice/state-profile.json');
const profile = readStateProfile(JSON.parse(readFileSync(file, 'utf8')));

test('the practice profile calls sure exactly the words of the simulated switch', () => {
  expect(profile.replyRules).toEqual(practiceReplyRules);
});

test('a practice gateway is given it by its configuration', async () => {
  const credentials = makeCredentials();
  const clocks = { confirmRoutineMs: 60_000 };
  const redis = { mode: 'none' } as const;
  const config = await practiceConfig({ folder: '/practice', simulatorPort: 4000, credentials, clocks, redis });
  expect(config.stateProfile).toEqual(profile);
});

test('a live gateway refuses it, because nobody knows that its switch speaks so', () => {
  const live = liveConfig();
  const agency = { ...live.agency, state: 'CO', stateProfile: file };
  const checked = checkConfig({ ...live, agency }, '/etc/hitline');
  expect(checked).toMatchObject({ ok: false, faults: [{ path: 'agency.stateProfile' }] });
});
