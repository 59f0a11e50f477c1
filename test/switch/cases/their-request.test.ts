import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfirmationClass } from '../../../src/switch/cases/case.ts';
import { recordCheck } from '../../../src/switch/cases/case-desk.ts';
import { type AnswerWish, draftAnswer } from '../../../src/switch/cases/our-answer.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { delivered, networkSays, openRooms, operator, type Rooms, theirRequest } from '../rooms.ts';

const minuteMs = 60_000;
let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});
afterEach(async () => {
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
});

const check = {
  documentNumber: 'PRW0001',
  lookedBy: 'OPERATOR SAMPLE',
  lookedAtMs: 1,
  identityAgrees: true,
  stillOutstanding: true,
  terms: 'FULL EXTRADITION',
};
async function asked(text = theirRequest()) {
  await rooms.fromSwitch(text);
  const found = (await rooms.cases()).at(-1);
  if (found === undefined) throw new Error('no case');
  return found;
}
const theCase = async (id: string) => (await rooms.cases()).find((one) => one.id === id)?.state;
async function answer(caseId: string, as: ConfirmationClass, more: Partial<AnswerWish> = {}): Promise<string> {
  if (as === 'confirmed') await recordCheck(rooms.parts, caseId, { osn: operator, check });
  const wish = { osn: operator, name: 'OPERATOR SAMPLE', as, remarks: '', ...more };
  const drafted = await draftAnswer(rooms.parts, caseId, wish);
  if (!drafted.ok) throw new Error(JSON.stringify(drafted.faults));
  return drafted.id;
}

describe('a request opens or joins its case', () => {
  test.each(['GA00000001', 'GA00000777', 'WY00000001'])('whatever control field it bears (%s)', async (control) => {
    await rooms.asked();
    const { state } = await asked(theirRequest({ control }));
    expect(state).toMatchObject({ side: 'answer', nic: 'W990000001', status: 'open' });
    expect(state.dueAtMs).toBe((state.startedAtMs ?? 0) + 10 * minuteMs);
  });

  test('the same first request once more joins, and makes nothing overdue', async () => {
    const { id } = await asked();
    await rooms.fromSwitch(theirRequest());
    expect((await rooms.cases()).length).toBe(1);
    expect(await theCase(id)).toMatchObject({ overdue: false });
    expect(await rooms.alarms()).toContain('YQ_AGAIN');
  });

  test('a second request joins, keeps the clock, is OVERDUE, and warns that the State may cancel the record', async () => {
    const { id, state } = await asked();
    await rooms.pass(3 * minuteMs);
    await rooms.fromSwitch(theirRequest({ number: 2 }));
    expect(await theCase(id)).toMatchObject({ overdue: true, dueAtMs: state.dueAtMs, requestNumber: 2 });
    expect((await theCase(id))?.phase).toContain('MAY CANCEL');
  });

  test('a second request after our answer takes the case up again at its original due time', async () => {
    const { id, state } = await asked();
    await rooms.approve(await answer(id, 'not-confirmed'));
    expect((await theCase(id))?.status).toBe('closed');
    await rooms.pass(minuteMs);
    await rooms.fromSwitch(theirRequest({ number: 2 }));
    expect((await rooms.cases()).length).toBe(1);
    expect(await theCase(id)).toMatchObject({
      status: 'open',
      overdue: true,
      stoppedAtMs: null,
      dueAtMs: state.dueAtMs,
    });
  });

  test('an administrative message that names our ORI and a record is taken for a request', async () => {
    const body = 'PLEASE CONFIRM YOUR WARRANT W990000001 AND ADVISE';
    const { state } = await asked(delivered({ key: 'AM', body }));
    expect(state).toMatchObject({ side: 'answer', nic: 'W990000001', priority: 'U' });
  });

  test('one that cannot be read is no better question than the one before', async () => {
    const { id, state } = await asked();
    await rooms.fromSwitch(delivered({ key: 'YQ', body: 'RNO/9.NIC/W990000001.GARBLED' }));
    expect((await theCase(id))?.questionId).toBe(state.questionId);
  });

  test('warnings come at half and four fifths of the time, then OVERDUE again and again', async () => {
    await asked();
    await rooms.pass(5 * minuteMs);
    expect(await rooms.alarms()).toContain('CLOCK_HALF');
    expect(await rooms.alarms()).not.toContain('CLOCK_LATE');
    await rooms.pass(3 * minuteMs);
    expect(await rooms.alarms()).toContain('CLOCK_LATE');
    await rooms.pass(7 * minuteMs);
    expect((await rooms.alarms()).filter((code) => code === 'ANSWER_OVERDUE').length).toBeGreaterThanOrEqual(3);
  });
});

