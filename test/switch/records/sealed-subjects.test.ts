import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkPacket } from '../../../src/switch/ledger/keeping/packet.ts';
import {
  auditor,
  custodian,
  historyAnswer,
  openRecordHouse,
  operator,
  type RecordHouse,
  reason,
  supervisor,
  supervisorBeside,
} from './record-house.ts';

const order = 'Court order PR-2026-0001';
const subject = { name: 'RECORD, SAMPLE', dob: '19800202' };
let house: RecordHouse;
/** The request about the subject, its answer, and a request about somebody else of the same last name. */
let asked: string;
let answer: string;
let other: string;
beforeEach(async () => {
  house = await openRecordHouse();
  asked = await house.askHistory();
  await house.fromSwitch(historyAnswer(asked));
  answer = await house.came();
  other = await house.askHistory('RECORD, ROBIN');
  const { handlers } = house;
  await expect(handlers.sealSubject({ subject, order, reason }, custodian)).rejects.toMatchObject({
    code: 'SUBJECT_IN_USE',
  });
  await endWait(asked);
});
afterEach(async () => {
  expect(await house.ledger.verify()).toMatchObject({ ok: true });
  await house.close();
});

/** The wait for answers is over: nothing of it is under way any more. */
async function endWait(id: string): Promise<void> {
  const { outboundMachine } = await import('../../../src/switch/outbound/outbound-message.ts');
  await house.parts.change((change) =>
    change.apply(outboundMachine, id, { event: { type: 'ANSWER_WAIT_ENDED' }, actor: 'system' }),
  );
}

async function seal(): Promise<string> {
  const { id } = await house.handlers.sealSubject({ subject, order, reason }, custodian);
  if (id === null) throw new Error('nothing was sealed');
  return id;
}

const notThere = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'NOT_FOUND' });

test('for everybody else it is as if it had never been: no list, search, view, log or packet has it, and none says why', async () => {
  const before = (await house.handlers.search({ name: 'RECORD', limit: 50 }, supervisor)).rows.map((row) => row.id);
  expect(before).toContain(asked);
  await seal();
  for (const who of [operator, supervisor, auditor]) {
    const { handlers } = house;
    for (const query of [{ name: 'RECORD' }, { key: 'QH' }, { osn: 'PRACOP' }]) {
      const found = await handlers.search({ ...query, limit: 50 }, who);
      expect(found.rows.map((row) => row.id)).toEqual([other]);
      expect(found.sealed).toBeUndefined();
    }
    for (const box of ['inbound', 'held', 'sent'] as const) {
      const { rows } = await handlers.list({ box, limit: 50 }, who);
      expect(rows.map((row) => row.id)).not.toContain(asked);
      expect(rows.map((row) => row.id)).not.toContain(answer);
    }
    expect((await handlers.alarms({}, who)).rows.some((row) => row.messageId === answer)).toBe(false);
    expect((await handlers.iiiLog({ limit: 50 }, who)).rows.map((row) => row.messageId)).toEqual([other]);
    await notThere(handlers.show({ id: asked }, who));
    await notThere(handlers.show({ id: answer }, who));
  }
  // An act answers as it would for an id that nobody has.
  await notThere(house.handlers.read({ id: answer }, operator));
  await notThere(house.handlers.withdraw({ id: asked, reason }, operator));
  await notThere(house.handlers.free({ id: answer, belongs: true, reason }, operator));
  await notThere(house.handlers.export({ what: 'message', id: asked, reason }, auditor));
  const week = new Date(house.clock.wallMs()).toISOString().slice(0, 10);
  for (const packet of [
    await house.packet({ what: 'week', id: week }, auditor),
    await house.packet({ what: 'operator', id: 'PRACOP' }, auditor),
  ]) {
    const ids = packet.rows.map((row) => row.id);
    expect(ids).toContain(other);
    // Neither a row of it nor a word about it: whatever a packet says of a sealed thing bears its id.
    expect(packet.sealed).toBeUndefined();
    for (const hidden of [asked, answer]) expect(JSON.stringify(packet)).not.toContain(hidden);
  }
  const told = await house.handlers.export({ what: 'week', id: week, reason }, auditor);
  expect(Object.keys(told).toSorted()).toEqual(['manifestSha256', 'packetId', 'partCount']);
  const withSealed = { what: 'week', id: week, reason, withSealed: true } as const;
  for (const who of [auditor, supervisor]) {
    await expect(house.handlers.export(withSealed, who)).rejects.toMatchObject({ code: 'ROLE_MISSING' });
  }
});

