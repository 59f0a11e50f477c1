import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame, FrameFault } from '../../src/wire/framing/frame.ts';
import type { WireProfile } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import {
  asciiFrame,
  cut,
  deframe,
  dmppFrame,
  ebcdicFrame,
  foxtalkFrame,
  mllpFrame,
  number,
  places,
} from './arbitraries.ts';

interface Case {
  readonly name: string;
  readonly profile: WireProfile;
  readonly frame: fc.Arbitrary<Frame>;
  /** Frames carry no id: the deframer numbers them. */
  readonly numbered?: boolean;
  /** A byte no frame begins with. */
  readonly bad: number;
}

const dmppKeys = [{ bookId: 1, keyId: 2, key: Buffer.alloc(32, 7) }];
const cases: readonly Case[] = [
  { name: 'foxtalk-1', profile: wireProfile('foxtalk-1'), frame: foxtalkFrame, bad: 0x01 },
  {
    name: 'foxtalk-1 whose length excludes the envelope',
    profile: wireProfile('foxtalk-1', { lengthExcludesBytes: 12 }),
    frame: foxtalkFrame,
    bad: 0x01,
  },
  {
    name: 'foxtalk-1 with a length of 16 bits',
    profile: wireProfile('foxtalk-1', { lengthBytes: 2 }),
    frame: foxtalkFrame,
    bad: 0x01,
  },
  { name: 'dmpp-2020', profile: wireProfile('dmpp-2020'), frame: dmppFrame, bad: 0x01 },
  {
    name: 'dmpp-2020 whose length excludes the envelope',
    profile: wireProfile('dmpp-2020', { lengthExcludesBytes: 12 }),
    frame: dmppFrame,
    bad: 0x01,
  },
  {
    name: 'dmpp-2020 with a length of 16 bits',
    profile: wireProfile('dmpp-2020', { lengthBytes: 2 }),
    frame: dmppFrame,
    bad: 0x01,
  },
  {
    name: 'dmpp-2020, encrypted',
    profile: wireProfile('dmpp-2020', { blockKeys: dmppKeys }),
    frame: dmppFrame,
    bad: 0x01,
  },
  { name: 'stx-etx', profile: wireProfile('stx-etx'), frame: asciiFrame, numbered: true, bad: 0x41 },
  {
    name: 'stx-etx with EBCDIC controls',
    profile: wireProfile('stx-etx', { controlBytes: 'ebcdic' }),
    frame: ebcdicFrame,
    numbered: true,
    bad: 0x41,
  },
  { name: 'mllp-r2', profile: wireProfile('mllp-r2'), frame: mllpFrame, numbered: true, bad: 0x41 },
];

const strip = (item: Frame | FrameFault) => {
  const { offset: _offset, carried: _carried, ...rest } = item as Frame;
  return rest;
};

