import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { SimulatorEvent } from '../../../src/simulator/events.ts';
import { type StrictRuleName, strictRules } from '../../../src/simulator/line/strict-rules.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import type { ConnectTerms, Frame } from '../../../src/wire/framing/frame.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { inquiry, Stage } from '../stage.ts';

const stage = new Stage();
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await stage.close();
});

const foxtalk = wireProfile('foxtalk-1');
const dmpp = wireProfile('dmpp-2020');
const terms: ConnectTerms = {
  major: 1,
  minor: 1,
  frameBytesMax: 65_000,
  maxIdleS: 0,
  defaultTimeoutS: 0,
  encryption: false,
  coding: 'NON',
  newline: 'LF',
};

/** A client that writes exactly the bytes it is told to, and no others. */
class RawClient {
  readonly socket: Socket;
  /** Bytes written so far: where the next frame begins. */
  written = 0;
  #profile: typeof foxtalk;
  #frames: Frame[] = [];
  #wake: (() => void) | undefined;

  constructor(simulator: Simulator, profile = foxtalk) {
    this.#profile = profile;
    this.socket = connect(simulator.address.port, '127.0.0.1');
    sockets.push(this.socket);
    const deframer = profile.makeDeframer(1_000_000);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes) => {
      deframer.push(bytes);
      for (let next = deframer.next(); next !== undefined && next.type !== 'fault'; next = deframer.next()) {
        this.#frames.push(next);
      }
      this.#wake?.();
    });
  }

  bytes(...parts: readonly Buffer[]): void {
    const all = Buffer.concat(parts);
    this.written += all.length;
    this.socket.write(all);
  }

  frames(...frames: readonly Frame[]): void {
    this.bytes(...frames.map((frame) => this.#profile.encode(frame)));
  }

  data(exchangeId: number, text: string, final = true): Frame {
    return { type: 'data', exchangeId, final, payload: Buffer.from(text, 'latin1') };
  }

  /** The next frame of this type from the switch; each is given once. */
  async next(type: Frame['type']): Promise<Frame> {
    for (;;) {
      const index = this.#frames.findIndex((frame) => frame.type === type);
      const [found] = index === -1 ? [] : this.#frames.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async open(over: Partial<ConnectTerms> = {}, exchangeId = 1): Promise<void> {
    this.frames({ type: 'connect', exchangeId, terms: { ...terms, ...over } });
    await this.next('connect');
  }
}

type MistakeEvent = Extract<SimulatorEvent, { type: 'mistake' }>;
const mistake = async (simulator: Simulator): Promise<MistakeEvent> =>
  (await simulator.waitFor((event) => event.type === 'mistake')) as MistakeEvent;
const quiet = { answers: { changes: [{ when: {}, missing: 'both' }] } };

/** Each makes one mistake and gives the byte at which the offending frame began. */
const mistakes: Readonly<Record<StrictRuleName, (simulator: Simulator) => Promise<number>>> = {
  'split-new-id': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open({ frameBytesMax: 64 });
    client.frames(client.data(2, inquiry('C1').slice(0, 48)));
    await client.next('ack');
    const at = client.written;
    client.frames(client.data(3, inquiry('C1').slice(48)));
    expect(await client.next('nak')).toMatchObject({ exchangeId: 3, reason: `split-new-id AT BYTE ${at}` });
    return at;
  },
  'ack-mid-message': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open({ frameBytesMax: 64 });
    simulator.inject('SYNTHETIC TEXT THAT IS LONGER THAN ONE FRAME OF THE SIXTY FOUR BYTES AGREED ON', 'CO0990100');
    const first = await client.next('data');
    client.frames({ type: 'ack', exchangeId: first.exchangeId });
    const at = client.written;
    client.frames({ type: 'ack', exchangeId: first.exchangeId });
    return at;
  },
  'ack-of-nak': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    client.frames(client.data(2, inquiry('C1')));
    await client.next('ack');
    const at = client.written;
    client.frames({ type: 'ack', exchangeId: 2 });
    return at;
  },
  'no-wait-for-ack': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    const first = foxtalk.encode(client.data(2, inquiry('C1')));
    const at = client.written + first.length;
    client.bytes(first, foxtalk.encode(client.data(3, inquiry('C2'))));
    expect(await client.next('nak')).toMatchObject({ exchangeId: 3, reason: `no-wait-for-ack AT BYTE ${at}` });
    return at;
  },
  'silent-loss': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    for (let id = 2; id <= 10; id += 1) {
      client.frames(client.data(id, inquiry(`C${id}`)));
      await client.next('ack');
    }
    const at = client.written;
    client.frames(client.data(14, inquiry('C14')));
    expect(await client.next('ack')).toMatchObject({ exchangeId: 14 });
    return at;
  },
  'heartbeat-wrong-timer': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    stage.clock.advance(30_000);
    const at = client.written;
    client.frames({ type: 'heartbeat', exchangeId: 2 });
    await client.next('heartbeat');
    return at;
  },
  'keepalive-on-tick': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    stage.clock.advance(60_000);
    client.frames({ type: 'heartbeat', exchangeId: 2 });
    await client.next('heartbeat');
    stage.clock.advance(40_000);
    client.frames(client.data(3, inquiry('C1')));
    await client.next('ack');
    stage.clock.advance(20_000);
    const at = client.written;
    client.frames({ type: 'heartbeat', exchangeId: 4 });
    await client.next('heartbeat');
    return at;
  },
  'connect-nonzero-times': async (simulator) => {
    await new RawClient(simulator).open({ defaultTimeoutS: 60 });
    return 0;
  },
  'version-swapped': async (simulator) => {
    const client = new RawClient(simulator);
    client.frames({ type: 'connect', exchangeId: 1, terms: { ...terms, major: 0, minor: 1 } });
    await simulator.waitFor((event) => event.type === 'mistake');
    return 0;
  },
  'version-mismatch': async (simulator) => {
    await new RawClient(simulator).open({ minor: 0 });
    return 0;
  },
  'length-in-chars': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    const text = `${inquiry('C1')}é`;
    const frame = foxtalk.encode({ type: 'data', exchangeId: 2, final: true, payload: Buffer.from(text, 'utf8') });
    frame.writeUInt32BE(text.length + 16, 4);
    client.bytes(frame);
    expect(await simulator.waitFor((event) => event.type === 'closed')).toMatchObject({ reason: 'FRAME_STOP' });
    return client.written - frame.length + text.length + 12;
  },
  'length-excludes-envelope': async (simulator) => {
    const client = new RawClient(simulator, dmpp);
    const frame = dmpp.encode({ type: 'data', exchangeId: 2, final: true, payload: Buffer.from(inquiry('C1')) });
    frame.writeUInt32BE(frame.length - 12, 4);
    client.bytes(frame);
    expect(await simulator.waitFor((event) => event.type === 'closed')).toMatchObject({ reason: 'FRAME_STOP' });
    return frame.length - 12 - 4;
  },
  'id-reused': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    client.frames(client.data(2, inquiry('C1')));
    await client.next('ack');
    const at = client.written;
    client.frames(client.data(2, inquiry('C2')));
    expect(await client.next('nak')).toMatchObject({ exchangeId: 2, reason: `id-reused AT BYTE ${at}` });
    return at;
  },
  'reconnect-too-fast': async (simulator) => {
    const first = new RawClient(simulator);
    await first.open();
    first.socket.end();
    await simulator.waitFor((event) => event.type === 'closed');
    stage.clock.advance(29_000);
    await new RawClient(simulator).open();
    return 0;
  },
  'more-without-final': async (simulator) => {
    const client = new RawClient(simulator);
    await client.open();
    client.frames(client.data(2, 'SYNTHETIC', false));
    const at = client.written;
    client.frames(client.data(3, inquiry('C1')));
    expect(await simulator.waitFor((event) => event.type === 'closed')).toMatchObject({
      reason: 'MESSAGE_INTERLEAVED',
    });
    return at;
  },
  'data-before-connect': async (simulator) => {
    const client = new RawClient(simulator);
    client.frames(client.data(2, inquiry('C1')));
    expect(await simulator.waitFor((event) => event.type === 'closed')).toMatchObject({ reason: 'CONNECT_EXPECTED' });
    return 0;
  },
};

