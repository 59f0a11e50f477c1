import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { frameBytesMax } from '../../../src/console/contract.ts';
import { HitlineError } from '../../../src/faults/fault.ts';
import type { ConsoleDoor, ConsoleDoorOptions } from '../../../src/switch/doors/console-door.ts';
import { until } from '../../support/until.ts';
import { BareScreen, emptyHandlers, type House, openHouse } from './console-house.ts';

let house: House;
let door: ConsoleDoor;
let linesBefore = 0;
/** What was logged since the door of this test was opened. */
const lines = () => house.log.lines.slice(linesBefore);
beforeAll(async () => {
  house = await openHouse();
});
afterEach(() => door.close());
afterAll(() => house.close());

async function open(changes: Partial<ConsoleDoorOptions> = {}): Promise<void> {
  linesBefore = house.log.lines.length;
  door = await house.open(changes);
}

async function seated(consoleId = 'COJ1', osn = 'PRACOP'): Promise<BareScreen> {
  const screen = await BareScreen.at(door, consoleId);
  expect(await screen.logon(osn)).toBe('ok');
  return screen;
}

const logged = (code: string, reason?: string): boolean =>
  lines().some((line) => line.code === code && (reason === undefined || line.reason === reason));

describe('a call', () => {
  it('comes after hello, and hello names a console that exists and stays the same', async () => {
    await open();
    const screen = await BareScreen.connect(door);
    expect(await screen.codeOf('status')).toBe('HELLO_MISSING');
    expect(await screen.logon('PRACOP')).toBe('HELLO_MISSING');
    expect(await screen.codeOf('hello', { consoleId: 'NONE', client: 'x' })).toBe('CONSOLE_UNKNOWN');
    const hello = await screen.call('hello', { consoleId: 'SUP1', client: 'x' });
    expect(hello.result).toMatchObject({ consoleId: 'SUP1', agency: 'Pine Ridge Police Department' });
    expect(await screen.codeOf('hello', { consoleId: 'COJ1', client: 'x' })).toBe('CONSOLE_TAKEN');
    expect(await screen.codeOf('hello', { consoleId: 'SUP1', client: 'x' })).toBe('ok');
  });

  it('before log-on is refused, except hello, logon and status', async () => {
    await open();
    const screen = await BareScreen.at(door, 'COJ1');
    expect(await screen.codeOf('status')).toBe('ok');
    for (const [method, params] of [
      ['list', { box: 'held', limit: 1 }],
      ['accept', { id: 'm-1' }],
      ['alarms', {}],
      ['logoff', {}],
      ['unlock', { osn: 'PRACOP', consoleId: 'COJ1', reason: 'x' }],
    ] as const) {
      expect(await screen.codeOf(method, params)).toBe('NOT_LOGGED_ON');
    }
  });

  it('reaches its handler with what was checked and who sits there', async () => {
    const seen: unknown[] = [];
    await open({
      handlers: emptyHandlers({
        read: async (params, session) => {
          seen.push([params, session.person.osn, session.consoleId, session.device]);
          return { status: 'READ' };
        },
      }),
    });
    const screen = await seated();
    const answer = await screen.call('read', { id: 'm-1', extra: 'dropped' });
    expect(answer.result).toEqual({ status: 'READ' });
    expect(seen).toEqual([[{ id: 'm-1' }, 'PRACOP', 'COJ1', 'COJ1']]);
  });

  it('of the wrong shape is answered with every fault by name and without what was sent', async () => {
    await open();
    const screen = await seated();
    const answer = await screen.call('draft', {
      key: 'RECORD-SAMPLE',
      destinations: 'RECORD-SAMPLE',
      fields: { NAM: 'RECORD-SAMPLE', 'RECORD-SAMPLE': 1 },
      caseId: '',
    });
    expect(answer.error?.code).toBe(-32_602);
    expect(answer.error?.data.code).toBe('BAD_REQUEST');
    const fields = answer.error?.data.faults.map((fault) => fault.field);
    expect(new Set(fields)).toEqual(new Set(['key', 'destinations', 'fields.NAM', 'fields', 'caseId']));
    expect(JSON.stringify(answer)).not.toContain('RECORD-SAMPLE');
    expect(JSON.stringify(lines())).not.toContain('RECORD-SAMPLE');
  });

  it('of a method there is not is refused, be it named like a property of every object', async () => {
    await open();
    const screen = await seated();
    for (const method of ['launch', 'constructor', '__proto__', 'toString', '']) {
      const answer = await screen.call(method);
      expect(answer.error).toMatchObject({ code: -32_601, data: { code: 'METHOD_UNKNOWN' } });
    }
  });

  it('that a rule refuses says so with its faults', async () => {
    const faults = [{ code: 'SAME_PERSON', field: 'OSN', text: 'x' }] as const;
    const release = async (): Promise<never> => {
      throw new HitlineError('SAME_PERSON', { faults });
    };
    await open({ handlers: emptyHandlers({ release }) });
    const screen = await seated();
    const answer = await screen.call('release', { id: 'm-1', sha256: '0'.repeat(64) });
    expect(answer.error).toMatchObject({ code: -32_000, data: { code: 'SAME_PERSON', faults } });
  });

  it('that fails unexpectedly, or gives what the contract does not allow, says only under which id the log has more', async () => {
    await open({
      handlers: emptyHandlers({
        show: async () => {
          throw new TypeError('RECORD, SAMPLE broke it');
        },
        accept: async () => ({ status: 7 }) as never,
      }),
    });
    const screen = await seated();
    for (const method of ['show', 'accept']) {
      const answer = await screen.call(method, { id: 'm-1' });
      expect(answer.error).toMatchObject({ code: -32_603, data: { code: 'INTERNAL' } });
      const line = lines().findLast((one) => one.code === 'INTERNAL');
      expect(JSON.stringify(answer)).toContain(line?.id);
      expect(line).toMatchObject({ method });
      expect(JSON.stringify([answer, lines()])).not.toContain('SAMPLE');
    }
    expect(await screen.codeOf('status')).toBe('ok');
  });
});

