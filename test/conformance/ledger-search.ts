/** What every ledger finds, whatever database is under it. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ledger, StateQuery, TokenKind } from '../../src/switch/ledger/ledger.ts';
import { blockRows } from '../../src/switch/ledger/tokens.ts';
import { fullBlock, kept, type LedgerHouse, messageEntry, startMs, unitOf } from './ledger.ts';

/** A NUL, which PostgreSQL takes in no text, and half of a pair, which no database does. */
const odd = 'm\0-\ud800';
const hourMs = 3_600_000;
const monthMs = 31 * 24 * hourMs;

interface Row {
  readonly id: string;
  readonly atMs: number;
  readonly status: string;
  readonly key: string;
  readonly osn: string;
  readonly link: string | undefined;
  readonly dueAtMs: number | undefined;
  readonly nic: string;
}

/** Sixty messages over six months, told apart by their numbers. */
const rows: readonly Row[] = Array.from({ length: 60 }, (_, n) => ({
  id: `row-${String(n).padStart(3, '0')}`,
  atMs: startMs + Math.floor(n / 10) * monthMs + (n % 10) * hourMs,
  status: n % 3 === 0 ? 'HELD' : n % 3 === 1 ? 'SENT' : 'ACKED',
  key: n % 2 === 0 ? 'QW' : 'YQ',
  osn: `PR010${n % 4}`,
  link: n % 8 === 0 ? 'cad-1' : undefined,
  dueAtMs: n % 5 === 0 ? startMs + ((n * 7) % 60) * 1_000 : undefined,
  nic: `W00000000${n % 7}`,
}));

/** The same question answered by plain comparison. */
function expected(query: StateQuery): readonly string[] {
  const hit = rows.filter(
    (row) =>
      query.stream === 'message' &&
      (query.status === undefined || query.status.includes(row.status)) &&
      (query.key === undefined || query.key === row.key) &&
      (query.osn === undefined || query.osn === row.osn) &&
      (query.link === undefined || query.link === row.link) &&
      (query.fromMs === undefined || row.atMs >= query.fromMs) &&
      (query.untilMs === undefined || row.atMs < query.untilMs) &&
      (query.dueAtOrBeforeMs === undefined || (row.dueAtMs ?? Number.POSITIVE_INFINITY) <= query.dueAtOrBeforeMs) &&
      (query.order !== 'due' || row.dueAtMs !== undefined) &&
      (query.token === undefined || query.token.value === row.nic),
  );
  const by = (row: Row): number => (query.order === 'due' ? (row.dueAtMs ?? 0) : row.atMs);
  const sorted = hit.toSorted((a, b) => by(a) - by(b) || (a.id < b.id ? -1 : 1));
  if (query.order === 'newest' || query.order === undefined) sorted.reverse();
  return sorted.slice(0, query.limit).map((row) => row.id);
}

function maybe<T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(some, { nil: undefined, freq: 1 });
}

const moment = fc.integer({ min: startMs - hourMs, max: startMs + 7 * monthMs });
const questions = fc
  .record({
    // Some of them more than a few, as a person asks who searches in all boxes.
    status: maybe(fc.subarray(['HELD', 'SENT', 'ACKED', 'SENT', 'NONE', 'READ', 'NAKED'])),
    key: maybe(fc.constantFrom('QW', 'YQ', 'EW')),
    osn: maybe(fc.constantFrom('PR0100', 'PR0103')),
    link: maybe(fc.constantFrom('cad-1', 'cad-2')),
    fromMs: maybe(moment),
    untilMs: maybe(moment),
    dueAtOrBeforeMs: maybe(fc.integer({ min: startMs, max: startMs + 60_000 })),
    token: maybe(fc.constantFrom('W000000001', 'W000000006', 'W000000009')),
    order: maybe(fc.constantFrom('newest' as const, 'oldest' as const, 'due' as const)),
    limit: fc.integer({ min: 0, max: 70 }),
  })
  .map(({ token, ...rest }) => {
    const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const nic: { kind: TokenKind; value: string } | undefined =
      token === undefined ? undefined : { kind: 'NIC', value: token };
    return { stream: 'message', limit: 0, ...set, ...(nic === undefined ? {} : { token: nic }) } as StateQuery;
  });

