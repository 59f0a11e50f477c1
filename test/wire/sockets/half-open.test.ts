/** Lines of which one end is gone or has said its last: what the machine itself watches, and what is still owed. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import type { Incoming, Link } from '../../../src/wire/link.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { linkSettings } from '../../../src/wire/settings.ts';
import { SocketLink } from '../../../src/wire/sockets/socket-link.ts';
import { peerOf } from '../../../src/wire/sockets/tls.ts';
import { until } from '../../support/until.ts';
import { Authority, type Identity, opensslPresent } from '../certificates.ts';
import { closeAfter, connectHex, dial, foxtalk, openDoor, Witness } from '../line.ts';

/** What a TLS socket may be told, although its types do not name it. */
const halfOpen: object = { allowHalfOpen: true };

/** Whether the kernel of this machine tells of its TCP timers. */
const kernelTells = (() => {
  try {
    return readFileSync('/proc/net/tcp', 'latin1').includes('tm->when');
  } catch {
    return false;
  }
})();

/**
 * The keep-alive timer of the connection from one port to another on this machine, in milliseconds, as the kernel has it;
 * undefined when none runs. `/proc/net/tcp`: `02:` names a timer other than retransmission, and its time in hundredths.
 */
function keepAliveMs(from: number, to: number): number | undefined {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const line = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .find((one) => one.includes(`:${hex(from)} `) && one.includes(`:${hex(to)} 01 `));
  const timer = / (0[0-4]):([0-9A-F]{8}) /.exec(line ?? '');
  return timer?.[1] === '02' ? Number.parseInt(timer[2] ?? '', 16) * 10 : undefined;
}

describe.skipIf(!kernelTells)('TCP keep-alive (skipped where the kernel does not tell of it)', () => {
  let authority: Authority | undefined;
  let identity: Identity | undefined;
  beforeAll(() => {
    if (!opensslPresent) return;
    authority = new Authority();
    identity = authority.issue('Pine Ridge door');
  });
  afterAll(() => authority?.remove());

  const expectKept = async (link: Link, door: { readonly address: { readonly port: number } }, peer: Link) => {
    const { port } = peer.peer;
    expect(link.peer.port).toBe(door.address.port);
    for (const [from, to] of [
      [door.address.port, port],
      [port, door.address.port],
    ] as const) {
      // While something sent is not acknowledged yet, the kernel shows the timer of that.
      await until(() => keepAliveMs(from, to) !== undefined, 'the keep-alive timer runs');
      const dueMs = keepAliveMs(from, to);
      expect(dueMs).toBeGreaterThan(0);
      expect(dueMs).toBeLessThanOrEqual(30_000);
    }
  };

  it.each(['foxtalk-1', 'dmpp-2020', 'stx-etx', 'mllp-r2'] as const)(
    'runs at both ends of every link from its first half minute: %s',
    async (name) => {
      const events = new Witness();
      const profile = wireProfile(name);
      const at = await openDoor({ profile, events });
      const link = await dial(at, { profile });
      await events.until(({ opened }) => opened.length === 1);
      await expectKept(link, at, events.opened[0] as Link);
    },
  );

  it.skipIf(!opensslPresent)('runs under TLS too', async () => {
    if (identity === undefined || authority === undefined) throw new Error('no certificate');
    const events = new Witness();
    const at = await openDoor({ events, tls: identity });
    const link = await dial(at, { tls: { authority: authority.certificate } });
    await events.until(({ opened }) => opened.length === 1);
    await expectKept(link, at, events.opened[0] as Link);
  });

  it.skipIf(!opensslPresent)('a peer that ends its side under TLS is still given what it is owed', async () => {
    if (identity === undefined || authority === undefined) throw new Error('no certificate');
    let owed: Incoming | undefined;
    const door = new Witness((incoming) => {
      owed = incoming;
    });
    const at = await openDoor({ events: door, tls: identity });
    const options = { host: '127.0.0.1', port: at.address.port, ca: authority.certificate, servername: 'localhost' };
    const socket = connectTls({ ...options, ...halfOpen });
    closeAfter(() => void socket.destroy());
    const came: Buffer[] = [];
    const ended = new Promise<void>((resolve) => socket.once('end', resolve));
    socket.on('data', (chunk: Buffer) => came.push(chunk));
    socket.write(Buffer.from(connectHex, 'hex'));
    socket.end(foxtalk.encode({ type: 'data', exchangeId: 5, final: true, payload: Buffer.from('QW.X') }));
    await door.until(({ messages }) => messages.length === 1);
    owed?.acknowledge();
    await ended;
    expect(Buffer.concat(came).subarray(36).toString('hex')).toBe('ff00aa55000000100005415955aa00ff');
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed[0]?.reason).toBe('CLOSED_BY_PEER');
  });
});

describe('a peer that no longer answers the machine’s own keep-alive', () => {
  it.each([
    ['ETIMEDOUT', 'PEER_SILENT'],
    ['ECONNRESET', 'CONNECTION_FAILED'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS_FAILED'],
  ])('is told apart from one that broke the connection: %s is %s', async (code, reason) => {
    const events = new Witness();
    const at = await openDoor({ profile: wireProfile('mllp-r2') });
    const socket = connect({ host: '127.0.0.1', port: at.address.port, allowHalfOpen: true });
    await once(socket, 'connect');
    const profile = wireProfile('mllp-r2');
    const link = new SocketLink({
      id: 'a',
      socket,
      peer: peerOf(socket),
      role: 'client',
      profile,
      settings: linkSettings(profile),
      clock: systemClock,
      lastId: 1,
      events,
    });
    link.start();
    socket.destroy(Object.assign(new Error('it failed'), { code }));
    await events.until(({ closed }) => closed.length === 1);
    expect(events.closed[0]?.reason).toBe(reason);
  });
});

describe('a switch that ends its side', () => {
  it('is still given the acknowledgement it is owed, and then the link closes', async () => {
    const said: Buffer[] = [];
    const finished = Promise.withResolvers<void>();
    const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (connectFrame: Buffer) => {
        socket.on('data', (chunk: Buffer) => said.push(chunk));
        socket.on('end', () => finished.resolve());
        socket.write(connectFrame);
        socket.end(foxtalk.encode({ type: 'data', exchangeId: 9, final: true, payload: Buffer.from('HIT') }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closeAfter(() => void server.close());
    let owed: Incoming | undefined;
    const client = new Witness((incoming) => {
      owed = incoming;
    });
    const { port } = server.address() as { port: number };
    await dial({ address: { host: '127.0.0.1', port } } as Parameters<typeof dial>[0], {
      events: client,
      clock: systemClock,
    });
    await client.until(({ messages }) => messages.length === 1);
    expect(client.closed).toEqual([]);
    owed?.acknowledge();
    await finished.promise;
    expect(Buffer.concat(said).toString('hex')).toBe('ff00aa55000000100009415955aa00ff');
    await client.until(({ closed }) => closed.length === 1);
    expect(client.closed[0]?.reason).toBe('CLOSED_BY_PEER');
  });
});