describe('what is no call', () => {
  const bad: [string, string | Buffer][] = [
    ['no JSON', '{"jsonrpc":'],
    ['bytes', Buffer.from([0, 255, 1])],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"status"}]'],
    ['null', 'null'],
    ['a call that wants no answer', '{"jsonrpc":"2.0","method":"status"}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"status"}'],
    ['a deep nest', '['.repeat(500_000)],
  ];
  it.each(bad)('closes that connection with a reason and no other: %s', async (...[, frame]) => {
    await open();
    const good = await seated();
    const screen = await BareScreen.at(door, 'SUP1');
    screen.socket.send(frame);
    expect(await screen.closed).toBe(1008);
    expect(screen.heard.at(-1)?.error?.data.code).toBe('BAD_REQUEST');
    expect(await good.codeOf('status')).toBe('ok');
  });

  it('may be a frame beyond the cap, which is not read to its end', async () => {
    await open();
    const good = await seated();
    const screen = await BareScreen.at(door, 'SUP1');
    screen.socket.send('x'.repeat(frameBytesMax + 1));
    expect(await screen.closed).toBe(1009);
    await until(() => logged('CONSOLE_CLOSED', 'FRAME_LENGTH'), 'the close is logged');
    expect(await good.codeOf('status')).toBe('ok');
  });

  it('keeps no seat, when who sent it neither stops nor takes part in the goodbye', async () => {
    const closeMs = 1_000;
    await open({ limits: { closeMs, pulseMs: 1_000_000_000 } });
    const flooding = await seated('COJ1', 'PRACOP');
    flooding.socket.pause();
    flooding.socket.send('x'.repeat(frameBytesMax + 1));
    await until(() => {
      void house.clock.pass(closeMs);
      return door.sessions.length === 0;
    }, 'its seat is free');
    expect(logged('CONSOLE_CLOSED', 'FRAME_LENGTH')).toBe(true);
    await seated('COJ1', 'PRACOP2');
    flooding.socket.terminate();
  });
});

