import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WireProfile } from '../../src/wire/profile.ts';
import { wireProfile } from '../../src/wire/profiles.ts';

interface Vector {
  readonly profile: string;
  readonly name: string;
  readonly hex: string;
  readonly bytes: number;
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/wire/vectors.json'), 'utf8'),
) as Vector[];

/** The names the vectors use for our profiles. */
const profileOf: Readonly<Record<string, WireProfile>> = {
  foxtalk: wireProfile('foxtalk-1'),
  dmpp2020: wireProfile('dmpp-2020'),
  'mllp-r2': wireProfile('mllp-r2'),
  'stxetx-ascii': wireProfile('stx-etx'),
  'bsc-ebcdic': wireProfile('stx-etx', { controlBytes: 'ebcdic' }),
};

describe('published vectors', () => {
  it('are there', () => expect(vectors.length).toBeGreaterThanOrEqual(15));

  it.each(vectors)('$profile $name decodes and re-encodes to the same bytes', (vector) => {
    const profile = profileOf[vector.profile];
    if (profile === undefined) throw new Error('no profile for this vector');
    const bytes = Buffer.from(vector.hex, 'hex');
    expect(bytes.length).toBe(vector.bytes);
    const deframer = profile.makeDeframer(profile.frameBytesMax);
    deframer.push(bytes);
    const frame = deframer.next();
    if (frame === undefined || frame.type === 'fault') throw new Error(`no frame: ${frame?.code}`);
    expect(profile.encode(frame).toString('hex').toUpperCase()).toBe(vector.hex);
    expect(deframer.partial).toBe(false);
  });

  it('say what they are documented to say', () => {
    const of = (name: string) => {
      const vector = vectors.find((one) => one.profile === 'foxtalk' && one.name === name);
      const deframer = wireProfile('foxtalk-1').makeDeframer(65_000);
      deframer.push(Buffer.from(vector?.hex ?? '', 'hex'));
      return deframer.next();
    };
    expect(of('connect-request')).toMatchObject({
      type: 'connect',
      exchangeId: 1,
      terms: { major: 1, minor: 0, frameBytesMax: 65_000, encryption: false, coding: 'B64', newline: 'LF' },
    });
    expect(of('heartbeat')).toMatchObject({ type: 'heartbeat', exchangeId: 0x1b04 });
    expect(of('ack')).toMatchObject({ type: 'ack', exchangeId: 0x0217 });
  });
});
