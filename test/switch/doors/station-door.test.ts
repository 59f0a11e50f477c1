import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import type { AlarmState } from '../../../src/switch/alarms/alarm.ts';
import type { StationConfig } from '../../../src/switch/config.ts';
import { makeStationDelivery } from '../../../src/switch/delivery/station-delivery.ts';
import { openStationDoor, stationOf } from '../../../src/switch/doors/station-door.ts';
import { makeTurnedAway } from '../../../src/switch/records/turned-away.ts';
import { alarmViewOf } from '../../../src/switch/records/views.ts';
import { stopwatch } from '../../support/held-up.ts';
import { silentLog } from '../../support/silent-log.ts';
import { until } from '../../support/until.ts';
import { BareSocket, closeAfter, connectHex, foxtalk } from '../../wire/line.ts';
import { openRooms, type Rooms } from '../rooms.ts';

interface Figures {
  readonly idleMs?: number;
  readonly drainTimeoutMs?: number;
}

async function open(link: Figures, caps: { readonly linksMax?: number; readonly linksPerStationMax?: number } = {}) {
  const rooms = await openRooms({
    config: (input) => ({ ...input, doors: { ...input.doors, station: { ...input.doors.station, link, ...caps } } }),
  });
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  // Links live by the machine's time, rooms by the test's.
  const parts = { ...rooms.parts, clock: systemClock };
  const delivery = makeStationDelivery(parts, onFault);
  const turnedAway = makeTurnedAway(parts, onFault);
  const door = await openStationDoor(parts, { delivery, log: silentLog, turnedAway, onFault });
  closeAfter(() => turnedAway.close());
  closeAfter(() => door.close());
  return { rooms, door, faults };
}

const deaths = async ({ ledger }: Rooms) => {
  const rows = await ledger.states({ stream: 'alarm', key: 'STATION_SILENT', limit: 10 });
  return rows.map((row) => (row.body as AlarmState).stationId);
};

describe('a station that is dead', () => {
  test('is alarmed with its name within two heartbeats, and once a minute at most', async () => {
    const { rooms, door } = await open({ idleMs: 1_000 });
    const tookMs = stopwatch();
    const silent = [new BareSocket(door.address.port), new BareSocket(door.address.port)];
    for (const one of silent) {
      one.write(connectHex);
      await one.until(({ received }) => received.length === 36);
    }
    for (const one of silent) await one.until(({ ended }) => ended);
    await until(async () => (await deaths(rooms)).length > 0, 'the alarm is raised');
    expect(tookMs()).toBeLessThan(2 * 1_000 + 1_000);
    await until(() => door.links.size === 0, 'both links are gone');
    expect(await deaths(rooms)).toEqual(['dispatch']);
    const [row] = await rooms.ledger.states({ stream: 'alarm', key: 'STATION_SILENT', limit: 1 });
    if (row === undefined) throw new Error('no alarm');
    expect(alarmViewOf(row).text).toMatch(/ Station: dispatch\.$/);
  });

  test('is not one that hangs up, nor one whose connection breaks', async () => {
    const { rooms, door } = await open({});
    for (const end of ['polite', 'broken'] as const) {
      const bare = new BareSocket(door.address.port);
      bare.write(connectHex);
      await bare.until(({ received }) => received.length === 36);
      if (end === 'polite') bare.socket.end();
      else bare.socket.resetAndDestroy();
      await until(() => door.links.size === 0, 'the link is gone');
    }
    expect(await deaths(rooms)).toEqual([]);
  });
});

describe('a station that connects again and again', () => {
  const alarmsOf = async ({ ledger }: Rooms, key: string) => {
    const rows = await ledger.states({ stream: 'alarm', key, limit: 10 });
    return rows.map((row) => (row.body as AlarmState).stationId);
  };
  const greeted = async (port: number): Promise<BareSocket> => {
    const bare = new BareSocket(port);
    bare.write(connectHex);
    await bare.until(({ received, ended }) => received.length === 36 || ended);
    return bare;
  };

  test('is turned away past its cap and alarmed by its name once a minute; what it has stays', async () => {
    const { rooms, door } = await open({}, { linksPerStationMax: 2 });
    const first = [await greeted(door.address.port), await greeted(door.address.port)];
    for (let count = 0; count < 3; count += 1) {
      expect(await greeted(door.address.port)).toMatchObject({ ended: true, received: Buffer.alloc(0) });
    }
    expect(first.some((one) => one.ended)).toBe(false);
    await until(async () => (await alarmsOf(rooms, 'STATION_LINKS_FULL')).length > 0, 'the alarm is raised');
    expect(await alarmsOf(rooms, 'STATION_LINKS_FULL')).toEqual(['dispatch']);
    first[0]?.socket.end();
    await until(() => door.links.size === 1, 'one is closed');
    expect((await greeted(door.address.port)).ended).toBe(false);
  });

  test('fills no door without a word: a full one is an alarm as well', async () => {
    const { rooms, door } = await open({}, { linksMax: 1 });
    await greeted(door.address.port);
    expect((await greeted(door.address.port)).ended).toBe(true);
    await until(async () => (await alarmsOf(rooms, 'STATIONS_FULL')).length > 0, 'the alarm is raised');
  });
});

