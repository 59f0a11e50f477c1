import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { readOutCount } from '../../../src/formats/language.ts';
import { trailerLines } from '../../../src/simulator/nlets/trailer.ts';
import type { AlarmState } from '../../../src/switch/alarms/alarm.ts';
import { stepAfter } from '../../../src/switch/intake/out-numbers.ts';
import { alarmViewOf, messageViewOf } from '../../../src/switch/records/views.ts';
import { delivered, openRooms, type Rooms } from '../rooms.ts';

const station = 'COJ1';
const under = (number: number, to = station): string =>
  trailerLines({ reference: 7, inSeq: 4, outSeq: number, station: to, nowMs: 1_893_456_000_000 }).join('\n');

describe('the numbers of a count', () => {
  const step = (last: number | undefined, number: number) => stepAfter(last, { station, number })?.gap;

  test('that counts on by one have no gap, wherever it begins; whatever is left out is named, each number once', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 }), (first, steps) => {
        let last: number | undefined;
        const missing: number[] = [];
        const came: number[] = [];
        for (const by of [first, ...steps]) {
          const number = (last ?? 0) + by;
          const gap = step(last, number);
          for (let one = gap?.from ?? 1; one <= (gap?.to ?? 0); one += 1) missing.push(one);
          came.push(number);
          last = number;
        }
        const all = Array.from({ length: (last ?? 0) - first + 1 }, (_, index) => first + index);
        expect([...missing, ...came].toSorted((a, b) => a - b)).toEqual(all);
      }),
    );
  });

  test('that came late or twice move nothing; far behind, or at 1, a count begins anew', () => {
    expect(stepAfter(500, { station, number: 500 })).toBeUndefined();
    expect(stepAfter(500, { station, number: 400 })).toBeUndefined();
    expect(stepAfter(50, { station, number: 1 })).toEqual({ station, number: 1, gap: undefined });
    expect(stepAfter(500, { station, number: 1 })).toEqual({ station, number: 1, gap: undefined });
    expect(step(500, 4)).toEqual({ station, from: 1, to: 3 });
  });
});

test('the count is read from the last line of its form, in text and in markup, and from nothing else', () => {
  expect(readOutCount(`RR.WY0990200\nNOT ON FILE\n${under(3)}`)).toEqual({ station, number: 3 });
  expect(readOutCount(`OUT: DSP1 9 AT 02JAN2031 08:15:01\r\nTEXT\r\n${under(4)}\r\n`)).toEqual({ station, number: 4 });
  expect(readOutCount(`<OFML><RSP><TXT>NOT ON FILE\n${under(5)}</TXT></RSP></OFML>`)).toEqual({ station, number: 5 });
  for (const text of ['', 'OUT: COJ1 THREE', 'SHE WALKED OUT: COJ1 3 AT 02JAN2031 08:15:01', 'OUT: 3']) {
    expect(readOutCount(text)).toBeUndefined();
  }
});

describe('what the switch sends', () => {
  let rooms: Rooms;
  beforeEach(async () => {
    rooms = await openRooms();
  });
  const came = (number: number, to?: string) =>
    rooms.fromSwitch(delivered({ key: 'AM', body: `BE ON THE LOOKOUT\n${under(number, to)}` }));
  const gaps = async () => {
    const rows = await rooms.ledger.states({ stream: 'alarm', key: 'OUT_GAP', order: 'oldest', limit: 10 });
    return rows.map((row) => row.body as AlarmState);
  };
  const ourWords = async () => (await messageViewOf(rooms.parts, (await rooms.inbound())[0]?.id ?? '')).timeline;

  test('with a number left out is filed, alarmed, and shown at the message that came after it', async () => {
    for (const number of [7, 8]) await came(number);
    expect(await gaps()).toEqual([]);
    await came(11);
    const [gap, ...others] = await gaps();
    expect(others).toEqual([]);
    const [row] = await rooms.ledger.states({ stream: 'alarm', key: 'OUT_GAP', limit: 1 });
    if (row === undefined) throw new Error('no alarm');
    expect(alarmViewOf(row).text).toMatch(/Station: COJ1\.$/);
    const newest = (await rooms.inbound()).find((one) => one.id === gap?.messageId);
    expect(newest).toBeDefined();
    const { timeline } = await messageViewOf(rooms.parts, newest?.id ?? '');
    expect(timeline[0]?.note).toBe('SWITCH NUMBERS TO COJ1 LEFT OUT BEFORE IT: 9 TO 10');
    const events = await rooms.ledger.history('upstream', 'out-COJ1');
    expect(events.map(({ type }) => type)).toEqual(['COUNTED', 'COUNTED', 'GAP_SEEN']);
    expect(events.at(-1)?.data).toEqual({ number: 11, messageId: newest?.id, from: 9, to: 10 });
    await came(12);
    expect(await gaps()).toHaveLength(1);
    expect((await ourWords()).some((one) => one.note.includes('LEFT OUT'))).toBe(false);
  });

  test('is counted for each station apart, and a word that is no station of ours stands nowhere', async () => {
    await came(1);
    await came(5, 'DSP1');
    await came(2);
    await came(40, 'SAMPLE');
    await came(90, 'SAMPLE');
    expect(await gaps()).toEqual([]);
    await came(7, 'DSP1');
    expect((await gaps()).map((one) => one.stationId)).toEqual(['DSP1']);
    expect(await rooms.ledger.states({ stream: 'upstream', limit: 10 })).toHaveLength(2);
  });
});
