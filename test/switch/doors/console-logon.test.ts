import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleError, type ConsoleState, connectConsole } from '../../../src/console/client.ts';
import type { ConsoleDoor, ConsoleDoorOptions } from '../../../src/switch/doors/console-door.ts';
import { until } from '../../support/until.ts';
import { Authority, opensslPresent } from '../../wire/certificates.ts';
import { BareScreen, emptyHandlers, type House, openHouse, password } from './console-house.ts';

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

const personAt = (consoleId: string): string | undefined =>
  door.sessions.find((one) => one.consoleId === consoleId && one.person !== null)?.person?.osn;

async function endOf(osn: string): Promise<unknown> {
  const events = await house.ledger.events({ stream: 'session', type: 'logged off', actor: osn, limit: 1 });
  return events[0]?.data['why'];
}

describe('log-on', () => {
  it('with the right password seats the person until log-off', async () => {
    let changes = 0;
    await open({
      onSessionsChanged: () => {
        changes += 1;
      },
    });
    const screen = await BareScreen.at(door, 'COJ1');
    const answer = await screen.call('logon', { osn: 'pracop', password });
    expect(answer.result).toEqual({ osn: 'PRACOP', name: 'PRACTICE, PERSON', roles: ['operator'] });
    expect(personAt('COJ1')).toBe('PRACOP');
    expect(changes).toBe(1);
    expect(await screen.codeOf('logoff')).toBe('ok');
    expect(personAt('COJ1')).toBeUndefined();
    expect(await screen.codeOf('alarms')).toBe('NOT_LOGGED_ON');
    expect(changes).toBe(2);
    expect(await endOf('PRACOP')).toBe('person');
  });

  it('with a wrong password or an unknown name gets one and the same answer', async () => {
    await open();
    const screen = await BareScreen.at(door, 'COJ1');
    const wrong = await screen.call('logon', { osn: 'PRACOP', password: 'wrong-password' });
    const unknown = await screen.call('logon', { osn: 'PRACNOBODY', password });
    expect(wrong.error?.data.code).toBe('LOGON_REFUSED');
    expect(unknown.error).toEqual(wrong.error);
    expect(personAt('COJ1')).toBeUndefined();
    expect(JSON.stringify(lines())).not.toContain('NOBODY');
    expect(await screen.logon('PRACOP')).toBe('ok');
  });

  it('is locked after five failures at that console, until a custodian unlocks it', async () => {
    await open();
    const screen = await BareScreen.at(door, 'REC2');
    for (let turn = 0; turn < 5; turn += 1)
      expect(await screen.logon('PRACOP2', 'wrong-password')).toBe('LOGON_REFUSED');
    expect(await screen.logon('PRACOP2')).toBe('LOGON_LOCKED');
    const unlock = { osn: 'PRACOP2', consoleId: 'REC2', reason: 'Seen in person' };
    const other = await BareScreen.at(door, 'SUP1');
    expect(await other.logon('PRACSUP')).toBe('ok');
    expect(await other.codeOf('unlock', unlock)).toBe('ROLE_MISSING');
    const wrong = { osn: 'PRACCUST', factor: 'wrong-password' };
    expect(await other.codeOf('unlock', { ...unlock, custodian: wrong })).toBe('LOGON_REFUSED');
    expect(await screen.logon('PRACOP2')).toBe('LOGON_LOCKED');
    expect(await other.codeOf('unlock', { ...unlock, custodian: { ...wrong, factor: password } })).toBe('ok');
    expect(personAt('SUP1')).toBe('PRACSUP');
    expect(await screen.logon('PRACOP2')).toBe('ok');
  });

  it('of the next person on the same connection ends that of the one before, a failed one does not', async () => {
    await open();
    const screen = await BareScreen.at(door, 'COJ1');
    expect(await screen.logon('PRACOP')).toBe('ok');
    expect(await screen.logon('PRACOP2', 'wrong-password')).toBe('LOGON_REFUSED');
    expect(personAt('COJ1')).toBe('PRACOP');
    expect(await screen.logon('PRACOP2')).toBe('ok');
    expect(personAt('COJ1')).toBe('PRACOP2');
  });
});

describe('one console', () => {
  it('has one person: another one elsewhere is refused, the same one takes over', async () => {
    await open();
    const first = await BareScreen.at(door, 'COJ1');
    const second = await BareScreen.at(door, 'COJ1');
    expect(await first.logon('PRACOP')).toBe('ok');
    expect(await second.logon('PRACOP2')).toBe('CONSOLE_TAKEN');
    expect(await second.logon('PRACOP2', 'wrong-password')).toBe('CONSOLE_TAKEN');
    expect(personAt('COJ1')).toBe('PRACOP');
    const refused = await house.ledger.states({ stream: 'session', status: ['refused'], limit: 2 });
    for (const { id, osn } of refused) {
      expect(osn).toBe('PRACOP2');
      expect(await house.ledger.history('session', id)).toMatchObject([
        { data: { code: 'CONSOLE_TAKEN', device: 'COJ1' } },
      ]);
    }
    expect(refused).toHaveLength(2);
    expect(await second.logon('PRACOP')).toBe('ok');
    expect(await first.closed).toBe(1008);
    expect(door.sessions.filter((one) => one.person !== null)).toHaveLength(1);
    expect(await second.codeOf('status')).toBe('ok');
    await until(async () => (await endOf('PRACOP')) === 'taken over', 'the first log-on is ended on file');
  });

  it('has one person even when two log on at the same moment', async () => {
    await open();
    const screens = [await BareScreen.at(door, 'COJ1'), await BareScreen.at(door, 'COJ1')] as const;
    const codes = await Promise.all([screens[0].logon('PRACOP'), screens[1].logon('PRACOP2')]);
    expect(codes.toSorted()).toEqual(['CONSOLE_TAKEN', 'ok']);
    expect(door.sessions.filter((one) => one.person !== null)).toHaveLength(1);
    expect(await house.ledger.states({ stream: 'session', status: ['on'], limit: 10 })).toHaveLength(1);
  });
});