describe('who may come in', () => {
  const certificate = 'a'.repeat(64);
  const station = (id: string, known: Partial<StationConfig>): StationConfig => ({
    id,
    name: 'Pine Ridge Communications',
    oris: ['CO099013N'],
    terminalIds: ['DSP1'],
    ...known,
  });
  const from = (address: string, certificateSha256?: string) => ({
    address,
    port: 1,
    ...(certificateSha256 === undefined ? {} : { certificateSha256 }),
  });

  test.each([
    ['its address', { address: '192.0.2.1' }, from('192.0.2.1'), true],
    ['its address as IPv6 writes it', { address: '192.0.2.1' }, from('::ffff:192.0.2.1'), true],
    ['another address', { address: '192.0.2.1' }, from('192.0.2.2'), false],
    ['its certificate, from anywhere', { certificateSha256: certificate }, from('192.0.2.9', certificate), true],
    ['another certificate', { certificateSha256: certificate }, from('192.0.2.1', 'b'.repeat(64)), false],
    ['no certificate', { certificateSha256: certificate }, from('192.0.2.1'), false],
    ['both', { address: '192.0.2.1', certificateSha256: certificate }, from('192.0.2.1', certificate), true],
    [
      'its certificate from elsewhere',
      { address: '192.0.2.1', certificateSha256: certificate },
      from('192.0.2.2', certificate),
      false,
    ],
    [
      'its address without the certificate',
      { address: '192.0.2.1', certificateSha256: certificate },
      from('192.0.2.1'),
      false,
    ],
    ['neither set', {}, from('192.0.2.1', certificate), false],
  ] as const)('is decided by address and certificate: %s', (_name, known, peer, may) => {
    expect(stationOf([station('one', known)], peer) !== undefined).toBe(may);
  });

  test('behind one address, who shows a certificate is whoever it is of, and not the one known by that address', () => {
    const byAddress = station('by address', { address: '192.0.2.1' });
    const byCertificate = station('by certificate', { certificateSha256: certificate });
    for (const stations of [
      [byAddress, byCertificate],
      [byCertificate, byAddress],
    ]) {
      expect(stationOf(stations, from('192.0.2.1', certificate))?.id).toBe('by certificate');
      expect(stationOf(stations, from('192.0.2.1'))?.id).toBe('by address');
    }
  });

  test('a stranger is turned away before a byte of his is read', async () => {
    const rooms = await openRooms({
      config: (input) => {
        const [known] = input.doors.station.stations ?? [];
        if (known === undefined) throw new Error('no station');
        const stations = [{ ...known, address: '127.0.0.2' }];
        return { ...input, doors: { ...input.doors, station: { ...input.doors.station, stations } } };
      },
    });
    const refused: unknown[] = [];
    const log = { ...silentLog, warn: (line: unknown) => void refused.push(line) };
    const parts = { ...rooms.parts, clock: systemClock };
    const onFault = (): void => undefined;
    const turnedAway = makeTurnedAway(parts, onFault);
    closeAfter(() => turnedAway.close());
    const delivery = makeStationDelivery(parts, onFault);
    const door = await openStationDoor(parts, { delivery, log, turnedAway, onFault });
    closeAfter(() => door.close());
    const bare = new BareSocket(door.address.port);
    bare.write(connectHex);
    bare.write(foxtalk.encode({ type: 'data', exchangeId: 2, final: true, payload: Buffer.from('QW.X') }));
    await bare.until(({ ended }) => ended);
    expect(bare.received).toHaveLength(0);
    expect(refused).toEqual([{ code: 'STATION_REFUSED', reason: 'PEER_REFUSED' }]);
    expect(await rooms.ledger.events({ stream: 'frame', limit: 5 })).toEqual([]);
    const acts = await rooms.ledger.events({ stream: 'act', limit: 5 });
    expect(acts.map(({ type, data }) => [type, data['door'], data['outcome'], data['peer'], data['count']])).toEqual([
      ['TURNED_AWAY', 'station', 'PEER_REFUSED', '127.0.0.1', 1],
    ]);
  });
});
