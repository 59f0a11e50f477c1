import { expect } from 'vitest';
import { VirtualClock } from '../../wire/virtual-clock.ts';
import type { ClientOptions } from '../practice-client.ts';
import { inquiry } from '../stage.ts';
import { type Case, closed, controls, count, type Scene, settle, whose } from './fault-case.ts';

/** Another client's round trip: whatever the switch had written before it has arrived by then. */
async function roundTrip({ stage, simulator }: Scene): Promise<void> {
  const other = await stage.client(simulator);
  await other.send(inquiry('OTHER'));
  await count(other, 2);
}

/** The inquiry stays without its acknowledgement until the client gives the link up, in doubt. */
async function staysInDoubt({ simulator, client }: Scene, arrived: () => Promise<unknown>): Promise<void> {
  const fate = client.send(inquiry('C1'));
  await simulator.waitFor((event) => event.type === 'fault');
  await arrived();
  expect(client.link.windowFree).toBe(0);
  client.clock.advance(31_000);
  expect(await fate).toMatchObject({ type: 'timeout' });
}

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
const keepAlive = (status: number): Case => ({
  options: dmpp,
  play: async ({ client }) => {
    client.clock.advance(30_000);
    const beat = await client.until(() => client.frames.find((frame) => frame.type === 'heartbeat'));
    expect(beat).toMatchObject({ reply: true, status });
    // The link is not the matter of the status: it lives on and carries messages.
    await settle(client);
    expect(client.closed).toBeUndefined();
  },
});

/** Faults of acknowledgements, frames and sessions, with those of single profiles. */
export const lineCases: Readonly<Record<string, Case>> = {
  'drop-ack': {
    // The answers left behind the acknowledgement: once they are here it would be, too.
    play: (scene) => staysInDoubt(scene, () => count(scene.client, 2)),
  },
  'delay-ack': {
    play: async ({ stage, simulator, client }) => {
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
    play: async ({ stage, simulator, client }) => {
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'lost' });
      await simulator.waitFor((event) => event.type === 'kept');
      const second = await stage.client(simulator);
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
  'split-frames': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(whose(client).toSorted()).toEqual(['federal', 'state']);
    },
  },
  'mid-character': {
    coding: { charset: 'utf-8' },
    play: async ({ client }) => {
      await count(client, 1);
      const text = client.received[0] ?? '';
      expect(Buffer.from(text, 'latin1').toString('utf8')).toBe('SYNTHETIC CAFÉ – NOTICE');
      expect(client.frames.filter((frame) => frame.type === 'data').length).toBe(text.length);
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
    play: async ({ stage, simulator, client }) => {
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
    dial: async (simulator, stage) => {
      await expect(stage.client(simulator)).rejects.toMatchObject({ code: 'CONNECT_ENCRYPTION' });
      await stage.client(simulator);
    },
  },
  'no-connect-answer': {
    dial: async (simulator, stage) => {
      const clock = new VirtualClock();
      const refused = expect(stage.client(simulator, { clock })).rejects.toMatchObject({ code: 'OPEN_TIMEOUT' });
      await simulator.waitFor((event) => event.type === 'fault');
      clock.advance(30_000);
      await refused;
      await stage.client(simulator);
    },
  },
  silence: {
    play: async (scene) => {
      await staysInDoubt(scene, () => roundTrip(scene));
      expect(scene.client.received).toEqual([]);
      // The message was taken and answered; only nothing of it left.
      expect(scene.simulator.events.filter((event) => event.type === 'sent').length).toBeGreaterThan(2);
    },
  },
  'half-open': {
    play: async (scene) => {
      await staysInDoubt(scene, () => roundTrip(scene));
      expect(scene.client.received).toEqual([]);
      expect(scene.simulator.events.filter((event) => event.type === 'sent')).toHaveLength(2);
    },
  },
  'refuse-connect': {
    dial: async (simulator, stage) => {
      await expect(stage.client(simulator)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
      const client = await stage.client(simulator);
      expect(await client.send(inquiry('C1'))).toMatchObject({ type: 'acked' });
    },
  },
  'close-idle': {
    play: async ({ stage, client }) => {
      stage.clock.advance(10_000);
      expect(await closed(client)).toBe('CLOSED_BY_PEER');
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
  'dmpp-keepalive-ready': keepAlive(0x21),
  'dmpp-keepalive-not-ready': keepAlive(0x22),
  'dmpp-keepalive-not-available': keepAlive(0x23),
  'dmpp-late-ack': {
    options: dmpp,
    play: async ({ stage, simulator, client }) => {
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
    play: async ({ stage, simulator, client }) => {
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
      client.clock.advance(1_000);
      const fate = client.send(inquiry('C1'));
      client.clock.advance(20_000);
      await client.until(() => client.frames.find((frame) => frame.type === 'control' && frame.name === 'WACK'));
      // Asked to wait, the client counts anew; when that time is over too it asks, and learns that it was taken.
      client.clock.advance(20_000);
      expect(client.link.windowFree).toBe(0);
      client.clock.advance(11_000);
      expect(await fate).toMatchObject({ type: 'acked' });
      expect(simulator.counters().received).toBe(1);
    },
  },
  'bsc-eot-between-blocks': {
    options: bsc,
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.notices).toContain('MESSAGE_GIVEN_UP');
      expect(client.received.every((one) => one.startsWith('1L01C1'))).toBe(true);
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
