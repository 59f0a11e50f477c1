import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextExchangeId, windowFree } from '../../src/wire/session/state.ts';
import {
  data,
  deliveries,
  foxtalk,
  frames,
  notices,
  openClient,
  openSwitch,
  outcomes,
  reasons,
  type Side,
} from './session-side.ts';

describe('our payloads', () => {
  it('are cut into frames of one id, of which only the last is final, and none is larger than agreed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 900 }), fc.integer({ min: 36, max: 300 }), (bytes, frameBytesMax) => {
        const side = openClient({}, { frameBytesMax });
        side.do({ type: 'send', exchangeId: 7, payload: Buffer.from(bytes), repeatable: false });
        const sent = frames(side.effects).flatMap((one) => (one.type === 'data' ? [one] : []));
        expect(Buffer.concat(sent.map(({ payload }) => payload)).equals(Buffer.from(bytes))).toBe(true);
        expect(sent.map(({ final }) => final)).toEqual(sent.map((_one, index) => index === sent.length - 1));
        expect(new Set(sent.map(({ exchangeId }) => exchangeId))).toEqual(new Set([7]));
        for (const one of sent) expect(foxtalk.encode(one).length).toBeLessThanOrEqual(frameBytesMax);
      }),
    );
  });

  it('wait for the acknowledgement of the one before', () => {
    const side = openClient();
    const first = side.send('QW.ONE');
    expect(windowFree(side.state)).toBe(0);
    side.do({ type: 'send', exchangeId: 500, payload: Buffer.from('QW.TWO'), repeatable: true });
    expect(outcomes(side.effects)).toEqual([{ type: 'not-sent', reason: 'BUSY' }]);
    expect(outcomes(side.frame({ type: 'ack', exchangeId: first }))).toEqual([{ type: 'acked', exchangeId: first }]);
    expect(windowFree(side.state)).toBe(1);
  });

  it('are refused by N with a printable reason', () => {
    const side = openClient();
    const id = side.send('QW.ONE');
    const effects = side.frame({ type: 'nak', exchangeId: id, reason: 'NO\u001b[2J ROOM' });
    expect(outcomes(effects)).toEqual([{ type: 'naked', exchangeId: id, reason: 'NO?[2J ROOM' }]);
  });

  it('are not settled by an acknowledgement of another id', () => {
    const side = openClient();
    const id = side.send('QW.ONE');
    const effects = side.frame({ type: 'ack', exchangeId: id + 1 });
    expect(notices(effects)).toEqual(['ACK_UNKNOWN']);
    expect(side.state.underWay).toHaveLength(1);
  });

  it('are resent whole once under the same id when repeatable, and then end in a timeout that closes', () => {
    const side = openClient({}, { frameBytesMax: 40 });
    const text = 'QW.'.padEnd(100, 'X');
    const id = side.send(text, true);
    const first = frames(side.effects);
    const late = side.run(10_000);
    expect(late).toEqual([{ type: 'file-resend', exchangeId: id }]);
    const again = side.do({ type: 'resend', exchangeId: id });
    expect(notices(again)).toEqual(['RESENT']);
    expect(frames(again)).toEqual(first);
    const end = side.run(20_000);
    expect(outcomes(end)).toEqual([{ type: 'timeout', exchangeId: id }]);
    expect(reasons(end)).toEqual(['ACK_TIMEOUT']);
  });

  it('are not sent again when the acknowledgement comes while the second attempt is being filed', () => {
    const side = openClient();
    const id = side.send('QW.ONE', true);
    side.run(10_000);
    expect(outcomes(side.frame({ type: 'ack', exchangeId: id }))).toEqual([{ type: 'acked', exchangeId: id }]);
    expect(side.do({ type: 'resend', exchangeId: id })).toEqual([]);
  });

  it('never leave twice when not repeatable: the timeout closes the link in doubt', () => {
    const side = openClient();
    const id = side.send('EW.ONE', false);
    const effects = side.run(60_000);
    expect(frames(effects)).toEqual([]);
    expect(outcomes(effects)).toEqual([{ type: 'timeout', exchangeId: id }]);
    expect(reasons(effects)).toEqual(['ACK_TIMEOUT']);
  });

  it('may be resent once whatever they are on a line that is set so', () => {
    const side = openClient({ resendAny: true });
    const id = side.send('EW.ONE', false);
    expect(side.run(10_000)).toEqual([{ type: 'file-resend', exchangeId: id }]);
  });

  it('take a new id on the second attempt only under the quirk, and the outcome keeps the first', () => {
    const side = openClient({ resendNewId: true });
    const id = side.send('QW.ONE', true);
    side.run(10_000);
    const [again] = frames(side.do({ type: 'resend', exchangeId: id }));
    expect(again?.exchangeId).not.toBe(id);
    const effects = side.frame({ type: 'ack', exchangeId: again?.exchangeId ?? 0 });
    expect(outcomes(effects)).toEqual([{ type: 'acked', exchangeId: id }]);
  });

  it('are lost when the link ends, and not sent when it was never open', () => {
    const side = openClient();
    const id = side.send('EW.ONE');
    expect(outcomes(side.do({ type: 'close', reason: 'CONNECTION_FAILED' }))).toEqual([
      { type: 'lost', exchangeId: id },
    ]);
    side.do({ type: 'send', exchangeId: 9, payload: Buffer.from('X'), repeatable: true });
    expect(outcomes(side.effects)).toEqual([{ type: 'not-sent', reason: 'CLOSED_BY_US' }]);
  });

  it('longer than the link takes are refused before a byte leaves', () => {
    const side = openClient({ messageBytesMax: 100 });
    side.send('X'.repeat(101));
    expect(side.effects).toEqual([
      { type: 'outcome', exchangeId: 102, outcome: { type: 'not-sent', reason: 'TOO_LONG' } },
    ]);
  });

  it('have ids that are never 0, never the last one and never one under way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 1, max: 0xffff }), (lastId, busy) => {
        const side = openClient();
        side.do({ type: 'send', exchangeId: busy, payload: Buffer.from('X'), repeatable: false });
        const id = nextExchangeId({ ...side.state, lastId });
        expect(id).toBeGreaterThan(0);
        expect(id).toBeLessThanOrEqual(0xffff);
        expect(id).not.toBe(lastId);
        expect(id).not.toBe(busy);
      }),
    );
  });
});

