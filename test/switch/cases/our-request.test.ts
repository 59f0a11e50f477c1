import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { acceptMessage, releaseMessage } from '../../../src/switch/approval/approval-desk.ts';
import type { ConfirmationClass } from '../../../src/switch/cases/case.ts';
import { classifyAnswer, closeByPerson, linkMessage, recordContact } from '../../../src/switch/cases/case-desk.ts';
import { freeQuarantined } from '../../../src/switch/intake/free-quarantined.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { networkSays, openRooms, operator, type Rooms, supervisor, theirAnswer } from '../rooms.ts';

const minuteMs = 60_000;
let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});
afterEach(async () => {
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
});

async function answered(as: ConfirmationClass, letter = 'Y') {
  const asked = await rooms.asked();
  await rooms.fromSwitch(theirAnswer(letter, asked.id));
  const { id: messageId } = await rooms.lastInbound();
  await classifyAnswer(rooms.parts, asked.caseId, { osn: operator, messageId, as });
  return { ...asked, messageId };
}

describe('the clock of our request', () => {
  test('starts when it is sent, and is the original one again when a person takes a stop back', async () => {
    const { caseId, messageId } = await answered('confirmed');
    const stopped = await rooms.caseOf(caseId);
    expect(stopped.stoppedAtMs).not.toBeNull();
    await classifyAnswer(rooms.parts, caseId, { osn: operator, messageId, as: 'unclear' });
    const again = await rooms.caseOf(caseId);
    expect(again).toMatchObject({ stoppedAtMs: null, dueAtMs: (stopped.startedAtMs ?? 0) + 10 * minuteMs });
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
  });

  test('is taken back when the line gives the request back unsent, and the limit of its leaving stands again', async () => {
    rooms.link.outcome = 'not-sent';
    rooms.link.reason = 'CLOSED_BY_US';
    await rooms.fromStation(urgentRequest);
    const { id, state } = await rooms.ours();
    rooms.link.state = 'closed';
    await rooms.approve(id);
    const limit = await rooms.ledger.state('deadline', `${id}.release-limit`);
    rooms.link.state = 'open';
    rooms.link.outcome = 'wait';
    await rooms.pass(1_000);
    rooms.link.state = 'closed';
    rooms.link.answer('not-sent');
    await rooms.pass(0);
    expect((await rooms.out(id)).status).toBe('QUEUED');
    expect(await rooms.caseOf(state.caseId ?? '')).toMatchObject({ startedAtMs: null, dueAtMs: null });
    expect((await rooms.ledger.state('deadline', `${id}.release-limit`))?.status).toBe('ARMED');
    expect((await rooms.ledger.state('deadline', `${id}.release-limit`))?.dueAtMs).toBe(limit?.dueAtMs);
    expect(await rooms.armed(state.caseId ?? '')).not.toContain(`${state.caseId}.confirm`);
    await rooms.pass(5 * minuteMs);
    expect(await rooms.out(id)).toMatchObject({ status: 'HELD', stale: true });
  });

  test('does not run for a request that the switch refused, and the case asks to be acted on', async () => {
    rooms.link.outcome = 'naked';
    const { id, caseId } = await rooms.asked();
    expect((await rooms.out(id)).status).toBe('NAKED');
    expect(await rooms.armed(caseId)).toEqual([`${caseId}.follow-up`]);
    rooms.link.outcome = 'acked';
    await rooms.resolve(id, 'send-again');
    expect((await rooms.caseOf(caseId)).startedAtMs).not.toBeNull();
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
  });

  test('a time they name is a new clock at that time, and when it lapses the next request is drafted', async () => {
    const asked = await rooms.asked();
    await rooms.fromSwitch(theirAnswer('I.HTC/2', asked.id));
    const { id: messageId, state } = await rooms.lastInbound();
    const phase = await classifyAnswer(rooms.parts, asked.caseId, { osn: operator, messageId, as: 'time-named' });
    expect(phase).toContain('NOT CONFIRMED');
    const dueAtMs = state.createdAtMs + 120 * minuteMs;
    expect((await rooms.caseOf(asked.caseId)).dueAtMs).toBe(dueAtMs);
    expect(await rooms.alarms()).toContain('TIME_TOO_LATE');
    await rooms.pass(dueAtMs - rooms.clock.wallMs() + 1);
    expect((await rooms.caseOf(asked.caseId)).requestNumber).toBe(2);
    expect((await rooms.held()).length).toBe(1);
  });

  test('a time without hours, or one that nobody can mean, is refused', async () => {
    const asked = await rooms.asked();
    await rooms.fromSwitch(theirAnswer('Y', asked.id));
    const { id: messageId } = await rooms.lastInbound();
    const word = { osn: operator, messageId, as: 'time-named' } as const;
    await expect(classifyAnswer(rooms.parts, asked.caseId, word)).rejects.toMatchObject({ code: 'HOURS_MISSING' });
    for (const untilMs of [Number.NaN, Number.POSITIVE_INFINITY, -1, 9e15]) {
      await expect(classifyAnswer(rooms.parts, asked.caseId, { ...word, untilMs })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    }
  });
});

describe('who asked is told', () => {
  test.each([
    ['not-confirmed', 'N', 'DO NOT ACT ON THIS RECORD'],
    ['confirmed', 'Y', 'confirmed the record'],
    ['valid-extradition-open', 'E', 'EXTRADITION IS NOT DECIDED'],
  ] as const)('at once when it is %s', async (as, letter, words) => {
    await answered(as, letter);
    const told = (await rooms.notices()).at(-1);
    expect(told).toContain(words);
    expect(told).toContain('*DISP000001');
  });

  test('when it is refused, withdrawn, or the case is closed before it left', async () => {
    for (const end of ['refuse', 'withdraw', 'close'] as const) {
      await rooms.fromStation(urgentRequest);
      const { id, state } = await rooms.ours();
      if (end === 'close') {
        await closeByPerson(rooms.parts, state.caseId ?? '', { osn: operator, reason: 'SUBJECT GONE' });
      } else await rooms[end](id);
      const told = (await rooms.notices()).at(-1);
      expect(told).toContain(end === 'refuse' ? 'HITLINE.REFUSED' : 'HITLINE.WITHDRAWN');
      expect(told).toContain(id);
    }
  });

  test('when the switch refuses it, and when nobody knows whether it arrived', async () => {
    rooms.link.outcome = 'naked';
    await rooms.asked();
    expect((await rooms.notices()).at(-1)).toContain('HITLINE.NAKED');
    rooms.link.outcome = 'lost';
    await rooms.asked();
    expect((await rooms.notices()).at(-1)).toContain('HITLINE.IN_DOUBT');
  });
});

describe('requests 2 and 3', () => {
  const lapse = () => rooms.pass(10 * minuteMs + 1);
  async function toThird() {
    const asked = await rooms.asked();
    await lapse();
    const [second] = await rooms.held();
    await rooms.approve(second?.id ?? '');
    await lapse();
    return asked;
  }

  test('request 3 comes with a message to NCIC Quality Control that quotes the case, approved in the same act', async () => {
    const { caseId } = await toThird();
    const held = await rooms.held();
    const third = held.find((one) => one.state.key === 'YQ');
    const note = held.find((one) => one.state.key === 'AM');
    expect(third?.state).toMatchObject({ requestNumber: 3, destinations: ['WY0990200', 'CO0990000', 'WY0990000'] });
    expect(note?.state).toMatchObject({ destinations: ['DC0990000'], companionOf: third?.id });
    expect((await rooms.caseOf(caseId)).requestNumber).toBe(3);
    const shown = { id: note?.id ?? '', sha256: note?.state.sha256 ?? '' };
    const alone = { actor: { osn: supervisor }, sha256: shown.sha256 };
    await expect(releaseMessage(rooms.parts, shown.id, alone)).rejects.toMatchObject({ code: 'COMPANION_FIRST' });
    await acceptMessage(rooms.parts, third?.id ?? '', { osn: operator });
    const release = { actor: { osn: supervisor }, sha256: third?.state.sha256 ?? '', also: [shown] };
    await releaseMessage(rooms.parts, third?.id ?? '', release);
    await rooms.pass(0);
    expect(rooms.link.sent.some((text) => text.includes('RNO/3'))).toBe(true);
    expect(rooms.link.sent.some((text) => text.startsWith('AM.') && text.includes('W990000002'))).toBe(true);
  });

  test('what goes with a refused request goes nowhere', async () => {
    await toThird();
    const third = (await rooms.held()).find((one) => one.state.key === 'YQ');
    await rooms.refuse(third?.id ?? '');
    expect(await rooms.held()).toEqual([]);
  });

  test('after request 3 the alarm repeats until a person closes the case', async () => {
    const { caseId } = await toThird();
    const third = (await rooms.held()).find((one) => one.state.key === 'YQ');
    await rooms.approve(third?.id ?? '');
    await lapse();
    await rooms.pass(130 * minuteMs);
    expect((await rooms.alarms()).filter((code) => code === 'NO_ANSWER_LEFT').length).toBe(3);
    await closeByPerson(rooms.parts, caseId, { osn: operator, reason: 'RELEASED' });
    expect(await rooms.armed(caseId)).toEqual([]);
  });

  test('a held request is taken back when an answer is accepted, and one just sent does not stop the person', async () => {
    const { id, caseId } = await rooms.asked();
    await lapse();
    expect((await rooms.held()).length).toBe(1);
    await rooms.fromSwitch(theirAnswer('Y', id));
    const { id: messageId } = await rooms.lastInbound();
    await classifyAnswer(rooms.parts, caseId, { osn: operator, messageId, as: 'confirmed' });
    expect(await rooms.held()).toEqual([]);
  });
});

describe('what the network says of our request', () => {
  test.each([
    ['ER', '05'],
    ['SM', '01'],
    ['SM', '04'],
  ] as const)(
    '%s .%s. makes its clock a telephone clock with the same due time, owned by the operator',
    async (key, number) => {
      const { id, caseId } = await rooms.asked();
      const before = await rooms.caseOf(caseId);
      await rooms.pass(minuteMs);
      await rooms.fromSwitch(networkSays(key, number, id));
      const after = await rooms.caseOf(caseId);
      expect(after).toMatchObject({ dueAtMs: before.dueAtMs, stoppedAtMs: null, owner: operator });
      expect(await rooms.armed(caseId)).toEqual([`${caseId}.telephone`]);
      expect((await rooms.ledger.state('deadline', `${caseId}.telephone`))?.dueAtMs).toBe(before.dueAtMs);
      expect((await rooms.out(id)).answered).toEqual([]);
      await rooms.pass(14 * minuteMs);
      expect((await rooms.alarms()).filter((code) => code === 'TELEPHONE_DUE').length).toBeGreaterThan(1);
      const contact = { who: 'CLERK SAMPLE', number: '555-0122', atMs: rooms.clock.wallMs(), said: 'WILL ANSWER' };
      await recordContact(rooms.parts, caseId, { osn: operator, contact });
      expect(await rooms.armed(caseId)).not.toContain(`${caseId}.telephone`);
      expect((await rooms.held()).map((one) => one.state.key)).toEqual(['YQ']);
      await expect(recordContact(rooms.parts, caseId, { osn: operator, contact })).rejects.toMatchObject({
        code: 'ALREADY_DONE',
      });
    },
  );

  test('ER .22. also drafts the request anew', async () => {
    const { id } = await rooms.asked();
    await rooms.fromSwitch(networkSays('ER', '22', id));
    expect((await rooms.held()).map((one) => one.state.requestNumber)).toEqual([1]);
  });

  test('SM .02. keeps the clock', async () => {
    const { id, caseId } = await rooms.asked();
    await rooms.fromSwitch(networkSays('SM', '02', id));
    expect(await rooms.armed(caseId)).toEqual([`${caseId}.confirm`]);
    expect(await rooms.alarms()).toContain('FORWARD_LATER');
  });

  test('a copy that was not delivered only alarms', async () => {
    const { caseId } = await rooms.asked();
    await rooms.pass(10 * minuteMs + 1);
    const [second] = await rooms.held();
    await rooms.approve(second?.id ?? '');
    const words = networkSays('SM', '04', second?.id ?? '');
    await rooms.fromSwitch(words.replace('NETWORK', 'NETWORK\nYQ WY0990000'));
    expect(await rooms.armed(caseId)).toEqual([`${caseId}.confirm`]);
    expect(await rooms.alarms()).toContain('COPY_NOT_DELIVERED');
  });

  test('nobody can take the words of the network for an answer', async () => {
    const { id, caseId } = await rooms.asked();
    await rooms.fromSwitch(networkSays('ER', '05', id));
    const { id: messageId } = await rooms.lastInbound();
    await expect(
      classifyAnswer(rooms.parts, caseId, { osn: operator, messageId, as: 'confirmed' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('an answer that is not sure to belong', () => {
  test('one in quarantine stops the clock only after a person has freed it with a reason and given its class', async () => {
    const { id, caseId } = await rooms.asked();
    await rooms.fromSwitch(theirAnswer('Y', id).replace('W990000002', 'W990000009'));
    const { id: messageId, state } = await rooms.lastInbound();
    expect(state.status).toBe('QUARANTINED');
    const word = { osn: operator, messageId, as: 'confirmed' } as const;
    await expect(classifyAnswer(rooms.parts, caseId, word)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const link = linkMessage(rooms.parts, caseId, { osn: operator, messageId });
    await expect(link).rejects.toMatchObject({ code: 'IN_QUARANTINE' });
    const freed = { osn: operator, belongs: true, reason: 'Their clerk mistyped the NIC.' };
    expect(await freeQuarantined(rooms.parts, messageId, freed)).toBe('MATCHED');
    expect((await rooms.caseOf(caseId)).stoppedAtMs).toBeNull();
    expect((await rooms.out(id)).answerIds).toEqual([messageId]);
    await classifyAnswer(rooms.parts, caseId, word);
    expect((await rooms.caseOf(caseId)).stoppedAtMs).toBe(state.createdAtMs);
    const release = (await rooms.ledger.history('message', messageId)).find((one) => one.type === 'FREED');
    expect(release).toMatchObject({ actor: operator, data: { belongs: true }, textNames: ['reason'] });
    await expect(freeQuarantined(rooms.parts, messageId, freed)).rejects.toMatchObject({ code: 'ALREADY_DONE' });
  });

  test('one in quarantine that a person frees as no answer of ours waits for a reader, and the clock runs on', async () => {
    const { id, caseId } = await rooms.asked();
    await rooms.fromSwitch(theirAnswer('Y', id).replace('W990000002', 'W990000009'));
    const { id: messageId } = await rooms.lastInbound();
    const freed = { osn: supervisor, belongs: false, reason: 'It answers another agency.' };
    expect(await freeQuarantined(rooms.parts, messageId, freed)).toBe('UNSOLICITED');
    expect((await rooms.out(id)).answerIds).toEqual([]);
    expect((await rooms.caseOf(caseId)).stoppedAtMs).toBeNull();
    await expect(freeQuarantined(rooms.parts, 'm-none', freed)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a message of ours, or one that answers another question, cannot be linked', async () => {
    const first = await rooms.asked();
    const second = await rooms.asked();
    await rooms.fromSwitch(theirAnswer('Y', second.id));
    const { id: messageId } = await rooms.lastInbound();
    for (const one of [first.id, messageId]) {
      await expect(linkMessage(rooms.parts, first.caseId, { osn: operator, messageId: one })).rejects.toThrow();
    }
    expect((await rooms.out(first.id)).direction).toBe('out');
  });

  test('a YR to no question of ours opens a case of its own, with an owner and a follow-up', async () => {
    await rooms.fromSwitch(theirAnswer('Y', 'XX00000001'));
    const [stray] = await rooms.cases();
    expect(stray?.state).toMatchObject({ side: 'ask', status: 'open', nic: 'W990000002', stoppedAtMs: null });
    expect(await rooms.armed(stray?.id ?? '')).toEqual([`${stray?.id}.follow-up`]);
    expect(await rooms.alarms()).toContain('YR_UNMATCHED');
  });

  test('one that only seems to belong does not push aside one that bears our reference', async () => {
    const { id, caseId } = await rooms.asked();
    await rooms.fromSwitch(theirAnswer('N', id));
    const { id: sure } = await rooms.lastInbound();
    await rooms.fromSwitch(theirAnswer('Y'));
    expect((await rooms.caseOf(caseId)).proposal).toMatchObject({ messageId: sure, proposed: 'not-confirmed' });
  });
});
