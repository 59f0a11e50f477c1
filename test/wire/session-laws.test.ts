import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/wire/framing/frame.ts';
import { nextExchangeId, type SessionEffect } from '../../src/wire/session/state.ts';
import { openClient, openSwitch } from './session-side.ts';

describe('any run of events', () => {
  const frame = fc.oneof(
    fc.record({
      type: fc.constant('data' as const),
      exchangeId: fc.integer({ min: 1, max: 3 }),
      final: fc.boolean(),
      payload: fc.constantFrom(Buffer.from('A'), Buffer.from('B'), Buffer.alloc(60)),
    }),
    fc.record({ type: fc.constant('ack' as const), exchangeId: fc.integer({ min: 100, max: 106 }) }),
    fc.record({ type: fc.constant('heartbeat' as const), exchangeId: fc.integer({ min: 1, max: 106 }) }),
  );
  type Act =
    | { readonly act: 'frame'; readonly frame: Frame }
    | { readonly act: 'answer' | 'refuse'; readonly which: number }
    | { readonly act: 'send'; readonly repeatable: boolean }
    | { readonly act: 'wait'; readonly ms: number };
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ act: fc.constant('frame' as const), frame }),
    fc.record({ act: fc.constantFrom('answer' as const, 'refuse' as const), which: fc.nat(5) }),
    fc.record({ act: fc.constant('send' as const), repeatable: fc.boolean() }),
    fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  );

  it('settles every payload exactly once, acknowledges only what was answered, and sends the unrepeatable once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('client' as const, 'switch' as const),
        fc.array(act, { maxLength: 60 }),
        (role, acts) => {
          const side = role === 'client' ? openClient() : openSwitch();
          const settled: number[] = [];
          const sent: number[] = [];
          const finals = new Map<number, number>();
          const repeatables = new Set<number>();
          let tokens: number[] = [];
          let answered = 0;
          let answers = 0;
          const note = (effects: readonly SessionEffect[]): void => {
            for (const one of effects) {
              if (one.type === 'outcome') settled.push(one.exchangeId);
              if (one.type === 'deliver') tokens.push(one.token);
              if (one.type === 'file-resend') note(side.do({ type: 'resend', exchangeId: one.exchangeId }));
              if (one.type !== 'write') continue;
              if (one.frame.type === 'ack' || (one.frame.type === 'nak' && one.frame.status === undefined))
                answered += 1;
              if (one.frame.type === 'data' && one.frame.final) {
                finals.set(one.frame.exchangeId, (finals.get(one.frame.exchangeId) ?? 0) + 1);
              }
            }
          };
          for (const one of acts) {
            if (one.act === 'frame') note(side.frame(one.frame));
            else if (one.act === 'wait') note(side.run(side.nowMs + one.ms));
            else if (one.act === 'send') {
              const id = nextExchangeId(side.state);
              side.state = { ...side.state, lastId: id };
              sent.push(id);
              if (one.repeatable) repeatables.add(id);
              note(side.do({ type: 'send', exchangeId: id, payload: Buffer.from('X'), repeatable: one.repeatable }));
            } else {
              const token = tokens[one.which];
              if (token === undefined) continue;
              tokens = tokens.filter((other) => other !== token);
              if (side.state.phase === 'open') answers += 1;
              note(side.do({ type: 'answer', token, ...(one.act === 'refuse' ? { refusal: 'NO' } : {}) }));
            }
            expect(side.state.underWay.length).toBeLessThanOrEqual(1);
          }
          note(side.do({ type: 'close', reason: 'CLOSED_BY_US' }));
          expect(settled.toSorted((a, b) => a - b)).toEqual(sent.toSorted((a, b) => a - b));
          expect(answered).toBe(answers);
          for (const [id, count] of finals) expect(count).toBeLessThanOrEqual(repeatables.has(id) ? 2 : 1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
