/** What keepers ask of every ledger: purging by schedule, the daily seal, packets that prove themselves. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPacket, makePacket, type Packet } from '../../src/switch/ledger/keeping/packet.ts';
import { purgeByRetention } from '../../src/switch/ledger/keeping/purge.ts';
import { type Seal, sealFault, sealUnit } from '../../src/switch/ledger/keeping/seal.ts';
import { type KeptLedger, kept, type LedgerHouse, messageEntry, startMs, unitOf } from './ledger.ts';

const dayMs = 86_400_000;
const order = {
  id: 'purge-1',
  retention: { message: 400, frame: 400 },
  askedBy: 'PR0101',
  agreedBy: 'PR0102',
  atMs: startMs,
  monoMs: 1,
};

/** Runs the suite on an adapter. */
export function ledgerKeepingConformance(name: string, make: () => Promise<LedgerHouse>): void {
  describe(`${name}: keeping`, () => {
    let house: LedgerHouse;
    let ledger: KeptLedger;
    beforeAll(async () => {
      house = await make();
      ledger = await house.open();
      const old = startMs - 401 * dayMs;
      await ledger.append([
        unitOf(messageEntry('old-1', { atMs: old, texts: { raw: Buffer.from('OLDTEXTPRACTICE') } })),
        unitOf(messageEntry('old-2', { atMs: old + 1 })),
        unitOf(messageEntry('young-1', { atMs: startMs - 399 * dayMs })),
        unitOf(messageEntry('case-1', { stream: 'case', atMs: old })),
      ]);
    });
    afterAll(async () => {
      await ledger?.close();
      await house?.remove();
    });

    const textOf = async (id: string, stream: 'message' | 'case' = 'message'): Promise<Uint8Array | undefined> => {
      const [event] = await ledger.history(stream, id);
      return event === undefined ? undefined : ledger.text(event, 'raw');
    };

    test('one person alone purges nothing', async () => {
      await expect(purgeByRetention(ledger, { ...order, agreedBy: 'PR0101' })).rejects.toMatchObject({
        code: 'SAME_PERSON',
      });
      expect(await textOf('old-1')).toBeDefined();
    });

    test('a schedule shorter than the rules, or none, purges nothing', async () => {
      expect(await purgeByRetention(ledger, { ...order, retention: {} })).toBe(0);
      expect(await purgeByRetention(ledger, { ...order, retention: { message: 30, system: 0 } })).toBe(0);
      expect(await textOf('old-1')).toBeDefined();
    });

    test('a purge without a tombstone for its rows is refused', async () => {
      const [event] = await ledger.history('message', 'old-1');
      const purge = [{ writer: event?.writer ?? '', seq: event?.seq ?? 0 }];
      await expect(ledger.append([{ ...unitOf(messageEntry('sly')), purge }])).rejects.toMatchObject({
        code: 'LEDGER_FAILED',
      });
      expect(await textOf('old-1')).toBeDefined();
    });

    test('under a litigation hold nothing is purged, and after it what has ended is, and no more', async () => {
      const hold = (version: number, status: string) =>
        unitOf({
          ...messageEntry('hold-1', { version, type: 'HOLD' }),
          stream: 'system',
          texts: {},
          tokens: [],
          state: { status, key: 'HOLD', body: {} },
        });
      await ledger.append([hold(1, 'STANDING')]);
      await expect(purgeByRetention(ledger, order)).rejects.toMatchObject({ code: 'LEDGER_HELD' });
      expect(await textOf('old-1')).toBeDefined();
      await ledger.append([hold(2, 'LIFTED')]);
      expect(await purgeByRetention(ledger, order)).toBe(2);
      expect(await textOf('old-1')).toBeUndefined();
      expect(await textOf('old-2')).toBeUndefined();
      expect(await textOf('young-1')).toBeDefined();
      expect(await textOf('case-1', 'case')).toBeDefined();
    });

    test('what was purged is found by no token, and the tombstone keeps the chain whole', async () => {
      const found = await ledger.states({ stream: 'message', token: { kind: 'NAM', value: 'RECORD' }, limit: 10 });
      expect(found.map((state) => state.id)).toEqual(['young-1']);
      expect(await ledger.history('system', 'purge-1-message-1')).toMatchObject([
        { type: 'PURGED', actor: 'PR0101', data: { agreedBy: 'PR0102', stream: 'message' } },
      ]);
      expect(await ledger.verify()).toMatchObject({ ok: true });
      expect(await purgeByRetention(ledger, { ...order, id: 'purge-2' })).toBe(0);
    });

    test('tokens that are dropped find nothing any more, the text stays, and a drop that nothing names is refused', async () => {
      const entry = messageEntry('drop-1', { tokens: [{ kind: 'NAM', value: 'SAMPLE, DROPPED' }] });
      const row = kept((await ledger.append([unitOf(entry)]))[0]);
      const found = () => ledger.states({ stream: 'message', token: { kind: 'NAM', value: 'SAMPLE' }, limit: 10 });
      expect(await found()).toHaveLength(1);
      const naming = {
        ...messageEntry('drop-note', { stream: 'system', type: 'TOKENS_DROPPED', tokens: [] }),
        texts: {},
      };
      const dropTokens = [row];
      await expect(ledger.append([{ entries: [naming], dropTokens }])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
      expect(await found()).toHaveLength(1);
      const named = { ...naming, data: { rows: { [row.writer]: [row.seq] } } };
      expect((await ledger.append([{ entries: [named], dropTokens }]))[0]?.ok).toBe(true);
      expect(await found()).toEqual([]);
      expect(await textOf('drop-1')).toBeDefined();
      expect(await ledger.verify()).toMatchObject({ ok: true });
    });

    test('a purge leaves the newest hash that somebody logs on with, and takes the older ones', async () => {
      const old = startMs - 1_200 * dayMs;
      const account = (version: number, name: string) =>
        messageEntry('PRACOLD', {
          stream: 'person',
          version,
          atMs: old + version,
          texts: { [name]: Buffer.from('x') },
          tokens: [],
        });
      await ledger.append([unitOf(account(1, 'hash'), account(2, 'hash'), account(3, 'reason'))]);
      expect(await purgeByRetention(ledger, { ...order, id: 'purge-3', retention: { person: 1_098 } })).toBe(2);
      const [first, second] = await ledger.history('person', 'PRACOLD');
      if (first === undefined || second === undefined) throw new Error('no account');
      expect(await ledger.text(first, 'hash')).toBeUndefined();
      expect(await ledger.text(second, 'hash')).toBeDefined();
      expect(await ledger.verify()).toMatchObject({ ok: true });
    });

    test('the criminal-history log shows its parties as columns, the persons among them only as ciphertext', async () => {
      const texts = {
        requestor: Buffer.from('DET SAMPLE'),
        recipient: Buffer.from('CLERK RECORD'),
        subject: Buffer.from('RECORD'),
      };
      const state = { status: 'DISSEMINATED', key: 'C', ori: 'CO0990100', osn: 'PR0101', parent: 'young-1', body: {} };
      await ledger.append([unitOf(messageEntry('iii-1', { stream: 'iii', texts, state, tokens: [] }))]);
      const rows = await house.read('select * from iii_log');
      expect(rows).toMatchObject([
        { id: 'iii-1', message_key: 'QW', operator: 'PR0101', receiving_agency: 'CO0990100', purpose_code: 'C' },
      ]);
      for (const column of ['requestor', 'secondary_recipient', 'subject']) {
        const value = rows[0]?.[column] as Uint8Array;
        expect(value.length).toBeGreaterThan(20);
        expect(Buffer.from(value).toString('latin1')).not.toMatch(/SAMPLE|CLERK|RECORD/);
      }
    });

    test('the seal of a day joins the heads, and its signature holds for its key and its heads alone', async () => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const other = generateKeyPairSync('ed25519');
      const heads = await ledger.chainHeads();
      expect(heads).toEqual((await ledger.verify()).writers);
      const at = { atMs: startMs, monoMs: 2, signingKey: privateKey };
      expect((await ledger.append([sealUnit('2026-11-02', heads, at)]))[0]?.ok).toBe(true);
      const [event] = await ledger.history('system', 'seal-2026-11-02');
      const seal = event?.data as unknown as Seal;
      expect(sealFault(seal, publicKey)).toBeUndefined();
      expect(sealFault(seal, other.publicKey)).toBeTruthy();
      expect(sealFault({ ...seal, day: '2026-11-03' }, publicKey)).toBeTruthy();
      expect(
        sealFault({ ...seal, heads: heads.map((head) => ({ ...head, seq: head.seq - 1 })) }, publicKey),
      ).toBeTruthy();
      expect((await ledger.append([sealUnit('2026-11-02', heads, at)]))[0]?.ok).toBe(false);
      const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      expect(() => sealUnit('2026-11-03', heads, { ...at, signingKey: p256 })).toThrow();
      expect(await ledger.verify()).toMatchObject({ ok: true });
    });

    test('a packet proves itself, and a change to any part of it is found', async () => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const things = [
        { stream: 'message', id: 'young-1' },
        { stream: 'case', id: 'case-1' },
        { stream: 'message', id: 'old-1' },
      ] as const;
      const packet = makePacket(
        {
          madeAtMs: startMs,
          madeBy: 'PR0102',
          reason: 'weekly review',
          selection: { case: 'case-1' },
          rows: await ledger.packetRows(things),
          heads: (await ledger.verify()).writers,
        },
        privateKey,
      );
      const carried = JSON.parse(JSON.stringify(packet)) as Packet;
      expect(checkPacket(carried, publicKey)).toMatchObject({ ok: true, rowCount: 3, signed: true });
      expect(Buffer.from(carried.rows[0]?.content[0]?.clear ?? '', 'base64').toString()).toContain('young-1');
      expect(carried.rows[2]?.content).toEqual([]);
      expect(checkPacket(carried, generateKeyPairSync('ed25519').publicKey)).toMatchObject({
        ok: false,
        signed: false,
      });
      let leaves = 0;
      for (const changed of everyChange(carried)) {
        leaves += 1;
        expect(checkPacket(changed.packet as Packet, publicKey).ok, changed.path).toBe(false);
      }
      expect(leaves).toBeGreaterThan(60);
    });
  });
}

/** The packet once for every value in it, with that value changed. */
function* everyChange(value: unknown, path = ''): Generator<{ packet: unknown; path: string }> {
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      for (const changed of everyChange(one, `${path}[${index}]`)) {
        yield { packet: value.map((old, at) => (at === index ? changed.packet : old)), path: changed.path };
      }
      yield { packet: value.filter((_, at) => at !== index), path: `${path} without ${index}` };
    }
    return;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      for (const changed of everyChange(one, `${path}.${name}`)) {
        yield { packet: { ...value, [name]: changed.packet }, path: changed.path };
      }
    }
    return;
  }
  if (typeof value === 'number') yield { packet: value + 1, path };
  else if (typeof value === 'string') yield { packet: changedText(value), path };
  else yield { packet: 'x', path };
}

/** Another first character: the last one of base64 may carry bits that mean nothing. */
function changedText(text: string): string {
  return `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
}