describe('the clock of our answer', () => {
  test('stops only when a YR that confirms, denies or names a time is acknowledged', async () => {
    const cases = [
      ['confirmed', {}, true],
      ['not-confirmed', {}, true],
      ['time-named', { hoursToConfirm: 2 }, true],
      ['in-process', { hoursToConfirm: 2 }, false],
      ['valid-extradition-open', {}, false],
      ['unclear', { hoursToConfirm: 2 }, false],
    ] as const;
    for (const [as, more, stops] of cases) {
      rooms = await openRooms();
      const { id, state } = await asked();
      rooms.link.outcome = 'wait';
      await rooms.approve(await answer(id, as, more));
      expect((await theCase(id))?.stoppedAtMs).toBeNull();
      rooms.link.answer('acked');
      await rooms.pass(1);
      expect([as, (await theCase(id))?.stoppedAtMs !== null]).toEqual([as, stops]);
      if (!stops) expect(await rooms.armed(id)).toContain(`${id}.answer`);
      if (!stops) expect((await theCase(id))?.dueAtMs).toBe(state.dueAtMs);
    }
  });

  test.each(['naked', 'lost', 'timeout'] as const)(
    'runs on when the switch did not acknowledge it (%s)',
    async (outcome) => {
      const { id } = await asked();
      rooms.link.outcome = outcome;
      const answerId = await answer(id, 'not-confirmed');
      await rooms.approve(answerId);
      expect(await theCase(id)).toMatchObject({ status: 'open', stoppedAtMs: null });
      rooms.link.outcome = 'acked';
      await rooms.resolve(answerId, 'send-again');
      expect(await theCase(id)).toMatchObject({ status: 'closed' });
      expect(rooms.link.sent.filter((text) => text.startsWith('YR.')).length).toBe(2);
    },
  );

  test('stops when a person says that a doubtful answer arrived', async () => {
    const { id } = await asked();
    rooms.link.outcome = 'lost';
    const answerId = await answer(id, 'not-confirmed');
    await rooms.approve(answerId);
    await rooms.resolve(answerId, 'arrived');
    expect((await theCase(id))?.status).toBe('closed');
  });

  test('cannot be stopped by two answers: while a new one waits, the refused one is not sent again', async () => {
    const { id } = await asked();
    rooms.link.outcome = 'naked';
    const first = await answer(id, 'not-confirmed');
    await rooms.approve(first);
    await answer(id, 'in-process', { hoursToConfirm: 1 });
    await expect(rooms.resolve(first, 'send-again')).rejects.toMatchObject({ code: 'ALREADY_DONE' });
  });

  test.each(['ER', 'SM'] as const)('%s on our answer takes the case up again at its original due time', async (key) => {
    const { id, state } = await asked();
    const answerId = await answer(id, 'not-confirmed');
    await rooms.approve(answerId);
    expect((await theCase(id))?.status).toBe('closed');
    await rooms.pass(2 * minuteMs);
    await rooms.fromSwitch(networkSays(key, '01', answerId));
    expect(await theCase(id)).toMatchObject({
      status: 'open',
      stoppedAtMs: null,
      dueAtMs: state.dueAtMs,
      answerId: null,
    });
    expect(await rooms.armed(id)).toContain(`${id}.answer`);
  });

  test('an ER that comes before the acknowledgement is not undone by it', async () => {
    const { id } = await asked();
    rooms.link.outcome = 'wait';
    const answerId = await answer(id, 'not-confirmed');
    await rooms.approve(answerId);
    await rooms.fromSwitch(networkSays('ER', '05', answerId));
    rooms.link.answer('acked');
    await rooms.pass(1);
    expect(await theCase(id)).toMatchObject({ status: 'open', stoppedAtMs: null });
    expect(await rooms.alarms()).toContain('ANSWER_NOT_DELIVERED');
  });

  test('a late ER about an older answer takes nothing back from a newer one that arrived', async () => {
    const { id } = await asked();
    const older = await answer(id, 'in-process', { hoursToConfirm: 1 });
    await rooms.approve(older);
    await rooms.approve(await answer(id, 'confirmed'));
    await rooms.fromSwitch(networkSays('ER', '05', older));
    expect((await theCase(id))?.status).toBe('closed');
  });

  test('after a time was named the case can be answered for good, and is OVERDUE when the time is over', async () => {
    const { id } = await asked();
    await rooms.approve(await answer(id, 'time-named', { hoursToConfirm: 1 }));
    expect((await theCase(id))?.stoppedAtMs).not.toBeNull();
    await rooms.pass(61 * minuteMs);
    expect(await rooms.alarms()).toContain('ANSWER_OVERDUE');
    await rooms.approve(await answer(id, 'confirmed'));
    expect((await theCase(id))?.status).toBe('closed');
  });
});

