import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { runConform } from '../../../src/wire/conform/conform.ts';
import type { Frame } from '../../../src/wire/framing/frame.ts';
import type { Quirks, WireProfile } from '../../../src/wire/profile.ts';
import { profileNames, wireProfile } from '../../../src/wire/profiles.ts';
import type { ListenOptions } from '../../../src/wire/sockets/listen.ts';
import { openDoor } from '../line.ts';

async function failures(profile: WireProfile, door: Partial<ListenOptions> = {}): Promise<string[]> {
  const at = await openDoor({ profile, ...door });
  const report = await runConform({
    host: '127.0.0.1',
    port: at.address.port,
    profile,
    clock: systemClock,
    payload: Buffer.from('QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19000101'),
    answerMs: 150,
    quietMs: 20,
    pauseMs: 0,
  });
  const failed = report.results.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule);
  expect(report.ok).toBe(failed.length === 0);
  return failed;
}

type Mangle = (frame: Frame, bytes: Buffer) => Buffer;
const mangled = (mangle: Mangle): Partial<ListenOptions> => ({
  tap: { onFrameOut: (_link, frame, bytes) => mangle(frame, bytes) },
});
const nothing = Buffer.alloc(0);

describe('conform', () => {
  const kinds: readonly (readonly [string, Quirks])[] = [
    ...profileNames.map((name) => [name, {}] as const),
    ['stx-etx', { controlBytes: 'ebcdic' }],
    ['dmpp-2020', { lengthExcludesBytes: 12 }],
  ];

  it.each(kinds)('finds that our own doors keep every rule of %s %o', async (name, quirks) => {
    expect(await failures(wireProfile(name, quirks))).toEqual([]);
  });

  const foxtalk = wireProfile('foxtalk-1');
  const broken: readonly (readonly [string, readonly string[], Partial<ListenOptions>])[] = [
    [
      'does not echo heartbeats',
      ['heartbeat-echo', 'unknown-ack'],
      mangled((frame, bytes) => (frame.type === 'heartbeat' ? nothing : bytes)),
    ],
    [
      'acknowledges nothing',
      ['ack-once', 'ack-mid-message', 'split-reads', 'embedded-patterns', 'repeat-is-acked'],
      mangled((frame, bytes) => (frame.type === 'ack' ? nothing : bytes)),
    ],
    [
      'acknowledges twice',
      ['ack-once', 'ack-mid-message', 'embedded-patterns'],
      mangled((frame, bytes) => (frame.type === 'ack' ? Buffer.concat([bytes, bytes]) : bytes)),
    ],
    [
      'forces encryption',
      ['connect-answer'],
      mangled((frame, bytes) =>
        frame.type === 'connect' ? foxtalk.encode({ ...frame, terms: { ...frame.terms, encryption: true } }) : bytes,
      ),
    ],
    [
      'leaves both times at 0',
      ['connect-answer'],
      mangled((frame, bytes) =>
        frame.type === 'connect'
          ? foxtalk.encode({ ...frame, terms: { ...frame.terms, maxIdleS: 0, defaultTimeoutS: 0 } })
          : bytes,
      ),
    ],
    [
      'searches for the next frame in place of closing',
      ['length-too-small', 'length-too-large', 'stop-pattern', 'start-pattern'],
      { profile: wireProfile('foxtalk-1', { resyncBytesMax: 10_000 }) },
    ],
  ];

  it.each(broken)('names the rules that a switch breaks which %s', async (_what, rules, door) => {
    expect(await failures(foxtalk, door)).toEqual(rules);
  });

  it('says that nobody is there', async () => {
    const at = await openDoor();
    const { port } = at.address;
    await at.close();
    const target = { host: '127.0.0.1', port, profile: foxtalk, clock: systemClock, payload: nothing, pauseMs: 0 };
    const report = await runConform(target);
    expect(report.results.every(({ outcome }) => outcome === 'fail')).toBe(true);
  });

  it('calls nobody outside this machine without TLS', async () => {
    const target = { host: '192.0.2.1', port: 1, profile: foxtalk, clock: systemClock, payload: nothing, pauseMs: 0 };
    await expect(runConform(target)).rejects.toMatchObject({ code: 'TLS_REQUIRED' });
  });
});
