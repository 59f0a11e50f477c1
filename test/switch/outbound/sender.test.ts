import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attemptsMax } from '../../../src/switch/outbound/outbound-message.ts';
import { fileOutcome } from '../../../src/switch/outbound/send-filing.ts';
import { messageViewOf } from '../../../src/switch/records/views.ts';
import { brokenLaws } from '../../scenarios/laws/laws.ts';
import { delivered, openRooms, type Rooms, ScriptedLink, theirAnswer } from '../rooms.ts';

const minuteMs = 60_000;
let rooms: Rooms;
beforeEach(async () => {
  rooms = await openRooms();
});
afterEach(async () => {
  rooms.ledger.failing = false;
  expect(await brokenLaws({ ledger: rooms.ledger, simulatorEvents: [], paths: [], secrets: [] })).toEqual([]);
  await rooms.sender.close();
});

const inquiry = '1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W';
async function asks(): Promise<string> {
  await rooms.fromStation(inquiry);
  await rooms.pass(0);
  return (await rooms.ours()).id;
}
const reconnect = async (outcome: ScriptedLink['outcome'] = 'acked'): Promise<ScriptedLink> => {
  const link = new ScriptedLink('upstream-2');
  link.outcome = outcome;
  await rooms.sender.linkUp(link);
  await rooms.pass(0);
  return link;
};

describe('an inquiry whose fate is unknown', () => {
  test('is asked again on the next line under the same reference, three times in all, then a person is told', async () => {
    rooms.link.outcome = 'lost';
    const id = await asks();
    expect((await rooms.out(id)).status).toBe('IN_DOUBT');
    for (let more = 1; more < attemptsMax + 2; more += 1) {
      const link = await reconnect('lost');
      expect(link.sent.length).toBe(more < attemptsMax ? 1 : 0);
      if (more < attemptsMax) expect(link.sent[0]).toBe(rooms.link.sent[0]);
    }
    expect(await rooms.out(id)).toMatchObject({ status: 'IN_DOUBT', attempts: attemptsMax });
    expect(await rooms.alarms()).toContain('IN_DOUBT');
    expect((await rooms.notices()).at(-1)).toContain('HITLINE.IN_DOUBT');
  });

  test('takes an answer that comes while it waits to be asked again, and is asked no more', async () => {
    rooms.link.outcome = 'lost';
    const id = await asks();
    const narrow = new ScriptedLink('upstream-2');
    narrow.state = 'opening';
    await rooms.sender.linkUp(narrow);
    expect((await rooms.out(id)).status).toBe('QUEUED');
    await rooms.fromSwitch(`1L01${'COJ1'}${id}\nCO099013N\n\nNO NCIC WANT NAM/SAMPLE, SAM`);
    expect((await rooms.inbound())[0]?.state.status).toBe('MATCHED');
    expect((await rooms.out(id)).status).not.toBe('QUEUED');
    narrow.state = 'open';
    await rooms.pass(2_000);
    expect(narrow.sent).toEqual([]);
  });

  test('expires when it grows old, and who asked is told', async () => {
    rooms.link.outcome = 'lost';
    const id = await asks();
    await rooms.pass(5 * minuteMs + 1);
    expect((await rooms.out(id)).status).toBe('EXPIRED');
    expect((await rooms.notices()).at(-1)).toContain('HITLINE.EXPIRED');
  });

  test('waits for nothing but its answers once it is acknowledged late', async () => {
    rooms.link.outcome = 'lost';
    const id = await asks();
    expect(await rooms.armed(id)).toContain(`${id}.hold-expiry`);
    await fileOutcome(rooms.parts, id, { type: 'acked', exchangeId: 1 });
    expect((await rooms.out(id)).status).toBe('ACKED');
    expect(await rooms.armed(id)).toEqual([`${id}.answer-wait`]);
  });

  test('one that never left expires too', async () => {
    rooms.link.state = 'closed';
    const id = await asks();
    await rooms.pass(5 * minuteMs + 1);
    expect((await rooms.out(id)).status).toBe('EXPIRED');
    expect((await reconnect()).sent).toEqual([]);
  });
});

