import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { openRepeats, type Repeats, repeatMs } from '../../../src/switch/intake/repeats.ts';
import type { Arrival } from '../../../src/switch/records/frames.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { openRooms, type Rooms } from '../rooms.ts';

let rooms: Rooms;
let repeats: Repeats;
beforeEach(async () => {
  rooms = await openRooms({
    config: (input) => {
      const [first] = input.doors.station.stations ?? [];
      if (first === undefined) throw new Error('no station');
      const stations = [first, { ...first, id: 'second', address: '127.0.0.2' }];
      return { ...input, doors: { ...input.doors, station: { ...input.doors.station, stations } } };
    },
  });
  repeats = await openRepeats(rooms.parts);
});
afterEach(async () => {
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
});

let exchangeId = 100;

/** The station says it, each time on a new connection and under a new exchange id unless told otherwise. */
async function says(text: string, how: Partial<Arrival> & { readonly station?: number } = {}): Promise<void> {
  const station = rooms.parts.config.doors.station.stations[how.station ?? 0];
  if (station === undefined) throw new Error('no station');
  exchangeId += 1;
  const payload = Buffer.from(text, 'latin1');
  const arrival = { payload, linkId: `station-${exchangeId}`, peerAddress: '127.0.0.1', exchangeId, duplicate: false };
  await repeats.take(station, { ...arrival, ...how });
}

const frames = () => rooms.ledger.events({ stream: 'frame', limit: 100 });
const lastNotice = async (): Promise<string> => (await rooms.notices()).at(-1) ?? '';
const inquiry = '1N01DSP1000001.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303';

describe('a message that came before, with the same bytes from the same station under the same reference', () => {
  test('is filed, marked possible duplicate, joined to the first, and not held twice', async () => {
    await says(urgentRequest);
    await says(urgentRequest);
    const held = await rooms.held();
    expect(held).toHaveLength(1);
    expect(await rooms.cases()).toHaveLength(1);
    const first = held[0]?.id ?? '';
    expect((await frames()).map(({ data }) => [data['duplicate'], data['messageId']])).toEqual([
      [false, first],
      [true, first],
    ]);
  });

  test('is told of to the station, with the reference of the first and its own control field', async () => {
    await says(urgentRequest);
    await says(urgentRequest);
    const [first] = await rooms.held();
    expect(await lastNotice()).toBe(
      [
        'HITLINE.DUPLICATE',
        'CONTROL *DISP000001',
        `REFERENCE ${first?.id}`,
        'TEXT POSSIBLE DUPLICATE: the same message came before; it is HELD and was not taken twice.',
        'TEXT If another one is meant, send it under another control field.',
      ].join('\n'),
    );
  });

  test('is known by a gateway that has started again, from its ledger', async () => {
    await says(urgentRequest);
    repeats = await openRepeats(rooms.parts);
    await says(urgentRequest);
    expect(await rooms.held()).toHaveLength(1);
    expect(await rooms.cases()).toHaveLength(1);
  });

  test('is an alarm once, however often it comes, until somebody has silenced it', async () => {
    for (let count = 0; count < 5; count += 1) await says(urgentRequest);
    expect((await rooms.alarms()).filter((code) => code === 'SENT_AGAIN')).toHaveLength(1);
    expect((await rooms.notices()).filter((text) => text.startsWith('HITLINE.DUPLICATE'))).toHaveLength(4);
  });

  test('waits for the first when that is not on file yet, and shares no fate with one that could not be kept', async () => {
    await Promise.all([says(urgentRequest), says(urgentRequest), says(urgentRequest)]);
    expect(await rooms.held()).toHaveLength(1);
    const other = urgentRequest.replace('DISP000001', 'DISP000007');
    rooms.ledger.failing = true;
    await expect(says(other)).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
    rooms.ledger.failing = false;
    await says(other);
    expect(await rooms.held()).toHaveLength(2);
  });

  test('still belongs to the first when that was sent, and to none that ended without leaving', async () => {
    await says(urgentRequest);
    const [first] = await rooms.held();
    await rooms.approve(first?.id ?? '');
    await says(urgentRequest);
    expect(await rooms.held()).toHaveLength(0);
    expect(await lastNotice()).toContain('it is ACKED and was not taken twice');
    const other = urgentRequest.replace('DISP000001', 'DISP000007');
    await says(other);
    const [second] = await rooms.held();
    await rooms.refuse(second?.id ?? '');
    await says(other);
    expect(await rooms.held()).toHaveLength(1);
    expect(await rooms.alarms()).toContain('SAME_TEXT');
  });

  test('is an inquiry: joined while the first waits for its answers, made again once they are here', async () => {
    rooms.link.state = 'closed';
    await says(inquiry);
    await says(inquiry);
    const [queued] = await rooms.ledger.states({ stream: 'message', status: ['QUEUED'], limit: 10 });
    expect(await rooms.ledger.states({ stream: 'message', status: ['QUEUED'], limit: 10 })).toHaveLength(1);
    expect(await lastNotice()).toContain('HITLINE.DUPLICATE');
    expect(await rooms.alarms()).not.toContain('SENT_AGAIN');
    await rooms.withdraw(queued?.id ?? '');
    await says(inquiry);
    expect(await rooms.ledger.states({ stream: 'message', status: ['QUEUED'], limit: 10 })).toHaveLength(1);
  });
});

describe('a message that may be meant as another is never dropped', () => {
  test('after ten minutes, counted from the first', async () => {
    await says(urgentRequest);
    await rooms.clock.pass(repeatMs - 1);
    await says(urgentRequest);
    expect(await rooms.held()).toHaveLength(1);
    await rooms.clock.pass(1);
    await says(urgentRequest);
    expect(await rooms.held()).toHaveLength(2);
    repeats = await openRepeats(rooms.parts);
    await rooms.clock.pass(repeatMs);
    await says(urgentRequest);
    expect(await rooms.held()).toHaveLength(3);
  });

  test('when it bears no reference of the station: both are held, and the second is marked for the supervisor', async () => {
    const bare = urgentRequest.replace('*DISP000001.', '');
    await says(bare);
    await says(bare);
    const held = await rooms.held();
    expect(held).toHaveLength(2);
    const alarms = await rooms.ledger.states({ stream: 'alarm', key: 'SAME_TEXT', limit: 10 });
    expect(alarms.map(({ body }) => body['messageId'])).toEqual([held[0]?.id]);
  });

  test('when a single byte or the station is another', async () => {
    await says(urgentRequest);
    await says(urgentRequest.replace('DISP000001', 'DISP000002'));
    await says(urgentRequest.replace('PRI/U', 'PRI/R'));
    await says(urgentRequest, { station: 1 });
    expect(await rooms.held()).toHaveLength(4);
  });
});

test('what the line itself knows as a repeat is filed beside the first, and nobody is told twice', async () => {
  await says(urgentRequest);
  const [first] = await rooms.held();
  const before = await rooms.notices();
  await says(urgentRequest, { duplicate: true });
  expect((await frames()).map(({ data }) => data['messageId'])).toEqual([first?.id, first?.id]);
  expect(await rooms.notices()).toEqual(before);
});
