import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  type ConsoleClient,
  ConsoleError,
  type ConsoleState,
  connectConsole,
  isConsoleUrlAllowed,
  type Notification,
} from '../../src/console/client.ts';
import { frameBytesMax, type StatusView } from '../../src/console/contract.ts';
import { Authority, opensslPresent } from '../wire/certificates.ts';
import { manualClock } from './manual-clock.ts';
import { refusal, type Script, scriptedGateway } from './scripted-gateway.ts';

const status: StatusView = {
  agency: 'Pine Ridge Police Department',
  ori: 'CO0990100',
  consoleId: 'COJ1',
  isCoj: true,
  practice: true,
  nowMs: 1_800_000_000_000,
  upstream: { state: 'up', sinceMs: 1_800_000_000_000, text: '' },
  scheduler: { kind: 'in-process', ok: true, text: '' },
  operator: null,
  approverPresent: true,
  heldCount: 0,
  openCaseCount: 0,
  openAlarmCount: 0,
  notices: [],
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(script: Script = {}) {
  const gateway = await scriptedGateway({ hello: () => status, status: () => status, ...script });
  const clock = manualClock();
  const client = connectConsole({ url: gateway.url, consoleId: 'COJ1', clock });
  open.push(client, gateway);
  return { gateway, clock, client };
}

function until(client: ConsoleClient, wanted: ConsoleState['state']): Promise<ConsoleState> {
  return new Promise((resolve) => {
    if (client.state().state === wanted) return resolve(client.state());
    const stop = client.onState((state) => {
      if (state.state !== wanted) return;
      stop();
      resolve(state);
    });
  });
}

function nextNotification(client: ConsoleClient): Promise<Notification> {
  return new Promise((resolve) => {
    const stop = client.onNotification((notification) => {
      stop();
      resolve(notification);
    });
  });
}

async function codeOf(call: Promise<unknown>): Promise<ConsoleError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConsoleError);
  return error as ConsoleError;
}

