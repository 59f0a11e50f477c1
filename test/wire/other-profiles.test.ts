import { createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crc16Arc } from '../../src/wire/framing/crc-16-arc.ts';
import type { Frame } from '../../src/wire/framing/frame.ts';
import type { Incoming } from '../../src/wire/link.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { linkSettings } from '../../src/wire/settings.ts';
import { BareSocket, dial, openDoor, send, Witness } from './line.ts';
import { VirtualClock } from './virtual-clock.ts';

const dmpp = wireProfile('dmpp-2020');
const mllp = wireProfile('mllp-r2');
const ascii = wireProfile('stx-etx');
const bisync = wireProfile('stx-etx', { controlBytes: 'ebcdic' });

const read = (profile: typeof dmpp, bytes: Buffer) => {
  const deframer = profile.makeDeframer(profile.frameBytesMax);
  deframer.push(bytes);
  return deframer.next();
};

describe('dmpp-2020', () => {
  const key = { bookId: 7, keyId: 9, key: Buffer.alloc(32, 0x42) };

  it('has the checksum whose check value is BB3D', () => {
    expect(crc16Arc(Buffer.from('123456789')).toString(16)).toBe('bb3d');
  });

  it('runs a message of several blocks as 3, 3, 2 and counts data plus 28', () => {
    const data = (final: boolean) =>
      dmpp.encode({ type: 'data', exchangeId: 0x31363138, final, payload: Buffer.from('AB') });
    expect(data(false).toString('hex')).toBe('ff00aa550000001e001000033136313800000002000100014142' + '55aa00ff');
    expect(data(true).readUInt16BE(10)).toBe(2);
  });

  it('with short lengths has its empty blocks right, and reads a peer that mixes both (wire.md 5.4, erratum)', async () => {
    const short = wireProfile('dmpp-2020', { lengthExcludesBytes: 12 });
    expect(short.encode({ type: 'ack', exchangeId: 5 }).readUInt32BE(4)).toBe(28);
    const door = new Witness();
    const at = await openDoor({ profile: short, events: door });
    const bare = new BareSocket(at.address.port);
    const data = (text: string, by: typeof dmpp) =>
      by.encode({ type: 'data', exchangeId: 5, final: true, payload: Buffer.from(text) });
    bare.write(dmpp.encode({ type: 'heartbeat', exchangeId: 1 }));
    bare.write(Buffer.concat([data('TWELVE BYTES', short), data('TWELVE BYTE2', dmpp), data('X', short)]));
    await door.until(({ messages }) => messages.length === 3);
    expect(door.messages.map(({ text }) => text)).toEqual(['TWELVE BYTES', 'TWELVE BYTE2', 'X']);
    expect(bare.received.subarray(0, 12).toString('hex')).toBe('ff00aa550000001c00100022');
  });

  it('and a length of 16 bits never has a frame that its length cannot tell', () => {
    for (const name of ['foxtalk-1', 'dmpp-2020']) {
      const narrow = wireProfile(name, { lengthBytes: 2 });
      expect(linkSettings(narrow, { frameBytesMax: 1_000_000 }).frameBytesMax).toBe(65_535);
    }
  });

  it('carries several payloads at once when the window allows it, and answers by validation in any order', async () => {
    const owed: Incoming[] = [];
    const door = new Witness((incoming) => owed.push(incoming));
    const at = await openDoor({ profile: dmpp, events: door, settings: { window: 4 } });
    const link = await dial(at, { profile: dmpp, settings: { window: 4 } });
    const sent = ['A', 'B', 'C', 'D'].map((text) => send(link, `QW.${text}`));
    expect(await send(link, 'QW.E')).toMatchObject({ type: 'not-sent', reason: 'BUSY' });
    await door.until(({ messages }) => messages.length === 4);
    expect(door.notices).toEqual([]);
    for (const incoming of [...owed].reverse()) {
      if (incoming.payload.toString() === 'QW.B') incoming.refuse('STORAGE');
      else incoming.acknowledge();
    }
    const outcomes = await Promise.all(sent);
    expect(outcomes.map(({ type }) => type)).toEqual(['acked', 'naked', 'acked', 'acked']);
    expect(outcomes[1]).toMatchObject({ reason: 'TEMPORARY ERROR (0012)' });
  });

  it('cuts long payloads into blocks of at most 32 K', async () => {
    const door = new Witness();
    const at = await openDoor({ profile: dmpp, events: door });
    const link = await dial(at, { profile: dmpp });
    expect(await send(link, 'X'.repeat(100_000))).toMatchObject({ type: 'acked' });
    expect(door.messages[0]?.text.length).toBe(100_000);
  });

  it('keeps a link alive by status requests 30 s after the last activity, and the switch closes after 60 s', async () => {
    const clock = new VirtualClock();
    const door = new Witness();
    const at = await openDoor({ profile: dmpp, events: door, clock });
    const bare = new BareSocket(at.address.port);
    bare.write('FF00AA550000001C0010002131363138000000000021000155AA00FF');
    await bare.until(({ received }) => received.length === 28);
    expect(bare.received.toString('hex').toUpperCase()).toBe(
      'FF00AA550000001C0010002231363138000000000021000155AA00FF',
    );
    clock.advance(59_999);
    expect(door.closed).toEqual([]);
    clock.advance(1);
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed[0]?.reason).toBe('PEER_SILENT');
  });

  it('refuses a function it does not know with status 0041 and stays open', async () => {
    const at = await openDoor({ profile: dmpp });
    const bare = new BareSocket(at.address.port);
    bare.write('FF00AA550000001C0010005131363138000000000001000155AA00FF');
    await bare.until(({ received }) => received.length === 28);
    expect(bare.received.subarray(8, 22).toString('hex')).toBe('0010001231363138000000000041');
    expect(at.links.size).toBe(1);
  });

  it('refuses a coded message as unsupported, and never answers a response to one', async () => {
    const at = await openDoor({ profile: dmpp });
    const bare = new BareSocket(at.address.port);
    for (const code of ['0041', '0042', '0032']) {
      bare.write(`FF00AA550000001C0010${code}31363138000000000001000155AA00FF`);
    }
    await bare.until(({ received }) => received.length >= 28);
    expect(bare.received.subarray(8, 22).toString('hex')).toBe('0010001231363138000000000044');
    bare.write(dmpp.encode({ type: 'heartbeat', exchangeId: 7 }));
    await bare.until(({ received }) => received.length >= 56);
    expect(bare.received.subarray(28 + 10, 28 + 12).toString('hex')).toBe('0022');
  });

  it('wants no acknowledgement for function 1 and gives one to each block of function 4', async () => {
    const door = new Witness();
    const at = await openDoor({ profile: dmpp, events: door });
    const bare = new BareSocket(at.address.port);
    const data = (exchangeId: number, final: boolean, ackWanted: boolean): Buffer =>
      dmpp.encode({ type: 'data', exchangeId, final, ackWanted, payload: Buffer.from('X') });
    bare.write(Buffer.concat([data(1, true, false), data(2, false, true), data(2, true, true)]));
    await bare.until(({ received }) => received.length === 56);
    expect(door.messages.map(({ text }) => text)).toEqual(['X', 'XX']);
    expect([bare.received.readUInt32BE(12), bare.received.readUInt32BE(40)]).toEqual([2, 2]);
  });

  it('encrypts payloads with AES-256-CBC under a checksum, and nothing else', () => {
    const secret = wireProfile('dmpp-2020', { blockKeys: [key] });
    const plain = Buffer.from('QW.SAMPLE,RECORD');
    const bytes = secret.encode({ type: 'data', exchangeId: 5, final: true, payload: plain });
    expect(bytes.readUInt16BE(8)).toBe(0x2a);
    expect(bytes.readUInt32BE(4)).toBe(bytes.readUInt32BE(16) + 54);
    expect(bytes.includes('SAMPLE')).toBe(false);
    const decipher = createDecipheriv('aes-256-cbc', key.key, bytes.subarray(34, 50));
    expect(Buffer.concat([decipher.update(bytes.subarray(50, -4)), decipher.final()]).equals(plain)).toBe(true);
    expect(bytes.readUInt16BE(32)).toBe(crc16Arc(plain));
    expect(read(secret, bytes)).toMatchObject({ type: 'data', payload: plain });
    expect(secret.encode({ type: 'ack', exchangeId: 5 }).length).toBe(28);
  });

  it('names what is wrong with a block', () => {
    const secret = wireProfile('dmpp-2020', { blockKeys: [key] });
    const good = secret.encode({ type: 'data', exchangeId: 5, final: true, payload: Buffer.from('QW.X') });
    const changed = (bytes: Buffer, at: number) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 0x01;
      return copy;
    };
    expect(read(secret, changed(good, 9))).toMatchObject({ code: 'FRAME_HEADER', offset: 8 });
    expect(read(secret, changed(good, 19))).toMatchObject({ code: 'FRAME_DATA_LENGTH', offset: 16 });
    expect(read(secret, changed(good, 27))).toMatchObject({ code: 'FRAME_HEADER' });
    expect(read(secret, changed(good, 31))).toMatchObject({ code: 'FRAME_KEY' });
    expect(read(secret, changed(good, 33))).toMatchObject({ code: 'FRAME_CRC' });
    expect(read(secret, changed(good, 55))).toMatchObject({ code: 'FRAME_CRC' });
    expect(read(dmpp, good)).toMatchObject({ code: 'FRAME_KEY' });
  });
});

