/** A litigation hold that comes while a purge is under way. */
import { expect, test } from 'vitest';
import { makeChanger } from '../../../../src/switch/change.ts';
import { type PurgeSource, purgeByRetention } from '../../../../src/switch/ledger/keeping/purge.ts';
import { placeHold } from '../../../../src/switch/records/litigation-hold.ts';
import { messageEntry, startMs, unitOf } from '../../../conformance/ledger.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';
import { sqliteHouse } from '../sqlite-house.ts';

const order = { id: 'p', retention: { message: 400 }, askedBy: 'A', agreedBy: 'B', atMs: startMs, monoMs: 1 };

test('once it is on file nothing more is destroyed, however far the purge has come', async () => {
  const house = await sqliteHouse();
  const ledger = await house.open();
  await ledger.append([unitOf(messageEntry('old', { atMs: 0 }))]);
  const change = makeChanger({ ledger, clock: virtualClock(startMs), perform: () => undefined });
  /** The purge has looked for holds and chosen its rows when the hold is placed. */
  const late: PurgeSource = {
    ...bound(ledger),
    async purgeable(query) {
      const rows = await ledger.purgeable(query);
      if ((await ledger.state('system', 'hold-1')) === undefined)
        await placeHold(change, 'hold-1', { osn: 'C', reason: 'a court' });
      return rows;
    },
  };
  await expect(purgeByRetention(late, order)).rejects.toMatchObject({ code: 'LEDGER_HELD' });
  const [event] = await ledger.history('message', 'old');
  expect(await ledger.text(event ?? { writer: '', seq: 0 }, 'raw')).toBeDefined();
  await ledger.close();
  await house.remove();
});

/** The same ledger as a plain object. */
function bound(ledger: PurgeSource): PurgeSource {
  return {
    append: (units) => ledger.append(units),
    state: (stream, id) => ledger.state(stream, id),
    states: (query) => ledger.states(query),
    history: (stream, id) => ledger.history(stream, id),
    events: (query) => ledger.events(query),
    text: (event, name) => ledger.text(event, name),
    token: (kind, value) => ledger.token(kind, value),
    purgeable: (query) => ledger.purgeable(query),
    verify: () => ledger.verify(),
    close: () => ledger.close(),
  };
}
