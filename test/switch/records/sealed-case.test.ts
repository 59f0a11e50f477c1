import { expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { classifyAnswer, closeByPerson } from '../../../src/switch/cases/case-desk.ts';
import type { Effect } from '../../../src/switch/change.ts';
import { makeHandlers } from '../../../src/switch/doors/console-handlers.ts';
import { freeQuarantined } from '../../../src/switch/intake/free-quarantined.ts';
import { inboundMachine } from '../../../src/switch/intake/inbound-message.ts';
import { takeFromStation } from '../../../src/switch/intake/station-intake.ts';
import { sealSubject, unsealSubject } from '../../../src/switch/records/sealed-subjects.ts';
import { openRooms, operator as osn, theirAnswer } from '../rooms.ts';
import { custodian, operator } from './record-house.ts';

const order = { order: 'PR-1', reason: 'Order of the court' };

test('a closed case is sealed with its messages and alarms, an open one is not; reading a case is a look', async () => {
  const rooms = await openRooms();
  const { parts, ledger } = rooms;
  const desk = { parts, kept: { packetRows: async () => [] } } as unknown as Parameters<typeof makeHandlers>[0];
  const handlers = makeHandlers(desk, async () => {
    throw new Error('no status here');
  });
  const { id, caseId } = await rooms.asked();
  await rooms.fromSwitch(theirAnswer('Y', id));
  const [answer] = await rooms.inbound();
  const messageId = answer?.id ?? '';
  for (let turn = 0; turn < 2; turn += 1) await handlers.case({ id: caseId }, operator);
  expect((await ledger.events({ stream: 'system', type: 'LOOKED', limit: 9 })).map((one) => one.data['what'])).toEqual([
    'case',
  ]);
  const subject = { nic: 'W990000002' };
  await expect(sealSubject(parts, 'PRACCUST', { subject, ...order })).rejects.toMatchObject({ code: 'SUBJECT_IN_USE' });
  await classifyAnswer(parts, caseId, { osn, messageId, as: 'not-confirmed' });
  await closeByPerson(parts, caseId, { osn, reason: 'Nobody was taken.' });

  const sealed = await sealSubject(parts, 'PRACCUST', { subject, ...order });
  expect(sealed.caseIds).toEqual([caseId]);
  expect(sealed.messageIds.toSorted()).toEqual([id, messageId].toSorted());
  const missing = { code: 'NOT_FOUND' };
  await expect(handlers.case({ id: caseId }, operator)).rejects.toMatchObject(missing);
  await expect(handlers.close({ caseId, reason: 'again' }, operator)).rejects.toMatchObject(missing);
  await expect(handlers.link({ caseId, messageId }, operator)).rejects.toMatchObject(missing);
  expect((await handlers.cases({ open: false, limit: 9 }, operator)).rows).toEqual([]);
  expect((await handlers.alarms({}, operator)).rows.filter((row) => row.caseId === caseId)).toEqual([]);
  const told = await handlers.case({ id: caseId }, custodian);
  expect(told).toMatchObject({ id: caseId, status: 'closed' });
  expect(told.messages.map((row) => row.sealed)).toEqual([true, true]);

  await unsealSubject(parts, { osn: 'PRACCUST', agreedBy: 'PRACSUP' }, { id: sealed.id ?? '', reason: 'Order lifted' });
  expect((await handlers.cases({ open: false, limit: 9 }, operator)).rows).toMatchObject([{ id: caseId }]);
  expect((await ledger.state('case', caseId))?.status).toBe('closed');
});

test('a request that nobody ever answered is sealed once its case is closed', async () => {
  const rooms = await openRooms();
  const { caseId } = await rooms.asked();
  const subject = { nic: 'W990000002' };
  const seal = () => sealSubject(rooms.parts, 'PRACCUST', { subject, ...order });
  await expect(seal()).rejects.toMatchObject({ code: 'SUBJECT_IN_USE' });
  await closeByPerson(rooms.parts, caseId, { osn, reason: 'Nobody answered.' });
  expect((await seal()).caseIds).toEqual([caseId]);
});

test('nobody is sealed while an answer to a question about him is in quarantine, which no list would hide, read or not', async () => {
  const rooms = await openRooms();
  await rooms.fromStation('1N01DSP1.QW.CO099013N.NAM/RECORD, ROBIN.DOB/19800202.SEX/M.RAC/W');
  await rooms.pass(0);
  const { id } = await rooms.ours();
  for (const who of ['NCIC WANT', 'STATE RECORD'])
    await rooms.fromSwitch(`1L01DSP1${id}\nCO099013N\n\nNO ${who} NAM/RECORD, ROBIN`);
  await rooms.fromSwitch(`1L01DSP1${id}\nCO0990200\n\nMKE/WANTED PERSON NAM/RECORD, ROBIN DOB/19800202`);
  const quarantined = (await rooms.inbound()).find((one) => one.state.status === 'QUARANTINED');
  await rooms.parts.change((change) =>
    change.apply(inboundMachine, quarantined?.id ?? '', { event: { type: 'READ' }, actor: osn }),
  );
  const seal = () => sealSubject(rooms.parts, 'PRACCUST', { subject: { name: 'RECORD, ROBIN' }, ...order });
  await rooms.pass(rooms.parts.config.clocks.answerWaitMs);
  await expect(seal()).rejects.toMatchObject({ code: 'SUBJECT_IN_USE' });
  await freeQuarantined(rooms.parts, quarantined?.id ?? '', { osn, belongs: true, reason: 'It is his' });
  expect((await seal()).messageIds).toHaveLength(4);
  expect((await rooms.inbound()).filter((one) => !('sealId' in one.state))).toEqual([]);
});

test('what a station repeats of a sealed message is joined to it without an alarm that names it', async () => {
  const rooms = await openRooms();
  const { id, caseId } = await rooms.asked();
  await closeByPerson(rooms.parts, caseId, { osn, reason: 'Nobody answered.' });
  await sealSubject(rooms.parts, 'PRACCUST', { subject: { nic: 'W990000002' }, ...order });
  const before = (await rooms.alarms()).length;
  const [station] = rooms.parts.config.doors.station.stations;
  if (station === undefined) throw new Error('no station');
  const frame = { payload: Buffer.from(urgentRequest), linkId: 'station-1', peerAddress: '127.0.0.1', exchangeId: 9 };
  expect(await takeFromStation(rooms.parts, station, { ...frame, duplicate: false, sameAs: id })).toBe(id);
  expect((await rooms.alarms()).length).toBe(before);
  expect(await rooms.held()).toEqual([]);
  expect((await rooms.notices()).at(-1)).toContain('DUPLICATE');
});

test('no screen is told that anything has changed when a late answer to a sealed question is hidden with it', async () => {
  const told: Effect[] = [];
  const rooms = await openRooms({ onEffects: (effects) => told.push(...effects) });
  const { id, caseId } = await rooms.asked();
  await closeByPerson(rooms.parts, caseId, { osn, reason: 'Nobody answered.' });
  await sealSubject(rooms.parts, 'PRACCUST', { subject: { nic: 'W990000002' }, ...order });
  told.length = 0;
  await rooms.fromSwitch(theirAnswer('Y', id));
  expect((await rooms.inbound()).map((one) => 'sealId' in one.state)).toEqual([true]);
  expect(told).toEqual([]);
});

test('what is held for a history (AQ) stands in the log under the operator who sent it, not under who drafted it', async () => {
  const rooms = await openRooms();
  const text =
    'AQ.CO099013N.WY0990200.*1234567890.TXT\nATN/DET PRACTICE.PUR/C.PLEASE SEND THE RECORD OF NAM/RECORD, SAMPLE';
  await rooms.fromStation(text);
  const { id } = await rooms.ours();
  expect((await rooms.ledger.state('iii', id))?.osn).toBe('dispatch');
  await rooms.approve(id);
  expect(await rooms.ledger.state('iii', id)).toMatchObject({ osn, key: 'C', ori: 'CO0990100', status: 'ASKED' });
});
