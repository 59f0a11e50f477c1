import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../gateway-process.ts';
import { Stage } from '../stage.ts';

/** Whatever a door of a running gateway turns away is on file with its reason, like whatever a person did. */
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ inside: true, script: { name: 'Silent', listeners: ['WY0990200'] } });
});
afterEach(() => stage.close());

/** What was turned away, as door, outcome, address, station or console, person and method. */
async function turnedAway(): Promise<readonly string[]> {
  const events = await stage.gateway.ledger.events({ stream: 'act', type: 'TURNED_AWAY', limit: 100 });
  return events.map(({ actor, data }) =>
    [data['door'], data['outcome'], data['peer'], data['station'] ?? data['device'] ?? '', actor, data['what'] ?? '']
      .join(' ')
      .trimEnd(),
  );
}

/** Sends bytes to the station door from one of this machine's addresses, until the door has hung up. */
async function toStations(from: string, bytes: Buffer): Promise<void> {
  const { host, port } = stage.stationAddress;
  const socket = connect({ host, port, localAddress: from });
  socket.on('error', () => undefined);
  socket.resume().write(bytes);
  await once(socket, 'close');
}

/** Says these things to the console door one after another, until it has hung up or all are said. */
async function toConsoles(said: readonly string[], options: { readonly origin?: string } = {}): Promise<void> {
  const { host, port } = stage.consoleAddress;
  const socket = new WebSocket(`ws://${host}:${port}/`, options);
  const waiting = [...said];
  const next = (): void => {
    const text = waiting.shift();
    if (text === undefined) socket.close();
    else socket.send(text);
  };
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.on('open', next);
  socket.on('message', (data) => {
    if ('id' in JSON.parse(String(data))) next();
  });
  await closed;
}

const call = (method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

test('strangers, broken frames, unknown consoles, calls without a log-on and calls out of shape are on file with their reason', async () => {
  await toStations('127.0.0.77', Buffer.from('who is there'));
  await toStations('127.0.0.1', Buffer.from('no frame of any profile, and long enough for one'));
  await toConsoles([], { origin: 'http://elsewhere.example' });
  await toConsoles([call('show', { id: 'm-1' })]);
  await toConsoles([call('hello', { consoleId: 'NOBODYS', client: 'test' })]);
  await toConsoles([
    call('hello', { consoleId: 'REC2', client: 'test' }),
    call('search', { limit: 1, name: 'RECORD, ROBIN' }),
  ]);
  await toConsoles([call('hello', { consoleId: 'REC2', client: 'test' }), call('RECORD, ROBIN', {})]);
  await toConsoles(['RECORD, ROBIN']);
  const { osn, password } = stage.supervisor;
  const supervisor = [call('hello', { consoleId: 'SUP1', client: 'test' }), call('logon', { osn, password })];
  await toConsoles([...supervisor, call('purge', { reason: '', approver: { osn: 'X', factor: 'y' } })]);
  const expected = [
    'station PEER_REFUSED 127.0.0.77  system',
    'station FRAME_START 127.0.0.1 DISPATCH DISPATCH',
    'console ORIGIN 127.0.0.1  system',
    'console HELLO_MISSING 127.0.0.1  system show',
    'console CONSOLE_UNKNOWN 127.0.0.1  system hello',
    'console NOT_LOGGED_ON 127.0.0.1 REC2 system search',
    'console METHOD_UNKNOWN 127.0.0.1 REC2 system',
    'console BAD_REQUEST 127.0.0.1  system',
    'console BAD_REQUEST 127.0.0.1 SUP1 PRACSU1 purge',
  ];
  await until('all is on file', async () => ((await turnedAway()).length >= expected.length ? true : undefined));
  expect((await turnedAway()).toSorted()).toEqual(expected.toSorted());
  // Nothing of what was sent is kept, and every law holds.
  await stage.checkLaws();
});

test('what is still counted is on file when the gateway ends', async () => {
  for (let turn = 0; turn < 3; turn += 1) await toStations('127.0.0.77', Buffer.from('who is there'));
  await stage.stopGateway();
  const ledger = await stage.openLedger();
  const events = await ledger.events({ stream: 'act', type: 'TURNED_AWAY', limit: 10 });
  await ledger.close();
  expect(events.map(({ data }) => data['count'])).toEqual([2, 1]);
});
