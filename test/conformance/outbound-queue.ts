/** What every OutboundQueue keeps, whatever it is made of. Run on each adapter by outbound-queue.test.ts. */
import { afterEach, describe, expect, test } from 'vitest';
import type { OutboundQueue } from '../../src/switch/outbound/outbound-queue.ts';
import { BellLedger } from './bell-ledger.ts';

/** Where the queues of one test live. */
export interface QueuePlace {
  open(): OutboundQueue;
}

const bellOf = (id: string, version = 1) => ({ kind: 'release', id, version });

export function outboundQueueConformance(name: string, makePlace: () => QueuePlace): void {
  describe(`the OutboundQueue port, ${name}`, () => {
    const open: OutboundQueue[] = [];
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    });
    const make = (): OutboundQueue => {
      const queue = makePlace().open();
      open.push(queue);
      return queue;
    };

    test('what is put rings, also what was put before the start', async () => {
      const ledger = new BellLedger();
      const queue = make();
      await queue.put(bellOf('before'));
      await queue.start(ledger.ring);
      await queue.put(bellOf('after'));
      await Promise.all([ledger.rung(bellOf('before')), ledger.rung(bellOf('after'))]);
      expect(ledger.rings).toHaveLength(2);
    });

    test('the same bell put again while it rings is the same news; another version is not', async () => {
      const ledger = new BellLedger();
      const queue = make();
      let letGo = (): void => {};
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      await queue.start(async (bell) => {
        await ledger.ring(bell);
        if (bell.version === 1) await held;
      });
      await queue.put(bellOf('m1'));
      await ledger.rung(bellOf('m1'));
      await queue.put(bellOf('m1'));
      await queue.put(bellOf('m1', 2));
      await ledger.rung(bellOf('m1', 2));
      letGo();
      await queue.put(bellOf('last'));
      await ledger.rung(bellOf('last'));
      expect(ledger.rings.map((ring) => ring.name)).toEqual(['release-m1-1', 'release-m1-2', 'release-last-1']);
    });

    test('putting never waits for the ring, and a ring that fails hurts no other', async () => {
      const ledger = new BellLedger();
      const queue = make();
      await queue.start(async (bell) => {
        await ledger.ring(bell);
        if (bell.id === 'failing') throw new Error('NAM/RECORD, SAMPLE');
      });
      await queue.put(bellOf('failing'));
      await ledger.rung(bellOf('failing'));
      await queue.put(bellOf('fine'));
      await ledger.rung(bellOf('fine'));
      expect(queue.health().text).not.toContain('RECORD');
    });

    test('1,000 at once all ring', async () => {
      const ledger = new BellLedger();
      const queue = make();
      await queue.start(ledger.ring);
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => queue.put(bellOf(`m${index}`))));
      await ledger.rungCount(1_000);
      expect(new Set(ledger.rings.map((ring) => ring.name)).size).toBe(1_000);
    });

    test('after its end it takes quietly and rings nothing', async () => {
      const ledger = new BellLedger();
      const queue = make();
      await queue.start(ledger.ring);
      await queue.close();
      await queue.put(bellOf('late'));
      await queue.close();
      expect(ledger.rings).toHaveLength(0);
    });
  });
}
