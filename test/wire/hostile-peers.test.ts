/** A peer that floods or breaks in again and again must not take the others' turn. */
import { describe, expect, it } from 'vitest';
import type { LinkDoor } from '../../src/wire/sockets/listen.ts';
import { BareSocket, connectHex, dial, foxtalk, openDoor, send, Witness } from './line.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Connects, writes bytes that are no frame, and waits until it is thrown out. */
async function breakIn(door: LinkDoor): Promise<void> {
  const bare = new BareSocket(door.address.port);
  bare.write('00');
  await bare.until(({ ended }) => ended);
}

describe('a peer that sends without waiting', () => {
  it('has one window of messages taken before the others have their turn', async () => {
    const witness = new Witness();
    const door = await openDoor({ events: witness });
    const patient = await dial(door);
    const flood = Array.from({ length: 5_000 }, (_, index) =>
      foxtalk.encode({ type: 'data', exchangeId: index + 2, final: true, payload: Buffer.from('FLOOD') }),
    );
    new BareSocket(door.address.port).write(Buffer.concat([Buffer.from(connectHex, 'hex'), ...flood]));
    await witness.until(({ messages }) => messages.length > 0);
    void send(patient, 'PATIENT');
    await witness.until(({ messages }) => messages.some(({ text }) => text === 'PATIENT'));
    expect(witness.messages.findIndex(({ text }) => text === 'PATIENT')).toBeLessThan(100);
    await witness.until(({ messages }) => messages.length === flood.length + 1);
    expect(witness.closed).toEqual([]);
  });
});

describe('a peer that breaks in again and again', () => {
  it('is let in a second later each time, while links that are open and other times know nothing of it', async () => {
    const clock = new VirtualClock();
    const door = await openDoor({ clock });
    const link = await dial(door);
    for (let times = 0; times < 50; times += 1) await breakIn(door);
    const held = new BareSocket(door.address.port);
    held.write(connectHex);
    expect(await send(link, 'SYNTHETIC')).toMatchObject({ type: 'acked' });
    expect([held.received.length, door.links.size]).toEqual([0, 1]);
    clock.advance(1_000);
    await held.until(({ received }) => received.length === 36);
    clock.advance(10_000);
    const later = new BareSocket(door.address.port);
    later.write(connectHex);
    await later.until(({ received }) => received.length === 36);
  });

  it('has no more than sixteen connections waiting at one time', async () => {
    const clock = new VirtualClock();
    const refused: string[] = [];
    const door = await openDoor({ clock, onRefused: (_peer, reason) => refused.push(reason) });
    for (let times = 0; times < 50; times += 1) await breakIn(door);
    const waiting = Array.from({ length: 17 }, () => new BareSocket(door.address.port));
    await Promise.race(waiting.map((one) => one.until(({ ended }) => ended)));
    expect(refused).toEqual(['PEER_REFUSED']);
    expect(clock.timerCount).toBe(16);
    clock.advance(1_000);
    const next = new BareSocket(door.address.port);
    next.write(connectHex);
    while (clock.timerCount <= 16) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    await next.until(({ received }) => received.length === 36);
  });
});
