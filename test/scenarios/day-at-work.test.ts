import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MessageView } from '../../src/console/contract.ts';
import { type Clock, systemClock } from '../../src/host/clock.ts';
import { routineRequest, urgentRequest } from '../../src/practice/dispatch-center.ts';
import type { SqliteLedger } from '../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import { stopwatch } from '../support/held-up.ts';
import { Stage } from './stage.ts';

/** What else happens in a day at the COJ, over the real doors. */
const silent = {
  name: 'Silent',
  agencies: [],
  listeners: ['WY0990200', 'WY0990300', 'CO0990000', 'WY0990000'],
  answers: { firstAfterMs: 0, secondAfterMs: 400 },
};

/** What the switch would say later, while a test keeps it from it: what is true only in between can be looked at in peace. */
let kept: (() => void)[] | undefined;
const switchClock: Clock = {
  ...systemClock,
  after(delayMs, action) {
    if (kept === undefined || delayMs < silent.answers.secondAfterMs) return systemClock.after(delayMs, action);
    kept.push(action);
    return () => undefined;
  },
};
function letSwitchGoOn(): void {
  const actions = kept ?? [];
  kept = undefined;
  for (const action of actions) action();
}

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ script: silent, inside: true, simulator: { clock: switchClock } });
  await stage.upstreamUp();
});
afterEach(async () => {
  letSwitchGoOn();
  await stage.stopGateway();
  await stage.close();
});

async function drafted(key: string, fields: Record<string, string[]>): Promise<string> {
  const coj = await stage.coj();
  const made = await coj.call('draft', { key, destinations: [], fields });
  if (made.id === null) throw new Error(`${key} has faults: ${made.faults.map((one) => `${one.code} ${one.field}`)}`);
  return made.id;
}
async function answers(view: MessageView): Promise<readonly MessageView[]> {
  const coj = await stage.coj();
  return Promise.all(view.answerIds.map((id) => coj.call('show', { id })));
}

test('an inquiry leaves unheld, waits for the State and NCIC, and shows a hit at once or NO RECORD at the end', async () => {
  const nobody = { NAM: ['RECORD,RILEY'], DOB: ['19550505'], SEX: ['F'], RAC: ['W'] };
  const id = await drafted('QW', nobody);
  const done = await stage.message(id, (view) => view.status === 'ANSWERED');
  expect((await answers(done)).map((one) => one.verdict)).toEqual(['NO RECORD', 'NO RECORD']);
  expect(done.verdict).toBe('NO RECORD');
  expect(done).toMatchObject({ keyClass: 'inquiry', requester: stage.operator.osn });
  const hit = await drafted('QW', { NAM: ['RECORD, ROBIN'], DOB: ['19800202'], SEX: ['M'], RAC: ['W'] });
  const found = await stage.message(hit, (view) => view.status === 'ANSWERED');
  expect(found.verdict).toBe('POSSIBLE HIT - UNCONFIRMED');
  const coj = await stage.coj();
  expect((await coj.call('alarms', {})).rows.map((row) => row.code)).toContain('POSSIBLE_HIT');
  const mustRead = (await answers(found)).find((one) => one.alarm);
  await coj.call('read', { id: mustRead?.id ?? '' });
  expect((await coj.call('show', { id: mustRead?.id ?? '' })).alarm).toBe(false);
});

test('QH and QR say whom they wait for until the State and III have answered', async () => {
  const who = {
    NAM: ['RECORD, ROBIN'],
    SEX: ['M'],
    RAC: ['W'],
    DOB: ['19800202'],
    PUR: ['C'],
    ATN: ['OPERATOR SAMPLE'],
  };
  kept = [];
  const id = await drafted('QH', who);
  const waiting = await stage.message(id, (view) => view.answerIds.length === 1);
  expect(waiting.verdict).toMatch(/WAITING FOR (STATE|III)$/);
  letSwitchGoOn();
  const done = await stage.message(id, (view) => view.status === 'ANSWERED');
  expect((await answers(done)).length).toBe(2);
  const full = await drafted('QR', { FBI: ['SYN00002A'], PUR: ['C'], ATN: ['OPERATOR SAMPLE'] });
  await stage.message(full, (view) => view.status === 'ANSWERED');
});

