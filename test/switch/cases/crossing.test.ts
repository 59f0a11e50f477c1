/** Stories told in another order than anybody would write them: what crosses, comes late, comes twice or under another case. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { acceptMessage, releaseMessage } from '../../../src/switch/approval/approval-desk.ts';
import {
  classifyAnswer,
  closeByPerson,
  linkMessage,
  recordCheck,
  recordContact,
} from '../../../src/switch/cases/case-desk.ts';
import { draftAnswer } from '../../../src/switch/cases/our-answer.ts';
import { fileDraft, layOut, sha256Of } from '../../../src/switch/outbound/drafting.ts';
import { fileOutcome } from '../../../src/switch/outbound/send-filing.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import {
  delivered,
  networkSays,
  openRooms,
  operator,
  type Rooms,
  supervisor,
  theirAnswer,
  theirRequest,
} from '../rooms.ts';

const minuteMs = 60_000;
/** What the dispatch center's request says, as a form has it. */
const requestFields = Object.fromEntries(
  [...urgentRequest.slice(urgentRequest.indexOf('TXT')).matchAll(/([A-Z]{3})\/([^.\n]+)/g)].map(([, code, value]) => [
    code,
    [value ?? ''],
  ]),
);
let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});
afterEach(async () => {
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
});

const newestHeld = async () => {
  const row = (await rooms.held())[0];
  expect(row, 'what is held').toBeDefined();
  return row as NonNullable<typeof row>;
};

interface Crossing {
  readonly first: string;
  readonly second: string;
  readonly caseId: string;
}

/** Request 1 lapsed; request 2 is released and its bytes are under way, not yet acknowledged. */
async function secondUnderWay(): Promise<Crossing> {
  const { id: first, caseId } = await rooms.asked();
  await rooms.pass(10 * minuteMs + 1);
  const second = await newestHeld();
  rooms.link.outcome = 'wait';
  await rooms.approve(second.id);
  expect((await rooms.out(second.id)).status).toBe('SENT');
  return { first, second: second.id, caseId };
}
async function classify({ caseId, first }: Crossing, said: string, as: 'not-confirmed' | 'time-named') {
  await rooms.fromSwitch(theirAnswer(said, first));
  const { id: messageId } = await rooms.lastInbound();
  await classifyAnswer(rooms.parts, caseId, { osn: operator, messageId, as });
}
const negative = {
  documentNumber: 'PRW0001',
  lookedBy: 'OPERATOR SAMPLE',
  lookedAtMs: 1,
  identityAgrees: true,
  stillOutstanding: false,
  terms: 'RECALLED',
};
const positive = { ...negative, stillOutstanding: true, terms: 'FULL EXTRADITION' };

describe('an answer to request 1 crosses request 2', () => {
  test('that the switch refuses: the screen still says DO NOT ACT, and the clock stays stopped', async () => {
    const crossing = await secondUnderWay();
    const { second, caseId } = crossing;
    await classify(crossing, 'N', 'not-confirmed');
    rooms.link.answer('naked');
    await rooms.pass(0);
    expect((await rooms.out(second)).status).toBe('NAKED');
    expect((await rooms.caseOf(caseId)).phase).toContain('DO NOT ACT ON THIS RECORD');
    expect((await rooms.caseOf(caseId)).stoppedAtMs).not.toBeNull();
  });

  test('that the switch refuses: the clock of the time they named still runs', async () => {
    const crossing = await secondUnderWay();
    const { caseId } = crossing;
    await classify(crossing, 'I.HTC/2', 'time-named');
    const { dueAtMs } = await rooms.caseOf(caseId);
    rooms.link.answer('naked');
    await rooms.pass(0);
    expect((await rooms.caseOf(caseId)).dueAtMs).toBe(dueAtMs);
    expect(await rooms.armed(caseId)).toContain(`${caseId}.confirm`);
  });

  test.each(['classified', 'closed'] as const)(
    'that the line gives back unsent: it does not leave once the case is %s',
    async (end) => {
      const crossing = await secondUnderWay();
      const { second, caseId } = crossing;
      if (end === 'classified') await classify(crossing, 'N', 'not-confirmed');
      else await closeByPerson(rooms.parts, caseId, { osn: operator, reason: 'SUBJECT GONE' });
      const sentBefore = rooms.link.sent.length;
      rooms.link.outcome = 'acked';
      rooms.link.answer('not-sent');
      await rooms.pass(1_000);
      expect((await rooms.out(second)).status).toBe('WITHDRAWN');
      expect(rooms.link.sent.length).toBe(sentBefore);
    },
  );

  test('and request 1, in doubt, is not sent again beside request 2, which would count back', async () => {
    rooms.link.outcome = 'lost';
    const { id: first, caseId } = await rooms.asked();
    rooms.link.outcome = 'acked';
    await rooms.pass(10 * minuteMs + 1);
    expect((await rooms.caseOf(caseId)).requestNumber).toBe(2);
    await expect(rooms.resolve(first, 'send-again')).rejects.toMatchObject({ code: 'ALREADY_DONE' });
    await rooms.approve((await newestHeld()).id);
    await rooms.pass(10 * minuteMs + 1);
    expect((await rooms.caseOf(caseId)).requestNumber).toBe(3);
  });
});