test('a packet the custodian makes names what it leaves out, and holds it when asked to, which is on file as such', async () => {
  await seal();
  const week = new Date(house.clock.wallMs()).toISOString().slice(0, 10);
  const looks = async () =>
    (await house.ledger.events({ stream: 'system', type: 'LOOKED', limit: 20 })).map(({ data }) => data['what']);
  const thing = (id: string) => ({ stream: 'message', id });
  const [question, reply] = [thing(asked), thing(answer)];
  for (const [what, id, hidden] of [
    ['week', week, [question, reply]],
    ['operator', 'PRACOP', [question]],
  ] as const) {
    const without = await house.packet({ what, id }, custodian);
    expect(without.sealed).toEqual({ held: [], leftOut: hidden });
    expect(without.rows.some((row) => row.id.startsWith(asked) || row.id.startsWith(answer))).toBe(false);
    // What it says is under the manifest's digest: nobody takes the word away again.
    expect(checkPacket({ ...without, sealed: { held: [], leftOut: [] } }).ok).toBe(false);
    const { sealed: _, ...silent } = without;
    expect(checkPacket(silent).ok).toBe(false);
    expect(await looks()).not.toContain('export with sealed');
  }
  const whole = await house.packet({ what: 'week', id: week, withSealed: true }, custodian);
  expect(whole.sealed).toEqual({ held: [question, reply], leftOut: [] });
  for (const stream of ['message', 'frame', 'iii']) {
    expect(house.rowsOf(whole, stream).some((row) => row.id.startsWith(asked))).toBe(true);
  }
  expect((await looks()).filter((what) => what === 'export with sealed')).toHaveLength(1);
  const told = await house.handlers.export({ what: 'message', id: asked, reason }, custodian);
  expect(told.sealed).toEqual({ held: [question], leftOut: [] });
  expect((await looks()).filter((what) => what === 'export with sealed')).toHaveLength(2);
});

test('the custodian is told: by the list of orders, by a search for the name, and by the text itself', async () => {
  const id = await seal();
  const { handlers } = house;
  const row = { id, status: 'STANDING', by: 'PRACCUST', order, reason, messageIds: [asked, answer] };
  expect((await handlers.sealedSubjects({ reason }, custodian)).rows).toMatchObject([
    { ...row, subject: 'NAM/RECORD, SAMPLE.DOB/19800202' },
  ]);
  const found = await handlers.search({ name: 'RECORD, SAMPLE', limit: 50 }, custodian);
  expect(found.rows.map((one) => one.id)).toEqual([other]);
  expect(found.sealed).toMatchObject([row]);
  const byKey = await handlers.search({ key: 'QH', limit: 50 }, custodian);
  expect(byKey.rows.filter((one) => one.sealed).map((one) => one.id)).toEqual([asked]);
  expect(await handlers.show({ id: asked, reason }, custodian)).toMatchObject({ sealed: true, key: 'QH' });
  expect((await handlers.show({ id: answer, reason }, custodian)).text).toContain('RECORD, SAMPLE');
  expect(house.rowsOf(await house.packet({ what: 'message', id: asked }, custodian), 'message').length).toBeGreaterThan(
    0,
  );
  // The search tokens are gone from the index; the texts are not, and state rows fold as before.
  const token = { kind: 'NAM', value: 'RECORD' } as const;
  const rows = await house.ledger.states({ stream: 'message', token, limit: 50 });
  expect(rows.map((row) => row.id)).toEqual([other]);
  expect(await house.ledger.state('message', asked)).toMatchObject({ status: 'SEALED' });
  const [drafted] = await house.ledger.history('message', asked);
  if (drafted === undefined) throw new Error('no history');
  expect(await house.ledger.text(drafted, 'text')).toBeDefined();
});

