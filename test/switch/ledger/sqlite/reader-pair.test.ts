/** Two reading threads behind one: who is asked what, what holds when one falls, and that no answer is older than its question. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HitlineError } from '../../../../src/faults/fault.ts';
import { packAnswers, unpackAnswers } from '../../../../src/switch/ledger/sqlite/passing/reader-answers.ts';
import { type Question, ReaderClient } from '../../../../src/switch/ledger/sqlite/reader-client.ts';
import { type Reader, ReaderPair } from '../../../../src/switch/ledger/sqlite/reader-pair.ts';
import type { SqliteLedger } from '../../../../src/switch/ledger/sqlite/sqlite-ledger.ts';
import type { ReaderSay } from '../../../../src/switch/ledger/sqlite/threads.ts';
import { kept, messageEntry, unitOf } from '../../../conformance/ledger.ts';
import { masterKey, type SqliteHouse, sqliteHouse } from '../sqlite-house.ts';

/** Questions in one message. */
const asksAtOnce = 128;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A thread that answers what the test lets it answer, with its own number. */
class ScriptedReader implements Reader {
  readonly waiting: Question[] = [];
  readonly #number: number;
  isGone = false;

  constructor(number: number) {
    this.#number = number;
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  give(questions: readonly Question[]): void {
    if (!this.isGone) this.waiting.push(...questions);
    else for (const { reject } of questions) reject(new HitlineError('LEDGER_FAILED'));
  }

  answer(count: number): void {
    for (const { resolve } of this.waiting.splice(0, count)) resolve(this.#number as never);
  }

  fall(): void {
    this.isGone = true;
    for (const { reject } of this.waiting.splice(0)) reject(new HitlineError('LEDGER_FAILED'));
  }

  async close(): Promise<void> {
    this.fall();
  }
}

function scriptedPair() {
  const readers: ScriptedReader[] = [];
  const pair = new ReaderPair(() => {
    const reader = new ScriptedReader(readers.length + 1);
    readers.push(reader);
    return reader;
  });
  const ask = (count: number) =>
    Array.from({ length: count }, () => pair.ask('firstAtMs').catch((error: HitlineError) => error.code));
  return { pair, readers, ask };
}

/** The same with both threads loaded and nothing waiting. */
async function loadedPair() {
  const { pair, readers, ask } = scriptedPair();
  const answers = ask(asksAtOnce + 1);
  await turn();
  readers[0]?.answer(asksAtOnce + 1);
  await Promise.all(answers);
  const [first, second] = readers;
  if (first === undefined || second === undefined) throw new Error('no second thread was begun');
  second.answer(1);
  return { pair, first, second, readers, ask };
}

describe('questions are shared', () => {
  test('what goes in one message is asked of one thread, and no other is begun for it', async () => {
    const { readers, ask } = scriptedPair();
    const answers = ask(asksAtOnce);
    await turn();
    expect(readers.map((reader) => reader.waitingCount)).toEqual([asksAtOnce]);
    readers[0]?.answer(asksAtOnce);
    expect(await Promise.all(answers)).toEqual(answers.map(() => 1));
  });

  test('when more have been answered a second is begun, and asked nothing until it has loaded', async () => {
    const { readers, ask } = scriptedPair();
    const answers = ask(asksAtOnce + 1);
    await turn();
    expect(readers.map((reader) => reader.waitingCount)).toEqual([asksAtOnce + 1]);
    readers[0]?.answer(asksAtOnce + 1);
    await Promise.all(answers);
    void ask(3 * asksAtOnce);
    await turn();
    expect(readers.map((reader) => reader.waitingCount)).toEqual([3 * asksAtOnce, 1]);
    readers[1]?.answer(1);
    void ask(10);
    await turn();
    expect(readers.map((reader) => reader.waitingCount)).toEqual([3 * asksAtOnce, 10]);
  });

  test('then each turn goes to whom fewer wait for, no question twice, and no more than a portion apart', async () => {
    const step = fc.record({
      asked: fc.integer({ min: 1, max: 600 }),
      first: fc.integer({ min: 0, max: 400 }),
      second: fc.integer({ min: 0, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { first, second, ask } = await loadedPair();
        const answers: Promise<unknown>[] = [];
        for (const { asked, ...done } of steps) {
          const before = [first.waitingCount, second.waitingCount] as const;
          answers.push(...ask(asked));
          await turn();
          const after = [first.waitingCount, second.waitingCount] as const;
          expect(after[0] + after[1]).toBe(before[0] + before[1] + asked);
          const apart = Math.max(asksAtOnce, Math.abs(before[0] - before[1]));
          expect(Math.abs(after[0] - after[1])).toBeLessThanOrEqual(apart);
          first.answer(done.first);
          second.answer(done.second);
        }
        first.answer(Number.POSITIVE_INFINITY);
        second.answer(Number.POSITIVE_INFINITY);
        for (const answer of await Promise.all(answers)) expect([1, 2]).toContain(answer);
      }),
      { numRuns: 50 },
    );
  });

  test('ten thousand may wait for both together; the next is told so, and one that is answered makes room', async () => {
    const { first, second, ask } = await loadedPair();
    const answers = ask(10_001);
    expect(await answers[10_000]).toBe('QUEUE_FULL');
    await turn();
    expect(Math.abs(first.waitingCount - second.waitingCount)).toBeLessThanOrEqual(asksAtOnce);
    second.answer(1);
    const [room, none] = ask(2);
    expect(await none).toBe('QUEUE_FULL');
    await turn();
    first.answer(10_000);
    second.answer(10_000);
    expect([1, 2]).toContain(await room);
  });
});

test('what follows from one answer is asked together, however many steps away it is', async () => {
  const { first, ask } = await loadedPair();
  const before = first.waitingCount;
  const [near] = ask(1);
  const [far] = await Promise.resolve().then(() => ask(1));
  expect(first.waitingCount).toBe(before);
  await turn();
  expect(first.waitingCount).toBe(before + 2);
  first.answer(2);
  await Promise.all([near, far]);
});

describe('a thread falls', () => {
  test('what was asked of it fails, and the other goes on alone', async () => {
    const { first, second, readers, ask } = await loadedPair();
    const answers = ask(2 * asksAtOnce);
    await turn();
    first.fall();
    second.answer(asksAtOnce);
    const said = await Promise.all(answers);
    expect(said.filter((one) => one === 'LEDGER_FAILED')).toHaveLength(asksAtOnce);
    expect(said.filter((one) => one === 2)).toHaveLength(asksAtOnce);
    const later = ask(3);
    await turn();
    second.answer(3);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
    expect(readers).toHaveLength(2);
  });

  test('the first falls before there is a second: the next question begins one', async () => {
    const { readers, ask } = scriptedPair();
    readers[0]?.fall();
    const [answer] = ask(1);
    await turn();
    readers[1]?.answer(2);
    expect(await answer).toBe(2);
  });

  test('with both fallen every question fails, and no third is begun', async () => {
    const { first, second, readers, ask } = await loadedPair();
    first.fall();
    second.fall();
    expect(await Promise.all(ask(300))).toEqual(Array.from({ length: 300 }, () => 'LEDGER_FAILED'));
    expect(readers).toHaveLength(2);
  });

  test('closed, it answers nothing and begins nothing', async () => {
    const { pair, readers, ask } = scriptedPair();
    const waiting = ask(1);
    await turn();
    await pair.close();
    expect(await Promise.all([...waiting, ...ask(2)])).toEqual(['LEDGER_FAILED', 'LEDGER_FAILED', 'LEDGER_FAILED']);
    expect(readers).toHaveLength(1);
  });
});

test('answers arrive as they were given, each text with bytes of its own', () => {
  const value = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(undefined), fc.jsonValue());
  const say: fc.Arbitrary<ReaderSay> = fc.oneof(
    fc.record({ ask: fc.nat(), ok: fc.constant(true as const), value }),
    fc.record({ ask: fc.nat(), ok: fc.constant(false as const), code: fc.string(), text: fc.string() }),
  );
  fc.assert(
    fc.property(fc.array(say, { maxLength: 10 }), (said) => {
      const arrived = unpackAnswers(structuredClone(packAnswers(said)));
      expect(arrived).toEqual(structuredClone(said));
      for (const one of arrived) {
        if (one.ok && one.value instanceof Uint8Array) expect(one.value.buffer.byteLength).toBe(one.value.length);
      }
    }),
  );
});

describe('on a file that is written', () => {
  let house: SqliteHouse;
  let ledger: SqliteLedger;
  beforeAll(async () => {
    house = await sqliteHouse();
    ledger = await house.open();
  });
  afterAll(async () => {
    await ledger?.close();
    await house?.remove();
  });

  /** A pair of real threads, both loaded, and how many questions each was given since. */
  async function realPair() {
    const data = { folder: house.folder, writer: 'gw1', masterKey, headsFile: undefined };
    const clients: ReaderClient[] = [];
    const pair = new ReaderPair(() => {
      const client = new ReaderClient(data);
      clients.push(client);
      return client;
    });
    await Promise.all(Array.from({ length: 2 * asksAtOnce }, () => pair.ask('chainHeads')));
    const [first, second] = clients;
    if (first === undefined || second === undefined) throw new Error('no second thread was begun');
    await second.ask('chainHeads');
    const given = [first, second].map((client) => vi.spyOn(client, 'give'));
    return { pair, first, second, given: () => given.map((spy) => spy.mock.calls.flat(2).length) };
  }

  test('no answer is older than its question, whichever thread gives it', async () => {
    const { pair, given } = await realPair();
    let version = 0;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 }), async (bursts) => {
        run += 1;
        const id = `fresh-${run}`;
        version = 0;
        let open = true;
        const write = async (): Promise<void> => {
          while (open) {
            kept((await ledger.append([unitOf(messageEntry(id, { version: version + 1, texts: {} }))]))[0]);
            version += 1;
          }
        };
        const writing = write();
        for (const burst of bursts) {
          const known = version;
          const answers = await Promise.all(Array.from({ length: burst }, () => pair.ask('state', 'message', id)));
          for (const answer of answers) expect(answer?.version ?? 0).toBeGreaterThanOrEqual(known);
        }
        open = false;
        await writing;
        expect((await pair.ask('state', 'message', id))?.version).toBe(version);
      }),
      { numRuns: 8 },
    );
    for (const count of given()) expect(count).toBeGreaterThan(asksAtOnce);
    await pair.close();
  });

  test('a thread that is killed takes no right answer with it', async () => {
    const { pair, first, second } = await realPair();
    const receipts = await ledger.append(
      Array.from({ length: 20 }, (_, n) =>
        unitOf(messageEntry(`killed-${n}`, { texts: { raw: Buffer.from(`text ${n}`) } })),
      ),
    );
    const places = receipts.map(kept);
    const ask = (n: number) => {
      const place = places[n % places.length];
      if (place === undefined) throw new Error('no such place');
      return pair.ask('text', place.writer, place.seq, 'raw');
    };
    const asked = Array.from({ length: 5_000 }, (_, n) =>
      ask(n).then(
        (text) => {
          expect(Buffer.from(text ?? []).toString()).toBe(`text ${n % places.length}`);
          return 'right';
        },
        (error: HitlineError) => error.code,
      ),
    );
    await asked[0];
    await first.close();
    const said = await Promise.all(asked);
    const faults = said.filter((one) => one !== 'right');
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThan(5_000);
    expect(new Set(faults)).toEqual(new Set(['LEDGER_FAILED']));
    expect(Buffer.from((await ask(7)) ?? []).toString()).toBe('text 7');
    expect(second.isGone).toBe(false);
    await pair.close();
    await expect(ask(7)).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
  });
});