describe('too much', () => {
  it('is told so call by call, and closed when it does not stop', async () => {
    await open({ limits: { callBurst: 5, refusedCallsMax: 20 } });
    const good = await seated();
    const screen = await BareScreen.at(door, 'SUP1');
    const codes = await Promise.all(Array.from({ length: 10 }, () => screen.codeOf('status')));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(4);
    expect(codes.filter((code) => code === 'TOO_MANY_CALLS')).toHaveLength(6);
    await house.clock.pass(1_000);
    expect(await screen.codeOf('status')).toBe('ok');
    for (let call = 0; call < 30; call += 1) void screen.call('status');
    expect(await screen.closed).toBe(1013);
    expect(await good.codeOf('status')).toBe('ok');
  });

  it('also counts by size', async () => {
    await open({ limits: { callBurst: 20 } });
    const screen = await BareScreen.at(door, 'SUP1');
    const big = { consoleId: 'SUP1', client: 'x'.repeat(700_000) };
    expect(await screen.codeOf('hello', big)).toBe('TOO_MANY_CALLS');
    expect(await screen.codeOf('status')).toBe('ok');
  });

  it('at one time is refused until an answer has gone', async () => {
    const waiting: (() => void)[] = [];
    const handlers = emptyHandlers({
      read: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { status: 'READ' };
      },
    });
    await open({ handlers, limits: { callsOpenMax: 3 } });
    const screen = await seated();
    const slow = [1, 2, 3].map(() => screen.codeOf('read', { id: 'm-1' }));
    expect(await screen.codeOf('status')).toBe('TOO_MANY_CALLS');
    for (const resolve of waiting) resolve();
    expect(await Promise.all(slow)).toEqual(['ok', 'ok', 'ok']);
    expect(await screen.codeOf('status')).toBe('ok');
  });

  it('of connections costs a stranger his place, never a person who is logged on', async () => {
    await open({ limits: { sessionsMax: 3 } });
    const operator = await seated();
    const first = await BareScreen.at(door, 'SUP1');
    const second = await BareScreen.connect(door);
    const third = await BareScreen.at(door, 'REC2');
    expect(await first.closed).toBe(1013);
    expect(await second.codeOf('hello', { consoleId: 'SUP1', client: 'x' })).toBe('ok');
    expect(await second.logon('PRACSUP')).toBe('ok');
    expect(await third.logon('PRACOP2')).toBe('ok');
    await expect(BareScreen.connect(door)).rejects.toThrow('503');
    expect(await operator.codeOf('status')).toBe('ok');
  });

  it('of one address is half of all: whoever takes them keeps nobody out', async () => {
    await open({ limits: { sessionsMax: 8 } });
    const { port } = door.address;
    let closedCount = 0;
    const mad = Array.from({ length: 40 }, () => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined).once('close', () => (closedCount += 1));
      return socket;
    });
    await until(() => closedCount === 20, 'half are turned away');
    const other = connect({ host: '127.0.0.1', localAddress: '127.0.0.2', port });
    other.write('GET / HTTP/1.1\r\nHost: console\r\n\r\n');
    const [answer] = (await once(other, 'data')) as [Buffer];
    expect(answer.toString()).toContain('426');
    for (const socket of [...mad, other]) socket.destroy();
  });

  it('silence before hello closes the connection', async () => {
    await open();
    const screen = await BareScreen.connect(door);
    await house.clock.pass(10_000);
    expect(await screen.closed).toBe(1008);
  });
});