test('a gun is entered, is on file, and cannot be entered twice: held, approved, and the rejection an alarm', async () => {
  const gun = { MAK: ['COL'], SER: ['PRACTICE0001'], CAL: ['38'], TYP: ['PR'], DOT: ['20260101'], OCA: ['PR26000009'] };
  const id = await drafted('EG', gun);
  expect((await stage.message(id, () => true)).status).toBe('HELD');
  expect(stage.simulator.events.filter((one) => one.type === 'received')).toEqual([]);
  await stage.acceptAndRelease(id);
  const entered = await stage.message(id, (view) => view.status === 'ANSWERED');
  const [acknowledged] = await answers(entered);
  expect(acknowledged?.text).toMatch(/NIC\/G\d{9}/);
  const again = await drafted('EG', gun);
  await stage.acceptAndRelease(again);
  const rejected = await stage.message(again, (view) => view.status === 'ANSWERED');
  expect((await answers(rejected))[0]?.text).toContain('REJ');
  const coj = await stage.coj();
  expect((await coj.call('alarms', {})).rows.map((row) => row.code)).toContain('REJECTED_BY_SWITCH');
});

test('a want and an article are entered, and another agency’s want is located, each only after its approval', async () => {
  const want = {
    NAM: ['SAMPLE, ALPHA B'],
    SEX: ['F'],
    RAC: ['A'],
    HGT: ['602'],
    WGT: ['180'],
    HAI: ['BLK'],
    OFF: ['1399'],
    OCA: ['PRACTICE01'],
    EXL: ['1'],
    DOW: ['20260105'],
    DOB: ['19700101'],
  };
  const article = { TYP: ['BBICYCL'], SER: ['PRACTICE06'], DOT: ['20260102'], OCA: ['PRACTICE01'] };
  const locate = {
    NAM: ['RECORD, ROBIN'],
    NIC: ['W990000002'],
    DOL: ['20260203'],
    RCA: ['PRACTICE03'],
    DIS: ['EXTR'],
  };
  for (const [key, fields] of [
    ['EW', want],
    ['EA', article],
    ['LW', locate],
  ] as const) {
    const before = stage.simulator.events.filter((one) => one.type === 'received').length;
    const id = await drafted(key, fields);
    expect(stage.simulator.events.filter((one) => one.type === 'received').length).toBe(before);
    await stage.acceptAndRelease(id);
    const done = await stage.message(id, (view) => view.status === 'ANSWERED');
    expect([key, (await answers(done))[0]?.text]).toEqual([key, expect.stringMatching(/NIC\/[A-Z]\d{9}/)]);
  }
});

test('a refusal is told to the station, and a wrong factor, the own factor and a second approval are refused', async () => {
  const held = await stage.requestHeld(urgentRequest);
  const coj = await stage.coj();
  const shown = await coj.call('show', { id: held.id });
  const release = (osn: string, factor: string) =>
    coj.call('release', { id: held.id, sha256: shown.sha256, approver: { osn, factor } }).then(
      () => 'released',
      (error: { code: string }) => error.code,
    );
  await coj.call('accept', { id: held.id });
  expect(await release(stage.supervisor.osn, 'not the factor')).toBe('LOGON_REFUSED');
  expect(await release(stage.operator.osn, stage.operator.password)).toBe('ROLE_MISSING');
  expect((await coj.call('status', {})).operator).toBe(stage.operator.osn);
  await expect(coj.call('release', { id: held.id, sha256: shown.sha256 })).rejects.toMatchObject({
    code: 'ROLE_MISSING',
  });
  const second = await stage.second();
  await second.call('refuse', { id: held.id, reason: 'WRONG AGENCY' });
  await stage.happens('the station is told', () =>
    stage.stationReceived.find((text) => text.startsWith('HITLINE.REFUSED')),
  );
  await expect(second.call('release', { id: held.id, sha256: shown.sha256 })).rejects.toMatchObject({
    code: 'ALREADY_DONE',
  });
  const other = await stage.requestHeld(routineRequest);
  await coj.call('withdraw', { id: other.id, reason: 'NOT NEEDED' });
  await stage.happens('the station is told', () =>
    stage.stationReceived.find((text) => text.startsWith('HITLINE.WITHDRAWN')),
  );
  expect(stage.simulator.events.filter((one) => one.type === 'received')).toEqual([]);
});

