import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/host/clock.ts';
import type { Incoming } from '../../src/wire/link.ts';
import { dialLink, keepDialed } from '../../src/wire/sockets/dial.ts';
import { listenLinks } from '../../src/wire/sockets/listen.ts';
import { BareSocket, closeAfter, connectHex, dial, foxtalk, openDoor, send, Witness } from './line.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('a link over loopback', () => {
  it('carries payloads both ways, in several frames when the switch lowers the frame', async () => {
    const door = new Witness();
    const client = new Witness();
    const at = await openDoor({ events: door, settings: { frameBytesMax: 64 } });
    const link = await dial(at, { events: client });
    const long = 'QW.SAMPLE,RECORD.'.repeat(100);
    expect(await send(link, long)).toMatchObject({ type: 'acked' });
    expect(door.messages.map(({ text }) => text)).toEqual([long]);
    const back = door.messages[0]?.link;
    if (back === undefined) throw new Error('no link');
    expect(await send(back, 'ONE RECORD')).toMatchObject({ type: 'acked' });
    expect(client.messages.map(({ text }) => text)).toEqual(['ONE RECORD']);
    expect(link.peer).toMatchObject({ address: '127.0.0.1', port: at.address.port });
  });

  it('tells a refusal with its reason', async () => {
    const at = await openDoor({ events: new Witness((incoming) => incoming.refuse('STORAGE FULL')) });
    expect(await send(await dial(at), 'QW.X')).toMatchObject({ type: 'naked', reason: 'STORAGE FULL' });
  });

  it('closes both sides once, each with its reason, and leaves nothing armed', async () => {
    const clock = new VirtualClock();
    const door = new Witness();
    const client = new Witness();
    const at = await openDoor({ events: door, clock });
    const link = await dial(at, { events: client, clock });
    await link.close();
    await door.until(({ closed }) => closed.length === 1);
    expect(client.closed.map(({ reason }) => reason)).toEqual(['CLOSED_BY_US']);
    expect(door.closed.map(({ reason }) => reason)).toEqual(['CLOSED_BY_PEER']);
    expect(await send(link, 'QW.X')).toMatchObject({ type: 'not-sent' });
    await link.close();
    expect(at.links.size).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it('answers what it owes to a peer that has ended its side', async () => {
    let owed: Incoming | undefined;
    const door = new Witness((incoming) => {
      owed = incoming;
    });
    const at = await openDoor({ events: door });
    const bare = new BareSocket(at.address.port);
    bare.write(connectHex);
    await bare.until(({ received }) => received.length === 36);
    bare.socket.end(foxtalk.encode({ type: 'data', exchangeId: 5, final: true, payload: Buffer.from('QW.X') }));
    await door.until(({ messages }) => messages.length === 1);
    owed?.acknowledge();
    await bare.until(({ ended }) => ended);
    expect(bare.received.subarray(36).toString('hex')).toBe('ff00aa55000000100005415955aa00ff');
  });

  it('fails loudly when the switch answers another connect frame than ours', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(Buffer.from(connectHex, 'hex')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closeAfter(() => void server.close());
    const { port } = server.address() as { port: number };
    const events = new Witness();
    const dialled = dialLink({ host: '127.0.0.1', port, profile: foxtalk, clock: systemClock, events });
    await expect(dialled).rejects.toMatchObject({ code: 'CONNECT_ID' });
    expect(events.closed).toEqual([]);
  });

  it('says lost for a payload whose link breaks before the acknowledgement', async () => {
    const door = new Witness(() => undefined);
    const at = await openDoor({ events: door });
    const client = new Witness();
    const link = await dial(at, { events: client });
    const sent = send(link, 'EW.X');
    await door.until(({ messages }) => messages.length === 1);
    await door.messages[0]?.link.close();
    expect(await sent).toMatchObject({ type: 'lost' });
    expect(client.closed).toHaveLength(1);
  });
});

