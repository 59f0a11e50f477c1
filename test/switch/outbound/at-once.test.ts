import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Unit } from '../../../src/switch/ledger/ledger.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { openRooms, type Rooms, ScriptedLink } from '../rooms.ts';

const inquiry = '1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W';

let rooms: Rooms;
/** Every unit that was offered to the ledger, as the types of its events. */
let offered: string[][];
beforeEach(async () => {
  rooms = await openRooms();
  offered = [];
  const append = rooms.ledger.append.bind(rooms.ledger);
  rooms.ledger.append = (units: readonly Unit[]) => {
    offered.push(...units.map((unit) => unit.entries.map((one) => `${one.stream} ${one.type}`)));
    return append(units);
  };
});
afterEach(async () => {
  rooms.ledger.failing = false;
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
  await rooms.sender.close();
});
const unitsWith = (event: string): readonly string[][] => offered.filter((unit) => unit.includes(event));

describe('an inquiry that finds the line free', () => {
  test('is received, queued and sent in one unit, with both its frames and the wait for its answers', async () => {
    rooms.link.outcome = 'wait';
    await rooms.fromStation(inquiry);
    expect(unitsWith('message SENT')).toEqual([
      ['frame FRAME', 'message DRAFTED', 'message QUEUED', 'frame FRAME', 'message SENT', 'deadline ARMED'],
    ]);
    const { id, state } = await rooms.ours();
    expect(state).toMatchObject({ status: 'SENT', attempts: 1 });
    expect(rooms.link.sent.length).toBe(1);
    expect(await rooms.armed(id)).toEqual([`${id}.answer-wait`]);
    rooms.link.answer('acked');
    await rooms.pass(0);
    expect((await rooms.out(id)).status).toBe('ACKED');
  });

  test('does not leave when its unit cannot be filed, and gives the line back to the next', async () => {
    // The first leases references, so that what fails is the unit of the second.
    await rooms.fromStation(inquiry);
    rooms.ledger.failing = true;
    await expect(rooms.fromStation(inquiry)).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    expect(unitsWith('message SENT').length).toBe(2);
    expect(rooms.link.sent.length).toBe(1);
    rooms.ledger.failing = false;
    await rooms.fromStation(inquiry);
    expect(rooms.link.sent.length).toBe(2);
  });

  test('is queued again, to expire in time, when the line closes before its first byte', async () => {
    rooms.link.outcome = 'not-sent';
    rooms.link.reason = 'CLOSED_BY_US';
    const append = rooms.ledger.append.bind(rooms.ledger);
    rooms.ledger.append = (units) => {
      rooms.link.state = 'closed';
      return append(units);
    };
    await rooms.fromStation(inquiry);
    const { id, state } = await rooms.ours();
    expect(state).toMatchObject({ status: 'QUEUED', attempts: 0 });
    expect(await rooms.armed(id)).toEqual([`${id}.hold-expiry`]);
    const link = new ScriptedLink('upstream-2');
    await rooms.sender.linkUp(link);
    await rooms.pass(0);
    expect(link.sent.length).toBe(1);
  });
});

test('an inquiry waits for a line that is taken, and is then filed as sent in a unit of its own', async () => {
  rooms.link.outcome = 'wait';
  await rooms.fromStation(inquiry);
  await rooms.fromStation(inquiry.replace('SAM.', 'SAL.'));
  const { id, state } = await rooms.ours();
  expect(state.status).toBe('QUEUED');
  expect(await rooms.armed(id)).toEqual([`${id}.hold-expiry`]);
  rooms.link.answer('acked');
  await rooms.pass(0);
  expect(rooms.link.sent.length).toBe(2);
  expect(unitsWith('message SENT')[1]).not.toContain('message QUEUED');
  expect(await rooms.armed(id)).toEqual([`${id}.answer-wait`]);
  rooms.link.answer('acked');
});

test('an answer at the heels of the acknowledgement is filed once, after it', async () => {
  rooms.link.outcome = 'wait';
  await rooms.fromStation(inquiry);
  const { id } = await rooms.ours();
  offered.length = 0;
  rooms.link.answer('acked');
  // What a line brings is taken in the turn after.
  await Promise.resolve();
  await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO NCIC WANT NAM/SAMPLE, SAM`);
  expect(offered.map(([first]) => first)).toEqual(['message ACKED', 'frame FRAME']);
  expect((await rooms.out(id)).answered).toEqual(['NCIC']);
});
