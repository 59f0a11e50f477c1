import { expect, test } from 'vitest';
import { releaseMessage, resolveMessage } from '../../../src/switch/approval/approval-desk.ts';
import { openRooms, theirRequest } from '../rooms.ts';

test('what came is no message of ours to release or decide on, and that is no failure of the ledger', async () => {
  const rooms = await openRooms();
  await rooms.fromSwitch(theirRequest());
  const [{ id } = { id: '' }] = await rooms.inbound();
  const actor = { osn: 'PRACSUP' };
  for (const one of [id, 'm-none']) {
    const release = releaseMessage(rooms.parts, one, { actor, sha256: '0'.repeat(64) });
    await expect(release).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const decision of ['send-again', 'arrived', 'give-up'] as const) {
      const word = resolveMessage(rooms.parts, one, { actor, decision, reason: 'SEEN' });
      await expect(word).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  }
});