describe('bad peers', () => {
  it('a bad frame closes that link with its reason and touches no other', async () => {
    const door = new Witness();
    const at = await openDoor({ events: door });
    const good = await dial(at);
    const bare = new BareSocket(at.address.port);
    bare.write(connectHex);
    await bare.until(({ received }) => received.length === 36);
    bare.write('FF00AA550000001000014159DEADBEEF');
    await bare.until(({ ended }) => ended);
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed.map(({ reason }) => reason)).toEqual(['FRAME_STOP']);
    expect(await send(good, 'QW.X')).toMatchObject({ type: 'acked' });
    expect(at.links.size).toBe(1);
  });

  it('a frame larger than was agreed closes the link', async () => {
    const door = new Witness();
    const at = await openDoor({ events: door, settings: { frameBytesMax: 64 } });
    const bare = new BareSocket(at.address.port);
    const payload = Buffer.alloc(49, 0x41);
    bare.write(
      Buffer.concat([
        Buffer.from(connectHex, 'hex'),
        foxtalk.encode({ type: 'data', exchangeId: 2, final: true, payload }),
      ]),
    );
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed.map(({ reason }) => reason)).toEqual(['FRAME_LENGTH']);
  });

  it('a frame that never completes is closed in its time', async () => {
    const clock = new VirtualClock();
    const door = new Witness();
    const at = await openDoor({ events: door, clock, settings: { completeTimeoutMs: 5_000 } });
    const bare = new BareSocket(at.address.port);
    bare.write(connectHex);
    await bare.until(({ received }) => received.length === 36);
    // The next frame is begun in the same write as a heartbeat, whose echo shows that its bytes were read.
    bare.write(`FF00AA55000000101B04485955AA00FF${'FF00AA5500000100'}`);
    await bare.until(({ received }) => received.length === 52);
    clock.advance(4_999);
    expect(door.closed).toEqual([]);
    clock.advance(1);
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed[0]?.reason).toBe('FRAME_TIMEOUT');
  });

  it('one who sends faster than he is answered is read no further than the cap', async () => {
    const door = new Witness(() => undefined);
    const at = await openDoor({ events: door, settings: { unansweredMax: 3 } });
    const bare = new BareSocket(at.address.port);
    bare.write(connectHex);
    const frame = (id: number) =>
      foxtalk.encode({ type: 'data', exchangeId: id, final: true, payload: Buffer.from(`QW.${id}`) });
    for (let id = 2; id < 40; id += 1) bare.write(frame(id));
    await door.until(({ messages }) => messages.length === 3);
    expect(door.messages.map(({ text }) => text)).toEqual(['QW.2', 'QW.3', 'QW.4']);
    for (let next = 0; next < 38; next += 1) {
      await door.until(({ messages }) => messages.length > next);
      expect(door.messages.length - next).toBeLessThanOrEqual(3);
      door.messages[next]?.incoming.acknowledge();
    }
    await bare.until(({ received }) => received.length === 36 + 38 * 16);
    expect(door.messages.map(({ text }) => text)).toEqual(
      Array.from({ length: 38 }, (_one, index) => `QW.${index + 2}`),
    );
    expect(door.closed).toEqual([]);
  });

  it('one who takes nothing is closed when the drain time is over', async () => {
    const clock = new VirtualClock();
    const door = new Witness(() => undefined);
    const at = await openDoor({
      events: door,
      clock,
      settings: { bufferedBytesMax: 1_000, drainTimeoutMs: 5_000, messageBytesMax: 64_000_000 },
    });
    const bare = new BareSocket(at.address.port);
    bare.write(connectHex);
    await bare.until(({ received }) => received.length === 36);
    bare.socket.pause();
    const link = door.opened[0];
    if (link === undefined) throw new Error('no link');
    const sent = link.send(Buffer.alloc(32_000_000, 0x41), { repeatable: false, exchangeId: link.reserveExchangeId() });
    await new Promise<void>((resolve) => setImmediate(resolve));
    clock.advance(5_000);
    expect(await sent).toMatchObject({ type: 'lost' });
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed[0]?.reason).toBe('PEER_NOT_READING');
  });
});

describe('liveness over sockets, in virtual time', () => {
  it('both sides notice a dead peer within two heartbeats', async () => {
    const clock = new VirtualClock();
    const door = new Witness();
    const client = new Witness();
    const times = { maxIdleMs: 60_000, defaultTimeoutMs: 30_000 };
    // Everything after the connect exchange is dropped on both ways: the line is half-open.
    const deaf = {
      onFrameOut: (_link: unknown, frame: { type: string }, bytes: Buffer) =>
        frame.type === 'connect' ? bytes : Buffer.alloc(0),
    };
    const at = await openDoor({ events: door, clock, settings: times, tap: deaf });
    await dial(at, { events: client, clock, tap: deaf });
    clock.advance(60_000);
    expect(client.closed).toEqual([]);
    clock.advance(30_000);
    await client.until(({ closed }) => closed.length === 1);
    expect(client.closed[0]?.reason).toBe('PEER_SILENT');
  });

  it('heartbeats keep an idle link up', async () => {
    const clock = new VirtualClock();
    const door = new Witness();
    const client = new Witness();
    let echoes = 0;
    let changed = (): void => undefined;
    const at = await openDoor({ events: door, clock, settings: { maxIdleMs: 60_000, defaultTimeoutMs: 30_000 } });
    const tap = {
      onFrameIn: (_link: unknown, frame: { type: string }) => {
        if (frame.type === 'heartbeat') echoes += 1;
        changed();
      },
    };
    const link = await dial(at, { events: client, clock, tap });
    for (let round = 1; round <= 5; round += 1) {
      clock.advance(60_000);
      while (echoes < round) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    }
    expect(link.state).toBe('open');
    expect(client.notices).toEqual([]);
    expect([...door.closed, ...client.closed]).toEqual([]);
  });

  it('a repeatable payload is filed, then resent whole, then the link closes in doubt', async () => {
    const clock = new VirtualClock();
    const door = new Witness(() => undefined);
    const at = await openDoor({ events: door, clock, settings: { defaultTimeoutMs: 10_000 } });
    const client = new Witness();
    const filed: number[] = [];
    let file = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      file = resolve;
    });
    const events = {
      onMessage: client.onMessage,
      onClosed: client.onClosed,
      onNotice: client.onNotice,
      beforeResend: (_link: unknown, exchangeId: number) => {
        filed.push(exchangeId);
        return waiting;
      },
    };
    const link = await dial(at, { events, clock });
    const sent = send(link, 'QW.X', true);
    await door.until(({ messages }) => messages.length === 1);
    clock.advance(10_000);
    expect(filed).toHaveLength(1);
    expect(client.notices).toEqual([]);
    file();
    await client.until(({ notices }) => notices.includes('RESENT'));
    clock.advance(10_000);
    expect(await sent).toEqual({ type: 'timeout', exchangeId: filed[0] });
    await client.until(({ closed }) => closed.length === 1);
    expect(client.closed[0]?.reason).toBe('ACK_TIMEOUT');
  });
});