describe('our answer', () => {
  test('to an urgent request is itself urgent: two minutes for its approval', async () => {
    const { id } = await asked();
    await answer(id, 'not-confirmed');
    await rooms.pass(2 * minuteMs + 1);
    expect(await rooms.alarms()).toContain('HELD_URGENT');
    expect(await rooms.alarms()).toContain('APPROVAL_LATE');
  });

  test('"confirmed" rests on the newest look at the source document, by whatever form it is written', async () => {
    const { id } = await asked();
    const wish = { osn: operator, name: 'OPERATOR SAMPLE', as: 'confirmed', remarks: '' } as const;
    await expect(draftAnswer(rooms.parts, id, wish)).rejects.toMatchObject({ code: 'SOURCE_CHECK_MISSING' });
    await recordCheck(rooms.parts, id, { osn: operator, check: { ...check, stillOutstanding: false } });
    await expect(draftAnswer(rooms.parts, id, wish)).rejects.toMatchObject({ code: 'SOURCE_CHECK_MISSING' });
    await rooms.fromStation(
      'YR.CO099013N.WY0990200.*DISP000009.TXT\nRTY/WP.OCA/PR26000001.NIC/W990000001.CON/Y.CNA/CLERK.CAG/PD',
    );
    expect((await rooms.notices()).at(-1)).toContain('SOURCE_CHECK_MISSING');
    expect(await rooms.held()).toEqual([]);
  });

  test('is taken back when a later look at the document does not bear it out', async () => {
    const { id } = await asked();
    await answer(id, 'confirmed');
    await recordCheck(rooms.parts, id, { osn: operator, check: { ...check, identityAgrees: false } });
    expect(await rooms.held()).toEqual([]);
    expect((await theCase(id))?.answerId).toBeNull();
  });

  test('that a station wrote as a YR of its own stops the clock of the case it answers', async () => {
    const { id } = await asked();
    await rooms.fromStation(
      'YR.CO099013N.WY0990200.*DISP000009.TXT\nRTY/WP.OCA/PR26000001.NIC/W990000001.CON/N.CNA/CLERK.CAG/PD',
    );
    await rooms.approve((await rooms.ours()).id);
    expect((await theCase(id))?.status).toBe('closed');
  });

  test('that names a time says in how many hours', async () => {
    const { id } = await asked();
    await expect(answer(id, 'time-named')).rejects.toMatchObject({ code: 'HOURS_MISSING' });
  });
});
