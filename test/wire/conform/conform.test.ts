import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { loadHotFiles } from '../../../src/simulator/records/load-hot-files.ts';
import { parseScript } from '../../../src/simulator/script.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import type { LinkClock } from '../../../src/wire/clock.ts';
import { checks } from '../../../src/wire/conform/checks.ts';
import { runConform } from '../../../src/wire/conform/conform.ts';
import type { Frame } from '../../../src/wire/framing/frame.ts';
import type { Quirks, WireProfile } from '../../../src/wire/profile.ts';
import { profileNames, wireProfile } from '../../../src/wire/profiles.ts';
import type { ListenOptions } from '../../../src/wire/sockets/listen.ts';
import type { SocketLink } from '../../../src/wire/sockets/socket-link.ts';
import { closeAfter, openDoor } from '../line.ts';
import { turnClock } from './turn-clock.ts';

const query = Buffer.from('1N01COJ10000001.QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19000101');

/** All are in this process: who answers at all does so within a few turns of its loop. */
function patient(): LinkClock {
  const clock = turnClock();
  closeAfter(clock.close);
  return clock;
}

/** With a wait that only a broken rule makes use of: short where one is broken on purpose, long where none may be. */
function reportOf(profile: WireProfile, port: number, answerMs: number) {
  const target = { host: '127.0.0.1', port, profile, clock: patient(), payload: query, pauseMs: 0 };
  return runConform({ ...target, answerMs, quietMs: 20 });
}

