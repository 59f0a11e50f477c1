import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/wire/framing/frame.ts';
import type { WireProfile } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { cut, deframe, foxtalkFrame, places } from './arbitraries.ts';

const cases: readonly { readonly name: string; readonly profile: WireProfile; readonly frame: fc.Arbitrary<Frame> }[] =
  [
    { name: 'foxtalk-1', profile: wireProfile('foxtalk-1'), frame: foxtalkFrame },
    {
      name: 'foxtalk-1 whose length excludes the envelope',
      profile: wireProfile('foxtalk-1', { lengthExcludesBytes: 12 }),
      frame: foxtalkFrame,
    },
  ];

const strip = ({ offset: _offset, ...rest }: Frame) => rest;

describe.each(cases)('the deframer of $name', ({ profile, frame }) => {
  it('gives the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), places, (frames, where) => {
        const bytes = Buffer.concat(frames.map((one) => profile.encode(one)));
        const deframer = profile.makeDeframer(profile.frameBytesMax);
        const items = deframe(deframer, cut(bytes, where));
        expect(items.map((item) => strip(item as Frame))).toEqual(frames);
        expect(deframer.partial).toBe(false);
        expect(deframer.junkBytes).toBe(0);
        let at = 0;
        for (const [index, one] of frames.entries()) {
          expect((items[index] as Frame).offset).toBe(at);
          at += profile.encode(one).length;
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
        expect(items.map((item) => strip(item as Frame))).toEqual(frames);
      }),
    );
  });

  it('gives the good frames before a bad byte, one fault, and then nothing', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), places, frame, (frames, where, later) => {
        const good = Buffer.concat(frames.map((one) => profile.encode(one)));
        const bad = Buffer.from(profile.encode(later));
        bad[1] = 0x01;
        const bytes = Buffer.concat([good, bad, profile.encode(later)]);
        const deframer = profile.makeDeframer(profile.frameBytesMax);
        const items = deframe(deframer, cut(bytes, where));
        expect(items.slice(0, frames.length).map((item) => strip(item as Frame))).toEqual(frames);
        expect(items.slice(frames.length)).toEqual([{ type: 'fault', code: 'FRAME_START', offset: good.length + 1 }]);
        deframer.push(profile.encode(later));
        expect(deframer.next()).toBeUndefined();
        expect(deframer.bufferedBytes).toBe(0);
      }),
    );
  });

  it('takes any bytes at all without throwing, keeps no more than the limit and is silent after a fault', () => {
    const start = Buffer.from('ff00aa55', 'hex');
    const header = fc.uint8Array({ minLength: 0, maxLength: 30 }).map((rest) => Buffer.concat([start, rest]));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), header), { maxLength: 8 }), (chunks) => {
        const deframer = profile.makeDeframer(200);
        let faults = 0;
        for (const chunk of chunks) {
          deframer.push(Buffer.from(chunk));
          for (let item = deframer.next(); item !== undefined; item = deframer.next()) {
            expect(faults).toBe(0);
            if (item.type === 'fault') faults += 1;
          }
          expect(deframer.bufferedBytes).toBeLessThan(200);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('checks the length against the cap before the frame has come', () => {
    const frameOf = (length: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(0xff00aa55, 0);
      bytes.writeUInt32BE(length, 4);
      return bytes;
    };
    for (const length of [0, 3, 1_001, 0x7fff_ffff, 0xffff_ffff]) {
      const deframer = profile.makeDeframer(1_000);
      deframer.push(frameOf(length));
      expect(deframer.next()).toEqual({ type: 'fault', code: 'FRAME_LENGTH', offset: 4 });
    }
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