/** Their request, looked up in the document and confirmed: the answer that is held. */
async function confirmedDraft() {
  await rooms.fromSwitch(theirRequest());
  const caseId = (await rooms.cases()).at(-1)?.id ?? '';
  await recordCheck(rooms.parts, caseId, { osn: operator, check: positive });
  const wish = { osn: operator, name: 'OPERATOR SAMPLE', as: 'confirmed', remarks: '' } as const;
  const drafted = await draftAnswer(rooms.parts, caseId, wish);
  if (!drafted.ok) throw new Error('not drafted');
  return { caseId, drafted };
}

describe('our answer', () => {
  test('that the switch refused is not sent again once the document was looked at again and does not bear it out', async () => {
    const { caseId, drafted } = await confirmedDraft();
    rooms.link.outcome = 'naked';
    await rooms.approve(drafted.id);
    expect((await rooms.out(drafted.id)).status).toBe('NAKED');
    await recordCheck(rooms.parts, caseId, { osn: operator, check: negative });
    rooms.link.outcome = 'acked';
    await expect(rooms.resolve(drafted.id, 'send-again')).rejects.toMatchObject({ code: 'SOURCE_CHECK_MISSING' });
    expect((await rooms.caseOf(caseId)).status).toBe('open');
  });

  test('that the line gives back unsent does not leave after such a look', async () => {
    const { caseId, drafted } = await confirmedDraft();
    rooms.link.outcome = 'wait';
    await rooms.approve(drafted.id);
    await recordCheck(rooms.parts, caseId, { osn: operator, check: negative });
    rooms.link.outcome = 'acked';
    rooms.link.answer('not-sent');
    await rooms.pass(1_000);
    expect((await rooms.out(drafted.id)).status).toBe('WITHDRAWN');
    expect(await rooms.caseOf(caseId)).toMatchObject({ status: 'open', answerId: null });
  });

  test('that names no time does not make a promised time pass in silence', async () => {
    await rooms.fromSwitch(theirRequest());
    const caseId = (await rooms.cases()).at(-1)?.id ?? '';
    const wish = { osn: operator, name: 'OPERATOR SAMPLE', remarks: '' } as const;
    for (const said of [{ as: 'time-named', hoursToConfirm: 1 } as const, { as: 'in-process' } as const]) {
      const drafted = await draftAnswer(rooms.parts, caseId, { ...wish, ...said });
      if (!drafted.ok) throw new Error('not drafted');
      await rooms.approve(drafted.id);
    }
    const before = (await rooms.alarms()).filter((one) => one === 'ANSWER_OVERDUE').length;
    await rooms.pass(60 * minuteMs + 1);
    expect((await rooms.alarms()).filter((one) => one === 'ANSWER_OVERDUE').length).toBeGreaterThan(before);
  });
});

