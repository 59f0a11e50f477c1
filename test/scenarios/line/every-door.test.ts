import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectConsole } from '../../../src/console/client.ts';
import { systemClock } from '../../../src/host/clock.ts';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { cojId } from '../../../src/practice/world.ts';
import type { ConfigInput } from '../../../src/switch/config.ts';
import { jsonLines, runInside } from '../../cli/run-hitline.ts';
import { Authority, type Identity, opensslPresent } from '../../wire/certificates.ts';
import { until } from '../gateway-process.ts';
import { Stage } from '../stage.ts';

/** What every door of a gateway asks of who comes, over real TLS; and a switch that is there and says nothing. */
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const certified = { certificateFile: 'gateway.pem', keyFile: 'gateway.key', caFile: 'ca.pem' };

/** Both doors ask for certificates; the COJ and the one station are known by theirs, the other consoles by their address. */
function asking(input: ConfigInput, known: { readonly coj: string; readonly station: string }): ConfigInput {
  const [station] = input.doors.station.stations ?? [];
  if (station === undefined) throw new Error('no station');
  return {
    ...input,
    consoles: input.consoles.map((one) =>
      one.id === cojId ? { ...one, certificateSha256: known.coj } : { ...one, address: '127.0.0.9' },
    ),
    doors: {
      station: { port: 0, tls: certified, stations: [{ ...station, certificateSha256: known.station }] },
      console: { port: 0, tls: certified },
    },
  };
}

async function openSecured() {
  const authority = new Authority();
  const gatewayId = authority.issue('gateway');
  const coj = authority.issue('COJ1');
  const other = authority.issue('somebody else');
  const stage = await Stage.open({
    inside: true,
    script: { name: 'Silent', listeners: ['WY0990200'] },
    config: (input, folder) => {
      const files = {
        'gateway.pem': gatewayId.certificate,
        'gateway.key': gatewayId.key,
        'ca.pem': authority.certificate,
      };
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
      return asking(input, { coj: coj.sha256, station: other.sha256 });
    },
  });
  const close = async (): Promise<void> => {
    await stage.close();
    authority.remove();
  };
  return { stage, authority, coj, other, close };
}

type Secured = Awaited<ReturnType<typeof openSecured>>;

/** How a console with this certificate fares: `up`, or the code its hello was refused with, or `away`. */
async function consoleAs({ stage, authority }: Secured, consoleId: string, identity?: Identity): Promise<string> {
  const { host, port } = stage.gateway.consoleAddress;
  const shown = identity === undefined ? {} : { certificate: identity.certificate, key: identity.key };
  const client = connectConsole({
    url: `wss://${host}:${port}/`,
    consoleId,
    clock: systemClock,
    tls: { ca: authority.certificate, servername: 'localhost', ...shown },
  });
  try {
    return await until('the console fares', () => {
      const { state } = client.state();
      return state === 'up' || state === 'away' ? state : undefined;
    });
  } finally {
    await client.close();
  }
}

describe.skipIf(!opensslPresent)('every door (skipped where openssl is missing)', () => {
  let secured: Secured;
  beforeAll(async () => {
    secured = await openSecured();
  });
  afterAll(() => secured.close());

  test('the console door lets a console in by its certificate, and nobody without one, with another, or from elsewhere', async () => {
    expect(await consoleAs(secured, cojId, secured.coj)).toBe('up');
    expect(await consoleAs(secured, cojId, secured.other)).toBe('away');
    expect(await consoleAs(secured, cojId)).toBe('away');
    // It has a certificate of the authority, and stands where no console of this name may stand.
    expect(await consoleAs(secured, 'REC2', secured.other)).toBe('away');
    const stranger = new Authority();
    closers.push(() => stranger.remove());
    expect(await consoleAs(secured, cojId, stranger.issue('COJ1'))).toBe('away');
  });

  test('a person’s tools come in by the certificate of their console', async () => {
    const { stage, authority, coj } = secured;
    const { port } = stage.gateway.consoleAddress;
    const file = (name: string, text: string): string => {
      writeFileSync(join(stage.folder, name), text, { mode: 0o600 });
      return join(stage.folder, name);
    };
    const place = {
      url: `wss://localhost:${port}/`,
      consoleId: cojId,
      ca: file('tool-ca.pem', authority.certificate),
      certificate: file('tool.pem', coj.certificate),
      key: file('tool.key', coj.key),
    };
    const words = [
      ...['ledger', 'search', '--key', 'YQ', '--reason', 'audit', '--osn', stage.supervisor.osn],
      ...['--console', file('place.yaml', JSON.stringify(place))],
      ...['--password-file', file('password', stage.supervisor.password)],
    ];
    expect(await stage.step(() => runInside(words))).toMatchObject({ code: 0 });
    const missing = await runInside([
      ...words,
      '--console',
      file('none.yaml', JSON.stringify({ ...place, key: '/none' })),
    ]);
    expect(jsonLines(missing.stdout)).toMatchObject([
      { faults: [{ code: 'CONFIG_INVALID', text: expect.stringContaining('key: This file cannot be read') }] },
    ]);
  });

  test('each door speaks TLS 1.3 with AES-256-GCM, and nothing else', async () => {
    const { stage, authority, other } = secured;
    const attempt = (address: { readonly host: string; readonly port: number }, options: object) =>
      new Promise<string>((resolve) => {
        const trust = { ca: authority.certificate, servername: 'localhost', cert: other.certificate, key: other.key };
        const socket = connectTls({ ...address, ...trust, ...options });
        socket.on('secureConnect', () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        });
        socket.on('error', () => resolve('refused'));
      });
    for (const address of [stage.gateway.stationAddress, stage.gateway.consoleAddress]) {
      expect(await attempt(address, {})).toBe('TLSv1.3 TLS_AES_256_GCM_SHA384');
      expect(await attempt(address, { maxVersion: 'TLSv1.2' })).toBe('refused');
      expect(await attempt(address, { ciphers: 'TLS_AES_128_GCM_SHA256' })).toBe('refused');
      expect(await attempt(address, { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' })).toBe('refused');
    }
    // Whom a door turned away for the certificate or the handshake is on file.
    const doorsOf = async (reason: string): Promise<readonly unknown[]> => {
      const events = await stage.gateway.ledger.events({ stream: 'act', type: 'TURNED_AWAY', limit: 100 });
      return [...new Set(events.filter(({ data }) => data['outcome'] === reason).map(({ data }) => data['door']))];
    };
    await until('both doors filed it', async () => ((await doorsOf('TLS_FAILED')).length === 2 ? true : undefined));
    expect(await doorsOf('PEER_REFUSED')).toEqual(['console']);
  });
});

test('a switch that takes the connection and says nothing keeps no station and no console waiting', async () => {
  const calls: Socket[] = [];
  const dead = createServer((socket) => {
    calls.push(socket);
    socket.on('error', () => undefined);
  });
  dead.listen(0, '127.0.0.1');
  await once(dead, 'listening');
  closers.push(() => {
    for (const socket of calls) socket.destroy();
    dead.close();
  });
  const { port } = dead.address() as { port: number };
  const stage = await Stage.open({
    inside: true,
    script: { name: 'Silent', agencies: [] },
    config: (input) => ({ ...input, upstream: { ...input.upstream, port } }),
  });
  closers.push(() => stage.close());
  await stage.happens('the switch is called', () => (calls.length > 0 ? true : undefined));
  await stage.requestHeld(urgentRequest);
  expect((await (await stage.coj()).call('status', {})).upstream.state).toBe('connecting');
});
