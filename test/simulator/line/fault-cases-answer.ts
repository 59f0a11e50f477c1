import { expect } from 'vitest';
import { inquiry } from '../stage.ts';
import { type Case, controls, count, whose } from './fault-case.ts';

/** Faults of what is answered, what comes twice, and what comes unasked. */
export const answerCases: Readonly<Record<string, Case>> = {
  'answers-swapped': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 4);
      expect(whose(client)).toEqual(['federal', 'state', 'state', 'federal']);
    },
  },
  'answers-missing': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 2);
      expect(controls(client)).toEqual(['C2', 'C2']);
    },
  },
  'answer-missing-federal': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 3);
      expect(whose(client)).toEqual(['state', 'state', 'federal']);
    },
  },
  'answers-three': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 3);
      expect(new Set(client.received).size).toBe(1);
      expect(new Set(client.ids).size).toBe(3);
    },
  },
  'answers-late': {
    play: async ({ stage, simulator, client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 2);
      expect(controls(client)).toEqual(['C2', 'C2']);
      await simulator.waitFor((event) => event.type === 'fate' && simulator.counters().fate === 2);
      stage.clock.advance(60_000);
      await count(client, 4);
      expect(controls(client).slice(2)).toEqual(['C1', 'C1']);
    },
  },
  'answer-wrong-control': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await count(client, 4);
      expect(controls(client)).toEqual(['C1', 'C1', 'C1', 'C1']);
    },
  },
  'garbled-code-page': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      // C1 is the letter A in EBCDIC, D9 the letter R: nothing of the text is ASCII.
      expect(client.received.every((one) => /\xd9/.test(one) && !/[A-Z]{2}/.test(one))).toBe(true);
    },
  },
  'dirty-text': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.received.every((one) => one.includes('\x7f\x1b[2J\x1b]0;SYNTHETIC\x07\x03\r'))).toBe(true);
    },
  },
  'embedded-frame': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.received.every((one) => one.includes('\x55\xaa\x00\xff\xff\x00\xaa\x55'))).toBe(true);
      expect(client.notices).toEqual([]);
    },
  },
  'again-after-reconnect': {
    play: async ({ stage, simulator, client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      await simulator.waitFor((event) => event.type === 'fate' && simulator.counters().fate === 2);
      await client.close();
      await simulator.waitFor((event) => event.type === 'kept');
      const second = await stage.client(simulator);
      await count(second, 1);
      expect(second.received[0]).toBe(client.received[0]);
      expect(second.ids[0]).toBe(client.ids[0]);
    },
  },
  'reuse-id': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 2);
      expect(client.ids[1]).toBe(client.ids[0]);
      expect(client.received[1]).not.toBe(client.received[0]);
      expect(client.notices).toEqual(['ID_REUSED']);
    },
  },
  'answers-twice': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 4);
      expect(new Set(client.received).size).toBe(2);
      expect(new Set(client.ids).size).toBe(4);
    },
  },
  'repeat-frame': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await count(client, 3);
      expect(client.ids[1]).toBe(client.ids[0]);
      expect(client.duplicates).toEqual([false, true, false]);
    },
  },
  'blank-reference': {
    play: async ({ client }) => {
      await count(client, 2);
      expect(client.received.map((one) => one.slice(0, 18))).toEqual(['DAC00001A..OPR0001', 'DAC00001A...AM.WY0']);
    },
  },
  notices: {
    play: async ({ client }) => {
      await count(client, 2);
      expect(client.received.map((one) => one.split('\n')[3]?.slice(0, 4))).toEqual(['$.1.', '$.2.']);
    },
  },
  'yq-out-of-the-blue': {
    play: async ({ client }) => {
      const theirs = await client.text(/^YQ\.WY0990200\n/);
      expect(theirs).toContain('NIC/W990000001');
      expect(theirs).not.toContain('*');
    },
  },
  'broadcast-during-exchange': {
    play: async ({ stage, client }) => {
      await client.send(inquiry('C1'));
      await client.text(/^AM\.WY0990000[\s\S]*SYNTHETIC BROADCAST$/);
      stage.clock.advance(2_000);
      await count(client, 3);
      expect(controls(client)).toEqual(['', 'C1', 'C1']);
    },
  },
  'broadcast-storm': {
    play: async ({ stage, client }) => {
      await count(client, 1);
      stage.clock.advance(1_000);
      await count(client, 200);
      expect(new Set(client.received.map((one) => /(\d{5}) CO0990100/.exec(one)?.[1])).size).toBe(200);
      expect(client.closed).toBeUndefined();
    },
  },
  'counter-gap': {
    play: async ({ client }) => {
      await client.send(inquiry('C1'));
      await client.send(inquiry('C2'));
      await client.send(inquiry('C3'));
      await count(client, 6);
      const counts = client.received.map((one) => Number(/OUT: CO0990100 (\d+) /.exec(one)?.[1]));
      expect(counts).toEqual([1, 2, 3, 4, 8, 9]);
    },
  },
  'clock-jump': {
    play: async ({ stage, client }) => {
      for (const many of [1, 2, 3]) {
        stage.clock.advance(1_000);
        await count(client, many);
      }
      // The client sees it in the stamps: each message later than the last, and then a day earlier.
      const stamps = client.received.map((one) => {
        const [, hours, minutes, month, day, year] = /^(..):(..) (..)\/(..)\/(....) /m.exec(one) ?? [];
        return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes)) / 3_600_000;
      });
      const [before = 0, later = 0, back = 0] = stamps;
      expect([Math.round(later - before), Math.round(back - later)]).toEqual([1, -24]);
    },
  },
};