test('an answer that arrived after all takes back the one that was drafted when it was thought lost', async () => {
  await rooms.fromSwitch(theirRequest());
  const caseId = (await rooms.cases()).at(-1)?.id ?? '';
  const draft = async (as: 'not-confirmed' | 'in-process'): Promise<string> => {
    const drafted = await draftAnswer(rooms.parts, caseId, { osn: operator, name: 'OPERATOR SAMPLE', as, remarks: '' });
    if (!drafted.ok) throw new Error('not drafted');
    return drafted.id;
  };
  rooms.link.outcome = 'naked';
  const first = await draft('in-process');
  await rooms.approve(first);
  const other = await draft('not-confirmed');
  await rooms.approve(other);
  const third = await draft('in-process');
  await rooms.resolve(first, 'arrived');
  expect(await rooms.caseOf(caseId)).toMatchObject({ status: 'open', answerId: third });
  await rooms.resolve(other, 'arrived');
  expect((await rooms.caseOf(caseId)).status).toBe('closed');
  expect((await rooms.out(third)).status).toBe('WITHDRAWN');
});

test('a telephone contact ends the clock that it was, and the screen shows none until the documenting request has left', async () => {
  const { id, caseId } = await rooms.asked();
  await rooms.fromSwitch(networkSays('ER', '01', id));
  const contact = { who: 'CLERK SAMPLE', number: '5550100122', atMs: 1, said: 'WILL ANSWER' };
  await recordContact(rooms.parts, caseId, { osn: operator, contact });
  expect((await rooms.caseOf(caseId)).dueAtMs).toBeNull();
  await rooms.approve((await newestHeld()).id);
  expect((await rooms.caseOf(caseId)).dueAtMs).toBe(rooms.clock.wallMs() + 10 * minuteMs);
});

test('a request that is sent once more comes before the next one, and the count of requests does not go back', async () => {
  rooms.link.outcome = 'lost';
  const { id, caseId } = await rooms.asked();
  rooms.link.state = 'closed';
  await rooms.resolve(id, 'send-again');
  await rooms.pass(10 * minuteMs + 1);
  expect((await rooms.held()).map((one) => one.id)).toEqual([id]);
  expect(await rooms.alarms()).toContain('REQUEST_LAPSED');
  expect((await rooms.caseOf(caseId)).requestNumber).toBe(1);
  rooms.link.state = 'open';
  rooms.link.outcome = 'acked';
  await rooms.approve(id);
  await rooms.pass(10 * minuteMs + 1);
  expect((await rooms.caseOf(caseId)).requestNumber).toBe(2);
});

