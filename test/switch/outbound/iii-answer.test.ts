import { expect, test } from 'vitest';
import { iiiRowOf, iiiRows } from '../../../src/switch/records/iii-desk.ts';
import { openRooms } from '../rooms.ts';

const history = (key: string, to: string, control: string): string =>
  `${key}.CO099013N.${to}.*${control}.TXT\nATN/DET SAMPLE.PUR/C.SYNTHETIC HISTORY`;

test('a history that we send to another agency is entered as passed on when it leaves, with its receiver, purpose and requestor', async () => {
  const rooms = await openRooms();
  const logged = async () =>
    Promise.all((await iiiRows(rooms.parts, { limit: 10 })).map((row) => iiiRowOf(rooms.parts, row)));
  await rooms.fromStation(history('AR', 'WY0990200', 'DISP000011'));
  const answer = await rooms.ours();
  await rooms.fromStation('AM.CO099013N.WY0990200.*DISP000012.TXT\nNO HISTORY HERE');
  const told = await rooms.ours();
  expect(told.state.status).toBe('HELD');
  expect(await logged()).toEqual([]);
  for (const { id } of [answer, told]) await rooms.approve(id);
  expect(await logged()).toMatchObject([
    {
      id: answer.id,
      kind: 'disseminated',
      messageId: answer.id,
      key: 'AR',
      operator: (await rooms.out(answer.id)).operator,
      requestor: 'DET SAMPLE',
      receivingAgency: 'WY0990200',
      purposeCode: 'C',
      how: 'electronic',
    },
  ]);
});

test('each address has its own row, and a history that leaves once more by a supervisor’s word has no second one', async () => {
  const rooms = await openRooms();
  await rooms.fromStation(history('AR', 'WY0990200,WY0990300', 'DISP000013'));
  const { id } = await rooms.ours();
  rooms.link.outcome = 'timeout';
  await rooms.approve(id);
  expect((await rooms.out(id)).status).toBe('IN_DOUBT');
  rooms.link.outcome = 'acked';
  await rooms.resolve(id, 'send-again');
  expect((await rooms.out(id)).status).toBe('ACKED');
  const rows = await iiiRows(rooms.parts, { limit: 10 });
  expect(rows.map((row) => [row.parent, row.ori]).toSorted()).toEqual([
    [id, 'WY0990200'],
    [id, 'WY0990300'],
  ]);
});