/** Lets the sockets work until the condition holds; every turn waits for the event loop, never for a time. */
async function turnUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a screen and its gateway', () => {
  test('says hello by itself and hears the status as its first notification', async () => {
    const { client, gateway } = await start();
    const first = await nextNotification(client);
    expect(first).toEqual({ name: 'status', says: status });
    expect(client.state().state).toBe('up');
    expect(gateway.calls[0]).toEqual({ method: 'hello', params: { consoleId: 'COJ1', client: 'hitline terminal' } });
  });

  test('a refusal arrives as its code and all its faults', async () => {
    const faults = [
      { code: 'TEXT_EMPTY', field: 'NAM', text: 'a' },
      { code: 'TEXT_EMPTY', field: 'DOB', text: 'b' },
    ];
    const { client } = await start({
      logon: () => {
        throw refusal('LOGON_REFUSED', faults);
      },
    });
    await until(client, 'up');
    const error = await codeOf(client.call('logon', { osn: '1001', password: 'x' }));
    expect(error.code).toBe('LOGON_REFUSED');
    expect(error.faults).toEqual(faults);
    expect(error.message).toBe('The identifier or the password is not right.');
  });

  test('a request that the contract does not allow never leaves, and names the place', async () => {
    const { client, gateway } = await start();
    await until(client, 'up');
    const error = await codeOf(client.call('refuse', { id: 'm1', reason: '' }));
    expect(error.code).toBe('CONSOLE_REQUEST_BAD');
    expect(error.faults.map((fault) => fault.field)).toEqual(['reason']);
    expect(gateway.calls.map((call) => call.method)).toEqual(['hello']);
  });

  test('an answer of another shape is refused, not shown', async () => {
    const { client, gateway } = await start({ status: () => status });
    await until(client, 'up');
    const answer = client.call('status', {});
    gateway.sendRaw(JSON.stringify({ jsonrpc: '2.0', id: 2, result: { ori: 7 } }));
    expect((await codeOf(answer)).code).toBe('CONSOLE_REPLY_BAD');
  });

  test('a notification that cannot be read is heard as resync', async () => {
    const { client, gateway } = await start();
    await until(client, 'up');
    for (const params of [{ method: 'alarm', params: { id: 3 } }, { method: 'news' }, { method: 'toString' }]) {
      const heard = nextNotification(client);
      gateway.sendRaw(JSON.stringify({ jsonrpc: '2.0', ...params }));
      expect((await heard).name).toBe('resync');
    }
  });

  test.each([
    ['text that is not JSON', 'hello?'],
    ['a frame that is not JSON-RPC', '{"id":1}'],
    ['a binary frame', new Uint8Array([1, 2])],
    ['a frame over the cap', 'x'.repeat(frameBytesMax + 1)],
  ])('%s closes the connection, which then comes back', async (_name, frame) => {
    const { client, gateway, clock } = await start();
    await until(client, 'up');
    gateway.sendRaw(frame);
    expect((await until(client, 'away')).reason).toBe('The gateway sent something that cannot be read.');
    clock.advance(500);
    expect((await until(client, 'up')).reason).toBe('');
  });

  test('a call under way when the link is lost says that its outcome is not known', async () => {
    const { client, gateway } = await start({ accept: () => new Promise(() => {}) });
    await until(client, 'up');
    const answer = codeOf(client.call('accept', { id: 'm1' }));
    await gateway.called('accept');
    gateway.cut();
    expect((await answer).code).toBe('CONSOLE_LOST');
    expect(client.state()).toMatchObject({ state: 'away', reason: 'The gateway cannot be reached.' });
    expect((await codeOf(client.call('status', {}))).code).toBe('CONSOLE_DISCONNECTED');
  });

  test('a call that is not answered ends by the clock', async () => {
    const { client, gateway, clock } = await start({ accept: () => new Promise(() => {}) });
    await until(client, 'up');
    const answer = codeOf(client.call('accept', { id: 'm1' }));
    await gateway.called('accept');
    clock.advance(14_999);
    await turnUntil(() => true);
    clock.advance(1);
    expect((await answer).code).toBe('CONSOLE_TIMEOUT');
  });

  test('a frozen gateway is noticed within two beats, and each wait for it is longer up to the cap', async () => {
    const { client, gateway, clock } = await start();
    await until(client, 'up');
    gateway.freeze();
    clock.advance(5_000);
    clock.advance(5_000);
    expect(client.state().state).toBe('up');
    clock.advance(5_000);
    expect(client.state()).toMatchObject({ state: 'away', reason: 'The gateway gives no sign of life.' });
    await gateway.close();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const away = await until(client, 'away');
      const waitMs = (away.retryAtMonoMs ?? 0) - away.sinceMonoMs;
      waits.push(waitMs);
      clock.advance(waitMs);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  test('a living but silent gateway is kept', async () => {
    const { client, clock } = await start();
    await until(client, 'up');
    for (let beat = 0; beat < 5; beat += 1) {
      clock.advance(5_000);
      // The answered call proves that the pong, sent before it on the same socket, has been heard too.
      await client.call('status', {});
    }
    expect(client.state().state).toBe('up');
  });

  test('a console the gateway refuses says so and keeps trying', async () => {
    const { client } = await start({
      hello: () => {
        throw refusal('STATION_UNKNOWN');
      },
    });
    expect((await until(client, 'away')).reason).toContain('No station is set up for this address');
  });

  test('close ends the socket, every timer and every call', async () => {
    const { client, gateway, clock } = await start({ accept: () => new Promise(() => {}) });
    await until(client, 'up');
    const answer = codeOf(client.call('accept', { id: 'm1' }));
    await gateway.called('accept');
    await client.close();
    expect((await answer).code).toBe('CONSOLE_LOST');
    await turnUntil(() => gateway.connected() === 0);
    expect(clock.waiting()).toBe(0);
    expect(client.state().state).toBe('closed');
  });
});

describe.skipIf(!opensslPresent)('over TLS', () => {
  const authority = new Authority();
  const stranger = new Authority();
  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  async function startTls(ca: string, options: { maxVersion?: 'TLSv1.2' } = {}): Promise<ConsoleClient> {
    const { certificate: cert, key } = authority.issue('gateway');
    const gateway = await scriptedGateway({ hello: () => status }, { cert, key, ...options });
    const client = connectConsole({ url: gateway.url, consoleId: 'COJ1', clock: manualClock(), tls: { ca } });
    open.push(client, gateway);
    return client;
  }

  test('connects to a gateway whose authority is known', async () => {
    expect((await until(await startTls(authority.certificate), 'up')).state).toBe('up');
  });
  test('refuses one whose authority is not, and says so', async () => {
    const away = await until(await startTls(stranger.certificate), 'away');
    expect(away.reason).toBe('The gateway’s certificate is not one this console trusts.');
  });
  test('refuses a TLS older than 1.3', async () => {
    expect((await until(await startTls(authority.certificate, { maxVersion: 'TLSv1.2' }), 'away')).state).toBe('away');
  });
});

test.each([
  ['wss://gateway.example:7443/', true],
  ['ws://127.0.0.1:7000', true],
  ['ws://[::1]:7000', true],
  ['ws://localhost:7000', true],
  ['ws://10.0.0.1:7000', false],
  ['ws://127.evil.example', false],
  ['http://127.0.0.1', false],
  ['nonsense', false],
])('the address %s is allowed: %s', (url, allowed) => {
  expect(isConsoleUrlAllowed(url)).toBe(allowed);
});
