import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/wire/framing/frame.ts';
import { sessionWakeAtMs } from '../../src/wire/session/liveness.ts';
import { type SessionEvent, windowFree } from '../../src/wire/session/state.ts';
import { data, deliveries, frames, notices, openClient, openSwitch, plain, reasons, Side } from './session-side.ts';

describe('the connect exchange', () => {
  it('a client asks with both times 0, without encryption', () => {
    const side = new Side('client');
    expect(frames(side.do({ type: 'connected' }))).toEqual([
      { type: 'connect', exchangeId: 101, terms: { ...plain, maxIdleS: 0, defaultTimeoutS: 0 } },
    ]);
    expect(windowFree(side.state)).toBe(0);
  });

  it('a client lives by what the switch answers', () => {
    const side = openClient({}, { frameBytesMax: 64, maxIdleS: 7, defaultTimeoutS: 3, minor: 0 });
    expect(side.effects).toContainEqual({ type: 'opened', frameBytesMax: 64 });
    expect(notices(side.effects)).toEqual(['CONNECT_MINOR']);
    expect(side.state).toMatchObject({ phase: 'open', frameBytesMax: 64, maxIdleMs: 7_000, timeoutMs: 3_000 });
  });

  it.each([
    ['encryption', { encryption: true }, 'CONNECT_ENCRYPTION'],
    ['a raised frame', { frameBytesMax: 65_001 }, 'CONNECT_TERMS'],
    ['a frame too small to work', { frameBytesMax: 20 }, 'CONNECT_TERMS'],
    ['another newline', { newline: 'CR' }, 'CONNECT_TERMS'],
    ['another coding', { coding: 'HEX' }, 'CONNECT_TERMS'],
    ['another version', { major: 2 }, 'CONNECT_VERSION'],
    ['a swapped version', { major: 0, minor: 1 }, 'CONNECT_VERSION'],
  ] as const)('a client that is answered with %s closes with its reason', (_what, terms, reason) => {
    expect(reasons(openClient({}, terms).effects)).toEqual([reason]);
  });

  it('a client closes when the answer carries another id', () => {
    const side = new Side('client');
    side.do({ type: 'connected' });
    expect(reasons(side.frame({ type: 'connect', exchangeId: 5, terms: plain }))).toEqual(['CONNECT_ID']);
  });

  it('a switch lowers the frame, sets both times, honours coding and newline, takes 1.0 and 1.1', () => {
    const side = new Side('switch', { frameBytesMax: 4_000 });
    const wish = { ...plain, minor: 0, maxIdleS: 0, defaultTimeoutS: 0, coding: 'B64', newline: 'CRLF' } as const;
    const effects = side.frame({ type: 'connect', exchangeId: 9, terms: wish });
    expect(frames(effects)).toEqual([
      { type: 'connect', exchangeId: 9, terms: { ...wish, frameBytesMax: 4_000, maxIdleS: 60, defaultTimeoutS: 10 } },
    ]);
    expect(notices(effects)).toEqual(['CONNECT_MINOR']);
    expect(side.state.phase).toBe('open');
  });

  it('a switch notes times in the wish and refuses a wish for encryption in its answer', () => {
    const side = new Side('switch');
    const effects = side.frame({ type: 'connect', exchangeId: 9, terms: { ...plain, encryption: true } });
    expect(notices(effects)).toEqual(['CONNECT_TIMES']);
    expect(frames(effects)[0]).toMatchObject({ terms: { encryption: false } });
  });

  it.each([data(1, 'EARLY'), { type: 'heartbeat', exchangeId: 1 }, { type: 'ack', exchangeId: 1 }] as Frame[])(
    'a $type frame before it closes the link',
    (frame) => {
      expect(reasons(new Side('switch').frame(frame))).toEqual(['CONNECT_EXPECTED']);
    },
  );

  it('a second connect frame closes the link', () => {
    expect(reasons(openSwitch().frame({ type: 'connect', exchangeId: 2, terms: plain }))).toEqual(['CONNECT_REPEATED']);
  });

  it('must come in time', () => {
    const side = new Side('switch', { openTimeoutMs: 5_000 });
    expect(side.run(4_999)).toEqual([]);
    expect(reasons(side.run(5_000))).toEqual(['OPEN_TIMEOUT']);
  });

  it.each(['K', 'I', 'E'])('a frame %s of the profile’s encryption closes the link', (name) => {
    const side = openSwitch();
    expect(reasons(side.frame({ type: 'unsupported', exchangeId: 1, name }))).toEqual(['FRAME_UNSUPPORTED']);
  });
});

