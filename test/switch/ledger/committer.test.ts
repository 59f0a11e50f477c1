import { afterEach, beforeEach, expect, test } from 'vitest';
import { Chance, openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { HeadSeal } from '../../../src/switch/ledger/heads.ts';
import { type ReadyUnit, readyUnit } from '../../../src/switch/ledger/prepare.ts';
import { Committer } from '../../../src/switch/ledger/sqlite/committer.ts';
import { openWriting } from '../../../src/switch/ledger/sqlite/open-database.ts';
import { Tokens } from '../../../src/switch/ledger/tokens.ts';
import { messageEntry, unitOf } from '../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from './sqlite-house.ts';

let house: SqliteHouse;
let committer: Committer;
beforeEach(async () => {
  house = await sqliteHouse();
  await (await house.open()).close();
  committer = new Committer(() => openWriting(house.folder), {
    writer: 'gw2',
    master: openMasterKey(masterKey),
    seal: new HeadSeal(masterKey),
  });
});
afterEach(async () => {
  committer.close();
  await house.remove();
});

function ready(id: string): ReadyUnit {
  return readyUnit(unitOf(messageEntry(id)), { tokens: new Tokens(masterKey), chance: new Chance() });
}

/** A unit whose second row no database takes. */
function stumbling(id: string): ReadyUnit {
  const [entry] = ready(id).entries;
  const [broken] = ready(`${id}-b`).entries;
  if (entry === undefined || broken === undefined) throw new Error('a unit has an entry');
  return { ...ready(id), entries: [entry, { ...broken, actor: Symbol('no text') as unknown as string }] };
}

test('a call that stumbles takes no other of its batch with it, and leaves nothing of itself', async () => {
  const outcomes = committer.commit([
    [ready('a'), ready('b')],
    [ready('c'), stumbling('d')],
    [ready('c'), ready('a'), ready('e')],
  ]);
  expect(outcomes).toEqual([
    { ok: true, units: [expect.objectContaining({ seqs: [1] }), expect.objectContaining({ seqs: [2] })] },
    { ok: false, why: expect.any(String) },
    {
      ok: true,
      units: [
        expect.objectContaining({ seqs: [3] }),
        { ok: false, stream: 'message', id: 'a' },
        expect.objectContaining({ seqs: [4] }),
      ],
    },
  ]);
  expect(committer.head.seq).toBe(4);
  const db = openWriting(house.folder);
  expect(db.prepare('SELECT seq, id FROM event ORDER BY seq').all()).toEqual(
    ['a', 'b', 'c', 'e'].map((id, at) => ({ seq: at + 1, id })),
  );
  db.close();
});

test('a call that stumbles alone leaves nothing, and the next one is kept', () => {
  expect(committer.commit([[stumbling('a')]])).toEqual([{ ok: false, why: expect.any(String) }]);
  expect(committer.head.seq).toBe(0);
  expect(committer.commit([[ready('a')]])).toEqual([{ ok: true, units: [{ ok: true, seqs: [1] }] }]);
});
