import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { loadScript } from '../../src/simulator/script.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { ClientOptions, PracticeClient } from './practice-client.ts';
import { fixtures, inquiry, Stage } from './stage.ts';

const folder = join(fixtures, 'scripts/faults');
const stage = new Stage();
afterEach(() => stage.close());

interface Scene {
  readonly simulator: Simulator;
  readonly client: PracticeClient;
  again(): Promise<PracticeClient>;
}
interface Case {
  readonly options?: ClientOptions;
  /** Runs with a linked client. */
  readonly play?: (scene: Scene) => Promise<void>;
  /** Runs with nobody linked. */
  readonly dial?: (simulator: Simulator) => Promise<void>;
}

/** Waits until the client has so many texts. */
const count = (client: PracticeClient, many: number): Promise<unknown> =>
  client.until(() => (client.received.length >= many ? true : undefined));
const closed = (client: PracticeClient): Promise<string> => client.until(() => client.closed);
/** A round trip: whatever the switch wrote before it has been read afterwards. */
const settle = async (client: PracticeClient): Promise<void> =>
  void (await client.send('1N01SETTLE.ZW.CO0990100.NAM/A,B'));
const controls = (client: PracticeClient): string[] => client.received.map((one) => /^1L01(\w*)/.exec(one)?.[1] ?? '');
const whose = (client: PracticeClient): string[] =>
  client.received.map((one) => (one.includes('PRACTICE STATE FILES') ? 'state' : 'federal'));

/** Sends an inquiry whose acknowledgement never comes in time: the client gives the link up, in doubt. */
async function timesOut({ simulator, client }: Scene): Promise<void> {
  const fate = client.send(inquiry('C1'));
  await simulator.waitFor((event) => event.type === 'received');
  await settleReceived(simulator);
  client.clock.advance(31_000);
  expect(await fate).toMatchObject({ type: 'timeout' });
}
const settleReceived = (simulator: Simulator): Promise<unknown> => simulator.waitFor((event) => event.type === 'fault');

const breaks =
  (reason: string): NonNullable<Case['play']> =>
  async ({ client }) => {
    await client.send(inquiry('C1'));
    expect(await closed(client)).toBe(reason);
    expect(client.received).toEqual([]);
  };
const bsc: ClientOptions = { profile: 'stx-etx', quirks: { controlBytes: 'ebcdic' } };
const dmpp: ClientOptions = { profile: 'dmpp-2020' };
const naked: Case = {
  options: dmpp,
  play: async ({ client }) => {
    expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'naked' });
    expect(await client.send(inquiry('C2'))).toMatchObject({ type: 'acked' });
    await count(client, 2);
    expect(controls(client)).toEqual(['C2', 'C2']);
  },
};
const keepAlive: Case = {
  options: dmpp,
  play: async ({ simulator, client }) => {
    client.clock.advance(30_000);
    await simulator.waitFor((event) => event.type === 'fault');
    await settle(client);
    expect(client.closed).toBeUndefined();
  },
};