describe('their requests', () => {
  const unreadable = (words: string) => delivered({ key: 'YQ', body: `${words} CONFIRM AT ONCE` });

  test('that name no record are a case each: an answer to one is no answer to the other', async () => {
    await rooms.fromSwitch(unreadable('PLEASE'));
    await rooms.fromSwitch(unreadable('ALSO'));
    expect((await rooms.cases()).filter(({ state }) => state.side === 'answer').length).toBe(2);
  });

  test('a routine one that comes again as urgent has the urgent clock, from when it came as that', async () => {
    await rooms.fromSwitch(theirRequest({ priority: 'R' }));
    const [{ id, state } = { id: '', state: undefined }] = await rooms.cases();
    expect(state?.dueAtMs).toBe((state?.startedAtMs ?? 0) + 60 * minuteMs);
    await rooms.pass(5 * minuteMs);
    await rooms.fromSwitch(theirRequest({ priority: 'U' }));
    const dueAtMs = rooms.clock.wallMs() + 10 * minuteMs;
    expect(await rooms.caseOf(id)).toMatchObject({ priority: 'U', dueAtMs, startedAtMs: state?.startedAtMs });
    expect((await rooms.alarms()).at(-1)).toBe('YQ_RAISED');
    expect((await rooms.ledger.state('deadline', `${id}.answer`))?.dueAtMs).toBe(dueAtMs);
    await rooms.pass(5 * minuteMs + 1);
    expect(await rooms.alarms()).toContain('CLOCK_HALF');
    await rooms.pass(5 * minuteMs);
    expect(await rooms.caseOf(id)).toMatchObject({ overdue: true });
  });

  test('an urgent one that comes again as routine keeps the urgent clock; one nearly due is moved no further away', async () => {
    await rooms.fromSwitch(theirRequest({ priority: 'U' }));
    const [{ id, state } = { id: '', state: undefined }] = await rooms.cases();
    await rooms.fromSwitch(theirRequest({ priority: 'R' }));
    expect(await rooms.caseOf(id)).toMatchObject({ priority: 'U', dueAtMs: state?.dueAtMs });
    await rooms.fromSwitch(theirRequest({ priority: 'U', number: 2 }));
    expect(await rooms.caseOf(id)).toMatchObject({ priority: 'U', dueAtMs: state?.dueAtMs });
  });

  test('are not taken out of their own case by linking them to another', async () => {
    const { caseId } = await rooms.asked();
    await rooms.fromSwitch(theirRequest());
    const { id: messageId } = await rooms.lastInbound();
    await expect(linkMessage(rooms.parts, caseId, { osn: operator, messageId })).rejects.toMatchObject({
      code: 'ALREADY_DONE',
    });
  });
});

test('an ER .22. that comes twice has the request drafted anew once', async () => {
  const { id } = await rooms.asked();
  await rooms.fromSwitch(networkSays('ER', '22', id));
  await rooms.fromSwitch(networkSays('ER', '22', id));
  expect((await rooms.held()).length).toBe(1);
});

describe('an inquiry', () => {
  const question = '1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M';
  const nothing = (reference: string) => `1L01${reference}\nCO099013N\nNO NCIC WANT NAM/SAMPLE, SAM DOB/19900303 SEX/M`;

  test('that was answered in part is not in doubt, and is not asked again, when the line breaks before its acknowledgement', async () => {
    rooms.link.outcome = 'wait';
    await rooms.fromStation(question);
    const { id } = await rooms.ours();
    await rooms.fromSwitch(nothing(id));
    expect((await rooms.out(id)).answered).toEqual(['NCIC']);
    rooms.link.answer('lost');
    await rooms.pass(0);
    expect(await rooms.out(id)).toMatchObject({ status: 'ACKED', attempts: 1 });
  });

  test.each(['acknowledged late', 'answered in part'])(
    'that is %s has an end to the wait for the rest',
    async (how) => {
      rooms.link.outcome = 'lost';
      await rooms.fromStation(question);
      const { id } = await rooms.ours();
      expect((await rooms.out(id)).status).toBe('IN_DOUBT');
      await rooms.pass(rooms.parts.config.clocks.answerWaitMs + 1);
      expect(await rooms.armed(id)).not.toContain(`${id}.answer-wait`);
      if (how === 'answered in part') await rooms.fromSwitch(nothing(id));
      else await fileOutcome(rooms.parts, id, { type: 'acked', exchangeId: 1 });
      expect((await rooms.out(id)).status).toBe('ACKED');
      expect(await rooms.armed(id)).toContain(`${id}.answer-wait`);
      await rooms.pass(rooms.parts.config.clocks.answerWaitMs + 1);
      expect((await rooms.out(id)).status).toBe('ANSWERED');
      expect(await rooms.alarms()).toContain('NO_ANSWER');
    },
  );
});