test.each(Object.keys(strictRules) as StrictRuleName[])('strict mode names %s and where it stands', async (rule) => {
  const profile = rule === 'length-excludes-envelope' ? 'dmpp-2020' : 'foxtalk-1';
  const script = { ...quiet, stations: [{ oris: ['CO0990100'] }] };
  const simulator = await stage.simulator(script, { strict: true, profile });
  const offset = await mistakes[rule](simulator);
  const seen = await mistake(simulator);
  expect(seen.rule).toBe(rule);
  expect(seen.offset).toBe(offset);
  expect(simulator.events.filter((event) => event.type === 'mistake')).toHaveLength(1);
});

test('a message is known as the rest of the one before wherever it was cut, part by part (wire.md 12)', async () => {
  const simulator = await stage.simulator(quiet, { strict: true });
  const client = new RawClient(simulator);
  await client.open();
  const text = inquiry('C1');
  const parts = [text.slice(0, -20), text.slice(-20, -6), text.slice(-6)];
  for (const [at, part] of parts.entries()) {
    client.frames(client.data(2 + at, part));
    const answer = await client.next(at === 0 ? 'ack' : 'nak');
    if (at > 0) expect(answer).toMatchObject({ reason: expect.stringContaining('split-new-id') });
  }
  client.frames(client.data(9, inquiry('C2')));
  await client.next('ack');
});