describe.each([
  { name: 'mllp-r2', profile: mllp, bad: '\u000b', badFrame: '410b' },
  { name: 'stx-etx', profile: ascii, bad: '\u0003', badFrame: '41' },
  { name: 'stx-etx with EBCDIC controls', profile: bisync, bad: '\u0026', badFrame: '41' },
])('$name', ({ profile, bad, badFrame }) => {
  it('carries payloads both ways, one at a time, each answered', async () => {
    const door = new Witness((incoming) => {
      if (incoming.payload.includes('BAD')) incoming.refuse('NO');
      else incoming.acknowledge();
    });
    const client = new Witness();
    const at = await openDoor({ profile, events: door });
    const link = await dial(at, { profile, events: client });
    for (const text of ['QW.ONE', 'QW.TWO', 'QW.BAD', 'QW.THREE', 'QW.FOUR']) {
      expect((await send(link, text)).type).toBe(text === 'QW.BAD' ? 'naked' : 'acked');
    }
    const back = door.messages[0]?.link;
    expect(back && (await send(back, 'HIT'))).toMatchObject({ type: 'acked' });
    expect(client.messages.map(({ text }) => text)).toEqual(['HIT']);
    expect([...door.notices, ...client.notices]).toEqual([]);
  });

  it('refuses a payload that holds a byte of its frames, before any byte leaves', async () => {
    const door = new Witness();
    const at = await openDoor({ profile, events: door });
    const link = await dial(at, { profile });
    expect(await send(link, `QW.${bad}X`)).toMatchObject({ type: 'not-sent', reason: 'PAYLOAD_BYTE' });
    expect(await send(link, 'QW.X')).toMatchObject({ type: 'acked' });
    expect(door.messages).toHaveLength(1);
  });

  it('closes at a bad byte', async () => {
    const door = new Witness();
    const at = await openDoor({ profile, events: door });
    const bare = new BareSocket(at.address.port);
    bare.write(badFrame);
    await door.until(({ closed }) => closed.length === 1);
    expect(door.closed[0]?.reason).toBe('FRAME_START');
  });

  it('asks nobody whether he lives, and times out what is not answered', async () => {
    const clock = new VirtualClock();
    const door = new Witness(() => undefined);
    const at = await openDoor({ profile, events: door, clock });
    const client = new Witness();
    const link = await dial(at, { profile, events: client, clock, settings: { defaultTimeoutMs: 5_000 } });
    clock.advance(1_000_000);
    expect(client.closed).toEqual([]);
    const sent = send(link, 'EW.X');
    await door.until(({ messages }) => messages.length === 1);
    clock.advance(5_000);
    clock.advance(5_000);
    expect(await sent).toMatchObject({ type: 'timeout' });
  });
});

