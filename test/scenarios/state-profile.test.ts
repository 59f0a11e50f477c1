import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { MessageView } from '../../src/console/contract.ts';
import type { ConfigInput } from '../../src/switch/config.ts';
import { Stage } from './stage.ts';

/** What a State adds to a gateway by a data file alone: wording, keys, fields. */
const silent = {
  name: 'Silent',
  agencies: [],
  listeners: ['WY0990200', 'CO0990000', 'WY0990000'],
  answers: { firstAfterMs: 0, secondAfterMs: 200 },
};

const sure = { provenance: 'verified', source: 'what the State wrote to its agencies' } as const;
const wording = [
  { name: 'state', kind: 'banner', starts: 'MESSAGE FROM PRACTICE STATE FILES', rest: 'nothing', from: 'STATE' },
  { name: 'no-state', kind: 'no-record', starts: 'NO STATE RECORD', rest: 'fields', from: 'STATE' },
  { name: 'no-want', kind: 'no-record', starts: 'NO NCIC WANT', rest: 'fields', from: 'NCIC' },
];
const local = { line: 'state', family: 'local', form: 'coded', fieldsProvenance: 'verified', ...sure } as const;
const profile = {
  state: 'CO',
  title: 'A State that wrote down what it sends',
  version: 1,
  keys: [
    {
      ...local,
      key: 'ECP',
      title: 'Enter local bulletin',
      action: 'enter',
      class: 'record',
      fields: [
        { code: 'NAM', need: 'must', max: 30 },
        { code: 'BUL', need: 'must', max: 6 },
      ],
    },
    {
      ...local,
      key: 'QCP',
      title: 'Query local bulletin',
      action: 'query',
      class: 'inquiry',
      fields: [{ code: 'BUL', need: 'must', max: 6 }],
    },
  ],
  fields: [{ code: 'BUL', name: 'Number of the bulletin', min: 6, max: 6, class: 'num', sensitive: false, ...sure }],
  replyRules: wording.map((rule) => ({ ...rule, ...sure })),
};

let stage: Stage;
afterEach(async () => {
  await stage.stopGateway();
  await stage.close();
});

async function open(given: object | undefined): Promise<Stage> {
  return Stage.open({
    script: silent,
    inside: true,
    // Words that name nobody answer for nobody: the question then ends by its wait.
    clocks: { confirmRoutineMs: 60_000, answerWaitMs: 2_000 },
    config: (input: ConfigInput, folder: string): ConfigInput => {
      const { stateProfile: _, ...agency } = input.agency;
      if (given === undefined) return { ...input, agency };
      writeFileSync(join(folder, 'state.json'), JSON.stringify(given));
      return { ...input, agency: { ...agency, stateProfile: 'state.json' } };
    },
  });
}

async function askedAboutNobody(): Promise<MessageView> {
  const coj = await stage.coj();
  const fields = { NAM: ['RECORD,RILEY'], DOB: ['19550505'], SEX: ['F'], RAC: ['W'] };
  const { id } = await coj.call('draft', { key: 'QW', destinations: [], fields });
  return stage.message(id ?? '', (view) => view.status === 'ANSWERED');
}

test('without a profile the switch’s words are only recalled, and whoever asked must READ IT', async () => {
  stage = await open(undefined);
  await stage.upstreamUp();
  // Recalled wording does not even tell that it is the State who answered.
  expect((await askedAboutNobody()).verdict).toBe('READ IT; NO ANSWER FROM STATE');
});

test('a profile that calls them recalled changes nothing; one that calls them sure gives NO RECORD', async () => {
  const doubted = profile.replyRules.map((rule) => ({ ...rule, provenance: 'recalled' }));
  stage = await open({ ...profile, replyRules: doubted });
  await stage.upstreamUp();
  expect((await askedAboutNobody()).verdict).toBe('READ IT');
  await stage.stopGateway();
  await stage.close();
  stage = await open(profile);
  await stage.upstreamUp();
  expect((await askedAboutNobody()).verdict).toBe('NO RECORD');
});

test('a key that only the data file knows is drafted by its fields, held or not by its class, sent, and told to screens', async () => {
  stage = await open(profile);
  await stage.upstreamUp();
  const coj = await stage.coj();
  const told = (await coj.call('language', {})).stateProfile;
  expect(told?.keys.map((row) => row.key)).toEqual(['ECP', 'QCP']);

  const bad = await coj.call('draft', { key: 'ECP', destinations: [], fields: { NAM: ['SAMPLE, SAM'], BUL: ['12X'] } });
  expect(bad.faults.map((one) => one.field)).toEqual(expect.arrayContaining(['BUL']));
  const entered = await coj.call('draft', {
    key: 'ECP',
    destinations: [],
    fields: { NAM: ['SAMPLE, SAM'], BUL: ['000123'] },
  });
  const id = entered.id ?? '';
  const held = await coj.call('show', { id });
  expect(held).toMatchObject({ status: 'HELD', keyClass: 'record' });
  expect(held.effect).toContain('Enter local bulletin');
  expect(stage.simulator.events.filter((one) => one.type === 'received')).toEqual([]);
  await stage.acceptAndRelease(id);
  await stage.message(id, (view) => view.status !== 'QUEUED' && view.status !== 'SENT' && view.status !== 'APPROVED');
  const left = stage.simulator.events.filter((one) => one.type === 'received').map((one) => one.text);
  expect(left).toEqual([held.text]);
  expect(held.text).toMatch(new RegExp(`^1N01\\w*${id}\\.ECP\\.CO0990100\\.NAM/SAMPLE, SAM\\.BUL/000123$`));

  const station = await stage.dispatch();
  await station.send('1N01DSP1.QCP.CO099013N.BUL/000123');
  const rows = (await coj.call('list', { box: 'sent', limit: 10 })).rows;
  const asked = rows.find((row) => row.key === 'QCP');
  expect(asked).toMatchObject({ keyClass: 'inquiry' });
  // Nobody else is asked about a key of the State's own. The pretended switch does not know it, and says so under our reference.
  const answered = await stage.message(asked?.id ?? '', (view) => view.answerIds.length > 0);
  expect(answered.status).toBe('ANSWERED');
});