async function failures(profile: WireProfile, door: Partial<ListenOptions>): Promise<string[]> {
  const at = await openDoor({ profile, ...door });
  const report = await reportOf(profile, at.address.port, 150);
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

  const foxtalk = wireProfile('foxtalk-1');
  const connectRules = ['connect-answer', 'connect-other-wishes', 'version-mismatch', 'connect-nonzero-times'];
  const broken: readonly (readonly [string, readonly string[], Partial<ListenOptions>])[] = [
    [
      'does not echo heartbeats',
      ['ack-of-nak', 'unknown-ack', 'heartbeat-echo'],
      mangled((frame, bytes) => (frame.type === 'heartbeat' ? nothing : bytes)),
    ],
    [
      'acknowledges nothing',
      ['ack-once', 'ack-mid-message', 'repeat-is-acked', 'split-reads', 'embedded-patterns'],
      mangled((frame, bytes) => (frame.type === 'ack' ? nothing : bytes)),
    ],
    [
      'acknowledges twice',
      ['ack-once', 'ack-mid-message', 'embedded-patterns'],
      mangled((frame, bytes) => (frame.type === 'ack' ? Buffer.concat([bytes, bytes]) : bytes)),
    ],
    [
      'forces encryption',
      connectRules,
      mangled((frame, bytes) =>
        frame.type === 'connect' ? foxtalk.encode({ ...frame, terms: { ...frame.terms, encryption: true } }) : bytes,
      ),
    ],
    [
      'leaves both times at 0',
      connectRules,
      mangled((frame, bytes) =>
        frame.type === 'connect'
          ? foxtalk.encode({ ...frame, terms: { ...frame.terms, maxIdleS: 0, defaultTimeoutS: 0 } })
          : bytes,
      ),
    ],
    [
      'searches for the next frame in place of closing',
      ['length-too-small', 'length-too-large', 'length-in-chars', 'stop-pattern', 'start-pattern'],
      { profile: wireProfile('foxtalk-1', { resyncBytesMax: 10_000 }) },
    ],
  ];

  it.each(broken)('names the rules that a switch breaks which %s', async (_what, rules, door) => {
    expect(await failures(foxtalk, door)).toEqual(rules);
  });

  it.each(kinds)(
    'finds that the simulated switch keeps every rule of %s %o, none left unjudged',
    async (name, quirks) => {
      const files = await loadHotFiles(join(import.meta.dirname, '../../../fixtures/hot-files'));
      const simulator = await startSimulator({ port: 0, profile: name, quirks, clock: systemClock, files });
      closeAfter(() => simulator.close());
      const profile = wireProfile(name, quirks);
      const report = await reportOf(profile, simulator.address.port, 5_000);
      expect(report.results.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      const judged = report.results.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule);
      const wanted = checks.filter((check) => check.applies(profile) && check.slow !== true).map(({ rule }) => rule);
      expect(judged).toEqual(wanted);
    },
  );

  /** What a script makes the simulated switch do wrong, and the rules that name it. */
  const scripted: readonly (readonly [string, string, object, readonly string[]])[] = [
    ['foxtalk-1', 'sends again without waiting', { fault: 'repeat-frame', times: 99 }, ['no-wait-for-ack']],
    ['foxtalk-1', 'gives two messages one id', { fault: 'reuse-id', times: 99 }, ['id-reused']],
    [
      'stx-etx',
      'acknowledges with the wrong parity',
      { fault: 'ack-bytes', hex: '1070', times: 99 },
      ['alternating-acks', 'repeated-block', 'enquiry'],
    ],
  ];

  it.each(scripted)('names what a %s switch does that %s', async (name, _what, fault, rules) => {
    const quirks: Quirks = name === 'stx-etx' ? { controlBytes: 'ebcdic' } : {};
    const script = parseScript({ name: 'Broken', line: [fault] });
    const simulator = await startSimulator({ port: 0, profile: name, quirks, clock: systemClock, script });
    closeAfter(() => simulator.close());
    const report = await reportOf(wireProfile(name, quirks), simulator.address.port, 300);
    expect(report.results.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)).toEqual(rules);
  });

  it('names a dmpp-2020 switch that is slow to acknowledge, refuses in other words, and answers what wants none', async () => {
    const profile = wireProfile('dmpp-2020');
    const nak = profile.encode({ type: 'nak', exchangeId: 5, reason: '', status: 0x12 });
    const at = await openDoor({
      profile,
      tap: {
        onFrameIn: (link, frame) => {
          if (frame.type === 'data' && frame.ackWanted === false) (link as SocketLink).writeRaw(nak);
        },
        onFrameOut: (_link, frame, bytes) => (frame.type === 'nak' ? nak : bytes),
      },
    });
    let nowMs = 0;
    // Each look at this clock is two seconds after the last.
    const monoMs = (): number => {
      nowMs += 2_000;
      return nowMs;
    };
    const clock = { ...patient(), monoMs };
    const target = { host: '127.0.0.1', port: at.address.port, profile, clock, payload: query, pauseMs: 0 };
    const report = await runConform({ ...target, answerMs: 100, quietMs: 20 });
    expect(report.results.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule)).toEqual([
      'ack-within-a-second',
      'no-ack-wanted',
      'bad-function',
    ]);
  });

  it('says which rules it could not judge, when the other side sends nothing of its own', async () => {
    const at = await openDoor();
    const report = await reportOf(foxtalk, at.address.port, 150);
    const unjudged = report.results.filter(
      ({ outcome, detail }) => outcome === 'skip' && detail?.includes('no message'),
    );
    expect(unjudged.map(({ rule }) => rule)).toEqual(['no-wait-for-ack', 'id-reused', 'crossing', 'split-new-id']);
  });

  it('says that nobody is there', async () => {
    const at = await openDoor();
    const { port } = at.address;
    await at.close();
    const target = { host: '127.0.0.1', port, profile: foxtalk, clock: systemClock, payload: nothing, pauseMs: 0 };
    const report = await runConform(target);
    expect(report.results.some(({ outcome }) => outcome === 'pass')).toBe(false);
    expect(report.ok).toBe(false);
  });

  it('calls nobody outside this machine without TLS', async () => {
    const target = { host: '192.0.2.1', port: 1, profile: foxtalk, clock: systemClock, payload: nothing, pauseMs: 0 };
    await expect(runConform(target)).rejects.toMatchObject({ code: 'TLS_REQUIRED' });
  });
});