test('an answer that comes while its station is away is delivered when the station is back', async () => {
  const held = await stage.requestHeld(urgentRequest);
  await stage.leaveDispatch();
  await stage.acceptAndRelease(held.id);
  await stage.message(held.id, (view) => view.status === 'ACKED');
  const body = 'RTY/WP.OCA/SC26000002.NIC/W990000002.NAM/RECORD, ROBIN.DOB/19800202.CON/Y.CNA/CLERK.CAG/SHERIFF';
  const stamps = '08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100';
  stage.simulator.inject(`YR.WY0990200\n${stamps}\n*${held.id}\nTXT\n${body}`, 'CO0990100');
  await stage.case(held.caseId, (view) => view.proposal !== null);
  expect(stage.stationReceived.some((text) => text.startsWith('YR'))).toBe(false);
  await stage.dispatch();
  const got = await stage.happens('the station has it', () =>
    stage.stationReceived.find((text) => text.startsWith('YR')),
  );
  expect(got).toContain('*DISP000001');
});

test('the switch vanishes and comes back: an alarm, what is released waits and leaves once', async () => {
  const held = await stage.requestHeld(routineRequest);
  stage.proxy.refuse();
  stage.proxy.cut();
  const coj = await stage.coj();
  await stage.happens('the line is down', async () =>
    (await coj.call('status', {})).upstream.state === 'down' ? true : undefined,
  );
  await stage.acceptAndRelease(held.id);
  await stage.happens('there is an alarm', async () =>
    (await coj.call('alarms', {})).rows.find((row) => row.code === 'UPSTREAM_DOWN'),
  );
  expect((await coj.call('show', { id: held.id })).status).toBe('QUEUED');
  stage.proxy.accept();
  await stage.message(held.id, (view) => view.status === 'ACKED');
  expect(stage.receivedCount(held.id)).toBe(1);
});

test('a full disk: stations are refused, every screen says so within a second, nothing is lost, and it works again after', async () => {
  const ledger = stage.gateway.ledger as SqliteLedger;
  const held = await stage.requestHeld(routineRequest);
  const coj = await stage.coj();
  const alarms: string[] = [];
  coj.onNotification((said) => {
    if (said.name === 'alarm') alarms.push(said.says.code);
  });
  ledger.capPages(1);
  const tookMs = stopwatch();
  const outcome = await (await stage.dispatch()).send(urgentRequest);
  expect(outcome).toMatchObject({ type: 'naked', reason: 'NOT STORED - SEND AGAIN' });
  await stage.happens('the screens are told', () => (alarms.includes('LEDGER_FAILED') ? true : undefined));
  expect(tookMs()).toBeLessThan(1_000);
  expect((await coj.call('status', {})).notices.join()).toContain('LEDGER FAILED');
  ledger.capPages(1_000_000);
  await stage.happens('it is over', async () =>
    (await coj.call('status', {})).notices.join().includes('LEDGER FAILED') ? undefined : true,
  );
  await stage.happens('the failure is on file as an alarm', async () =>
    (await coj.call('alarms', {})).rows.some((row) => row.code === 'LEDGER_FAILED') ? true : undefined,
  );
  await stage.acceptAndRelease(held.id);
  await stage.message(held.id, (view) => view.status === 'ACKED');
  expect((await (await stage.dispatch()).send(urgentRequest)).type).toBe('acked');
});

test('a gateway whose disk is full still ends when it is told to, and has everything after the next start', async () => {
  const ledger = stage.gateway.ledger as SqliteLedger;
  const held = await stage.requestHeld(routineRequest);
  ledger.capPages(1);
  await (await stage.dispatch()).send(urgentRequest);
  await stage.stopGateway();
  await stage.startGateway();
  expect((await stage.message(held.id, () => true)).status).toBe('HELD');
});