/** Runs the suite on an adapter. */
export function ledgerSearchConformance(name: string, make: () => Promise<LedgerHouse>): void {
  describe(`${name}: searching`, () => {
    let house: LedgerHouse;
    let ledger: Ledger;
    beforeAll(async () => {
      house = await make();
      ledger = await house.open();
      await ledger.append(
        rows.map((row) =>
          unitOf(
            messageEntry(row.id, {
              atMs: row.atMs,
              actor: row.osn,
              tokens: [
                { kind: 'NIC', value: row.nic },
                { kind: 'NAM', value: 'SAMPLE, RECORD A' },
                { kind: 'NAM1', value: 'SAMPLE, RECORD A' },
              ],
              state: {
                status: row.status,
                key: row.key,
                osn: row.osn,
                ...(row.link === undefined ? {} : { link: row.link }),
                ...(row.dueAtMs === undefined ? {} : { dueAtMs: row.dueAtMs }),
                body: {},
              },
            }),
          ),
        ),
      );
    });
    afterAll(async () => {
      await ledger?.close();
      await house?.remove();
    });

    test('gives exactly the rows that plain comparison gives, in the same order', async () => {
      await fc.assert(
        fc.asyncProperty(questions, async (query) => {
          const found = await ledger.states(query);
          expect(found.map((state) => state.id)).toEqual(expected(query));
        }),
        { numRuns: 150 },
      );
    });

    test('names are found by last name, and by last name and initial, however they are spelled', async () => {
      const find = async (kind: TokenKind, value: string): Promise<number> =>
        (await ledger.states({ stream: 'message', token: { kind, value }, limit: 100 })).length;
      expect(await find('NAM', 'sample,record')).toBe(60);
      expect(await find('NAM', 'Sam-ple')).toBe(60);
      expect(await find('NAM1', 'SAMPLE, R')).toBe(60);
      expect(await find('NAM1', 'SAMPLE, B')).toBe(0);
      expect(await find('NIC', 'W 000-000.001')).toBe(9);
      expect(await find('OCA', 'W000000001')).toBe(0);
    });

    test('a full block and the open one are searched alike, and it verifies', async () => {
      const own = await make();
      const full = await own.open();
      await full.append(fullBlock(3));
      const find = async (order: 'newest' | 'oldest', limit = 10): Promise<string[]> =>
        (await full.states({ stream: 'message', token: { kind: 'NIC', value: 'W1' }, order, limit })).map(
          ({ id }) => id,
        );
      const newest = `b-${blockRows + 1}`;
      expect(await find('newest')).toEqual([newest, 'b-1']);
      expect(await find('oldest')).toEqual(['b-1', newest]);
      expect(await find('newest', 1)).toEqual([newest]);
      expect(await find('oldest', 1)).toEqual(['b-1']);
      const plain = async (query: Partial<StateQuery>): Promise<string[]> =>
        (await full.states({ stream: 'message', limit: 10, ...query })).map(({ id }) => id);
      const all = [`b-${blockRows + 2}`, `b-${blockRows + 1}`, `b-${blockRows}`, 'b-2', 'b-1', 'b-0'];
      expect(await plain({})).toEqual(all);
      expect(await plain({ key: 'QW', ori: 'CO0990100', osn: 'PR0101' })).toEqual(all);
      expect(await plain({ key: 'QW', order: 'oldest' })).toEqual(all.toReversed());
      expect(await plain({ osn: 'PR0101', limit: 4 })).toEqual(all.slice(0, 4));
      expect(await plain({ ori: 'CO0990100', fromMs: startMs + 2, untilMs: startMs + blockRows + 1 })).toEqual([
        `b-${blockRows}`,
        'b-2',
      ]);
      expect(await full.verify()).toMatchObject({ ok: true, eventCount: blockRows + 3 });
      await full.close();
      await own.remove();
    });

    test('events are found by who did them and when, newest first', async () => {
      const mine = await ledger.events({ actor: 'PR0101', limit: 3 });
      expect(mine.map((event) => event.id)).toEqual(['row-057', 'row-053', 'row-049']);
      const early = await ledger.events({
        stream: 'message',
        type: 'RECEIVED',
        untilMs: startMs + 2 * hourMs,
        fromMs: startMs,
        limit: 10,
      });
      expect(early.map((event) => event.id)).toEqual(['row-001', 'row-000']);
    });

    test('events of every stream are found together, newest first', async () => {
      const { state: _state, ...bare } = messageEntry('frame-1', { stream: 'frame', texts: {}, tokens: [] });
      const atMs = startMs + 20 * monthMs;
      await ledger.append([
        unitOf({ ...bare, atMs: atMs + 1 }),
        unitOf(messageEntry('case-1', { stream: 'case', atMs: atMs + 3 })),
        unitOf(messageEntry('act-1', { stream: 'act', atMs: atMs + 2, actor: 'PR0101' })),
      ]);
      const newest = await ledger.events({ fromMs: atMs, limit: 2 });
      expect(newest.map((event) => event.id)).toEqual(['case-1', 'act-1']);
      const all = await ledger.events({ fromMs: atMs, limit: 9 });
      expect(all.map((event) => event.id)).toEqual(['case-1', 'act-1', 'frame-1']);
      const machine = await ledger.events({ fromMs: atMs, actor: 'system', limit: 9 });
      expect(machine.map((event) => event.id)).toEqual(['case-1', 'frame-1']);
    });

    test('a question that holds what no row can is no failure: it finds what was kept under that word, or nothing', async () => {
      const own = await make();
      const apart = await own.open();
      const columns = { key: odd, ori: odd, osn: odd, link: odd, parent: odd };
      const state = { status: odd, ...columns, body: {} };
      const entry = messageEntry(odd, { actor: odd, type: odd, state, texts: { [odd]: Buffer.from('text') } });
      const at = kept((await apart.append([unitOf(entry)]))[0]);
      expect(Buffer.from((await apart.text(at, odd)) ?? []).toString()).toBe('text');
      expect(await apart.text(at, 'other\0')).toBeUndefined();
      expect(await apart.state('message', odd)).toMatchObject({ version: 1 });
      expect(await apart.state('message', 'other\0')).toBeUndefined();
      expect(await apart.history('message', odd)).toHaveLength(1);
      expect(await apart.packetRows([{ stream: 'message', id: odd }])).toHaveLength(1);
      expect(await apart.events({ actor: odd, type: odd, limit: 5 })).toHaveLength(1);
      expect(await apart.states({ stream: 'message', status: [odd], ...columns, limit: 5 })).toHaveLength(1);
      expect(await apart.states({ stream: 'message', key: 'other\0', limit: 5 })).toEqual([]);
      await apart.close();
      await own.remove();
    });

    test('what has more rows than a packet holds is refused, and nothing of it is left out in silence', async () => {
      const own = await make();
      const apart = await own.open();
      const rows = 5_001;
      const frame = (n: number) =>
        unitOf({ ...messageEntry(`m-1/${String(n).padStart(5, '0')}`, { texts: {}, tokens: [] }), stream: 'frame' });
      await apart.append(Array.from({ length: rows }, (_, n) => frame(n)));
      const ask = (id: string) => apart.packetRows([{ stream: 'frame', id, below: true }]);
      await expect(ask('m-1')).rejects.toThrow(expect.objectContaining({ code: 'PACKET_TOO_LARGE' }));
      expect(await ask('m-2')).toEqual([]);
      await apart.close();
      await own.remove();
    });
  });
}
