/** What every ledger keeps, whatever database is under it. Run by test/switch/ledger on each adapter. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketSource } from '../../src/switch/ledger/keeping/packet.ts';
import type { PurgeSource } from '../../src/switch/ledger/keeping/purge.ts';
import type { Entry, Ledger, Receipt, Unit } from '../../src/switch/ledger/ledger.ts';
import { blockRows } from '../../src/switch/ledger/tokens.ts';

/** A ledger with what its keepers can ask of it. */
export type KeptLedger = PurgeSource & PacketSource & { head(): { readonly seq: number; readonly hash: string } };

/** One database made for a test, with what a test may do behind the ledger's back. */
export interface LedgerHouse {
  /** Opens the ledger; a second writer of the same database has another name. */
  open(writer?: string): Promise<KeptLedger>;
  /** Runs SQL as an intruder would; the ledger is closed or does not notice. */
  tamper(sql: string): Promise<void>;
  /** The rows of a question as somebody gets them who opens the database himself. */
  read(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** All bytes of the database on disk, in pieces. */
  bytesOnDisk(): Promise<readonly Buffer[]>;
  remove(): Promise<void>;
}

export const startMs = Date.UTC(2026, 10, 2, 8, 0, 0);

/** A message entry with a text, tokens and a state; the parts can be set. */
export function messageEntry(id: string, parts: Partial<Entry> = {}): Entry {
  const version = parts.version ?? 1;
  return {
    stream: 'message',
    id,
    version,
    type: 'RECEIVED',
    atMs: startMs + version,
    monoMs: 1_000.25 + version,
    actor: 'system',
    data: { key: 'QW', size: 40 },
    texts: { raw: Buffer.from(`1N01COJ10000001.QW.CO0990100.NAM/RECORD,SAMPLE ${id}`) },
    state: { status: 'HELD', key: 'QW', ori: 'CO0990100', osn: 'PR0101', body: { version, note: 'ü' } },
    tokens: [{ kind: 'NAM', value: 'RECORD, SAMPLE' }],
    ...parts,
  };
}

export function unitOf(...entries: readonly Entry[]): Unit {
  return { entries };
}

/**
 * Units that fill the first block of the search index and begin the next: some messages with tokens, bare frames, and as many
 * messages in the open block with the same tokens in the same order.
 */
export function fullBlock(messages: number): readonly Unit[] {
  return Array.from({ length: blockRows + messages }, (_, n) => {
    const tokens = [{ kind: 'NIC' as const, value: `W${n % blockRows}` }];
    if (n < messages || n >= blockRows) return unitOf(messageEntry(`b-${n}`, { tokens, atMs: startMs + n }));
    const { state: _state, ...bare } = messageEntry(`f-${n}`, { stream: 'frame', texts: {}, tokens: [], data: {} });
    return unitOf(bare);
  });
}

/** The message of the open block that has the tokens of `b-${n}`. */
export function inOpenBlock(n: number): string {
  return `b-${blockRows + n}`;
}

export function kept(receipt: Receipt | undefined): { writer: string; seq: number } {
  if (receipt?.ok !== true) throw new Error('the unit was not kept');
  const [first] = receipt.entries;
  if (first === undefined) throw new Error('the receipt names no row');
  return first;
}

/** Runs the suite on an adapter. `make` gives a fresh, empty database. */
export function ledgerConformance(name: string, make: () => Promise<LedgerHouse>): void {
  describe(`${name}: the ledger`, () => {
    let house: LedgerHouse;
    let ledger: Ledger;
    beforeAll(async () => {
      house = await make();
      ledger = await house.open();
    });
    afterAll(async () => {
      await ledger?.close();
      await house?.remove();
    });

    test('gives receipts in the order of the units and numbers rows without a gap', async () => {
      const units = Array.from({ length: 40 }, (_, index) => unitOf(messageEntry(`order-${index}`)));
      const receipts = await ledger.append(units);
      const seqs = receipts.map((receipt) => kept(receipt).seq);
      expect(seqs).toEqual(Array.from({ length: 40 }, (_, index) => (seqs[0] ?? 0) + index));
      for (const [index, receipt] of receipts.entries()) {
        const [event] = await ledger.history('message', `order-${index}`);
        expect(event).toMatchObject(kept(receipt));
      }
    });

    test('a conflict touches its unit alone, and nothing of that unit is kept', async () => {
      const receipts = await ledger.append([
        unitOf(messageEntry('conflict-a')),
        unitOf(messageEntry('conflict-b'), messageEntry('conflict-a')),
        unitOf(messageEntry('conflict-c')),
        unitOf(messageEntry('conflict-d', { version: 3 })),
        { entries: [messageEntry('conflict-e')], guards: [{ stream: 'message', id: 'conflict-a', version: 2 }] },
        { entries: [messageEntry('conflict-f')], guards: [{ stream: 'message', id: 'conflict-a', version: 1 }] },
        { entries: [messageEntry('conflict-g')], guards: [{ stream: 'case', id: 'none', version: 0 }] },
      ]);
      expect(receipts.map((receipt) => receipt.ok)).toEqual([true, false, true, false, false, true, true]);
      expect(receipts[1]).toEqual({ ok: false, code: 'CONFLICT', stream: 'message', id: 'conflict-a' });
      expect(await ledger.state('message', 'conflict-b')).toBeUndefined();
      expect(await ledger.history('message', 'conflict-b')).toEqual([]);
      expect(await ledger.state('message', 'conflict-c')).toMatchObject({ version: 1 });
    });

    test('a unit may move one thing several times, and its last state stands', async () => {
      const [receipt] = await ledger.append([
        unitOf(
          messageEntry('steps', { type: 'RECEIVED' }),
          messageEntry('steps', { version: 2, type: 'QUEUED' }),
          messageEntry('steps', { version: 3, type: 'SENT', state: { status: 'SENT', link: 'up', body: { n: 3 } } }),
        ),
      ]);
      expect(receipt?.ok === true && receipt.entries.length).toBe(3);
      const state = await ledger.state('message', 'steps');
      expect(state).toMatchObject({ version: 3, status: 'SENT', link: 'up', body: { n: 3 } });
      expect(state).not.toHaveProperty('key');
      expect(state?.createdAtMs).toBe(startMs + 1);
      expect(state?.updatedAtMs).toBe(startMs + 3);
      expect((await ledger.history('message', 'steps')).map((event) => event.type)).toEqual([
        'RECEIVED',
        'QUEUED',
        'SENT',
      ]);
    });

    test('of 500 who want the same version at once exactly one wins', async () => {
      await ledger.append([unitOf(messageEntry('race'))]);
      const tries = Array.from({ length: 500 }, (_, index) =>
        ledger.append([unitOf(messageEntry('race', { version: 2, actor: `PR${index}`, texts: {}, tokens: [] }))]),
      );
      const receipts = (await Promise.all(tries)).flat();
      expect(receipts.filter((receipt) => receipt.ok)).toHaveLength(1);
      expect(await ledger.state('message', 'race')).toMatchObject({ version: 2 });
    });

    test('texts come back byte by byte, whatever they hold', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const long = new Uint8Array(70_000).fill(0x41);
      const entry = messageEntry('bytes', { texts: { every, empty: new Uint8Array(0), long, 'né.1': every } });
      const at = kept((await ledger.append([unitOf(entry)]))[0]);
      expect(await ledger.text(at, 'every')).toEqual(every);
      expect(await ledger.text(at, 'long')).toEqual(long);
      expect(await ledger.text(at, 'empty')).toEqual(new Uint8Array(0));
      expect(await ledger.text(at, 'né.1')).toEqual(every);
      expect(await ledger.text(at, 'other')).toBeUndefined();
      expect((await ledger.history('message', 'bytes'))[0]?.textNames).toEqual(['every', 'empty', 'long', 'né.1']);
    });

    test('data and state come back as they were given, odd characters too', async () => {
      const data = { a: null, b: [1, -0.5, 'x\0y', { c: true }], '': 'ÿ', lone: '\ud800', big: 2 ** 53 - 1 };
      const body = { 'key with "': 'value \\', deep: { er: [[]] } };
      await ledger.append([
        unitOf(messageEntry('odd', { data, state: { status: 'A\0B', body }, atMs: startMs + 0.125 })),
      ]);
      const [event] = await ledger.history('message', 'odd');
      expect(event?.data).toEqual({ ...data, lone: '\ud800' });
      expect(event?.atMs).toBe(startMs + 0.125);
      expect(await ledger.state('message', 'odd')).toMatchObject({ status: 'A\ufffdB', body });
    });

    test('an entry that no disk could keep is refused without a trace', async () => {
      const bad = messageEntry('nan', { atMs: Number.NaN });
      await expect(ledger.append([unitOf(messageEntry('nan-before')), unitOf(bad)])).rejects.toMatchObject({
        code: 'LEDGER_FAILED',
      });
      expect(await ledger.state('message', 'nan-before')).toBeUndefined();
      await expect(ledger.append([{ entries: [] }])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
      expect(await ledger.append([])).toEqual([]);
    });

    test('nothing that was given as a text or a token is in clear on disk', async () => {
      const secret = 'ZEBRAFISHPRACTICE';
      const entry = messageEntry('clear', {
        texts: { raw: Buffer.from(`NAM/${secret},SAMPLE`) },
        tokens: [
          { kind: 'NAM', value: `${secret}, SAMPLE` },
          { kind: 'LIC', value: secret },
        ],
        data: { marker: 'OPENLYWRITTEN' },
      });
      await ledger.append([unitOf(entry)]);
      const pieces = await house.bytesOnDisk();
      expect(pieces.some((piece) => piece.includes('OPENLYWRITTEN'))).toBe(true);
      expect(pieces.some((piece) => piece.includes(secret) || piece.includes('ZEBRAFISH'))).toBe(false);
    });

    test('what is kept is there after closing and opening again, and the chain goes on', async () => {
      const before = kept((await ledger.append([unitOf(messageEntry('again'))]))[0]);
      const token = ledger.token('NIC', 'W000000001');
      await ledger.close();
      ledger = await house.open();
      expect(ledger.token('NIC', 'W000000001')).toBe(token);
      expect(await ledger.text(before, 'raw')).toEqual(new Uint8Array(messageEntry('again').texts?.['raw'] ?? []));
      expect(kept((await ledger.append([unitOf(messageEntry('again', { version: 2 }))]))[0]).seq).toBe(before.seq + 1);
    });

    test('the chain verifies', async () => {
      const report = await ledger.verify();
      expect(report).toMatchObject({ ok: true });
      expect(report.eventCount).toBeGreaterThan(40);
    });

    test('a closed ledger takes nothing', async () => {
      await ledger.close();
      await expect(ledger.append([unitOf(messageEntry('late'))])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
      ledger = await house.open();
      expect(await ledger.state('message', 'late')).toBeUndefined();
    });

    test('the newest row cut off under the running ledger is named, although the head of before was put back', async () => {
      const fresh = await make();
      const running = await fresh.open();
      await running.append([unitOf(messageEntry('kept'))]);
      const [head] = await fresh.read('SELECT seq, hash, mac FROM head');
      await running.append([unitOf(messageEntry('cut'))]);
      for (const table of ['event', 'text']) await fresh.tamper(`DELETE FROM ${table} WHERE seq = 2`);
      await fresh.tamper("DELETE FROM state WHERE id = 'cut'");
      await fresh.tamper(
        `UPDATE head SET seq = ${head?.['seq']}, hash = '${head?.['hash']}', mac = '${head?.['mac']}'`,
      );
      const { firstBroken } = await running.verify();
      expect(firstBroken).toMatchObject({ writer: 'gw1', seq: 2 });
      expect(firstBroken?.what).toContain('the tail is cut');
      await running.close();
      await fresh.remove();
    });
  });
}