const cases: Readonly<Record<string, Case>> = {
  'drop-ack': { play: timesOut },
  'delay-ack': {
    play: async ({ simulator, client }) => {
      const fate = client.send(inquiry('C1'));
      await simulator.waitFor((event) => event.type === 'fault');
      expect(client.link.windowFree).toBe(0);
      stage.clock.advance(45_000);
      expect(await fate).toMatchObject({ type: 'acked' });
    },
  },
  refuse: {
    play: async ({ client }) => {
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'naked', reason: 'SYNTHETIC REFUSAL' });
      await settle(client);
      expect(controls(client)).not.toContain('C1');
    },
  },
  'storage-failure': {
    play: async ({ client }) => {
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'naked', reason: 'STORAGE FAILURE' });
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'naked', reason: 'STORAGE FAILURE' });
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'acked' });
    },
  },
  'ack-unknown-id': {
    play: async ({ client }) => {
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'acked' });
      expect(client.notices).toEqual(['ACK_UNKNOWN']);
    },
  },
  'close-before-ack': {
    play: async ({ simulator, client, again }) => {
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'lost' });
      await simulator.waitFor((event) => event.type === 'kept');
      const second = await again();
      await count(second, 2);
      expect(controls(second)).toEqual(['C1', 'C1']);
    },
  },
  'cross-same-id': {
    play: async ({ client }) => {
      expect(await client.send(inquiry('C1'), 4242)).toMatchObject({ type: 'acked' });
      expect(await client.text(/\$\.A\. SYNTHETIC/)).not.toBe('');
      expect(client.ids[0]).toBe(4242);
      await count(client, 3);
    },
  },
  'answers-swapped': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 4);
      expect(whose(client)).toEqual(['federal', 'state', 'state', 'federal']);
    },
  },
  'answers-missing': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 2);
      expect(controls(client)).toEqual(['C2', 'C2']);
    },
  },
  'answer-missing-federal': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 3);
      expect(whose(client)).toEqual(['state', 'state', 'federal']);
    },
  },
  'answers-three': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 3);
      expect(new Set(client.received).size).toBe(1);
      expect(new Set(client.ids).size).toBe(3);
    },
  },
  'answers-late': {
    play: async ({ simulator, client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 2);
      expect(controls(client)).toEqual(['C2', 'C2']);
      await simulator.waitFor((event) => event.type === 'fate' && simulator.counters().fate === 2);
      stage.clock.advance(60_000);
      await count(client, 4);
      expect(controls(client).slice(2)).toEqual(['C1', 'C1']);
    },
  },
  'answer-wrong-control': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 4);
      expect(controls(client)).toEqual(['C1', 'C1', 'C1', 'C1']);
    },
  },
  'garbled-code-page': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      // C1 is the letter A in EBCDIC, D9 the letter R: nothing of the text is ASCII.
      expect(client.received.every((one) => /\xd9/.test(one) && !/[A-Z]{2}/.test(one))).toBe(true);
    },
  },
  'dirty-text': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.received.every((one) => one.includes('\x7f\x1b[2J\x1b]0;SYNTHETIC\x07\x03\r'))).toBe(true);
    },
  },
  'embedded-frame': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.received.every((one) => one.includes('\x55\xaa\x00\xff\xff\x00\xaa\x55'))).toBe(true);
      expect(client.notices).toEqual([]);
    },
  },
  'split-frames': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(whose(client).toSorted()).toEqual(['federal', 'state']);
    },
  },
  'small-frames': {
    play: async ({ client }) => {
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'acked' });
      await count(client, 2);
      expect(client.received.some((one) => one.includes('NIC/W990000002'))).toBe(true);
    },
  },
  'length-too-large': { play: breaks('FRAME_LENGTH') },
  'length-too-small': { play: breaks('FRAME_LENGTH') },
  'junk-before': { play: breaks('FRAME_START') },
  'stop-wrong': { play: breaks('FRAME_STOP') },
  'close-mid-frame': { play: breaks('FRAME_CUT') },
  'stop-split': {
    play: async ({ simulator, client }) => {
      await client.send(inquiry('C1'));
      await simulator.waitFor((event) => event.type === 'sent');
      stage.clock.advance(19);
      expect(simulator.counters().fate ?? 0).toBe(0);
      stage.clock.advance(1);
      await count(client, 2);
    },
  },
  'no-heartbeat-echo': {
    play: async ({ simulator, client }) => {
      client.clock.advance(60_000);
      await simulator.waitFor((event) => event.type === 'fault');
      client.clock.advance(60_000);
      expect(await closed(client)).toBe('PEER_SILENT');
    },
  },
  'encryption-yes': {
    dial: async (simulator) => {
      await expect(stage.client(simulator)).rejects.toMatchObject({ code: 'CONNECT_ENCRYPTION' });
      await stage.client(simulator);
    },
  },
  'no-connect-answer': {
    dial: async (simulator) => {
      const dialled = stage.client(simulator);
      const refused = expect(dialled).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
      await simulator.waitFor((event) => event.type === 'fault');
      await simulator.close();
      await refused;
    },
  },
  silence: {
    play: async ({ simulator, client }) => {
      await timesOut({ simulator, client, again: () => stage.client(simulator) });
      expect(client.received).toEqual([]);
      expect(simulator.counters().received).toBe(1);
    },
  },
  'half-open': {
    play: async ({ simulator, client }) => {
      const fate = client.send(inquiry('C1'));
      await simulator.waitFor((event) => event.type === 'fault');
      client.clock.advance(31_000);
      expect(await fate).toMatchObject({ type: 'timeout' });
      expect(client.received).toEqual([]);
      expect(simulator.counters().sent ?? 0).toBe(0);
    },
  },
  'refuse-connect': {
    dial: async (simulator) => {
      await expect(stage.client(simulator)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
      const client = await stage.client(simulator);
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'acked' });
    },
  },
  'close-idle': {
    play: async ({ client }) => {
      stage.clock.advance(10_000);
      expect(await closed(client)).toBe('CLOSED_BY_PEER');
    },
  },
  'again-after-reconnect': {
    play: async ({ simulator, client, again }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      await simulator.waitFor((event) => event.type === 'fate' && simulator.counters().fate === 2);
      await client.close();
      await simulator.waitFor((event) => event.type === 'kept');
      const second = await again();
      await count(second, 1);
      expect(second.received[0]).toBe(client.received[0]);
      expect(second.ids[0]).toBe(client.ids[0]);
    },
  },
  'reuse-id': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.ids[1]).toBe(client.ids[0]);
      expect(client.received[1]).not.toBe(client.received[0]);
      expect(client.notices).toEqual(['ID_REUSED']);
    },
  },
  'answers-twice': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 4);
      expect(new Set(client.received).size).toBe(2);
      expect(new Set(client.ids).size).toBe(4);
    },
  },
  'repeat-frame': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 3);
      expect(client.ids[1]).toBe(client.ids[0]);
      expect(client.duplicates).toEqual([false, true, false]);
    },
  },
  'blank-reference': {
    play: async ({ client }) => {
      await count(client, 2);
      expect(client.received.map((one) => one.slice(0, 18))).toEqual(['DAC00001A..OPR0001', 'DAC00001A...AM.WY0']);
    },
  },
  notices: {
    play: async ({ client }) => {
      await count(client, 2);
      expect(client.received.map((one) => one.split('\n')[3]?.slice(0, 4))).toEqual(['$.1.', '$.2.']);
    },
  },
  'yq-out-of-the-blue': {
    play: async ({ client }) => {
      const theirs = await client.text(/^YQ\.WY0990200\n/);
      expect(theirs).toContain('NIC/W990000001');
      expect(theirs).not.toContain('*');
    },
  },
  'broadcast-during-exchange': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.text(/^AM\.WY0990000[\s\S]*SYNTHETIC BROADCAST$/);
      stage.clock.advance(2_000);
      await count(client, 3);
      expect(controls(client)).toEqual(['', 'C1', 'C1']);
    },
  },
  'broadcast-storm': {
    play: async ({ client }) => {
      await count(client, 1);
      stage.clock.advance(1_000);
      await count(client, 200);
      expect(new Set(client.received.map((one) => /(\d{5}) CO0990100/.exec(one)?.[1])).size).toBe(200);
      expect(client.closed).toBeUndefined();
    },
  },
  'counter-gap': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await client.send(inquiry('C3'));
      await count(client, 6);
      const counts = client.received.map((one) => Number(/OUT: CO0990100 (\d+) /.exec(one)?.[1]));
      expect(counts).toEqual([1, 2, 3, 4, 8, 9]);
    },
  },
  'clock-jump': {
    play: async ({ simulator }) => {
      stage.clock.advance(1_000);
      await simulator.waitFor((event) => event.type === 'clock-jumped' && event.byMs === -86_400_000);
      const at = simulator.events.filter((event) => event.type === 'clock-jumped').map((event) => event.atMs);
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBe(-86_400_000);
    },
  },
  'dmpp-permanent-error': naked,
  'dmpp-temporary-error': naked,
  'dmpp-too-fast': naked,
  'dmpp-too-long': naked,
  'dmpp-bad-function': naked,
  'dmpp-bad-destination': naked,
  'dmpp-bad-header': naked,
  'dmpp-unsupported': naked,
  'dmpp-keepalive-ready': keepAlive,
  'dmpp-keepalive-not-ready': keepAlive,
  'dmpp-keepalive-not-available': keepAlive,
  'dmpp-late-ack': {
    options: dmpp,
    play: async ({ simulator, client }) => {
      const fate = client.send(inquiry('C1'));
      await simulator.waitFor((event) => event.type === 'fault');
      stage.clock.advance(1_499);
      expect(client.link.windowFree).toBe(0);
      stage.clock.advance(1);
      expect(await fate).toMatchObject({ type: 'acked' });
    },
  },
  'dmpp-short-length': {
    options: dmpp,
    play: async ({ simulator, client }) => {
      simulator.inject('SYNTHETIC TEXT OF SOME LENGTH', 'CO0990100');
      expect(await closed(client)).toBe('FRAME_STOP');
      const tolerant = await stage.client(simulator, { ...dmpp, quirks: { lengthExcludesBytes: 12 } });
      expect(await tolerant.text(/SYNTHETIC/)).toBe('SYNTHETIC TEXT OF SOME LENGTH');
      expect(await tolerant.send(inquiry('C1'))).toMatchObject({ type: 'acked' });
    },
  },
  'bsc-wrong-parity': {
    options: bsc,
    play: async ({ simulator, client }) => {
      const fate = client.send(inquiry('C1'));
      await count(client, 2);
      // The wrong parity settles nothing; asked after its time is up, the switch names the block it has.
      expect(client.link.windowFree).toBe(0);
      client.clock.advance(31_000);
      expect(await fate).toMatchObject({ type: 'acked' });
      expect(simulator.counters().received).toBe(1);
    },
  },
  'bsc-wack': {
    options: bsc,
    play: async ({ simulator, client }) => {
      const fate = client.send(inquiry('C1'));
      await simulator.waitFor((event) => event.type === 'fault');
      await client.close();
      expect(await fate).toMatchObject({ type: 'lost' });
    },
  },
  'bsc-enq': {
    options: bsc,
    play: async ({ simulator, client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      // The enquiry is answered with an acknowledgement nobody asked for; both answers arrive once.
      expect(simulator.counters()).toMatchObject({ fault: 1, sent: 2 });
      expect(new Set(client.received).size).toBe(2);
    },
  },
  'bsc-eot-inside': {
    options: bsc,
    play: async ({ simulator, client }) => {
      await client.send(inquiry('C1'));
      await count(client, 1);
      const sent = await simulator.waitFor((event) => event.type === 'sent');
      const text = sent.type === 'sent' ? sent.text : '';
      // Inside a text the byte is a digit like any other: nothing ends, one character more arrives.
      expect(client.received[0]).toHaveLength(text.length + 1);
    },
  },
};

test('every fault script has its case and every case its script', async () => {
  const names = (await readdir(folder)).map((name) => name.replace(/\.yaml$/, ''));
  expect(names.toSorted()).toEqual(Object.keys(cases).toSorted());
});

test.each(Object.keys(cases))('scripted fault: %s', async (name) => {
  const one = cases[name] ?? {};
  const script = await loadScript(join(folder, `${name}.yaml`));
  const profile = one.options?.profile ?? 'foxtalk-1';
  const simulator = await stage.simulator(script, { profile });
  await one.dial?.(simulator);
  if (one.play === undefined) return;
  const client = await stage.client(simulator, one.options);
  await one.play({ simulator, client, again: () => stage.client(simulator, one.options) });
});
