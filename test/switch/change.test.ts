import { expect, test } from 'vitest';
import { alarmMachine, raise } from '../../src/switch/alarms/alarm.ts';
import { makeChanger } from '../../src/switch/change.ts';
import { arm } from '../../src/switch/deadlines/deadline.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { memoryLedger } from './memory-ledger.ts';

function ground() {
  const ledger = memoryLedger();
  const asked: string[] = [];
  const state = ledger.state.bind(ledger);
  ledger.state = (stream, id) => {
    asked.push(`${stream} ${id}`);
    return state(stream, id);
  };
  return { ledger, asked, change: makeChanger({ ledger, clock: virtualClock(), perform: () => undefined }) };
}
const raised = {
  event: { type: 'RAISED', code: 'HELD', messageId: null, caseId: null },
  actor: 'system',
} as const;

test('what a change makes is not asked for, nor are its first deadlines', async () => {
  const { ledger, asked, change } = ground();
  await change(async (work) => {
    await work.begin(alarmMachine, 'a-1', raised);
    await arm(work, 'approval', { stream: 'alarm', id: 'a-1', caseId: null, dueAtMs: 1_000 });
    await arm(work, 'approval', { stream: 'alarm', id: 'a-1', caseId: null, dueAtMs: 2_000 });
  });
  expect(asked).toEqual([]);
  expect((await ledger.state('deadline', 'a-1.approval'))?.dueAtMs).toBe(2_000);
});

test('a whole unit falls when what it makes is there already', async () => {
  const { ledger, change } = ground();
  await change((work) => raise(work, 'HELD', { alarmId: 'a-1' }));
  const again = change(async (work) => {
    await raise(work, 'STALE', { alarmId: 'a-2' });
    await raise(work, 'NAKED', { alarmId: 'a-1' });
  });
  await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await ledger.state('alarm', 'a-2')).toBeUndefined();
  expect((await ledger.state('alarm', 'a-1'))?.key).toBe('HELD');
});

test('a thing on file is asked for, and its deadlines with it', async () => {
  const { asked, change } = ground();
  await change((work) => raise(work, 'HELD', { alarmId: 'a-1' }));
  await change((work) => arm(work, 'approval', { stream: 'alarm', id: 'a-1', caseId: null, dueAtMs: 1_000 }));
  expect(asked).toEqual(['deadline a-1.approval']);
});
