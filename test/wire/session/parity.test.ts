/** Where blocks carry no number and acknowledgements alternate: repeats, waiting and giving up (wire.md 6). */
import { describe, expect, it } from 'vitest';
import type { ControlFrame, DataFrame } from '../../../src/wire/framing/frame.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { deliveries, frames, outcomes, reasons, Side } from '../session-side.ts';

const bisync = wireProfile('stx-etx', { controlBytes: 'ebcdic' });
const ascii = wireProfile('stx-etx');
const timeoutMs = 10_000;

function openSide(role: 'client' | 'switch', profile = bisync): Side {
  const side = new Side(role, { defaultTimeoutMs: timeoutMs }, profile);
  side.do({ type: 'connected' });
  return side;
}

const control = (name: ControlFrame['name']): ControlFrame => ({ type: 'control', exchangeId: 0, name });
const block = (text: string, over: Partial<DataFrame> = {}): DataFrame => ({
  type: 'data',
  exchangeId: 9,
  final: true,
  payload: Buffer.from(text),
  ...over,
});

/** The parity of the acknowledgement that a block gets once its owner has it, and whether it was known as a repeat. */
function take(side: Side, frame: DataFrame): { readonly parity: number | undefined; readonly duplicate?: boolean } {
  const effects = side.frame(frame);
  const [delivered] = deliveries(effects);
  const answers = delivered === undefined ? effects : side.do({ type: 'answer', token: delivered.token });
  const [ack] = frames(answers);
  const parity = ack?.type === 'ack' ? ack.exchangeId & 1 : undefined;
  return delivered === undefined ? { parity } : { parity, duplicate: delivered.duplicate };
}

describe('a block that comes again', () => {
  it('is acknowledged under the same parity and known as a repeat; another one alternates (wire.md 6)', () => {
    const side = openSide('switch');
    expect(take(side, block('QW.ONE'))).toEqual({ parity: 1, duplicate: false });
    expect(take(side, block('QW.ONE'))).toEqual({ parity: 1, duplicate: true });
    expect(take(side, block('QW.ONE'))).toEqual({ parity: 1, duplicate: true });
    expect(take(side, block('QW.TWO'))).toEqual({ parity: 0, duplicate: false });
    expect(take(side, block('QW.ONE'))).toEqual({ parity: 1, duplicate: false });
  });

  it('is not put into a longer message twice (wire.md 6)', () => {
    const side = openSide('switch');
    const more = block('QW.', { final: false, ackWanted: true });
    expect([take(side, more).parity, take(side, more).parity]).toEqual([1, 1]);
    const effects = side.frame(block('ONE'));
    expect(deliveries(effects).map(({ payload }) => payload.toString())).toEqual(['QW.ONE']);
  });

  it('is a message of its own under another header, after a refusal, and when nobody repeats any more', () => {
    const side = openSide('switch');
    take(side, block('QW.ONE'));
    expect(take(side, block('QW.ONE', { header: Buffer.from('H') }))).toMatchObject({ parity: 0, duplicate: false });
    const [refused] = deliveries(side.frame(block('QW.TWO')));
    side.do({ type: 'answer', token: refused?.token ?? 0, refusal: 'NOT STORED' });
    expect(take(side, block('QW.TWO'))).toEqual({ parity: 1, duplicate: false });
    side.nowMs += 2 * timeoutMs - 1;
    expect(take(side, block('QW.TWO'))).toMatchObject({ duplicate: true });
    side.nowMs += 1;
    expect(take(side, block('QW.TWO'))).toEqual({ parity: 0, duplicate: false });
  });

  it('is taken when its sender saw the acknowledgement and doubts it, so that two equal texts both arrive', () => {
    const side = openSide('switch');
    take(side, block('HIT'));
    take(side, block('HIT'));
    expect(frames(side.frame(control('ENQ')))).toEqual([{ type: 'ack', exchangeId: 1 }]);
    expect(take(side, block('HIT'))).toEqual({ parity: 0, duplicate: false });
  });

  it('is looked for by its bytes only where nothing else tells it: in ASCII both are messages', () => {
    const side = openSide('switch', ascii);
    expect(take(side, block('QW.ONE')).duplicate).toBe(false);
    expect(take(side, block('QW.ONE')).duplicate).toBe(false);
  });
});

describe('a sender that waits for an acknowledgement', () => {
  it.each([
    ['EBCDIC', bisync, ['control ENQ', 'control EOT']],
    ['ASCII', ascii, ['control EOT']],
  ])('gives up with EOT in %s, and the fate of its message is in doubt (wire.md 6)', (_name, profile, expected) => {
    const side = openSide('client', profile);
    side.send('EW.ONE');
    const effects = side.run(10 * timeoutMs);
    const written = frames(effects).map((frame) => (frame.type === 'control' ? `control ${frame.name}` : frame.type));
    expect(written).toEqual(expected);
    expect(outcomes(effects)).toMatchObject([{ type: 'timeout' }]);
    expect(reasons(effects)).toEqual(['ACK_TIMEOUT']);
  });

  it('waits longer each time it is told WACK, and asks again, but not for ever (DESIGN.md 6, law 6)', () => {
    const side = openSide('client');
    side.send('EW.ONE');
    let enquiries = 0;
    for (let told = 0; told < 100 && side.state.phase === 'open'; told += 1) {
      enquiries += frames(side.run(side.nowMs + timeoutMs)).filter((frame) => frame.type === 'control').length;
      side.frame(control('WACK'));
    }
    expect(enquiries).toBeGreaterThan(5);
    expect(side.state.phase).toBe('closed');
    expect(side.nowMs).toBeLessThanOrEqual(12 * timeoutMs);
  });

  it('is told that a message was taken however often it was asked to wait before (wire.md 6)', () => {
    const side = openSide('client');
    const id = side.send('EW.ONE');
    side.nowMs += timeoutMs - 1;
    side.frame(control('WACK'));
    side.run(side.nowMs + timeoutMs - 1);
    expect(side.state.phase).toBe('open');
    expect(outcomes(side.frame({ type: 'ack', exchangeId: 1 }))).toEqual([{ type: 'acked', exchangeId: id }]);
  });
});
