import { beforeEach, expect, test } from 'vitest';
import type { AlarmView } from '../../../src/console/contract.ts';
import { type HouseAlarms, makeHouseAlarms } from '../../../src/switch/alarms/house-alarms.ts';
import { settle } from '../../support/virtual-clock.ts';
import { openRooms, type Rooms } from '../rooms.ts';

let rooms: Rooms;
let alarms: HouseAlarms;
const shown: AlarmView[] = [];
beforeEach(async () => {
  rooms = await openRooms();
  shown.length = 0;
  alarms = makeHouseAlarms(rooms.parts, {
    show: (alarm) => shown.push(alarm),
    background: (work) => void work.catch(() => undefined),
  });
});
const raised = async (): Promise<readonly string[]> => {
  for (let turn = 0; turn < 10; turn += 1) await settle();
  return rooms.alarms();
};

test('the line is an alarm when it was up and is lost, once a minute at most', async () => {
  alarms.upstreamIs('down');
  expect(await raised()).toEqual([]);
  for (let times = 0; times < 5; times += 1) {
    alarms.upstreamIs('up');
    alarms.upstreamIs('down');
    alarms.upstreamIs('connecting');
  }
  expect(await raised()).toEqual(['UPSTREAM_DOWN']);
  await rooms.clock.pass(60_000);
  alarms.upstreamIs('up');
  alarms.upstreamIs('down');
  expect(await raised()).toEqual(['UPSTREAM_DOWN', 'UPSTREAM_DOWN']);
});

test('a step of the wall is an event and an alarm', async () => {
  alarms.clockStepped(-7_200_000.4);
  expect(await raised()).toEqual(['CLOCK_STEPPED']);
  const [event] = await rooms.ledger.events({ stream: 'system', type: 'CLOCK_STEPPED', limit: 5 });
  expect(event?.data).toEqual({ ms: -7_200_000 });
});

test('a second place that fails is an alarm, and what it knows and the ledger lacks is one that is on file', async () => {
  for (let times = 0; times < 3; times += 1) alarms.headsAre({ type: 'failed' });
  expect(await raised()).toEqual(['SECOND_PLACE_FAILED']);
  const doubt = { reason: 'ROWS_LACKING', seq: 4, knownSeq: 9 } as const;
  alarms.headsAre({ type: 'doubted', doubt });
  expect(shown.map((one) => one.code)).toContain('LEDGER_DOUBTED');
  expect(await raised()).toEqual(['SECOND_PLACE_FAILED', 'LEDGER_DOUBTED']);
  const [event] = await rooms.ledger.events({ stream: 'system', type: 'LEDGER_DOUBTED', limit: 5 });
  expect(event?.data).toEqual(doubt);
});

test('an alarm of the house is on every screen before the ledger has it, under the id it is filed under', async () => {
  rooms.ledger.failing = true;
  alarms.clockStepped(3_600_000);
  alarms.upstreamIs('up');
  alarms.upstreamIs('down');
  expect(shown.map((one) => one.code)).toEqual(['CLOCK_STEPPED', 'UPSTREAM_DOWN']);
  expect(await raised()).toEqual([]);
  rooms.ledger.failing = false;
  alarms.clockStepped(-3_600_000);
  expect(await raised()).toEqual(['CLOCK_STEPPED']);
  const filed = await rooms.ledger.states({ stream: 'alarm', limit: 5 });
  expect(filed.map((one) => one.id)).toEqual([shown.at(-1)?.id]);
});

test('an operator who leaves, and the last approver who is gone, are alarms; an empty house at the start is not', async () => {
  alarms.present({ operator: null, approvers: 0 });
  expect(await raised()).toEqual([]);
  alarms.present({ operator: 'PRACOP1', approvers: 1 });
  alarms.present({ operator: null, approvers: 1 });
  expect(await raised()).toEqual(['NO_OPERATOR']);
  alarms.present({ operator: 'PRACOP1', approvers: 0 });
  expect(await raised()).toEqual(['NO_OPERATOR', 'NO_APPROVER']);
});

test('a ledger that fails is shown at once, asked each second, and filed as an alarm as soon as it keeps things again', async () => {
  rooms.ledger.failing = true;
  alarms.ledgerFailed();
  alarms.ledgerFailed();
  expect(shown.map((one) => one.code)).toEqual(['LEDGER_FAILED']);
  expect(alarms.isLedgerFailing).toBe(true);
  await rooms.clock.pass(3_500);
  expect(await raised()).toEqual([]);
  alarms.ledgerFailed();
  rooms.ledger.failing = false;
  await rooms.clock.pass(1_500);
  alarms.ledgerKept();
  expect(alarms.isLedgerFailing).toBe(true);
  await rooms.clock.pass(1_000);
  alarms.ledgerKept();
  expect(alarms.isLedgerFailing).toBe(false);
  expect(await raised()).toEqual(['LEDGER_FAILED']);
  expect((await rooms.ledger.events({ type: 'LEDGER_ASKED', limit: 9 })).length).toBeGreaterThan(0);
  alarms.close();
  expect(rooms.clock.timerCount()).toBe(0);
});