describe('a confirmation whose fate is unknown', () => {
  test('is never sent again by itself, and an answer to it settles the doubt', async () => {
    rooms.link.outcome = 'lost';
    const { id } = await rooms.asked();
    expect((await reconnect()).sent).toEqual([]);
    await rooms.fromSwitch(theirAnswer('Y', id));
    expect((await rooms.out(id)).status).toBe('ANSWERED');
    expect((await rooms.cases())[0]?.state.proposal).not.toBeNull();
  });

  test('one that was given up takes its answer all the same', async () => {
    rooms.link.outcome = 'lost';
    const { id } = await rooms.asked();
    await rooms.resolve(id, 'give-up');
    await rooms.fromSwitch(theirAnswer('Y', id));
    expect((await rooms.out(id)).status).toBe('ANSWERED');
  });

  test('one that a supervisor sends again has its limit again', async () => {
    rooms.link.outcome = 'lost';
    const { id } = await rooms.asked();
    rooms.link.state = 'closed';
    await rooms.resolve(id, 'send-again');
    await rooms.pass(5 * minuteMs + 1);
    expect(await rooms.out(id)).toMatchObject({ status: 'HELD', stale: true });
  });
});

describe('when the world fails', () => {
  test('a ledger that cannot file SENT lets nothing leave and is not asked in a hot loop; later the message leaves once', async () => {
    rooms.link.state = 'closed';
    const { id } = await rooms.asked();
    rooms.link.state = 'open';
    rooms.ledger.failing = true;
    await rooms.pass(1_000);
    expect(rooms.link.sent).toEqual([]);
    expect(rooms.faults.length).toBeLessThan(3);
    rooms.ledger.failing = false;
    await rooms.pass(1_000);
    expect(rooms.link.sent.length).toBe(1);
    expect((await rooms.out(id)).status).toBe('ACKED');
  });

  test('an acknowledgement that cannot be filed is filed as soon as the ledger can', async () => {
    rooms.link.outcome = 'wait';
    const { id } = await rooms.asked();
    rooms.ledger.failing = true;
    rooms.link.answer('acked');
    await rooms.pass(0);
    expect((await rooms.out(id)).status).toBe('SENT');
    rooms.ledger.failing = false;
    await rooms.clock.pass(2_000);
    await rooms.pass(0);
    expect((await rooms.out(id)).status).toBe('ACKED');
  });

  test('what the line can never carry is taken back with an alarm, and who asked is told', async () => {
    rooms.link.outcome = 'not-sent';
    rooms.link.reason = 'TOO_LONG';
    const { id } = await rooms.asked();
    expect((await rooms.out(id)).status).toBe('WITHDRAWN');
    expect(await rooms.alarms()).toContain('CANNOT_LEAVE');
    expect((await rooms.notices()).at(-1)).toContain('cannot carry');
  });
});

test('an inquiry waits for every source: a hit shows at once, NO RECORD only when all have said so', async () => {
  const id = await asks();
  expect((await messageViewOf(rooms.parts, id)).verdict).toBe('WAITING FOR STATE, NCIC');
  await rooms.fromSwitch(`1L01COJ1${id}\nCO099013N\n\nNO NCIC WANT NAM/SAMPLE, SAM`);
  // The wording is recalled, so without a profile that calls it sure a person must read it.
  expect((await messageViewOf(rooms.parts, id)).verdict).toBe('READ IT; WAITING FOR STATE');
  await rooms.pass(2 * minuteMs);
  expect((await messageViewOf(rooms.parts, id)).verdict).toBe('READ IT; NO ANSWER FROM STATE');
  expect((await rooms.notices()).at(-1)).toContain('The wait for answers is over: NO ANSWER FROM STATE');
});

test('an answer addressed to another ORI, or about another record, is put in quarantine', async () => {
  const id = await asks();
  await rooms.fromSwitch(`1L01COJ1${id}\nWY0990200\n\nNO NCIC WANT NAM/SAMPLE, SAM`);
  expect((await rooms.inbound())[0]?.state).toMatchObject({
    status: 'QUARANTINED',
    quarantineReason: 'CONTRADICTS ORI',
  });
  await rooms.fromSwitch(delivered({ key: 'YR', control: id, body: 'NIC/W990000001.CON/Y' }));
  expect((await rooms.inbound())[0]?.state.status).toBe('QUARANTINED');
});
