import { afterEach, beforeEach, expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { makeStationDelivery, type StationDelivery } from '../../../src/switch/delivery/station-delivery.ts';
import { settle } from '../../support/virtual-clock.ts';
import { openRooms, type Rooms, ScriptedLink, theirAnswer } from '../rooms.ts';

let rooms: Rooms;
let delivery: StationDelivery;
const faults: unknown[] = [];
beforeEach(async () => {
  rooms = await openRooms();
  faults.length = 0;
  delivery = makeStationDelivery(rooms.parts, (error) => faults.push(error));
});
afterEach(() => delivery.close());

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await settle();
};
async function connect(outcome: ScriptedLink['outcome'] = 'acked', id = 'station-1'): Promise<ScriptedLink> {
  const link = new ScriptedLink(id);
  link.outcome = outcome;
  delivery.linkUp('dispatch', link);
  await quiet();
  return link;
}

test('what is owed to a station that was away is delivered when it is back, oldest first and once', async () => {
  const { id } = await rooms.asked();
  await rooms.fromSwitch(theirAnswer('Y', id));
  const link = await connect();
  expect(link.sent.map((text) => text.slice(0, 12))).toEqual(['HITLINE.HELD', 'YR.WY0990200']);
  expect(link.sent[1]).toContain('*DISP000001');
  delivery.deliver('dispatch');
  await quiet();
  expect(link.sent.length).toBe(2);
});

test('what a station is brought ends its lines as it asked when its session opened (wire.md 4.2)', async () => {
  const { id } = await rooms.asked();
  await rooms.fromSwitch(theirAnswer('Y', id));
  const link = Object.assign(new ScriptedLink('station-1'), { newline: 'CRLF' as const });
  delivery.linkUp('dispatch', link);
  await quiet();
  expect(link.sent).toHaveLength(2);
  for (const text of link.sent) expect(text.split('\r\n').every((line) => !/[\r\n]/.test(line))).toBe(true);
  expect(link.sent[1]).toContain('\r\n');
});

test('each frame to a station is on file before it leaves, each attempt as its own row', async () => {
  await rooms.asked();
  const link = await connect('lost');
  await connect('acked', 'station-2');
  const frames = (await rooms.ledger.events({ stream: 'frame', limit: 100 })).filter(
    (one) => one.data['direction'] === 'out' && String(one.data['link']).startsWith('station'),
  );
  expect(link.sent.length).toBe(1);
  expect(frames.map((one) => one.data['link'])).toEqual(['station-1', 'station-2']);
});

test('a refused message is tried again, then is an alarm, and does not keep the others waiting', async () => {
  await rooms.asked();
  await rooms.asked();
  const link = await connect('naked');
  for (let more = 0; more < 4; more += 1) {
    await rooms.clock.pass(2_000);
    await quiet();
  }
  expect(link.sent.length).toBe(6);
  expect((await rooms.alarms()).filter((code) => code === 'STATION_REFUSES').length).toBe(2);
  delivery.linkDown('dispatch', link);
  expect((await connect('acked', 'station-2')).sent.length).toBe(2);
});

test('a ledger that fails for a while loses no delivery', async () => {
  await rooms.asked();
  rooms.ledger.failing = true;
  const link = await connect();
  expect(link.sent).toEqual([]);
  expect(faults.length).toBe(1);
  rooms.ledger.failing = false;
  await rooms.clock.pass(2_000);
  await quiet();
  expect(link.sent.length).toBe(1);
});

test('what is owed is delivered once, however late the ledger answers what is owed', async () => {
  const { id } = await rooms.asked();
  await rooms.fromSwitch(theirAnswer('Y', id));
  const states = rooms.ledger.states.bind(rooms.ledger);
  rooms.ledger.states = async (query) => {
    const asOfNow = await states(query);
    await quiet();
    return asOfNow;
  };
  const link = await connect();
  for (let more = 0; more < 4; more += 1) await quiet();
  expect(link.sent.length).toBe(2);
});

test('what a station has and what could not be filed as delivered is still owed, and goes again', async () => {
  await rooms.asked();
  const link = await connect('wait');
  rooms.ledger.failing = true;
  link.answer('acked');
  await quiet();
  expect(faults.length).toBe(1);
  rooms.ledger.failing = false;
  link.outcome = 'acked';
  await rooms.clock.pass(2_000);
  await quiet();
  expect(link.sent.length).toBe(2);
  delivery.deliver('dispatch');
  await quiet();
  expect(link.sent.length).toBe(2);
});

test('a station with two connections goes on with the other when one ends', async () => {
  const first = await connect();
  const second = await connect('acked', 'station-2');
  second.state = 'closed';
  delivery.linkDown('dispatch', second);
  await rooms.asked();
  delivery.deliver('dispatch');
  await quiet();
  expect(first.sent.length).toBe(1);
  expect(delivery.isUp('dispatch')).toBe(true);
});

test('a control field that means something in a replacement text is given back as it came', async () => {
  const { id } = await rooms.asked(urgentRequest.replace('DISP000001', () => 'D$&$1AAAAA'));
  await rooms.fromSwitch(theirAnswer('Y', id));
  const link = await connect();
  expect(link.sent[1]).toContain('*D$&$1AAAAA');
});

test('nothing is left open after the end', async () => {
  await rooms.asked();
  await connect('naked');
  await delivery.close();
  const timers = rooms.clock.timerCount();
  await rooms.clock.pass(10_000);
  expect(timers).toBe(0);
});