describe('a door', () => {
  it('without TLS binds to loopback only, unless it is inside a VPN', async () => {
    const options = { port: 0, profile: foxtalk, clock: systemClock, events: new Witness() };
    await expect(listenLinks({ ...options, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'TLS_REQUIRED' });
    await expect(dialLink({ ...options, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'TLS_REQUIRED' });
    expect(() => keepDialed({ ...options, host: '192.0.2.1' })).toThrow(/loopback/);
  });

  it('that is taken says so', async () => {
    const at = await openDoor();
    await expect(openDoor({ port: at.address.port })).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' });
  });

  it('closes every link when it closes', async () => {
    const at = await openDoor();
    const events = new Witness();
    await dial(at, { events });
    await dial(at, { events });
    await at.close();
    await events.until(({ closed }) => closed.length === 2);
  });
});

describe('a dialer', () => {
  it('comes back no sooner than 30 s, with jitter on top, and brings its memory of what it acknowledged', async () => {
    const clock = new VirtualClock();
    const door = new Witness();
    const at = await openDoor({ events: door });
    const client = new Witness();
    const waits: number[] = [];
    const dialer = keepDialed({
      host: '127.0.0.1',
      port: at.address.port,
      profile: foxtalk,
      clock,
      events: client,
      chance: () => 0.5,
      onDown: (_reason, retryInMs) => waits.push(retryInMs),
    });
    closeAfter(() => dialer.close());
    await client.until(({ opened }) => opened.length === 1);
    await door.until(({ opened }) => opened.length === 1);
    const say = (index: number) =>
      door.opened[index]?.send(Buffer.from('HIT'), { repeatable: false, exchangeId: 77 }) ??
      Promise.reject(new Error());
    expect(await say(0)).toMatchObject({ type: 'acked' });
    await door.opened[0]?.close();
    await client.until(({ closed }) => closed.length === 1);
    expect(dialer.state).toBe('waiting');
    expect(waits).toEqual([32_500]);
    clock.advance(32_499);
    expect(dialer.state).toBe('waiting');
    clock.advance(1);
    await client.until(({ opened }) => opened.length === 2);
    await door.until(({ opened }) => opened.length === 2);
    expect(await say(1)).toMatchObject({ type: 'acked' });
    expect(client.messages.map(({ incoming }) => incoming.duplicate)).toEqual([false, true]);
  });

  it('knows what was acknowledged before its process lived, for ten minutes and under its own id', async () => {
    const door = new Witness();
    const at = await openDoor({ events: door });
    const client = new Witness();
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const dialer = keepDialed({
      host: '127.0.0.1',
      port: at.address.port,
      profile: foxtalk,
      clock: systemClock,
      events: client,
      acknowledgedBefore: [
        { exchangeId: 78, sha256: sha256('NOTICE'), agoMs: 600_000 },
        { exchangeId: 77, sha256: sha256('HIT'), agoMs: 599_000 },
      ],
    });
    closeAfter(() => dialer.close());
    await door.until(({ opened }) => opened.length === 1);
    const say = (text: string, exchangeId: number) =>
      door.opened[0]?.send(Buffer.from(text), { repeatable: false, exchangeId });
    for (const [text, id] of [
      ['HIT', 77],
      ['HIT', 79],
      ['NOTICE', 78],
    ] as const) {
      expect(await say(text, id)).toMatchObject({ type: 'acked' });
    }
    expect(client.messages.map(({ incoming }) => incoming.duplicate)).toEqual([true, false, false]);
  });

  it('keeps trying when nobody is there, and stops when closed', async () => {
    const clock = new VirtualClock();
    const at = await openDoor();
    const { port } = at.address;
    await at.close();
    const downs: string[] = [];
    let told = (): void => undefined;
    const dialer = keepDialed({
      host: '127.0.0.1',
      port,
      profile: foxtalk,
      clock,
      events: new Witness(),
      onDown: (reason) => {
        downs.push(reason);
        told();
      },
    });
    for (let count = 1; count <= 3; count += 1) {
      while (downs.length < count) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
      clock.advance(35_000);
    }
    await dialer.close();
    expect(downs.every((reason) => reason === 'CONNECTION_FAILED')).toBe(true);
    clock.advance(100_000);
    expect(dialer.state).toBe('closed');
    expect(clock.timerCount).toBe(0);
  });
});
