import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isLockedAt,
  type PersonEvent,
  type PersonState,
  stepPerson,
  viewPerson,
} from '../../../src/switch/people/person.ts';
import { StrangerCount } from '../../../src/switch/people/stranger-count.ts';

const rule = { failedLogonsMax: 5, windowMs: 900_000, lockMs: null };

/** Takes the steps one after another; a refused one changes nothing, as nothing of it is filed. */
function accountAfter(steps: readonly (readonly [atMs: number, event: PersonEvent])[]): PersonState {
  const begun = stepPerson(
    undefined,
    { type: 'created', name: 'PRACTICE, OPERATOR', roles: ['operator'] },
    { now: { atMs: 0 }, id: 'PRACOP1' },
  );
  if (!begun.ok) throw new Error(begun.code);
  let state = begun.state;
  for (const [atMs, event] of steps) {
    const next = stepPerson(state, event, { now: { atMs }, id: 'PRACOP1' });
    if (next.ok) state = next.state;
  }
  return state;
}

const failed = (device = 'COJ1', lockMs: number | null = null): PersonEvent => ({
  type: 'logon failed',
  device,
  ...rule,
  lockMs,
});

describe('an account', () => {
  it('is locked exactly when the last five log-ons at a console failed within the window', () => {
    const tries = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 1, max: 600_000 }),
        device: fc.constantFrom('COJ1', 'SUP1'),
        right: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(tries, (list) => {
        const model: Record<string, { failures: number[]; locked: boolean }> = {
          COJ1: { failures: [], locked: false },
          SUP1: { failures: [], locked: false },
        };
        const steps: [number, PersonEvent][] = [];
        let atMs = 0;
        for (const one of list) {
          atMs += one.gapMs;
          const here = model[one.device];
          if (here === undefined || here.locked) continue;
          steps.push([atMs, one.right ? { type: 'logged on', device: one.device } : failed(one.device)]);
          here.failures = one.right ? [] : [...here.failures.filter((time) => atMs - time < rule.windowMs), atMs];
          here.locked = here.failures.length >= 5;
        }
        const state = accountAfter(steps);
        for (const [device, here] of Object.entries(model)) {
          expect(isLockedAt(state, device, atMs + 365 * 86_400_000)).toBe(here.locked);
        }
      }),
    );
  });

  it('is not locked by five failures of which the first is older than the window', () => {
    const spread = [0, 224_999, 449_998, 674_997, 900_000].map((atMs) => [atMs, failed()] as const);
    expect(isLockedAt(accountAfter(spread), 'COJ1', 900_001)).toBe(false);
    const close = spread.map(([atMs, event]) => [Math.min(atMs, 899_999), event] as const);
    expect(isLockedAt(accountAfter(close), 'COJ1', 900_001)).toBe(true);
  });

  it('stays locked until a custodian releases it', () => {
    const five = [1, 2, 3, 4, 5].map((atMs) => [atMs, failed()] as const);
    const locked = accountAfter(five);
    expect(isLockedAt(locked, 'COJ1', 1e15)).toBe(true);
    expect(isLockedAt(locked, 'SUP1', 6)).toBe(false);
    const refused = stepPerson(locked, { type: 'logged on', device: 'COJ1' }, { now: { atMs: 6 }, id: 'PRACOP1' });
    expect(refused).toEqual({ ok: false, code: 'LOGON_LOCKED' });
    const released = accountAfter([...five, [7, { type: 'lock released', device: 'COJ1' }]]);
    expect(isLockedAt(released, 'COJ1', 8)).toBe(false);
  });

  it('is released by time only where the rule says so', () => {
    const state = accountAfter([1, 2, 3, 4, 5].map((atMs) => [atMs, failed('COJ1', 1_000)] as const));
    expect(isLockedAt(state, 'COJ1', 1_004)).toBe(true);
    expect(isLockedAt(state, 'COJ1', 1_005)).toBe(false);
  });

  it('is not open while disabled, and cannot be made twice', () => {
    const disabled = accountAfter([[1, { type: 'disabled' }]]);
    expect(stepPerson(disabled, { type: 'logged on', device: 'COJ1' }, { now: { atMs: 2 }, id: 'PRACOP1' })).toEqual({
      ok: false,
      code: 'LOGON_REFUSED',
    });
    const again: PersonEvent = { type: 'created', name: 'PRACTICE, OTHER', roles: [] };
    expect(stepPerson(disabled, again, { now: { atMs: 2 }, id: 'PRACOP1' })).toEqual({ ok: false, code: 'OSN_TAKEN' });
    expect(stepPerson(undefined, { type: 'enabled' }, { now: { atMs: 2 }, id: 'PRACOP9' })).toEqual({
      ok: false,
      code: 'NOT_FOUND',
    });
  });

  it('shows identifier, name and roles and nothing else', () => {
    expect(viewPerson(accountAfter([[1, { type: 'roles given', roles: ['supervisor', 'auditor'] }]]))).toEqual({
      osn: 'PRACOP1',
      name: 'PRACTICE, OPERATOR',
      roles: ['supervisor', 'auditor'],
    });
  });

  it('is not fooled by a console named like a property of every object', () => {
    expect(isLockedAt(accountAfter([]), 'constructor', 1)).toBe(false);
    expect(isLockedAt(accountAfter([[1, failed('__proto__')]]), 'toString', 1)).toBe(false);
  });
});

describe('identifiers nobody has', () => {
  it('lock as those of real accounts do', () => {
    const count = new StrangerCount(rule);
    const answers = [1, 2, 3, 4, 5, 6].map((atMs) => count.fail('NOBODY', 'COJ1', atMs));
    expect(answers).toEqual([false, false, false, false, false, true]);
    expect(count.fail('nobody', 'COJ1', 7)).toBe(true);
    expect(count.fail('NOBODY', 'SUP1', 7)).toBe(false);
    expect(count.fail('SOMEBODY', 'COJ1', 7)).toBe(false);
  });

  it('are forgotten from the oldest on, so that they cannot fill the memory', () => {
    const count = new StrangerCount(rule);
    for (let turn = 0; turn < 6; turn += 1) count.fail('FIRST', 'COJ1', turn);
    for (let one = 0; one < 1_000; one += 1) count.fail(`N${one}`, 'COJ1', 10);
    expect(count.fail('FIRST', 'COJ1', 11)).toBe(false);
  });
});