test.each(['end', 'reset'] as const)('a message whose client goes in the middle of it is named (%s)', async (how) => {
  const simulator = await stage.simulator(quiet, { strict: true });
  const client = new RawClient(simulator);
  await client.open();
  const at = client.written;
  client.frames(client.data(2, 'SYNTHETIC', false), { type: 'heartbeat', exchangeId: 3 });
  await client.next('heartbeat');
  if (how === 'end') client.socket.end();
  else client.socket.resetAndDestroy();
  await simulator.waitFor((event) => event.type === 'closed');
  expect(simulator.events.findLast((event) => event.type === 'mistake')).toMatchObject({
    rule: 'more-without-final',
    exchangeId: 2,
    offset: at,
  });
});

test('a refusal for a broken rule says that the message came too fast, not that it may come again (wire.md 5.3)', async () => {
  const simulator = await stage.simulator(quiet, { strict: true, profile: 'dmpp-2020' });
  const client = new RawClient(simulator, dmpp);
  client.frames(client.data(1, inquiry('C1')), client.data(2, inquiry('C2')));
  expect(await client.next('nak')).toMatchObject({ exchangeId: 2, status: 0x13 });
  expect((await mistake(simulator)).rule).toBe('no-wait-for-ack');
});

test('a message that is never completed is named when its time is over', async () => {
  const simulator = await stage.simulator(quiet, { strict: true });
  const client = new RawClient(simulator);
  await client.open();
  const at = client.written;
  client.frames(client.data(2, 'SYNTHETIC', false), { type: 'heartbeat', exchangeId: 3 });
  await client.next('heartbeat');
  stage.clock.advance(30_000);
  expect(await simulator.waitFor((event) => event.type === 'closed')).toMatchObject({ reason: 'MESSAGE_TIMEOUT' });
  expect(simulator.events.findLast((event) => event.type === 'mistake')).toMatchObject({
    rule: 'more-without-final',
    exchangeId: 2,
    offset: at,
  });
});

test('a plain message after encryption was forced is data before the session is open', async () => {
  const simulator = await stage.simulator({ ...quiet, line: [{ fault: 'encryption-yes' }] }, { strict: true });
  const client = new RawClient(simulator);
  await client.open();
  const at = client.written;
  client.frames(client.data(2, inquiry('C1')));
  expect(await mistake(simulator)).toMatchObject({ rule: 'data-before-connect', offset: at });
  await simulator.waitFor((event) => event.type === 'closed');
});

test('a client that keeps the rules is never accused, on any profile', async () => {
  for (const profile of ['foxtalk-1', 'dmpp-2020', 'mllp-r2', 'stx-etx']) {
    const simulator = await stage.simulator({}, { strict: true, profile });
    const client = await stage.client(simulator, { profile });
    for (let n = 0; n < 12; n += 1) expect(await client.send(inquiry(`C${n}`))).toMatchObject({ type: 'acked' });
    await client.until(() => (client.received.length === 24 ? true : undefined));
    expect(simulator.events.filter((event) => event.type === 'mistake')).toEqual([]);
    expect(client.received.filter((one) => one.includes('NIC/W990000002'))).toHaveLength(12);
    await client.close();
  }
});
