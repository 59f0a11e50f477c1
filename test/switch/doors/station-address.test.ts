/** A station is known by its address in whatever way that is written. */
import { expect, test } from 'vitest';
import { checkConfig } from '../../../src/switch/config.ts';
import { stationOf } from '../../../src/switch/doors/station-door.ts';
import { canonicalAddress } from '../../../src/wire/sockets/address.ts';
import { peerOf } from '../../../src/wire/sockets/tls.ts';
import { practiceConfig } from '../config/sample-config.ts';

function checkWith(...addresses: readonly string[]) {
  const input = practiceConfig();
  const { station } = input.doors;
  const stations = addresses.map((address, at) => ({
    id: `S${at}`,
    name: 'Pine Ridge Communications',
    address,
    oris: ['CO099013N'],
    terminalIds: [`DSP${at}`],
  }));
  return checkConfig({ ...input, doors: { ...input.doors, station: { ...station, stations } } }, '.');
}

test.each([
  ['192.0.2.7', '::ffff:192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '::ffff:192.0.2.7'],
  ['2001:DB8:0:0:0:0:0:5', '2001:db8::5'],
  ['::1', '::1'],
  ['FE80::1%eth0', 'fe80::1%eth0'],
])('configured as %s it is the peer that a socket calls %s', (configured, remoteAddress) => {
  const checked = checkWith(configured);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const { stations } = checked.config.doors.station;
  expect(stationOf(stations, peerOf({ remoteAddress }))?.id).toBe('S0');
  expect(stationOf(stations, peerOf({ remoteAddress: '192.0.2.8' }))).toBeUndefined();
});

test('two stations cannot have one address by writing it in two ways', () => {
  const checked = checkWith('192.0.2.7', '::ffff:192.0.2.7');
  expect(checked.ok ? [] : checked.faults.map(({ path }) => path)).toEqual(['doors.station.stations[1].address']);
});

test('what is no address is left as it is, and said by the schema', () => {
  expect(canonicalAddress('example')).toBe('example');
  const checked = checkWith('example');
  expect(checked.ok ? [] : checked.faults.map(({ path }) => path)).toEqual(['doors.station.stations[0].address']);
});
