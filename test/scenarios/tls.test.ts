import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { connectConsole } from '../../src/console/client.ts';
import { systemClock } from '../../src/host/clock.ts';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import { makeCredentials, makePracticeFolder, practiceInput } from '../../src/practice/world.ts';
import { parseScript } from '../../src/simulator/script.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { checkConfig } from '../../src/switch/config.ts';
import { type Gateway, startGateway } from '../../src/switch/gateway.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { dialLink } from '../../src/wire/sockets/dial.ts';
import { Authority, type Identity, opensslPresent } from '../wire/certificates.ts';
import { until } from './stage.ts';

/** The whole gateway with TLS 1.3 on every door: station by certificate, console, and the line to the switch. */
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Secured {
  readonly gateway: Gateway;
  readonly gatewayId: Identity;
  /** Writes a PEM file of the gateway anew. */
  readonly pem: (name: string, text: string) => string;
  readonly authority: Authority;
  readonly dispatcher: Identity;
  readonly operator: { readonly osn: string; readonly password: string };
}

async function openSecured(wrong?: { readonly upstreamBy: Authority }): Promise<Secured> {
  const authority = new Authority();
  closers.push(() => authority.remove());
  const [server, gatewayId, dispatcher] = [
    authority.issue('switch'),
    authority.issue('gateway'),
    authority.issue('dispatch'),
  ];
  const simulator = await startSimulator({
    port: 0,
    clock: systemClock,
    script: parseScript({ name: 'Silent', listeners: ['WY0990200'] }),
    tls: { certificate: server.certificate, key: server.key, authority: authority.certificate },
  });
  closers.push(() => simulator.close());
  const folder = await makePracticeFolder();
  closers.push(() => folder.remove());
  const pem = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text, { mode: 0o600 });
    return name;
  };
  const files = {
    certificateFile: pem('gateway.pem', gatewayId.certificate),
    keyFile: pem('gateway.key', gatewayId.key),
    caFile: pem('ca.pem', authority.certificate),
  };
  const stranger = wrong?.upstreamBy.issue('gateway');
  const upstreamFiles = {
    certificateFile: pem('upstream.pem', (stranger ?? gatewayId).certificate),
    keyFile: pem('upstream.key', (stranger ?? gatewayId).key),
    caFile: files.caFile,
  };
  const credentials = makeCredentials();
  const input = await practiceInput({
    folder: folder.path,
    simulatorPort: simulator.address.port,
    credentials,
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const { caFile: _ca, ...ownFiles } = files;
  const [station] = input.doors.station.stations ?? [];
  if (station === undefined) throw new Error('no station');
  const { address: _address, ...byCertificate } = station;
  const checked = checkConfig(
    {
      ...input,
      upstream: { ...input.upstream, reconnectMs: 100, tls: upstreamFiles },
      doors: {
        station: { port: 0, tls: files, stations: [{ ...byCertificate, certificateSha256: dispatcher.sha256 }] },
        console: { port: 0, tls: ownFiles },
      },
    },
    folder.path,
  );
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const gateway = await startGateway(checked.config);
  closers.push(() => gateway.close());
  const [operator] = credentials;
  if (operator === undefined) throw new Error('no operator');
  return { gateway, gatewayId, pem, authority, dispatcher, operator };
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

async function openConsole({ gateway, authority, operator }: Secured) {
  const { host, port } = gateway.consoleAddress;
  const tls = { ca: authority.certificate, servername: 'localhost' };
  const console = connectConsole({ url: `wss://${host}:${port}/`, consoleId: 'COJ1', clock: systemClock, tls });
  closers.push(() => console.close());
  await until('the console connects', () => (console.state().state === 'up' ? true : undefined));
  await console.call('logon', { osn: operator.osn, password: operator.password });
  return console;
}

const cannotBeUsed = 'NEW CERTIFICATES CANNOT BE USED - those before stay in use';

describe.skipIf(!opensslPresent)(
  'certificates renewed while the gateway runs (skipped where openssl is missing)',
  () => {
    test('are shown to who comes next, and who is connected stays', async () => {
      const secured = await openSecured();
      const { gateway, gatewayId, pem, authority, dispatcher } = secured;
      const console = await openConsole(secured);
      const upSince = await until('the upstream is up', async () => {
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
      const sent = await link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() });
      expect(sent.type).toBe('acked');
    }, 30_000);

    test('are shown to the switch at the next connection', async () => {
      const other = new Authority();
      closers.push(() => other.remove());
      const secured = await openSecured({ upstreamBy: other });
      const console = await openConsole(secured);
      const upstreamIs = (state: string) =>
        until(`the upstream is ${state}`, async () =>
          (await console.call('status', {})).upstream.state === state ? true : undefined,
        );
      await upstreamIs('down');
      secured.pem('upstream.pem', secured.gatewayId.certificate);
      secured.pem('upstream.key', secured.gatewayId.key);
      process.emit('SIGUSR2');
      await upstreamIs('up');
    }, 30_000);
  },
);

describe.skipIf(!opensslPresent)('with TLS on every door (skipped where openssl is missing)', () => {
  test('a request passes from a station known by its certificate to a console and on to the switch', async () => {
    const secured = await openSecured();
    const { gateway, authority, dispatcher } = secured;
    const console = await openConsole(secured);
    await until('the upstream is up', async () =>
      (await console.call('status', {})).upstream.state === 'up' ? true : undefined,
    );
    const link = await dialAs(gateway, authority, dispatcher);
    closers.push(() => link.close());
    const payload = Buffer.from(urgentRequest, 'latin1');
    const sent = await link.send(payload, { repeatable: false, exchangeId: link.reserveExchangeId() });
    expect(sent.type).toBe('acked');
    const { rows } = await console.call('list', { box: 'held', limit: 10 });
    expect(rows).toHaveLength(1);
  }, 30_000);

  test('a station without a certificate, or with another of the same authority, stays outside', async () => {
    const { gateway, authority } = await openSecured();
    await expect(dialAs(gateway, authority, undefined)).rejects.toThrow();
    await expect(dialAs(gateway, authority, authority.issue('stranger'))).rejects.toThrow();
  }, 30_000);
});
