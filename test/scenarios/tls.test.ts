import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import type { ConfigInput } from '../../src/switch/config.ts';
import type { Gateway } from '../../src/switch/gateway.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { dialLink } from '../../src/wire/sockets/dial.ts';
import { Authority, type Identity, opensslPresent } from '../wire/certificates.ts';
import { Stage } from './stage.ts';

/** The whole gateway with TLS 1.3 on every door: station by certificate, console, and the line to the switch. */
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Secured {
  readonly stage: Stage;
  readonly gatewayId: Identity;
  /** Writes a PEM file of the gateway anew. */
  readonly pem: (name: string, text: string) => string;
  readonly authority: Authority;
  readonly dispatcher: Identity;
}

/** What the gateway's file says when every door and the line to the switch speak TLS, and its one station is known by certificate. */
function securedInput(input: ConfigInput, station: string): ConfigInput {
  const files = { certificateFile: 'gateway.pem', keyFile: 'gateway.key' };
  const [known] = input.doors.station.stations ?? [];
  if (known === undefined) throw new Error('no station');
  const { address: _address, ...byCertificate } = known;
  return {
    ...input,
    upstream: {
      ...input.upstream,
      tls: { certificateFile: 'upstream.pem', keyFile: 'upstream.key', caFile: 'ca.pem' },
    },
    doors: {
      station: {
        port: 0,
        tls: { ...files, caFile: 'ca.pem' },
        stations: [{ ...byCertificate, certificateSha256: station }],
      },
      console: { port: 0, tls: files },
    },
  };
}

async function openSecured(wrong?: { readonly upstreamBy: Authority }): Promise<Secured> {
  const authority = new Authority();
  closers.push(() => authority.remove());
  const [server, gatewayId, dispatcher] = [
    authority.issue('switch'),
    authority.issue('gateway'),
    authority.issue('dispatch'),
  ];
  const upstreamId = wrong?.upstreamBy.issue('gateway') ?? gatewayId;
  let folder = '';
  const pem = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return name;
  };
  const stage = await Stage.open({
    inside: true,
    script: { name: 'Silent', listeners: ['WY0990200'] },
    simulator: { tls: { certificate: server.certificate, key: server.key, authority: authority.certificate } },
    consoleTls: { ca: authority.certificate, servername: 'localhost' },
    config: (input, path) => {
      folder = path;
      pem('gateway.pem', gatewayId.certificate);
      pem('gateway.key', gatewayId.key);
      pem('upstream.pem', upstreamId.certificate);
      pem('upstream.key', upstreamId.key);
      pem('ca.pem', authority.certificate);
      return securedInput(input, dispatcher.sha256);
    },
  });
  closers.push(() => stage.close());
  return { stage, gatewayId, pem, authority, dispatcher };
}

const dialAs = (gateway: Gateway, authority: Authority, identity: Identity | undefined) =>
  dialLink({
    ...gateway.stationAddress,
    profile: wireProfile('foxtalk-1'),
    clock: systemClock,
    tls: {
      authority: authority.certificate,
      serverName: 'localhost',
      ...(identity === undefined ? {} : { certificate: identity.certificate, key: identity.key }),
    },
    events: { onMessage: (_link, incoming) => incoming.acknowledge() },
  });

/** SHA-256 of the certificate that this door shows to who comes now. */
function shownAt(address: { host: string; port: number }, identity: Identity, authority: Authority): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...address,
      ca: authority.certificate,
      servername: 'localhost',
      cert: identity.certificate,
      key: identity.key,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256.replaceAll(':', '').toLowerCase());
    });
  });
}

const cannotBeUsed = 'NEW CERTIFICATES CANNOT BE USED - those before stay in use';

describe.skipIf(!opensslPresent)(
  'certificates renewed while the gateway runs (skipped where openssl is missing)',
  () => {
    test('are shown to who comes next, and who is connected stays', async () => {
      const secured = await openSecured();
      const { stage, gatewayId, pem, authority, dispatcher } = secured;
      const { gateway } = stage;
      const console = await secured.stage.coj();
      const upSince = await stage.happens('the upstream is up', async () => {
        const { upstream } = await console.call('status', {});
        return upstream.state === 'up' ? upstream.sinceMs : undefined;
      });
      const link = await dialAs(gateway, authority, dispatcher);
      closers.push(() => link.close());
      const shown = async (): Promise<string[]> => [
        await shownAt(gateway.stationAddress, dispatcher, authority),
        await shownAt(gateway.consoleAddress, dispatcher, authority),
      ];
      expect(await shown()).toEqual([gatewayId.sha256, gatewayId.sha256]);

      const renewed = authority.issue('gateway renewed');
      pem('gateway.pem', renewed.certificate);
      // The key is not written yet: what was in use stays in use, and the screens say so.
      process.emit('SIGUSR2');
      expect((await console.call('status', {})).notices).toContain(cannotBeUsed);
      expect(await shown()).toEqual([gatewayId.sha256, gatewayId.sha256]);

      pem('gateway.key', renewed.key);
      process.emit('SIGUSR2');
      const status = await console.call('status', {});
      expect(status.notices).not.toContain(cannotBeUsed);
      expect(await shown()).toEqual([renewed.sha256, renewed.sha256]);
      expect(status.upstream).toMatchObject({ state: 'up', sinceMs: upSince });
      const payload = Buffer.from(urgentRequest, 'latin1');
      const sent = await stage.step(() =>
        link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() }),
      );
      expect(sent.type).toBe('acked');
    });

    test('are shown to the switch at the next connection', async () => {
      const other = new Authority();
      closers.push(() => other.remove());
      const secured = await openSecured({ upstreamBy: other });
      await secured.stage.upstreamIs('down');
      secured.pem('upstream.pem', secured.gatewayId.certificate);
      secured.pem('upstream.key', secured.gatewayId.key);
      process.emit('SIGUSR2');
      await secured.stage.upstreamIs('up');
    });
  },
);

describe.skipIf(!opensslPresent)('with TLS on every door (skipped where openssl is missing)', () => {
  test('a request passes from a station known by its certificate to a console and on to the switch', async () => {
    const secured = await openSecured();
    const { stage, authority, dispatcher } = secured;
    const { gateway } = stage;
    const console = await secured.stage.coj();
    await stage.upstreamUp();
    const link = await dialAs(gateway, authority, dispatcher);
    closers.push(() => link.close());
    const payload = Buffer.from(urgentRequest, 'latin1');
    const sent = await stage.step(() =>
      link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() }),
    );
    expect(sent.type).toBe('acked');
    const { rows } = await console.call('list', { box: 'held', limit: 10 });
    expect(rows).toHaveLength(1);
  });

  test('a station without a certificate, or with another of the same authority, stays outside', async () => {
    const { stage, authority } = await openSecured();
    const { gateway } = stage;
    await expect(dialAs(gateway, authority, undefined)).rejects.toThrow();
    await expect(dialAs(gateway, authority, authority.issue('stranger'))).rejects.toThrow();
  });
});
