import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { SentEvent } from '../../src/simulator/events.ts';
import { type LoadedFiles, loadHotFiles } from '../../src/simulator/records/load-hot-files.ts';
import { loadScript, parseScript } from '../../src/simulator/script.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { decodeText, encodeText } from '../../src/wire/charsets/charset.ts';
import { VirtualClock } from '../wire/virtual-clock.ts';
import { PracticeClient } from './practice-client.ts';
import { wantedEntry, yq } from './texts.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
let files: LoadedFiles;
beforeAll(async () => {
  files = await loadHotFiles(join(fixtures, 'hot-files'));
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(
  over: object = {},
  clock = new VirtualClock(),
): Promise<{ simulator: Simulator; clock: VirtualClock }> {
  const script = parseScript({ name: 'Test', ...over });
  const simulator = await startSimulator({ port: 0, clock, files, script });
  open.push(simulator);
  return { simulator, clock };
}

async function link(simulator: Simulator): Promise<PracticeClient> {
  const client = await PracticeClient.dial(simulator.address);
  open.push(client);
  return client;
}

const query = (control: string, ori = 'CO0990100') => `1N01${control}.QW.${ori}.NAM/RECORD,ROBIN.DOB/19800202`;

test('a client links, enters a record, and gets its NIC back over the line', async () => {
  const { simulator } = await start();
  const client = await link(simulator);
  expect(await client.send(wantedEntry())).toMatchObject({ type: 'acked' });
  const ack = await client.text(/^1L01COJ100000000001/);
  const nic = /NIC\/(W[0-9]{9})/.exec(ack)?.[1] ?? '';
  expect(simulator.record(nic)).toMatchObject({ file: 'wanted', ori: 'CO0990100' });
});

test('an inquiry gets one answer from the State and one from NCIC, each when its time has come', async () => {
  const { simulator, clock } = await start({
    answers: { firstAfterMs: 500, secondAfterMs: 900, order: 'state-first' },
  });
  const client = await link(simulator);
  await client.send(query('COJ1'));
  clock.advance(499);
  expect(client.received).toEqual([]);
  clock.advance(1);
  await client.text(/PRACTICE STATE FILES/);
  expect(client.received).toHaveLength(1);
  clock.advance(400);
  await client.text(/NIC\/W990000002/);
  expect(client.received).toHaveLength(2);
});

test('each of many clients gets its own answers, also when they share an ORI', async () => {
  const { simulator } = await start();
  const clients = await Promise.all(Array.from({ length: 6 }, () => link(simulator)));
  await Promise.all(clients.map((client, n) => client.send(query(`COJ${n}`, n < 3 ? 'CO0990100' : 'CO099013N'))));
  for (const [n, client] of clients.entries()) {
    await client.until(() => (client.received.length >= 2 ? true : undefined));
    expect(client.received.every((one) => one.startsWith(`1L01COJ${n}\n`))).toBe(true);
  }
});

test('the practice script tells its three stories over the line', async () => {
  const clock = new VirtualClock();
  const script = await loadScript(join(fixtures, 'scripts/practice.yaml'));
  const simulator = await startSimulator({ port: 0, clock, files, script });
  open.push(simulator);
  const client = await link(simulator);
  await client.send(yq());
  clock.advance(4000);
  expect(await client.text(/^YR\.WY0990200/)).toContain('*COJ1000001\n');
  await simulator.waitFor((event) => event.type === 'fate' && event.outcome.type === 'acked');
  clock.advance(6000);
  expect(await client.text(/^YQ\.WY0990200/)).toContain('NIC/W990000001');
  const yr = 'YR.CO0990100.WY0990200.*WY00000001.TXT\r\nRTY/WP.OCA/PR26000001.NIC/W990000001.CON/Y.CNA/OPERATOR SAMPLE';
  expect(await client.send(yr)).toMatchObject({ type: 'acked' });
  await client.send(
    yq({ NIC: 'W990000003', OCA: 'SD26000003', NAM: 'SAMPLE,SAM' }, { to: 'WY0990300', control: 'COJ1000002' }),
  );
  await simulator.waitFor((event) => event.type === 'note' && event.code === 'AGENCY_SILENT');
  clock.advance(3_600_000);
  expect(client.received).toHaveLength(2);
});

test('what a client did not acknowledge before its link was lost comes again on the next, under the same id', async () => {
  const { simulator } = await start({ stations: [{ oris: ['CO0990100'] }] });
  const first = await link(simulator);
  first.answer = () => void first.close();
  simulator.inject('$.1. synthetic notice', 'CO0990100');
  await simulator.waitFor((event) => event.type === 'closed');
  await simulator.waitFor((event) => event.type === 'kept');
  const second = await link(simulator);
  expect(await second.text(/synthetic notice/)).toBe('$.1. synthetic notice');
  await simulator.waitFor((event) => event.type === 'fate' && event.outcome.type === 'acked');
  const sent = simulator.events.filter((event): event is SentEvent => event.type === 'sent');
  expect(sent.map((event) => event.attempt)).toEqual([1, 2]);
  expect(sent[0]?.exchangeId).toBe(sent[1]?.exchangeId);
  expect(sent[0]?.deliveryId).toBe(sent[1]?.deliveryId);
});

test('what a client refuses comes again, and after the third refusal is given up with an event', async () => {
  const { simulator, clock } = await start({ stations: [{ oris: ['CO0990100'] }] });
  const client = await link(simulator);
  client.answer = (incoming) => incoming.refuse('NO ROOM');
  simulator.inject('refused text', 'CO0990100');
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await simulator.waitFor((event) => event.type === 'fate' && simulator.counters().fate === attempt);
    clock.advance(10_000);
  }
  expect(await simulator.waitFor((event) => event.type === 'dropped')).toMatchObject({ to: 'CO0990100' });
  expect(simulator.counters().sent).toBe(4);
});

test('a message for an ORI that nobody stands for waits until somebody does', async () => {
  const { simulator } = await start();
  simulator.inject('waiting text', 'CO099013N');
  const client = await link(simulator);
  await client.send(query('COJ1', 'CO099013N'));
  expect(await client.text(/waiting/)).toBe('waiting text');
});

test('an injected text finds its receiver by itself', async () => {
  const { simulator } = await start({ stations: [{ oris: ['CO0990100'] }] });
  const client = await link(simulator);
  const theirs = 'YQ.WY0990200\n08:00 01/01/2030 00001\n08:00 01/01/2030 00001 CO0990100\nTXT\nRTY/WP';
  simulator.inject(theirs);
  expect(await client.text(/^YQ/)).toBe(theirs);
  expect(() => simulator.inject('no receiver here')).toThrow(RangeError);
});

test('every message is in the events with its exchange id, in and out', async () => {
  const { simulator } = await start();
  const client = await link(simulator);
  await client.send(wantedEntry(), 77);
  await client.text(/^1L01/);
  const messages = simulator.events.filter((event) => event.type === 'received' || event.type === 'sent');
  expect(messages).toMatchObject([
    { type: 'received', exchangeId: 77, duplicate: false, text: wantedEntry() },
    { type: 'sent', about: 'acknowledgement', to: 'CO0990100', attempt: 1 },
  ]);
  expect(simulator.events.map((event) => event.seq)).toEqual(simulator.events.map((_, n) => n + 1));
});

test('the same bytes under the same id are acknowledged again and worked on once', async () => {
  const { simulator } = await start();
  const client = await link(simulator);
  await client.send(wantedEntry(), 500);
  await client.text(/NIC\//);
  await client.send(wantedEntry(), 500);
  expect(simulator.events.filter((event) => event.type === 'received').map((event) => event.duplicate)).toEqual([
    false,
    true,
  ]);
  await client.send(query('COJ9'), 501);
  await client.text(/COJ9/);
  expect(client.received.filter((one) => one.includes('REJ'))).toEqual([]);
});

test('bytes that are no frames close that link alone', async () => {
  const { simulator } = await start();
  const [good, bad] = [await link(simulator), await link(simulator)];
  (bad.link as unknown as { writeRaw(bytes: Buffer): void }).writeRaw(Buffer.from('GARBAGE'));
  expect(await simulator.waitFor((event) => event.type === 'closed')).toMatchObject({ reason: 'FRAME_START' });
  expect(await good.send(query('COJ1'))).toMatchObject({ type: 'acked' });
});

test('closing ends every link and every timer', async () => {
  const { simulator, clock } = await start({ answers: { firstAfterMs: 500, secondAfterMs: 900 } });
  const client = await link(simulator);
  await client.send(query('COJ1'));
  const pending = simulator.waitFor((event) => event.type === 'clock-jumped');
  const refused = expect(pending).rejects.toMatchObject({ code: 'SIMULATOR_CLOSED' });
  await simulator.close();
  await refused;
  await client.until(() => client.closed);
  expect(clock.timerCount).toBe(0);
});

test.each(['cp037', 'cp500', 'cp1047'] as const)(
  'an EBCDIC line in %s carries an inquiry and its hit',
  async (charset) => {
    const coding = { charset, lineEnd: 'NEL' } as const;
    const quirks = { controlBytes: 'ebcdic' } as const;
    const simulator = await startSimulator({
      port: 0,
      clock: new VirtualClock(),
      files,
      profile: 'stx-etx',
      coding,
      script: parseScript({ name: 'Test', quirks }),
    });
    open.push(simulator);
    const client = await PracticeClient.dial(simulator.address, { profile: 'stx-etx', quirks });
    open.push(client);
    const bytes = encodeText(query('COJ1'), coding);
    if (!bytes.ok) throw new Error('not encoded');
    await client.send(bytes.bytes.toString('latin1'));
    await client.until(() => (client.received.length === 2 ? true : undefined));
    const texts = client.received.map((one) => decodeText(Buffer.from(one, 'latin1'), coding));
    expect(texts.some((one) => one.ok && one.text.includes('NIC/W990000002'))).toBe(true);
    expect(texts.every((one) => one.ok && one.text.startsWith('1L01COJ1\nCO0990100\n'))).toBe(true);
  },
);

test('a byte that is no character of the line is refused, never guessed', async () => {
  const { simulator } = await start();
  const ascii = await startSimulator({ port: 0, clock: new VirtualClock(), files, coding: { charset: 'ascii' } });
  open.push(ascii);
  const client = await link(ascii);
  expect(await client.send(`${query('COJ1')}\xe9`)).toMatchObject({ type: 'naked' });
  expect(await (await link(simulator)).send(`${query('COJ1')}\xe9`)).toMatchObject({ type: 'acked' });
});

test.each([
  ['new-id', 2],
  ['never', 1],
] as const)('redelivery %s: the message leaves %i times in all', async (redelivery, attempts) => {
  const { simulator } = await start({ stations: [{ oris: ['CO0990100'] }], redelivery });
  const first = await link(simulator);
  first.answer = () => void first.close();
  simulator.inject('synthetic notice', 'CO0990100');
  await simulator.waitFor((event) => event.type === 'closed');
  await simulator.waitFor((event) => event.type === (redelivery === 'never' ? 'dropped' : 'kept'));
  const second = await link(simulator);
  await second.send(query('COJ1'));
  await second.text(/NIC\/W990000002/);
  const sent = simulator.events.filter(
    (event): event is SentEvent => event.type === 'sent' && event.about === 'injected',
  );
  expect(sent).toHaveLength(attempts);
  expect(new Set(sent.map((event) => event.exchangeId)).size).toBe(attempts);
});

test('Nlets line ends are CR, LF and DEL when the script says so', async () => {
  const { simulator } = await start({ newline: 'crlfdel', stations: [{ oris: ['WY0990200'] }] });
  const [theirs, ours] = [await link(simulator), await link(simulator)];
  await ours.send(yq());
  expect(await theirs.text(/^YQ\.CO0990100\r\n\x7f/)).toMatch(/\*COJ1000001\r\n\x7fTXT\r\n\x7fRTY\/WP/);
});