describe('a screen that does not read', () => {
  const alarm = (id: string, bytes: number) =>
    ({ id, level: 'notice', code: 'X', text: 'x'.repeat(bytes), atMs: 0 }) as const;

  it('gets one resync in place of its backlog while the others hear everything', async () => {
    await open();
    const slow = await seated('COJ1', 'PRACOP');
    const quick = await seated('SUP1', 'PRACSUP');
    slow.socket.pause();
    const total = 60;
    for (let one = 0; one < total; one += 1) {
      door.notify('alarm', alarm(`a-${one}`, 400_000));
      await until(
        () => quick.heard.filter((frame) => frame.method === 'alarm').length === one + 1,
        'the quick one heard',
      );
    }
    slow.socket.resume();
    await until(() => slow.heard.some((frame) => frame.method === 'resync'), 'the slow one is told to look again');
    const before = slow.heard.filter((frame) => frame.method === 'alarm').length;
    expect(before).toBeLessThan(total);
    door.notify('alarm', alarm('a-last', 1));
    await until(() => slow.heard.at(-1)?.method === 'alarm', 'it hears the next one');
    expect(slow.heard.filter((frame) => frame.method === 'resync')).toHaveLength(1);
    expect(slow.heard.filter((frame) => frame.method === 'alarm')).toHaveLength(before + 1);
    expect(quick.heard.filter((frame) => frame.method === 'resync')).toHaveLength(0);
  });

  it('nor answer two pings is closed, and the person is logged off; one that answers is not', async () => {
    await open({ limits: { pulseMs: 1_000 } });
    const frozen = await seated('COJ1', 'PRACOP');
    const live = await seated('SUP1', 'PRACSUP');
    frozen.socket.pause();
    for (let pulse = 0; pulse < 3; pulse += 1) {
      const pinged = new Promise((resolve) => live.socket.once('ping', resolve));
      const passed = house.clock.pass(1_000);
      if (pulse < 2) await pinged;
      await passed;
      expect(await live.codeOf('status')).toBe('ok');
    }
    await until(() => logged('CONSOLE_CLOSED', 'PEER_SILENT'), 'the frozen one is closed');
    await until(() => door.sessions.length === 1, 'its session is gone');
    expect(door.sessions[0]?.person?.osn).toBe('PRACSUP');
    expect(logged('LOGGED_OFF', 'CONNECTION_CLOSED')).toBe(true);
    frozen.socket.terminate();
  });
});

describe('a notification', () => {
  it('goes to those who are logged on and pass the filter; of the status everybody hears', async () => {
    await open();
    const operator = await seated('COJ1', 'PRACOP');
    const supervisor = await seated('SUP1', 'PRACSUP');
    const nobody = await BareScreen.at(door, 'REC2');
    const mute = await BareScreen.connect(door);
    door.notify('changed', { what: 'message', id: 'm-1' });
    door.notify('changed', { what: 'case', id: 'c-1' }, (session) => session.consoleId === 'COJ1');
    door.notify('changed', { what: 'status' });
    for (const screen of [operator, supervisor, nobody]) await screen.call('status');
    await mute.call('status');
    const heard = (screen: BareScreen) =>
      screen.heard
        .filter((frame) => frame.method === 'changed')
        .map((frame) => (frame.params as { what: string }).what);
    expect(heard(operator)).toEqual(['message', 'case', 'status']);
    expect(heard(supervisor)).toEqual(['message', 'status']);
    expect(heard(nobody)).toEqual(['status']);
    expect(heard(mute)).toEqual([]);
  });
});

describe('a closing door', () => {
  it('tells every screen, logs everybody off and files it', async () => {
    await open();
    const screen = await seated();
    await door.close();
    expect(await screen.closed).toBe(1001);
    expect(await house.ledger.states({ stream: 'session', status: ['on'], limit: 10 })).toEqual([]);
  });

  it('opens without TLS on loopback only', async () => {
    await expect(house.open({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'TLS_REQUIRED' });
    await open();
    await expect(house.open({ port: door.address.port })).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' });
  });

  it('answers a browser page and a plain request with no more than a status', async () => {
    await open({ origins: ['https://records.invalid'] });
    await expect(BareScreen.connect(door, { origin: 'https://elsewhere.invalid' })).rejects.toThrow('403');
    await expect(BareScreen.connect(door, { origin: 'null' })).rejects.toThrow('403');
    const page = await BareScreen.connect(door, { origin: 'https://records.invalid' });
    expect(await page.codeOf('hello', { consoleId: 'SUP1', client: 'page' })).toBe('ok');
    const response = await fetch(`http://127.0.0.1:${door.address.port}/`);
    expect(response.status).toBe(426);
    expect(await response.text()).toBe('');
  });
});