describe('life and death', () => {
  it('an idle client sends a heartbeat after maxIdle from the last activity, not on a tick', () => {
    const side = openClient();
    side.nowMs = 40_000;
    side.frame(data(5, 'HIT'));
    side.do({ type: 'read', partial: false, framed: true });
    expect(frames(side.run(99_999))).toEqual([]);
    expect(frames(side.run(100_000))).toMatchObject([{ type: 'heartbeat' }]);
  });

  it('a switch never sends one and echoes the client’s at once under its id', () => {
    const side = openSwitch();
    expect(frames(side.run(119_999))).toEqual([]);
    expect(frames(side.frame({ type: 'heartbeat', exchangeId: 77 }))).toMatchObject([
      { type: 'heartbeat', exchangeId: 77 },
    ]);
  });

  it('a client closes when the echo does not come within defaultTimeout', () => {
    const side = openClient();
    side.run(60_000);
    expect(reasons(side.run(69_999))).toEqual([]);
    expect(reasons(side.run(70_000))).toEqual(['PEER_SILENT']);
  });

  it('an echo in time starts the wait anew', () => {
    const side = openClient();
    const [beat] = frames(side.run(60_000));
    side.nowMs = 65_000;
    side.frame(beat as Frame);
    expect(reasons(side.run(124_999))).toEqual([]);
    expect(frames(side.run(125_000))).toMatchObject([{ type: 'heartbeat' }]);
  });

  it('a client notices a dead switch within two heartbeats, whatever times the switch set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 600 }), (maxIdleS, defaultTimeoutS) => {
        const side = openClient({}, { maxIdleS, defaultTimeoutS });
        expect(reasons(side.run(2 * maxIdleS * 1000))).toEqual(['PEER_SILENT']);
      }),
    );
  });

  it('a switch closes after two maxIdle of silence', () => {
    const side = openSwitch();
    expect(reasons(side.run(119_999))).toEqual([]);
    expect(reasons(side.run(120_000))).toEqual(['PEER_SILENT']);
  });

  it('a frame begun and not completed in time closes the link, however it trickles', () => {
    const side = openSwitch({ completeTimeoutMs: 3_000 });
    for (let second = 0; second < 3; second += 1) {
      side.nowMs = second * 1_000;
      side.do({ type: 'read', partial: true, framed: false });
    }
    expect(reasons(side.run(2_999))).toEqual([]);
    expect(reasons(side.run(3_000))).toEqual(['FRAME_TIMEOUT']);
  });

  it('while we do not read, the peer is not blamed for silence', () => {
    const side = openSwitch({ unansweredMax: 1 });
    const [one] = deliveries(side.frame(data(5, 'ONE')));
    expect(side.run(500_000)).toEqual([]);
    expect(side.do({ type: 'tick' })).toEqual([]);
    side.do({ type: 'answer', token: one?.token ?? 0 });
    expect(reasons(side.run(619_999))).toEqual([]);
    expect(reasons(side.run(620_000))).toEqual(['PEER_SILENT']);
  });

  it('a peer that ended its side is still given what it is owed, and then the link closes', () => {
    const side = openSwitch();
    const [one] = deliveries(side.frame(data(5, 'ONE')));
    expect(reasons(side.do({ type: 'peer-ended' }))).toEqual([]);
    const effects = side.do({ type: 'answer', token: one?.token ?? 0 });
    expect(frames(effects)).toEqual([{ type: 'ack', exchangeId: 5 }]);
    expect(reasons(effects)).toEqual(['CLOSED_BY_PEER']);
  });

  it('a stream that ends inside a frame is told apart from a polite end', () => {
    const side = openSwitch();
    side.do({ type: 'read', partial: true, framed: false });
    expect(reasons(side.do({ type: 'peer-ended' }))).toEqual(['FRAME_CUT']);
    expect(reasons(openSwitch().do({ type: 'peer-ended' }))).toEqual(['CLOSED_BY_PEER']);
  });

  it('nothing happens after the end', () => {
    const anything: fc.Arbitrary<SessionEvent> = fc.constantFrom<SessionEvent>(
      { type: 'tick' },
      { type: 'frame', frame: data(1, 'X') },
      { type: 'frame', frame: { type: 'heartbeat', exchangeId: 1 } },
      { type: 'read', partial: true, framed: false },
      { type: 'answer', token: 1 },
      { type: 'resend', exchangeId: 1 },
      { type: 'peer-ended' },
      { type: 'close', reason: 'CLOSED_BY_US' },
    );
    fc.assert(
      fc.property(fc.array(anything), (events) => {
        const side = openSwitch();
        side.do({ type: 'fault', code: 'FRAME_STOP', offset: 12 });
        for (const event of events) expect(side.do(event)).toEqual([]);
        expect(sessionWakeAtMs(side.state)).toBeUndefined();
      }),
    );
  });
});
