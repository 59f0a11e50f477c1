import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { openUpstream } from '../../../src/switch/doors/upstream.ts';
import { makeTurnedAway } from '../../../src/switch/records/turned-away.ts';
import type { Link } from '../../../src/wire/link.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { listenLinks } from '../../../src/wire/sockets/listen.ts';
import { silentLog } from '../../support/silent-log.ts';
import { Authority, opensslPresent } from '../../wire/certificates.ts';
import { openRooms, theirRequest } from '../rooms.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('what the switch was acknowledged before a restart is known when it comes again: filed as a repeat, taken once', async () => {
  const linked = Promise.withResolvers<Link>();
  const door = await listenLinks({
    host: '127.0.0.1',
    port: 0,
    profile: wireProfile('foxtalk-1'),
    clock: systemClock,
    events: { onOpen: (link) => linked.resolve(link), onMessage: (_link, incoming) => incoming.acknowledge() },
  });
  closers.push(() => door.close());
  const rooms = await openRooms({
    config: (input) => ({ ...input, upstream: { ...input.upstream, port: door.address.port } }),
  });
  // The life before: exchange 1, on file, and perhaps never acknowledged.
  await rooms.fromSwitch(theirRequest());
  const upstream = await openUpstream(rooms.parts, {
    sender: rooms.sender,
    log: silentLog,
    turnedAway: { tell: () => undefined },
    onChange: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  closers.push(() => upstream.close());
  const link = await linked.promise;
  const payload = Buffer.from(theirRequest(), 'latin1');
  expect(await link.send(payload, { repeatable: false, exchangeId: 1 })).toMatchObject({ type: 'acked' });
  expect(await rooms.inbound()).toHaveLength(1);
  const frames = await rooms.ledger.events({ stream: 'frame', limit: 10 });
  expect(frames.map(({ data }) => data['duplicate'])).toEqual([false, true]);
  expect(await rooms.alarms()).not.toContain('YQ_AGAIN');
  // The same words under another id are another message: two of the same are legal.
  expect(await link.send(payload, { repeatable: false, exchangeId: 2 })).toMatchObject({ type: 'acked' });
  expect(await rooms.inbound()).toHaveLength(2);
  expect(await rooms.cases()).toHaveLength(1);
});

test.skipIf(!opensslPresent)(
  'a switch whose certificate nobody trusts is turned away, and that is on file (skipped where openssl is missing)',
  async () => {
    const [trusted, stranger] = [new Authority(), new Authority()];
    const folder = mkdtempSync(join(tmpdir(), 'hitline-upstream-'));
    closers.push(
      () => trusted.remove(),
      () => stranger.remove(),
      () => rmSync(folder, { recursive: true, force: true }),
    );
    const { certificate, key } = stranger.issue('switch');
    const door = await listenLinks({
      host: '127.0.0.1',
      port: 0,
      profile: wireProfile('foxtalk-1'),
      clock: systemClock,
      tls: { certificate, key },
      events: { onMessage: (_link, incoming) => incoming.acknowledge() },
    });
    closers.push(() => door.close());
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, trusted.certificate);
    const rooms = await openRooms({
      config: (input) => ({ ...input, upstream: { ...input.upstream, port: door.address.port, tls: { caFile } } }),
    });
    const turnedAway = makeTurnedAway(rooms.parts, (error) => {
      throw error;
    });
    closers.push(() => turnedAway.close());
    const down = Promise.withResolvers<void>();
    const upstream = await openUpstream(rooms.parts, {
      sender: rooms.sender,
      log: silentLog,
      turnedAway,
      onChange: (state) => (state === 'down' ? down.resolve() : undefined),
      onFault: (error) => {
        throw error;
      },
    });
    closers.push(() => upstream.close());
    await down.promise;
    await turnedAway.close();
    const [act] = await rooms.ledger.events({ stream: 'act', limit: 5 });
    expect(act).toMatchObject({
      type: 'TURNED_AWAY',
      data: { door: 'upstream', outcome: 'TLS_FAILED', peer: '127.0.0.1' },
    });
  },
);