describe('a log-on ends', () => {
  it('when the person has done nothing for half an hour; a screen that redraws itself proves nobody', async () => {
    await open({
      handlers: emptyHandlers({ alarms: async () => ({ rows: [] }), silence: async () => ({ status: 'OK' }) }),
    });
    const screen = await BareScreen.at(door, 'COJ1');
    expect(await screen.logon('PRACOP')).toBe('ok');
    await passBy(screen, 1_700_000);
    expect(await screen.codeOf('silence', { alarmId: 'a-1' })).toBe('ok');
    await passBy(screen, 1_700_000);
    expect(await screen.codeOf('alarms')).toBe('ok');
    await passBy(screen, 100_000);
    expect(await screen.codeOf('alarms')).toBe('NOT_LOGGED_ON');
    await until(async () => (await endOf('PRACOP')) === 'idle', 'it is on file');
    expect(await screen.logon('PRACOP')).toBe('ok');
  });

  it('after twelve hours, whatever was done', async () => {
    await open({ sessionMsMax: 3_000_000, handlers: emptyHandlers({ silence: async () => ({ status: 'OK' }) }) });
    const screen = await BareScreen.at(door, 'COJ1');
    expect(await screen.logon('PRACOP')).toBe('ok');
    await passBy(screen, 1_500_000);
    expect(await screen.codeOf('silence', { alarmId: 'a-1' })).toBe('ok');
    await passBy(screen, 1_500_000);
    expect(await screen.codeOf('silence', { alarmId: 'a-1' })).toBe('NOT_LOGGED_ON');
    await until(async () => (await endOf('PRACOP')) === 'too long', 'it is on file');
  });

  it('when the account is changed', async () => {
    await open();
    const screen = await BareScreen.at(door, 'SUP1');
    expect(await screen.logon('PRACSUP')).toBe('ok');
    await house.people.setRoles('PRACSUP', ['supervisor', 'auditor'], 'PRACCUST');
    expect(await screen.codeOf('alarms')).toBe('NOT_LOGGED_ON');
    await until(async () => (await endOf('PRACSUP')) === 'account changed', 'it is on file');
  });

  it('when the connection does', async () => {
    await open();
    const screen = await BareScreen.at(door, 'COJ1');
    expect(await screen.logon('PRACOP')).toBe('ok');
    screen.socket.terminate();
    await until(async () => (await endOf('PRACOP')) === 'connection closed', 'it is on file');
  });
});

/** Lets time pass pulse by pulse, so that the screen can answer its pings. */
async function passBy(screen: BareScreen, ms: number): Promise<void> {
  const pulseMs = 5_000;
  for (let passed = 0; passed < ms; passed += pulseMs) {
    await house.clock.pass(Math.min(pulseMs, ms - passed));
    await screen.call('status');
  }
}

describe('the terminal client', () => {
  it('talks to the door, and is told that the gateway stops', async () => {
    await open();
    const url = `ws://127.0.0.1:${door.address.port}`;
    const client = connectConsole({ url, consoleId: 'COJ1', clock: house.clock });
    const up = (state: ConsoleState): boolean => state.state === 'up';
    await until(() => up(client.state()), 'the client is up');
    expect(await client.call('logon', { osn: 'PRACOP', password })).toMatchObject({ osn: 'PRACOP' });
    expect(await client.call('status', {})).toMatchObject({ operator: 'PRACOP' });
    const refused = await client.call('accept', { id: 'm-1' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConsoleError);
    expect(refused).toMatchObject({ code: 'NOT_FOUND' });
    await door.close();
    await until(() => client.state().state === 'away', 'the client notices');
    expect(client.state().reason).toContain('stopping');
    await client.close();
  });
});

describe.skipIf(!opensslPresent)('over TLS', () => {
  it('a screen comes in by version 1.3 with AES-256-GCM and nothing less', async () => {
    const authority = new Authority();
    try {
      const identity = authority.issue('localhost');
      await open({ host: '127.0.0.1', tls: { certificate: identity.certificate, key: identity.key } });
      const ca = authority.certificate;
      const screen = await BareScreen.connect(door, { ca });
      expect(await screen.codeOf('hello', { consoleId: 'COJ1', client: 'x' })).toBe('ok');
      expect(await screen.logon('PRACOP')).toBe('ok');
      await expect(BareScreen.connect(door, { ca, maxVersion: 'TLSv1.2' })).rejects.toThrow();
      await expect(BareScreen.connect(door, { ca, ciphers: 'TLS_AES_128_GCM_SHA256' })).rejects.toThrow();
      await expect(BareScreen.connect(door)).rejects.toThrow();
      expect(await screen.codeOf('status')).toBe('ok');
    } finally {
      authority.remove();
    }
  });

  it('a key that is none stops the start', async () => {
    await open();
    await expect(house.open({ tls: { certificate: 'x', key: 'y' } })).rejects.toMatchObject({ code: 'TLS_SETTINGS' });
  });
});
