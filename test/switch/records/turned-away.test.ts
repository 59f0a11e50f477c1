import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTurnedAway, type Refusal, type TurnedAway } from '../../../src/switch/records/turned-away.ts';
import { openRecordHouse, type RecordHouse } from './record-house.ts';

let house: RecordHouse;
let book: TurnedAway;
beforeEach(async () => {
  house = await openRecordHouse();
  book = makeTurnedAway(house.parts, (error) => {
    throw error;
  });
});
afterEach(async () => {
  await book.close();
  await house.close();
});

const stranger: Refusal = { door: 'station', reason: 'PEER_REFUSED', peer: '127.0.0.7' };

/** Door, outcome, address and count of each row, the oldest first, once `count` of them are on file. */
async function rows(count: number): Promise<readonly unknown[]> {
  for (;;) {
    const events = await house.ledger.events({ stream: 'act', type: 'TURNED_AWAY', limit: 500 });
    if (events.length < count) continue;
    return events
      .toReversed()
      .map(({ actor, data }) => [actor, data['door'], data['outcome'], data['peer'], data['count']]);
  }
}

test('the first of a kind is on file at once, those after it as one count when their minute is over', async () => {
  for (let turn = 0; turn < 500; turn += 1) book.tell(stranger);
  expect(await rows(1)).toEqual([['system', 'station', 'PEER_REFUSED', '127.0.0.7', 1]]);
  await house.clock.pass(60_000);
  expect((await rows(2))[1]).toEqual(['system', 'station', 'PEER_REFUSED', '127.0.0.7', 499]);
  // The next minute begins anew; one alone leaves no empty count.
  book.tell(stranger);
  await rows(3);
  await house.clock.pass(60_000);
  book.tell(stranger);
  expect((await rows(4)).map((row) => (row as unknown[])[4])).toEqual([1, 499, 1, 1]);
});

test('whoever is logged on is named with his roles, and the method he called', async () => {
  const person = { osn: 'PRACSUP', roles: ['supervisor'] } as const;
  book.tell({ door: 'console', reason: 'BAD_REQUEST', peer: '127.0.0.1', console: 'SUP1', person, what: 'purge' });
  await rows(1);
  const [event] = await house.ledger.events({ stream: 'act', type: 'TURNED_AWAY', limit: 1 });
  expect(event).toMatchObject({ actor: 'PRACSUP', data: { what: 'purge', device: 'SUP1', roles: ['supervisor'] } });
});

test('a thousand addresses are no thousand rows: beyond the kinds that are counted apart all of a reason are one', async () => {
  for (let turn = 0; turn < 1_000; turn += 1) book.tell({ ...stranger, peer: `10.0.${turn >> 8}.${turn & 255}` });
  expect(await rows(65)).toHaveLength(65);
  await book.close();
  const all = (await rows(66)) as unknown[][];
  expect(all).toHaveLength(66);
  expect(all.at(-1)).toEqual(['system', 'station', 'PEER_REFUSED', null, 1_000 - 65]);
  expect(all.reduce((sum, row) => sum + Number(row[4]), 0)).toBe(1_000);
});