test('a late answer to a sealed question is hidden with it: no search, list or alarm has it, and the custodian is told', async () => {
  const id = await seal();
  const alarms = (await house.handlers.alarms({}, supervisor)).rows.length;
  await house.fromSwitch(historyAnswer(asked));
  const late = await house.came();
  expect(late).not.toBe(answer);
  await notThere(house.handlers.show({ id: late }, supervisor));
  expect((await house.handlers.alarms({}, supervisor)).rows).toHaveLength(alarms);
  const { rows } = await house.handlers.list({ box: 'inbound', limit: 50 }, supervisor);
  expect(rows.map((row) => row.id)).not.toContain(late);
  const [sealed] = (await house.handlers.sealedSubjects({ reason }, custodian)).rows;
  expect(sealed?.messageIds).toEqual([asked, answer, late]);
  await house.handlers.unsealSubject({ id, reason, approver: supervisorBeside }, custodian);
  expect((await house.handlers.show({ id: late }, supervisor)).text).toContain('RECORD, SAMPLE');
});

test('only a custodian seals, and is told first what: the subject with its answers, and nobody of a like name; it takes two to lift it, and then all is found again', async () => {
  const { handlers } = house;
  const told = await handlers.sealSubject({ subject, order, reason, dryRun: true }, custodian);
  expect(told).toEqual({ id: null, messageIds: [asked, answer], caseIds: [] });
  expect(await handlers.sealedSubjects({ reason }, custodian)).toEqual({ rows: [] });
  await notThere(handlers.sealSubject({ subject: { name: 'NOBODY, NONE' }, order, reason }, custodian));
  const born = { ...subject, dob: '19990101' };
  await notThere(handlers.sealSubject({ subject: born, order, reason }, custodian));
  const code = (call: Promise<unknown>, is: string) => expect(call).rejects.toMatchObject({ code: is });
  await code(handlers.sealSubject({ subject, order, reason }, supervisor), 'ROLE_MISSING');
  await code(handlers.sealedSubjects({ reason }, supervisor), 'ROLE_MISSING');
  await code(handlers.sealSubject({ subject: { dob: '19800202' }, order, reason }, custodian), 'BAD_REQUEST');
  const id = await seal();
  await notThere(handlers.sealSubject({ subject, order, reason }, custodian));
  const approver = { osn: 'PRACCUST', factor: supervisorBeside.factor };
  await code(handlers.unsealSubject({ id, reason, approver }, custodian), 'SAME_PERSON');
  await code(handlers.unsealSubject({ id, reason, approver: supervisorBeside }, supervisor), 'ROLE_MISSING');
  const lifted = await handlers.unsealSubject({ id, reason, approver: supervisorBeside }, custodian);
  expect(lifted).toEqual({ status: 'LIFTED' });
  await code(handlers.unsealSubject({ id, reason, approver: supervisorBeside }, custodian), 'ALREADY_DONE');
  const { rows } = await handlers.search({ name: 'RECORD, SAMPLE', limit: 50 }, supervisor);
  expect(rows.map((row) => row.id).toSorted()).toEqual([asked, other].toSorted());
  expect((await handlers.show({ id: answer }, supervisor)).text).toContain('RECORD, SAMPLE');
  expect((await handlers.iiiLog({ name: 'RECORD', limit: 50 }, supervisor)).rows).toHaveLength(2);
});
