/**
 * Frames in bytes: `vectors.json` are published ones, `more-vectors.json` were put together from the tables of docs/wire.md
 * (the encrypted ones by openssl), without our codecs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame, FrameFault } from '../../src/wire/framing/frame.ts';
import type { WireProfile } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { asciiFrame, deframe, dmppFrame, ebcdicFrame, foxtalkFrame, mllpFrame } from './arbitraries.ts';

interface Vector {
  readonly profile: string;
  readonly name: string;
  readonly hex: string;
  readonly bytes: number;
  readonly keyHex?: string;
  readonly bookId?: number;
  readonly keyId?: number;
  readonly plain?: string;
}

function read(file: string): readonly Vector[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/wire', file), 'utf8')) as Vector[];
}

const vectors = [...read('vectors.json'), ...read('more-vectors.json')];

/** The names the vectors use for our profiles. */
const profileOf: Readonly<Record<string, WireProfile>> = {
  foxtalk: wireProfile('foxtalk-1'),
  dmpp2020: wireProfile('dmpp-2020'),
  'dmpp2020-short': wireProfile('dmpp-2020', { lengthExcludesBytes: 12 }),
  'mllp-r2': wireProfile('mllp-r2'),
  'stxetx-ascii': wireProfile('stx-etx'),
  'bsc-ebcdic': wireProfile('stx-etx', { controlBytes: 'ebcdic' }),
};

function profileFor({ profile, keyHex, bookId = 0, keyId = 0 }: Vector): WireProfile {
  if (keyHex !== undefined) {
    return wireProfile('dmpp-2020', { blockKeys: [{ bookId, keyId, key: Buffer.from(keyHex, 'hex') }] });
  }
  const found = profileOf[profile];
  if (found === undefined) throw new Error('no profile for this vector');
  return found;
}

/** Every frame of the bytes; there must be nothing else in them. */
function framesOf(profile: WireProfile, bytes: Buffer): readonly Frame[] {
  const deframer = profile.makeDeframer(profile.frameBytesMax);
  const items = deframe(deframer, [bytes]);
  expect(deframer.partial).toBe(false);
  return items.map((item) => {
    if (item.type === 'fault') throw new Error(`no frame: ${item.code} at ${item.offset}`);
    return item;
  });
}

const encodeAll = (profile: WireProfile, frames: readonly Frame[]): Buffer =>
  Buffer.concat(frames.map((frame) => profile.encode(frame)));

describe('vectors', () => {
  it('are there', () => expect(vectors.length).toBeGreaterThanOrEqual(80));

  it.each(vectors)('$profile $name decodes and re-encodes to the same bytes', (vector) => {
    const profile = profileFor(vector);
    const bytes = Buffer.from(vector.hex, 'hex');
    expect(bytes.length).toBe(vector.bytes);
    const frames = framesOf(profile, bytes);
    expect(frames.length).toBeGreaterThan(0);
    expect(encodeAll(profile, frames).toString('hex').toUpperCase()).toBe(vector.hex.toUpperCase());
    if (vector.plain !== undefined && frames[0]?.type === 'data') {
      expect(frames[0].payload.toString()).toBe(vector.plain);
    }
  });

  it('say what they are documented to say', () => {
    const of = (profile: string, name: string) => {
      const vector = vectors.find((one) => one.profile === profile && one.name === name);
      if (vector === undefined) throw new Error('no such vector');
      return framesOf(profileFor(vector), Buffer.from(vector.hex, 'hex'));
    };
    expect(of('foxtalk', 'connect-request')).toMatchObject([
      {
        type: 'connect',
        exchangeId: 1,
        terms: { major: 1, minor: 0, frameBytesMax: 65_000, encryption: false, coding: 'B64', newline: 'LF' },
      },
    ]);
    expect(of('foxtalk', 'heartbeat')).toMatchObject([{ type: 'heartbeat', exchangeId: 0x1b04 }]);
    expect(of('foxtalk', 'ack')).toMatchObject([{ type: 'ack', exchangeId: 0x0217 }]);
    expect(of('foxtalk', 'message-in-three')).toMatchObject([{ final: false }, { final: false }, { final: true }]);
    expect(of('foxtalk', 'key-1')).toMatchObject([{ type: 'unsupported', name: 'K' }]);
    expect(of('dmpp2020-short', 'keepalive-request')).toMatchObject([{ type: 'heartbeat', exchangeId: 0x31363138 }]);
    expect(of('dmpp2020-short', 'ack')).toMatchObject([{ type: 'ack', exchangeId: 0x31323230 }]);
    expect(of('dmpp2020-short', 'right-length')).toMatchObject([{ type: 'data', payload: Buffer.from('SYNTHETIC') }]);
    expect(of('dmpp2020', 'three-blocks')).toMatchObject([{ final: false }, { final: false }, { final: true }]);
    expect(of('dmpp2020', 'nak-0014')).toMatchObject([{ type: 'nak', reason: 'TOO LONG (0014)', status: 0x14 }]);
    expect(of('dmpp2020', 'coded-0031')).toMatchObject([{ type: 'unsupported', answer: { status: 0x44 } }]);
    expect(of('dmpp2020', 'coded-0041')).toMatchObject([{ type: 'unsupported', answer: 'none' }]);
    expect(of('bsc-ebcdic', 'fill-before-data')).toMatchObject([{ type: 'data', offset: 2 }]);
    expect(of('bsc-ebcdic', 'ack0-nak-ack1')).toMatchObject([{ exchangeId: 0 }, { type: 'nak' }, { exchangeId: 1 }]);
  });
});

const keys = [{ bookId: 1, keyId: 2, key: Buffer.alloc(32, 7) }];
const kinds: readonly (readonly [string, WireProfile, fc.Arbitrary<Frame>])[] = [
  ['foxtalk-1', wireProfile('foxtalk-1'), foxtalkFrame],
  ['foxtalk-1 with a length of 16 bits', wireProfile('foxtalk-1', { lengthBytes: 2 }), foxtalkFrame],
  ['dmpp-2020', wireProfile('dmpp-2020'), dmppFrame],
  ['dmpp-2020, short lengths', wireProfile('dmpp-2020', { lengthExcludesBytes: 12 }), dmppFrame],
  ['dmpp-2020, encrypted', wireProfile('dmpp-2020', { blockKeys: keys }), dmppFrame],
  ['stx-etx', wireProfile('stx-etx'), asciiFrame],
  ['stx-etx with EBCDIC controls', wireProfile('stx-etx', { controlBytes: 'ebcdic' }), ebcdicFrame],
  ['mllp-r2', wireProfile('mllp-r2'), mllpFrame],
];

describe.each(kinds)('%s', (_name, profile, frame) => {
  /** Good frames with single bytes changed: much of it is still a frame, and some of it one we would never write. */
  const changed = fc
    .tuple(fc.array(frame, { minLength: 1, maxLength: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    .map(([frames, changes]) => {
      const bytes = encodeAll(profile, frames);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    });

  it('writes whatever it reads as frames byte by byte again', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(changed, (bytes) => {
        const items: (Frame | FrameFault)[] = deframe(profile.makeDeframer(profile.frameBytesMax), [bytes]);
        let at = 0;
        for (const item of items) {
          if (item.type === 'fault') break;
          const written = profile.encode(item);
          expect(written.equals(bytes.subarray(at, at + written.length))).toBe(true);
          at += written.length;
          if (item.carried !== undefined) for (const name of Object.keys(item.carried)) seen.add(name);
        }
      }),
      { numRuns: 500 },
    );
    if (profile.name === 'dmpp-2020') expect(seen).toContain('destination');
  });
});
