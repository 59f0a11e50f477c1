import { afterEach, expect, test } from 'vitest';
import type { Newline } from '../../../src/wire/framing/frame.ts';
import { inquiry, Stage } from '../stage.ts';

const stage = new Stage();
afterEach(() => stage.close());

/** Whether every line of a text ends so, and there is more than one. */
const endsBy = (text: string, end: string): boolean => {
  const lines = text.split(end);
  return lines.length > 2 && lines.every((line) => !/[\r\n]/.test(line));
};
const wish = (newline: Newline) => ({ settings: { wish: { minor: 1, coding: 'NON', newline } } }) as const;

test.each([
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
] as const)('the switch honours the line ends that a client asks for: %s (wire.md 4.2)', async (newline, end) => {
  const simulator = await stage.simulator({});
  const client = await stage.client(simulator, wish(newline));
  await client.send(inquiry('C1'));
  expect(endsBy(await client.text(/NIC\/W990000002/), end)).toBe(true);
});

test('lines end by CR LF on dmpp-2020, always (wire.md 5.4), and what comes so is read like any other', async () => {
  const simulator = await stage.simulator({}, { profile: 'dmpp-2020' });
  const client = await stage.client(simulator, { profile: 'dmpp-2020' });
  await client.send(`${inquiry('C1')}\r\n`);
  expect(endsBy(await client.text(/NIC\/W990000002/), '\r\n')).toBe(true);
  const received = simulator.events.find((event) => event.type === 'received');
  expect(received?.type === 'received' && received.text.includes('\r')).toBe(false);
});

test('a script says otherwise where it wants to, and what is injected leaves as it was given', async () => {
  const simulator = await stage.simulator({ newline: 'lf', stations: [{ oris: ['CO0990100'] }] });
  const client = await stage.client(simulator, wish('CRLF'));
  await client.send(inquiry('C1'));
  expect(endsBy(await client.text(/NIC\/W990000002/), '\n')).toBe(true);
  simulator.inject('ONE\nTWO\r\nTHREE', 'CO0990100');
  expect(await client.text(/THREE/)).toBe('ONE\nTWO\r\nTHREE');
});
