import { expect, it } from 'vitest';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { BareSocket, connectHex, openDoor, Witness } from '../line.ts';

it('a link tells of the bytes it skipped under the resync quirk, and of none otherwise (wire.md 11, rule 6)', async () => {
  const told: (number | undefined)[] = [];
  const door = new Witness();
  const profile = wireProfile('foxtalk-1', { resyncBytesMax: 100 });
  const at = await openDoor({
    profile,
    events: {
      onMessage: door.onMessage,
      onNotice: (_link, { code, bytes }) => told.push(code === 'FRAME_SKIPPED' ? bytes : undefined),
    },
  });
  const bare = new BareSocket(at.address.port);
  const data = (text: string) =>
    profile.encode({ type: 'data', exchangeId: text.length, final: true, payload: Buffer.from(text) });
  bare.write(Buffer.concat([Buffer.from(`0102${connectHex}`, 'hex'), Buffer.of(3, 4, 5), data('QW.X')]));
  await door.until(({ messages }) => messages.length === 1);
  const skipped = told.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  bare.write(data('QW.XY'));
  await door.until(({ messages }) => messages.length === 2);
  expect(skipped).toBe(5);
  expect(told.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)).toBe(5);
});
