import { afterEach, expect, test } from 'vitest';
import { routineRequest, urgentRequest } from '../../src/practice/dispatch-center.ts';
import { heldUpSince } from '../support/held-up.ts';
import { needsRedis } from '../support/needs-redis.ts';
import { type RedisInHand, startRedisInHand } from '../support/redis.ts';
import { Stage } from './stage.ts';

const silent = { name: 'Silent', agencies: [], listeners: ['WY0990200', 'WY0990300', 'CO0990000', 'WY0990000'] };

function sheriff(replies: readonly Readonly<Record<string, unknown>>[]) {
  return {
    name: 'Sheriff',
    stations: [{ oris: ['CO0990100', 'CO099013N'] }],
    agencies: [
      { ori: 'WY0990200', name: 'Sage County Sheriff', phone: '5550100122', rules: [{ when: { key: 'YQ' }, replies }] },
    ],
  };
}

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

test('killed between release and acknowledgement: in doubt after the restart, not lost, not sent twice', async () => {
  stage = await Stage.open({ script: silent });
  await stage.upstreamUp();
  const held = await stage.requestHeld(urgentRequest);
  stage.proxy.holdAnswers();
  await stage.acceptAndRelease(held.id);
  await stage.happens('the switch has it', () => (stage?.receivedCount(held.id) === 1 ? true : undefined));
  expect((await stage.message(held.id, () => true)).status).toBe('SENT');
  await stage.killGateway();

  stage.proxy.letPass();
  await stage.startGateway();
  await stage.upstreamUp();
  const doubtful = await stage.message(held.id, (view) => view.status === 'IN_DOUBT');
  expect(doubtful.text).toContain('W990000002');
  // Something else goes out over the same line, so the sender works and had every chance to send it again.
  const other = await stage.requestHeld(routineRequest);
  await stage.acceptAndRelease(other.id);
  await stage.message(other.id, (view) => view.status === 'ACKED');
  expect(stage.receivedCount(held.id)).toBe(1);
  // The clock of its case runs on, from the moment it was sent.
  const view = await stage.case(held.caseId, () => true);
  expect(view).toMatchObject({ status: 'open', stoppedAtMs: null });
  expect(view.startedAtMs).not.toBeNull();
  await stage.stopGateway();
});

test('killed while a message is held and another is released but the line is down: both are there after the restart', async () => {
  stage = await Stage.open({ script: silent });
  await stage.upstreamUp();
  const waiting = await stage.requestHeld(urgentRequest);
  const released = await stage.requestHeld(routineRequest);
  await stage.simulator.close();
  await stage.acceptAndRelease(released.id);
  await stage.killGateway();
  await stage.startGateway();
  expect((await stage.message(waiting.id, () => true)).status).toBe('HELD');
  expect((await stage.message(released.id, () => true)).status).toBe('QUEUED');
  await stage.stopGateway();
});

