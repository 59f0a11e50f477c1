import { afterEach, beforeEach, expect, test } from 'vitest';
import { historyAnswer, openRecordHouse, operator, type RecordHouse, reason, supervisor } from './record-house.ts';

let house: RecordHouse;
beforeEach(async () => {
  house = await openRecordHouse();
});
afterEach(async () => {
  expect(await house.ledger.verify()).toMatchObject({ ok: true });
  await house.close();
});

const passedOn = {
  recipient: { name: 'CLERK, SAMPLE', agency: 'SAGE COUNTY COURT', ori: 'WY0990200' },
  how: 'hand',
  purpose: 'C',
  basis: '28 CFR 20.33',
  verifiedBy: 'Badge seen at the counter',
  pages: 3,
  reason,
} as const;

test('a request for a history is in the log with operator, requestor, receiving agency, purpose and subject apart', async () => {
  const id = await house.askHistory();
  const { rows } = await house.handlers.iiiLog({ limit: 10, reason }, supervisor);
  expect(rows).toMatchObject([
    {
      id,
      kind: 'asked',
      messageId: id,
      key: 'QH',
      operator: 'PRACOP',
      requestor: 'DET PRACTICE',
      receivingAgency: 'CO0990100',
      secondaryRecipient: '',
      purposeCode: 'C',
      subject: 'NAM/RECORD, SAMPLE.DOB/19800202',
    },
  ]);
  // The row is in the unit of the request, so that there is none without the other.
  const [drafted] = await house.ledger.history('message', id);
  const [asked] = await house.ledger.history('iii', id);
  expect(asked?.seq).toBe((drafted?.seq ?? 0) + 1);
  // The persons among the parties stand in clear neither in the event nor in its row.
  const inClear = JSON.stringify([asked?.data, await house.ledger.state('iii', id)]);
  expect(inClear).not.toMatch(/RECORD|DET PRACTICE|19800202/);
  // Only that can be passed on, and nobody but the Records Section enters it.
  const { id: other } = await house.handlers.draft(
    { key: 'QW', destinations: [], fields: { NAM: ['RECORD, SAMPLE'], DOB: ['19800202'] } },
    operator,
  );
  const code = (call: Promise<unknown>, is: string) => expect(call).rejects.toMatchObject({ code: is });
  await code(house.handlers.disseminate({ messageId: other ?? '', ...passedOn }, operator), 'NOT_FOUND');
  await code(house.handlers.disseminate({ messageId: 'm-none', ...passedOn }, operator), 'NOT_FOUND');
  const { osn, name } = operator.person;
  const auditor = { ...operator, person: { osn, name, roles: ['auditor' as const] } };
  await code(house.handlers.disseminate({ messageId: id, ...passedOn }, auditor), 'ROLE_MISSING');
});

test('what was passed on is entered with its secondary recipient, and found by each of its parties', async () => {
  const id = await house.askHistory();
  await house.fromSwitch(historyAnswer(id));
  const responseId = await house.came();
  const made = await house.handlers.disseminate({ messageId: responseId, ...passedOn }, operator);
  expect(made.status).toBe('DISSEMINATED');
  await house.askHistory('SAMPLE, OTHER');
  const found = async (by: object): Promise<readonly string[]> =>
    (await house.handlers.iiiLog({ ...by, limit: 10 }, supervisor)).rows.map((row) => row.id);
  for (const by of [
    { recipient: 'CLERK, SAMPLE' },
    { recipient: 'clerk sample', purpose: 'C' },
    { messageId: id, name: 'RECORD', recipient: 'CLERK, SAMPLE' },
  ]) {
    expect(await found(by)).toContain(made.id);
  }
  expect(await found({ name: 'RECORD, SAMPLE' })).toEqual(expect.arrayContaining([id, made.id]));
  expect(await found({ requestor: 'DET PRACTICE' })).toHaveLength(2);
  expect(await found({ operator: 'PRACOP', agency: 'CO0990100', purpose: 'C' })).toHaveLength(3);
  expect(await found({ purpose: 'J' })).toEqual([]);
  expect(await found({ operator: 'PRACSUP' })).toEqual([]);
  const searched = async (by: object): Promise<readonly unknown[]> =>
    (await house.handlers.search({ ...by, limit: 10 }, supervisor)).rows.map((row) => [
      row.id,
      row.history?.purposeCode,
    ]);
  expect(await searched({ recipient: 'CLERK, SAMPLE' })).toEqual([[id, 'C']]);
  expect(await searched({ requestor: 'DET PRACTICE', key: 'QH', purpose: 'C' })).toHaveLength(2);
  expect(await searched({ requestor: 'DET PRACTICE', key: 'QR' })).toEqual([]);
  // It is shown with the request, and in the packet, as frames are.
  const { iii } = await house.handlers.show({ id }, supervisor);
  expect(iii).toMatchObject([
    { kind: 'asked' },
    {
      kind: 'disseminated',
      operator: 'PRACOP',
      requestor: 'DET PRACTICE',
      secondaryRecipient: 'CLERK, SAMPLE; SAGE COUNTY COURT; WY0990200',
      how: 'hand',
      basis: '28 CFR 20.33',
      verifiedBy: 'Badge seen at the counter',
      pages: 3,
    },
  ]);
  const packet = await house.packet({ what: 'message', id: id }, supervisor);
  expect(
    house
      .rowsOf(packet, 'iii')
      .flatMap((row) => row.content.map((text) => text.name))
      .toSorted(),
  ).toEqual(['basis', 'reason', 'recipient', 'requestor', 'subject', 'subject', 'verified'].toSorted());
  // A purge takes the persons out of the log when its years are over, and leaves the rows.
  house.clock.step(1_099 * 86_400_000);
  const approver = { osn: 'PRACCUST', factor: 'Correct-horse-1' };
  await house.handlers.purge({ reason, approver }, supervisor);
  const { rows } = await house.handlers.iiiLog({ limit: 10, messageId: id }, supervisor);
  expect(rows).toMatchObject([
    { id: made.id, operator: 'PRACOP', purposeCode: 'C', secondaryRecipient: '', subject: '' },
    { id, operator: 'PRACOP', purposeCode: 'C', requestor: '', subject: '' },
  ]);
  expect((await house.handlers.iiiLog({ limit: 10, name: 'RECORD' }, supervisor)).rows).toEqual([]);
});

test('an answer is shown and taken along with the parties of the request it belongs to, and a packet has each row once', async () => {
  const id = await house.askHistory();
  await house.fromSwitch(historyAnswer(id));
  const answerId = await house.came();
  const shown = await house.handlers.show({ id: answerId }, supervisor);
  const parties = { operator: 'PRACOP', requestor: 'DET PRACTICE', receivingAgency: 'CO0990100', purposeCode: 'C' };
  expect(shown.iii).toMatchObject([{ id, kind: 'asked', ...parties }]);
  const rows = house.rowsOf(await house.packet({ what: 'message', id: answerId }, supervisor), 'iii');
  expect(rows.map((row) => [row.id, row.type])).toEqual([[id, 'ASKED']]);
  const day = new Date(house.clock.wallMs()).toISOString().slice(0, 10);
  expect(house.rowsOf(await house.packet({ what: 'week', id: day }, supervisor), 'iii')).toHaveLength(1);
  await house.fromSwitch('1L01COJ1\nCO0990100\n\nNO NCIC WANT NAM/RECORD, SAMPLE');
  expect(await house.handlers.show({ id: await house.came() }, supervisor)).not.toHaveProperty('iii');
});