describe('a request or answer that is put under a case', () => {
  const draft = async (key: 'YQ' | 'YR', caseId: string, more: { to?: string; nic?: string }) => {
    const wish = {
      key,
      destinations: [more.to ?? 'WY0990200'],
      fields: { NIC: [more.nic ?? (key === 'YR' ? 'W990000001' : 'W990000002')] },
      ori: 'CO0990100',
      terminalId: 'COJ1',
      requester: operator,
      caseId,
      answersAs: 'confirmed',
    };
    const message = { line: 'nlets', ...wish } as const;
    const text = JSON.stringify(wish);
    const reference = await rooms.parts.references.next();
    const laid = { reference, message, text, sha256: sha256Of(text), warnings: [] };
    return rooms.parts.change((change) => fileDraft({ parts: rooms.parts, change }, wish, laid));
  };

  test('is to its agency and about its record: another one would stop its clock and rest on its document', async () => {
    await rooms.fromSwitch(theirRequest());
    const caseId = (await rooms.cases()).at(-1)?.id ?? '';
    for (const other of [{ to: 'WY0990300' }, { nic: 'W990000009' }])
      await expect(draft('YR', caseId, other)).rejects.toMatchObject({ code: 'CASE_OTHER' });
    expect((await draft('YR', caseId, {})).status).toBe('HELD');
    const ours = await rooms.asked();
    for (const other of [{ to: 'WY0990300' }, { nic: 'W990000009' }])
      await expect(draft('YQ', ours.caseId, other)).rejects.toMatchObject({ code: 'CASE_OTHER' });
    expect((await draft('YQ', ours.caseId, {})).status).toBe('HELD');
  });
});

test('an urgent request under a case that was routine has the urgent clock', async () => {
  const { caseId } = await rooms.asked(urgentRequest.replace('PRI/U', 'PRI/R'));
  expect((await rooms.caseOf(caseId)).priority).toBe('R');
  const fields = { ...requestFields, PRI: ['U'], RNO: ['2'] };
  const wish = { key: 'YQ', destinations: ['WY0990200'], fields, ori: 'CO0990100', terminalId: 'COJ1' };
  const asked = { ...wish, requester: operator, caseId };
  const laid = await layOut(rooms.parts, asked);
  if (!laid.ok) throw new Error(JSON.stringify(laid.faults));
  await rooms.parts.change((change) => fileDraft({ parts: rooms.parts, change }, asked, laid.draft));
  const { sha256 } = laid.draft;
  await acceptMessage(rooms.parts, laid.draft.reference, { osn: 'PRACOP2' });
  await releaseMessage(rooms.parts, laid.draft.reference, { actor: { osn: supervisor }, sha256 });
  await rooms.pass(0);
  expect(await rooms.caseOf(caseId)).toMatchObject({ priority: 'U', dueAtMs: rooms.clock.wallMs() + 10 * minuteMs });
});

test('the note that request 3 was sent leaves only when request 3 did', async () => {
  const { caseId } = await rooms.asked();
  for (const number of [2, 3]) {
    await rooms.pass(10 * minuteMs + 1);
    expect((await rooms.caseOf(caseId)).requestNumber).toBe(number);
    if (number === 2) await rooms.approve((await newestHeld()).id);
  }
  const waiting = await rooms.held();
  const third = waiting.find(({ state }) => state.key === 'YQ');
  const note = waiting.find(({ state }) => state.key === 'AM');
  if (third === undefined || note === undefined) throw new Error('request 3 has no note');
  rooms.link.state = 'closed';
  await acceptMessage(rooms.parts, third.id, { osn: operator });
  await releaseMessage(rooms.parts, third.id, {
    actor: { osn: supervisor },
    sha256: third.state.sha256,
    also: [{ id: note.id, sha256: note.state.sha256 }],
  });
  await rooms.pass(rooms.parts.config.clocks.releaseLimitConfirmMs + 1);
  expect(await rooms.out(third.id)).toMatchObject({ status: 'HELD', stale: true });
  const sentBefore = rooms.link.sent.length;
  rooms.link.state = 'open';
  await rooms.sender.linkUp(rooms.link);
  await rooms.pass(1_000);
  expect(rooms.link.sent.length).toBe(sentBefore);
  await rooms.approve(third.id);
  await rooms.pass(1_000);
  expect(rooms.link.sent.slice(sentBefore).map((text) => text.slice(0, 2))).toEqual(['YQ', 'AM']);
});