test('a YR about another subject that bears our reference and comes from the right agency stops nothing', async () => {
  stage = await Stage.open({ script: sheriff([{ say: 'wrong-subject', afterMs: 50 }]) });
  await stage.upstreamUp();
  const held = await stage.requestHeld(urgentRequest);
  await stage.acceptAndRelease(held.id);
  const coj = await stage.coj();
  const stray = await stage.happens('the stray YR is on file', async () =>
    (await coj.call('list', { box: 'inbound', limit: 50 })).rows.find((row) => row.key === 'YR'),
  );
  expect(stray.status).toBe('QUARANTINED');
  const view = await stage.case(held.caseId, (one) => one.startedAtMs !== null);
  expect(view).toMatchObject({ status: 'open', stoppedAtMs: null, proposal: null });
  expect((await coj.call('alarms', {})).rows.map((row) => row.code)).toContain('CONTRADICTION');
  await expect(
    coj.call('classify', { caseId: held.caseId, messageId: stray.id, as: 'confirmed' }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await stage.stopGateway();
});

test('a YR without our control field is only proposed, and stops the clock when a person accepts it', async () => {
  stage = await Stage.open({ script: sheriff([{ say: 'no-control', afterMs: 50 }]) });
  await stage.upstreamUp();
  const held = await stage.requestHeld(urgentRequest);
  await stage.acceptAndRelease(held.id);
  const proposed = await stage.case(held.caseId, (one) => one.proposal !== null);
  expect(proposed.stoppedAtMs).toBeNull();
  const messageId = proposed.proposal?.messageId ?? '';
  await (await stage.coj()).call('classify', { caseId: held.caseId, messageId, as: 'confirmed' });
  const stopped = await stage.case(held.caseId, (one) => one.stoppedAtMs !== null);
  expect(stopped.stoppedAtMs).toBe((await stage.message(messageId, () => true)).createdAtMs);
  await stage.stopGateway();
});

test('an ER for our request stops no clock and sends a person to the telephone', async () => {
  stage = await Stage.open({ script: sheriff([{ say: 'error-22', afterMs: 50 }]) });
  await stage.upstreamUp();
  const held = await stage.requestHeld(urgentRequest);
  await stage.acceptAndRelease(held.id);
  const view = await stage.case(held.caseId, (one) => one.phase.includes('TELEPHONE'));
  expect(view).toMatchObject({ status: 'open', stoppedAtMs: null });
  await stage.stopGateway();
});

test('a message about our record that does not parse is acknowledged, filed, alarmed, and opens a case', async () => {
  stage = await Stage.open({ script: { name: 'Garbled', stations: [{ oris: ['CO0990100'] }] } });
  await stage.upstreamUp();
  stage.simulator.inject('?? GARBLED ?? CO0990100 W990000001 STILL WANTED??', 'CO0990100');
  const coj = await stage.coj();
  const opened = await stage.happens(
    'a case is open',
    async () => (await coj.call('cases', { open: true, limit: 10 })).rows[0],
  );
  expect(opened).toMatchObject({ side: 'answer', nic: 'W990000001' });
  expect(opened.dueAtMs).not.toBeNull();
  expect((await coj.call('alarms', {})).rows.map((row) => row.code)).toContain('CASE_UNREADABLE');
  const [row] = (await coj.call('list', { box: 'inbound', limit: 10 })).rows;
  expect(row?.verdict).toBe('READ IT');
  await stage.stopGateway();
});

test('a bad message from a station is answered with all its faults, filed, and never forwarded', async () => {
  stage = await Stage.open({ script: silent });
  await stage.upstreamUp();
  const dispatch = await stage.dispatch();
  const bad = urgentRequest.replace('RNO/1', 'RNO/7').replace('PRI/U', 'PRI/X').replace('.DOB/19800202', '');
  expect((await dispatch.send(bad)).type).toBe('acked');
  const notice = await stage.happens('the station is answered', () =>
    dispatch.received.find((text) => text.startsWith('HITLINE.REJECTED')),
  );
  for (const field of ['RNO', 'PRI', 'DOB']) expect(notice).toMatch(new RegExp(`FAULT \\S+ ${field} `));
  expect(notice).toContain('*DISP000001');
  expect(notice).not.toContain('RECORD');
  const forged = urgentRequest.replace('YQ.CO099013N', 'YQ.CO0990100');
  expect((await dispatch.send(forged)).type).toBe('acked');
  await stage.happens('the forged one is answered', () =>
    dispatch.received.find((text) => text.includes('ORI_NOT_ALLOWED')),
  );
  expect(stage.simulator.events.filter((event) => event.type === 'received')).toEqual([]);
  await stage.stopGateway();
});

needsRedis('with a real Redis', () => {
  let redis: RedisInHand | undefined;
  afterEach(async () => {
    await redis?.close();
    redis = undefined;
  });

  test('Redis wiped while a clock runs: the clock still fires on time', async () => {
    redis = await startRedisInHand();
    stage = await Stage.open({
      script: silent,
      redis: { mode: 'url', url: redis.url },
      clocks: { confirmRoutineMs: 3_000 },
    });
    expect(stage.schedulerText).toContain('BullMQ');
    await stage.upstreamUp();
    const heldUpMs = heldUpSince();
    const held = await stage.requestHeld(routineRequest);
    await stage.acceptAndRelease(held.id);
    const running = await stage.case(held.caseId, (one) => one.startedAtMs !== null);
    await redis.wipe();
    const lapsed = await stage.case(held.caseId, (one) => one.overdue);
    const firedAtMs = lapsed.timeline.find((one) => one.what === 'time lapsed')?.atMs ?? 0;
    expect(firedAtMs).toBeGreaterThanOrEqual(running.dueAtMs ?? Number.POSITIVE_INFINITY);
    expect(firedAtMs - (running.dueAtMs ?? 0) - heldUpMs()).toBeLessThan(2_000);
    await stage.stopGateway();
  });
});