describe('the alternating acknowledgements of bisync', () => {
  const block = (text: string) =>
    bisync.encode({ type: 'data', exchangeId: 0, final: true, payload: Buffer.from(text) });
  const hex = (bare: BareSocket) => bare.received.toString('hex');

  it('go ACK1, ACK0, ACK1; ENQ repeats the last one; a refused block does not count', async () => {
    const door = new Witness((incoming) => {
      if (incoming.payload.includes('BAD')) incoming.refuse('NO');
      else incoming.acknowledge();
    });
    const at = await openDoor({ profile: bisync, events: door });
    const bare = new BareSocket(at.address.port);
    const steps: readonly [Buffer, string][] = [
      [Buffer.from('2d', 'hex'), '1070'],
      [block('A'), '1061'],
      [Buffer.from('2d', 'hex'), '1061'],
      [block('B'), '1070'],
      [block('BAD'), '3d'],
      [Buffer.from('2d', 'hex'), '1070'],
      [block('C'), '1061'],
    ];
    let expected = '';
    for (const [bytes, answer] of steps) {
      bare.write(bytes);
      expected += answer;
      await bare.until(({ received }) => received.length * 2 >= expected.length);
      expect(hex(bare)).toBe(expected);
    }
  });

  it('of the wrong parity settle nothing; after an enquiry they let a repeatable block go again', async () => {
    const clock = new VirtualClock();
    const events = new Witness();
    const server = await import('node:net').then(({ createServer }) => createServer());
    const received: Buffer[] = [];
    let told = (): void => undefined;
    let socket: import('node:net').Socket | undefined;
    server.on('connection', (one) => {
      socket = one;
      one.on('data', (chunk) => {
        received.push(chunk);
        told();
      });
      one.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const until = async (count: number) => {
      while (received.length < count) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    };
    const { dialLink } = await import('../../src/wire/sockets/dial.ts');
    const { port } = server.address() as { port: number };
    const link = await dialLink({
      host: '127.0.0.1',
      port,
      profile: bisync,
      clock,
      events,
      settings: { defaultTimeoutMs: 5_000 },
    });
    const sent = send(link, 'QW.X', true);
    await until(1);
    socket?.write(Buffer.from('1070', 'hex'));
    await events.until(({ notices }) => notices.length === 1);
    expect(events.notices).toEqual(['ACK_UNKNOWN']);
    clock.advance(5_000);
    await until(2);
    expect(received[1]?.toString('hex')).toBe('2d');
    socket?.write(Buffer.from('1070', 'hex'));
    await until(3);
    expect(received[2]?.equals(received[0] ?? Buffer.alloc(0))).toBe(true);
    socket?.write(Buffer.from('1061', 'hex'));
    expect(await sent).toMatchObject({ type: 'acked' });
    await Promise.all([link.close(), new Promise<void>((resolve) => server.close(() => resolve()))]);
  });
});

describe('stx-etx in ASCII', () => {
  it('never answers ENQ with an acknowledgement that could be taken for a block it did not see', async () => {
    const door = new Witness();
    const at = await openDoor({ profile: ascii, events: door });
    const bare = new BareSocket(at.address.port);
    bare.write('05');
    await door.until(({ notices }) => notices.length === 1);
    bare.write(ascii.encode({ type: 'data', exchangeId: 0, final: true, payload: Buffer.from('A') } satisfies Frame));
    await bare.until(({ received }) => received.length > 0);
    expect(bare.received.toString('hex')).toBe('06');
  });
});
