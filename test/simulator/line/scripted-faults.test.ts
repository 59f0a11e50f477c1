import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadScript } from '../../../src/simulator/script.ts';
import { fixtures, Stage } from '../stage.ts';
import { answerCases } from './fault-cases-answer.ts';
import { lineCases } from './fault-cases-line.ts';

const folder = join(fixtures, 'scripts/faults');
const cases = { ...answerCases, ...lineCases };
const stage = new Stage();
afterEach(() => stage.close());

test('every fault script has its case and every case its script', async () => {
  const names = (await readdir(folder))
    .filter((one) => one.endsWith('.yaml'))
    .map((name) => name.replace(/\.yaml$/, ''));
  expect(names.toSorted()).toEqual(Object.keys(cases).toSorted());
});

test.each(Object.keys(cases))('scripted fault: %s', async (name) => {
  const one = cases[name] ?? {};
  const script = await loadScript(join(folder, `${name}.yaml`));
  const profile = one.options?.profile ?? 'foxtalk-1';
  const coding = one.coding === undefined ? {} : { coding: one.coding };
  const simulator = await stage.simulator(script, { profile, ...coding });
  await one.dial?.(simulator, stage);
  if (one.play === undefined) return;
  const client = await stage.client(simulator, one.options);
  await one.play({ stage, simulator, client });
});
