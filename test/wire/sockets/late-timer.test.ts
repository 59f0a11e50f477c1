/** A process that stood still, as it does on a machine with too much to do, blames nobody for it. */
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { BareSocket, connectHex, foxtalk, openDoor, Witness } from '../line.ts';
import { VirtualClock } from '../virtual-clock.ts';

it.each([25, 900, 60_000])('a peer whose heartbeat waits to be read after %s ms is not silent', async (stoodMs) => {
  const machine = new VirtualClock();
  let stillMs = 0;
  const clock = {
    wallMs: () => machine.wallMs() + stillMs,
    monoMs: () => machine.monoMs() + stillMs,
    after: (delayMs: number, action: () => void) => machine.after(delayMs, action),
  };
  const at = await openDoor({ clock, settings: { maxIdleMs: 60_000 } });
  const bare = new BareSocket(at.address.port);
  bare.write(connectHex);
  await bare.until(({ received }) => received.length === 36);
  machine.advance(119_999);
  // A timer's own turn, in which nothing has been read since the last one.
  await new Promise<void>((resolve) => {
    systemClock.after(0, () => {
      bare.write(foxtalk.encode({ type: 'heartbeat', exchangeId: 7 }));
      stillMs = stoodMs;
      machine.advance(1);
      resolve();
    });
  });
  await bare.until(({ received, ended }) => ended || received.length > 36);
  expect(bare.ended, 'the door has hung up').toBe(false);
});

it('a peer that has sent nothing when it is over is silent all the same', async () => {
  const machine = new VirtualClock();
  const clock = {
    wallMs: () => machine.wallMs() + 900,
    monoMs: () => machine.monoMs(),
    after: (delayMs: number, action: () => void) => machine.after(delayMs + 900, action),
  };
  const door = new Witness();
  const at = await openDoor({ events: door, clock, settings: { maxIdleMs: 60_000 } });
  const bare = new BareSocket(at.address.port);
  bare.write(connectHex);
  await bare.until(({ received }) => received.length === 36);
  machine.advance(120_900);
  await door.until(({ closed }) => closed.length === 1);
  expect(door.closed[0]?.reason).toBe('PEER_SILENT');
});
