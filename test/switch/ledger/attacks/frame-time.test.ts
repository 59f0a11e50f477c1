/** A frame's time is that of its coming, however long it waits for what came before it and for the disk. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/host/clock.ts';
import { openUpstream } from '../../../../src/switch/doors/upstream.ts';
import type { Link } from '../../../../src/wire/link.ts';
import { wireProfile } from '../../../../src/wire/profiles.ts';
import { listenLinks } from '../../../../src/wire/sockets/listen.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { openRooms, theirRequest } from '../../rooms.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('on a line to the switch that has several under way', async () => {
  const linked = Promise.withResolvers<Link>();
  const door = await listenLinks({
    host: '127.0.0.1',
    port: 0,
    profile: wireProfile('dmpp-2020'),
    settings: { window: 2 },
    clock: systemClock,
    events: { onOpen: (link) => linked.resolve(link), onMessage: (_link, incoming) => incoming.acknowledge() },
  });
  closers.push(() => door.close());
  const rooms = await openRooms({
    config: (input) => ({
      ...input,
      upstream: { ...input.upstream, profile: 'dmpp-2020', link: { window: 2 }, port: door.address.port },
    }),
  });
  const bothCame = Promise.withResolvers<void>();
  let came = 0;
  const upstream = await openUpstream(rooms.parts, {
    sender: rooms.sender,
    log: silentLog,
    turnedAway: { tell: () => undefined },
    trace: {
      // The line hears of it before the gateway does; the turn after it the gateway has both.
      onFrameIn: () => {
        came += 1;
        if (came === 2) setImmediate(bothCame.resolve);
      },
    },
    onChange: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  closers.push(() => upstream.close());
  const disk = Promise.withResolvers<void>();
  const append = rooms.ledger.append.bind(rooms.ledger);
  rooms.ledger.append = async (units) => {
    await disk.promise;
    return append(units);
  };
  const startMs = rooms.clock.wallMs();
  const link = await linked.promise;
  const sent = [1, 2].map((n) =>
    link.send(Buffer.from(`${theirRequest()}${n}`, 'latin1'), { repeatable: false, exchangeId: n }),
  );
  await bothCame.promise;
  await rooms.clock.pass(2_000);
  disk.resolve();
  for (const outcome of await Promise.all(sent)) expect(outcome).toMatchObject({ type: 'acked' });
  const frames = await rooms.ledger.events({ stream: 'frame', limit: 10 });
  expect(frames.map(({ atMs }) => atMs - startMs)).toEqual([0, 0]);
});