describe.each(cases)('the deframer of $name', ({ profile, frame, numbered, bad }) => {
  const expected = (frames: readonly Frame[]) => (numbered === true ? number(frames) : frames);

  it('gives the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), places, (frames, where) => {
        const encoded = frames.map((one) => profile.encode(one));
        const deframer = profile.makeDeframer(profile.frameBytesMax);
        const items = deframe(deframer, cut(Buffer.concat(encoded), where));
        expect(items.map(strip)).toEqual(expected(frames));
        expect(deframer.partial).toBe(false);
        expect(deframer.junkBytes).toBe(0);
        let at = 0;
        for (const [index, bytes] of encoded.entries()) {
          expect((items[index] as Frame).offset).toBe(at);
          at += bytes.length;
        }
      }),
    );
  });

  it('gives the same frames one byte at a time', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), (frames) => {
        const bytes = Buffer.concat(frames.map((one) => profile.encode(one)));
        const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
        const items = deframe(profile.makeDeframer(profile.frameBytesMax), chunks);
        expect(items.map(strip)).toEqual(expected(frames));
      }),
      { numRuns: 50 },
    );
  });

  it('gives the good frames before a bad byte, one fault, and then nothing', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), places, frame, (frames, where, later) => {
        const good = Buffer.concat(frames.map((one) => profile.encode(one)));
        const bytes = Buffer.concat([good, Buffer.from([bad]), profile.encode(later)]);
        const deframer = profile.makeDeframer(profile.frameBytesMax);
        const items = deframe(deframer, cut(bytes, where));
        expect(items.slice(0, frames.length).map(strip)).toEqual(expected(frames));
        expect(items.slice(frames.length)).toEqual([{ type: 'fault', code: 'FRAME_START', offset: good.length }]);
        deframer.push(profile.encode(later));
        expect(deframer.next()).toBeUndefined();
        expect(deframer.bufferedBytes).toBe(0);
      }),
    );
  });

  it('takes any bytes at all without throwing, keeps no more than the limit and is silent after a fault', () => {
    const starts = fc.constantFrom(
      Buffer.from('ff00aa55', 'hex'),
      ...[0x0b, 0x01, 0x02, 0x10].map((one) => Buffer.from([one])),
    );
    const header = fc
      .tuple(starts, fc.uint8Array({ maxLength: 60 }))
      .map(([start, rest]) => Buffer.concat([start, rest]));
    const changed = fc.tuple(frame, fc.nat(), fc.nat(255)).map(([one, at, value]) => {
      const bytes = Buffer.from(profile.encode(one));
      bytes[at % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), header, changed), { maxLength: 8 }),
        places,
        (chunks, where) => {
          const bytes = Buffer.concat(chunks);
          const whole = deframe(profile.makeDeframer(200), [bytes]);
          const deframer = profile.makeDeframer(200);
          const items: (Frame | FrameFault)[] = [];
          for (const chunk of cut(bytes, where)) {
            items.push(...deframe(deframer, [chunk]));
            expect(deframer.bufferedBytes).toBeLessThan(200);
          }
          expect(items.filter(({ type }) => type === 'fault').length).toBeLessThanOrEqual(1);
          if (items.some(({ type }) => type === 'fault')) expect(items.at(-1)?.type).toBe('fault');
          // Even the fault and its place do not depend on the cut.
          expect(items).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe.each(cases.filter(({ bad }) => bad === 0x01))('the deframer of $name', ({ profile }) => {
  it('checks the length against the cap before the frame has come', () => {
    const lengthBytes = [14, 26].includes(profile.rules.overheadBytes) ? 2 : 4;
    for (const length of [0, 3, 1_001, 0x7fff_ffff, 0xffff_ffff].filter((one) => one < 256 ** lengthBytes)) {
      const bytes = Buffer.alloc(4 + lengthBytes);
      bytes.writeUInt32BE(0xff00aa55, 0);
      bytes.writeUIntBE(length, 4, lengthBytes);
      const deframer = profile.makeDeframer(1_000);
      deframer.push(bytes);
      expect(deframer.next()).toEqual({ type: 'fault', code: 'FRAME_LENGTH', offset: 4 });
    }
  });
});

describe.each(cases.filter(({ bad }) => bad === 0x41))('the deframer of $name', ({ profile }) => {
  it('takes a frame of the largest size and no byte more, however it is cut', () => {
    const encode = (payload: Buffer): Buffer => profile.encode({ type: 'data', exchangeId: 1, final: true, payload });
    const overhead = encode(Buffer.alloc(0)).length;
    const largest = encode(Buffer.alloc(100 - overhead, 0x41));
    const tooLarge = encode(Buffer.alloc(101 - overhead, 0x41));
    fc.assert(
      fc.property(places, (where) => {
        expect(deframe(profile.makeDeframer(100), cut(largest, where))).toMatchObject([{ type: 'data' }]);
        const items = deframe(profile.makeDeframer(100), cut(tooLarge, where));
        expect(items).toEqual([{ type: 'fault', code: 'FRAME_LENGTH', offset: 100 }]);
        // Without its end it is refused all the same, and nothing of it is kept.
        const deframer = profile.makeDeframer(100);
        expect(deframe(deframer, cut(tooLarge.subarray(0, 100), where))).toMatchObject([{ code: 'FRAME_LENGTH' }]);
        expect(deframer.bufferedBytes).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the deframer of foxtalk-1', () => {
  const profile = wireProfile('foxtalk-1');
  const one = (bytes: Buffer) => {
    const deframer = profile.makeDeframer(1_000);
    deframer.push(bytes);
    return deframer.next();
  };
  const ack = profile.encode({ type: 'ack', exchangeId: 7 });
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(ack);
    bytes[at] = value;
    return bytes;
  };

  it('names what is wrong and where', () => {
    expect(one(changed(3, 0x56))).toMatchObject({ code: 'FRAME_START', offset: 3 });
    expect(one(changed(7, 0x0f))).toMatchObject({ code: 'FRAME_LENGTH', offset: 4 });
    expect(one(changed(10, 0x5a))).toMatchObject({ code: 'FRAME_TYPE', offset: 10 });
    expect(one(changed(11, 0x4e))).toMatchObject({ code: 'FRAME_FINAL', offset: 11 });
    expect(one(changed(11, 0x20))).toMatchObject({ code: 'FRAME_FINAL', offset: 11 });
    expect(one(changed(15, 0x00))).toMatchObject({ code: 'FRAME_STOP', offset: 12 });
    expect(one(changed(10, 0x43))).toMatchObject({ code: 'FRAME_PAYLOAD' });
  });

  it('gives frames of the profile’s encryption as unsupported', () => {
    for (const letter of ['K', 'I', 'E']) {
      expect(one(changed(10, letter.charCodeAt(0)))).toMatchObject({ type: 'unsupported', name: letter });
    }
  });

  it('counts the whole frame: 186 bytes of text give 000000CA', () => {
    const bytes = profile.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.alloc(186, 0x41) });
    expect(bytes.subarray(4, 8).toString('hex')).toBe('000000ca');
  });

  it('keeps payloads whole after more bytes came', () => {
    const deframer = profile.makeDeframer(1_000);
    const first = profile.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.from('SAMPLE,ONE') });
    const second = profile.encode({ type: 'data', exchangeId: 2, final: true, payload: Buffer.from('SAMPLE,TWO') });
    const items = deframe(deframer, [...cut(first, [3, 9, 20]), ...cut(second, [1, 2, 15])]);
    expect(items.map((item) => (item.type === 'data' ? item.payload.toString() : item.type))).toEqual([
      'SAMPLE,ONE',
      'SAMPLE,TWO',
    ]);
  });
});

describe('the resync quirk', () => {
  const profile = wireProfile('foxtalk-1', { resyncBytesMax: 64 });
  const data = (text: string) =>
    profile.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.from(text) });
  const texts = (bytes: Buffer, where: readonly number[]) => {
    const deframer = profile.makeDeframer(500);
    const items = deframe(deframer, cut(bytes, where));
    return {
      texts: items.map((item) => (item.type === 'data' ? item.payload.toString() : (item as { code: string }).code)),
      junk: deframer.junkBytes,
    };
  };

  it('finds good frames after junk, an impossible length and a truncated frame, however cut', () => {
    const truncated = data('CUT').subarray(0, 12);
    const impossible = Buffer.from('ff00aa55ffffffff', 'hex');
    const bytes = Buffer.concat([
      Buffer.from('ff', 'hex'),
      data('A'),
      impossible,
      data('B'),
      truncated,
      data('C'),
      data('D'),
    ]);
    fc.assert(
      fc.property(places, (where) => {
        expect(texts(bytes, where)).toEqual({ texts: ['A', 'B', 'C', 'D'], junk: 1 + 8 + 12 });
      }),
    );
  });

  it('ends the stream past its limit', () => {
    const found = texts(Buffer.concat([data('A'), Buffer.alloc(200, 0x20), data('B')]), []);
    expect(found.texts).toEqual(['A', 'FRAME_JUNK']);
  });
});