describe('the peer’s payloads', () => {
  it('come whole and get one answer, after the final frame', () => {
    const side = openSwitch();
    expect(side.frame(data(5, 'QW.', false))).toEqual([]);
    expect(side.frame(data(5, 'SAM', false))).toEqual([]);
    const [one] = deliveries(side.frame(data(5, 'PLE')));
    expect(one).toMatchObject({ exchangeId: 5, duplicate: false, payload: Buffer.from('QW.SAMPLE') });
    expect(frames(side.do({ type: 'answer', token: one?.token ?? 0 }))).toEqual([{ type: 'ack', exchangeId: 5 }]);
    expect(side.do({ type: 'answer', token: one?.token ?? 0 })).toEqual([]);
  });

  it('are refused with a printable reason of at most 80 characters', () => {
    const side = openSwitch();
    const [one] = deliveries(side.frame(data(5, 'X')));
    const [nak] = frames(side.do({ type: 'answer', token: one?.token ?? 0, refusal: `FULL\n${'X'.repeat(100)}` }));
    expect(nak).toEqual({ type: 'nak', exchangeId: 5, reason: `FULL?${'X'.repeat(75)}` });
  });

  it('may cross ours under the same id', () => {
    const side = openClient();
    const id = side.send('QW.OURS');
    const [theirs] = deliveries(side.frame(data(id, 'THEIRS')));
    expect(theirs?.payload.toString()).toBe('THEIRS');
    expect(frames(side.do({ type: 'answer', token: theirs?.token ?? 0 }))).toEqual([{ type: 'ack', exchangeId: id }]);
    expect(side.state.underWay).toHaveLength(1);
    expect(outcomes(side.frame({ type: 'ack', exchangeId: id }))).toEqual([{ type: 'acked', exchangeId: id }]);
  });

  const acknowledged = (side: Side, exchangeId: number, text: string): boolean | undefined => {
    const [one] = deliveries(side.frame(data(exchangeId, text)));
    side.do({ type: 'answer', token: one?.token ?? 0 });
    return one?.duplicate;
  };

  it('are duplicates when the same bytes come again under the same id, and only then', () => {
    const side = openSwitch();
    expect(acknowledged(side, 5, 'HIT')).toBe(false);
    expect(acknowledged(side, 5, 'HIT')).toBe(true);
    expect(acknowledged(side, 5, 'OTHER')).toBe(false);
    expect(acknowledged(side, 6, 'HIT')).toBe(false);
    expect(acknowledged(side, 5, 'HIT')).toBe(true);
  });

  it('are duplicates exactly when they are among the last 64, whatever the order of ids', () => {
    const message = fc.record({ exchangeId: fc.integer({ min: 1, max: 90 }), text: fc.constantFrom('HIT', 'OTHER') });
    fc.assert(
      fc.property(fc.array(message, { minLength: 100, maxLength: 250 }), (messages) => {
        const side = openSwitch();
        const before: string[] = [];
        for (const { exchangeId, text } of messages) {
          const name = `${exchangeId} ${text}`;
          expect(acknowledged(side, exchangeId, text)).toBe(before.slice(-64).includes(name));
          before.push(name);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are no duplicates after ten minutes, nor after 64 others', () => {
    const side = openSwitch();
    acknowledged(side, 5, 'HIT');
    for (let id = 100; id < 163; id += 1) acknowledged(side, id, 'X');
    expect(acknowledged(side, 5, 'HIT')).toBe(true);
    for (let id = 200; id < 264; id += 1) acknowledged(side, id, 'X');
    expect(acknowledged(side, 5, 'HIT')).toBe(false);
    side.nowMs += 700_000;
    expect(acknowledged(side, 5, 'HIT')).toBe(false);
    side.nowMs += 599_999;
    expect(acknowledged(side, 5, 'HIT')).toBe(true);
    side.nowMs += 600_000;
    expect(acknowledged(side, 5, 'HIT')).toBe(false);
  });

  it('are remembered in a list that does not grow', () => {
    const side = openSwitch();
    for (let id = 1; id <= 1_000; id += 1) acknowledged(side, id, 'X');
    let length = 0;
    for (let one = side.state.recent; one !== undefined; one = one.before) length += 1;
    expect(length).toBeLessThanOrEqual(128);
  });

  it('that were refused are new when they come again', () => {
    const side = openSwitch();
    const [one] = deliveries(side.frame(data(5, 'HIT')));
    side.do({ type: 'answer', token: one?.token ?? 0, refusal: 'LATER' });
    expect(acknowledged(side, 5, 'HIT')).toBe(false);
  });

  it('wait when the first copy is not answered yet, and share its fate', () => {
    const side = openSwitch();
    const [one] = deliveries(side.frame(data(5, 'HIT')));
    expect(deliveries(side.frame(data(5, 'HIT')))).toEqual([]);
    const effects = side.do({ type: 'answer', token: one?.token ?? 0 });
    expect(frames(effects)).toEqual([{ type: 'ack', exchangeId: 5 }]);
    expect(deliveries(effects)[0]).toMatchObject({ exchangeId: 5, duplicate: true });

    const other = openSwitch();
    const [first] = deliveries(other.frame(data(5, 'HIT')));
    other.frame(data(5, 'HIT'));
    const refused = other.do({ type: 'answer', token: first?.token ?? 0, refusal: 'DISK' });
    expect(deliveries(refused)[0]).toMatchObject({ exchangeId: 5, duplicate: false });
  });

  it('sent before the last was acknowledged are taken and noted', () => {
    const side = openSwitch();
    side.frame(data(5, 'ONE'));
    const effects = side.frame(data(6, 'TWO'));
    expect(notices(effects)).toEqual(['SENT_BEFORE_ACK']);
    expect(deliveries(effects)).toHaveLength(1);
  });

  it('of which another begins before the last is whole close the link', () => {
    const side = openSwitch();
    side.frame(data(5, 'ONE', false));
    expect(reasons(side.frame(data(6, 'TWO')))).toEqual(['MESSAGE_INTERLEAVED']);
  });

  it('longer than the cap are refused by N, keep nothing, and leave the link open', () => {
    const side = openSwitch({ messageBytesMax: 10 });
    side.frame(data(5, 'X'.repeat(8), false));
    side.frame(data(5, 'X'.repeat(8), false));
    expect(side.state.assembly?.parts).toBeUndefined();
    const effects = side.frame(data(5, 'X'));
    expect(frames(effects)).toMatchObject([{ type: 'nak', exchangeId: 5 }]);
    expect(deliveries(effects)).toEqual([]);
    expect(side.state.phase).toBe('open');
  });

  it('begun and not completed in time close the link', () => {
    const side = openSwitch({ completeTimeoutMs: 3_000 });
    side.frame(data(5, 'ONE', false));
    expect(reasons(side.run(3_000))).toEqual(['MESSAGE_TIMEOUT']);
  });
});
