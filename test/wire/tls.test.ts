import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepDialed } from '../../src/wire/sockets/dial.ts';
import { until } from '../support/until.ts';
import { Authority, type Identity, opensslPresent } from './certificates.ts';
import { BareSocket, closeAfter, connectHex, dial, foxtalk, openDoor, send, Witness } from './line.ts';
import { VirtualClock } from './virtual-clock.ts';

describe.skipIf(!opensslPresent)('TLS (skipped where openssl is missing, which makes the certificates)', () => {
  let authority: Authority;
  let stranger: Authority;
  let doorIdentity: Identity;
  let station: Identity;

  beforeAll(() => {
    authority = new Authority();
    stranger = new Authority();
    doorIdentity = authority.issue('Pine Ridge door');
    station = authority.issue('Pine Ridge Communications');
  });

  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  const doorTls = () => ({ ...doorIdentity, authority: authority.certificate });

  it('carries payloads between peers that know each other by certificate', async () => {
    const door = new Witness();
    const at = await openDoor({
      tls: doorTls(),
      events: door,
      allow: (peer) => peer.certificateSha256 === station.sha256,
    });
    const link = await dial(at, { tls: { ...station, authority: authority.certificate } });
    expect(await send(link, 'QW.X')).toMatchObject({ type: 'acked' });
    expect(door.messages[0]?.link.peer.certificateSha256).toBe(station.sha256);
    expect(link.peer.certificateSha256).toBe(doorIdentity.sha256);
  });

  it('keeps out a client without a certificate, and one with a stranger’s', async () => {
    const refused: string[] = [];
    const at = await openDoor({ tls: doorTls(), onRefused: (_peer, reason) => refused.push(reason) });
    await expect(dial(at, { tls: { authority: authority.certificate } })).rejects.toMatchObject({
      name: 'HitlineError',
    });
    const other = stranger.issue('Somebody else');
    await expect(dial(at, { tls: { ...other, authority: authority.certificate } })).rejects.toMatchObject({
      name: 'HitlineError',
    });
    expect(refused).toEqual(['TLS_FAILED', 'TLS_FAILED']);
    expect(at.links.size).toBe(0);
  });

  it('keeps out a certificate that is not on the list', async () => {
    const at = await openDoor({ tls: doorTls(), allow: (peer) => peer.certificateSha256 === 'another' });
    await expect(dial(at, { tls: { ...station, authority: authority.certificate } })).rejects.toMatchObject({
      name: 'HitlineError',
    });
  });

  it('keeps nobody out for one address that begins handshakes and ends none', async () => {
    const refused: string[] = [];
    const at = await openDoor({ tls: doorTls(), linksMax: 8, onRefused: (_peer, reason) => refused.push(reason) });
    const mad = Array.from({ length: 9 }, () => new BareSocket(at.address.port));
    await until(() => mad.filter((one) => one.ended).length === 7, 'all but two are turned away');
    expect(refused.filter((reason) => reason === 'PEER_LINKS_FULL')).toHaveLength(7);
    const { port } = at.address;
    const { certificate: cert, key } = station;
    const call = { host: '127.0.0.1', localAddress: '127.0.0.2', port, ca: authority.certificate, cert, key };
    // A handshake that has ended counts no more: of links another address may have as many as the door has left.
    for (let count = 1; count <= 5; count += 1) {
      const other = connect(call);
      closeAfter(() => void other.destroy());
      await once(other, 'secureConnect');
      await until(() => at.links.size === count, 'the other is in');
    }
  });

  it('refuses a door whose certificate our authority did not sign', async () => {
    const at = await openDoor({ tls: { ...stranger.issue('False door') } });
    await expect(dial(at, { tls: { authority: authority.certificate } })).rejects.toMatchObject({ code: 'TLS_FAILED' });
  });

  it('speaks TLS 1.3 with AES-256-GCM and nothing else', async () => {
    const at = await openDoor({ tls: { ...doorIdentity } });
    const attempt = (options: object) =>
      new Promise<string>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port: at.address.port, ca: authority.certificate, ...options });
        socket.on('secureConnect', () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        });
        socket.on('error', () => resolve('refused'));
      });
    expect(await attempt({})).toBe('TLSv1.3 TLS_AES_256_GCM_SHA384');
    expect(await attempt({ maxVersion: 'TLSv1.2' })).toBe('refused');
    expect(await attempt({ ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' })).toBe('refused');
    expect(await attempt({ ciphers: 'TLS_CHACHA20_POLY1305_SHA256', minVersion: 'TLSv1.3' })).toBe('refused');
  });

  it('takes new certificates without dropping links', async () => {
    const at = await openDoor({ tls: doorTls() });
    const tls = { ...station, authority: authority.certificate };
    const before = await dial(at, { tls });
    const next = authority.issue('Pine Ridge door, renewed');
    at.reloadTls({ ...next, authority: authority.certificate });
    const after = await dial(at, { tls });
    expect(before.peer.certificateSha256).toBe(doorIdentity.sha256);
    expect(after.peer.certificateSha256).toBe(next.sha256);
    expect(await send(before, 'QW.X')).toMatchObject({ type: 'acked' });
    expect(await send(after, 'QW.X')).toMatchObject({ type: 'acked' });
  });

  it('lets nobody back in by a session from before', async () => {
    const at = await openDoor({ tls: doorTls() });
    const call = (session?: Buffer) =>
      new Promise<{ reused: boolean; session: Buffer | undefined }>((resolve, reject) => {
        let given: Buffer | undefined;
        const options = { host: '127.0.0.1', port: at.address.port, ca: authority.certificate };
        const socket = connect({
          ...options,
          cert: station.certificate,
          key: station.key,
          ...(session === undefined ? {} : { session }),
        });
        socket.on('session', (one) => {
          given = one;
        });
        // The answer to the connect frame comes after whatever the handshake still had to say.
        socket.on('secureConnect', () => socket.write(Buffer.from(connectHex, 'hex')));
        socket.on('data', () => {
          resolve({ reused: socket.isSessionReused(), session: given });
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const first = await call();
    const second = await call(first.session);
    expect(second.reused).toBe(false);
  });

  it('gives a dialer its new certificate at the next call', async () => {
    const door = new Witness();
    const at = await openDoor({ tls: doorTls(), events: door });
    const clock = new VirtualClock();
    let noteDown = (): void => undefined;
    const down = new Promise<void>((resolve) => {
      noteDown = resolve;
    });
    const dialer = keepDialed({
      host: '127.0.0.1',
      port: at.address.port,
      profile: foxtalk,
      clock,
      events: new Witness(),
      tls: { ...station, authority: authority.certificate },
      chance: () => 0,
      onDown: () => noteDown(),
    });
    closeAfter(() => dialer.close());
    await door.until(({ opened }) => opened.length === 1);
    const next = authority.issue('Pine Ridge Communications, renewed');
    dialer.reloadTls({ ...next, authority: authority.certificate });
    expect(() => dialer.reloadTls({ certificate: 'NONE', key: 'NONE' })).toThrow(/cannot be used/);
    await door.opened[0]?.close();
    await down;
    clock.advance(30_000);
    await door.until(({ opened }) => opened.length === 2);
    expect(door.opened.map((link) => link.peer.certificateSha256)).toEqual([station.sha256, next.sha256]);
  });

  it('says which settings cannot be used without showing them', async () => {
    const tls = { certificate: 'NOT A CERTIFICATE', key: 'NOT A KEY' };
    await expect(openDoor({ tls })).rejects.toMatchObject({
      code: 'TLS_SETTINGS',
      message: expect.not.stringMatching(/NOT A/),
    });
  });
});
