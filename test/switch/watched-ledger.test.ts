import { expect, test } from 'vitest';
import { HitlineError } from '../../src/faults/fault.ts';
import type { Ledger, Receipt } from '../../src/switch/ledger/ledger.ts';
import { watchLedger } from '../../src/switch/watched-ledger.ts';
import { settle, virtualClock } from '../support/virtual-clock.ts';
import { memoryLedger } from './memory-ledger.ts';

function watched(broken: Partial<Ledger>) {
  const clock = virtualClock();
  let failedCount = 0;
  const { ledger, close } = watchLedger({ ...memoryLedger(), ...broken }, { clock, failed: () => (failedCount += 1) });
  return { clock, ledger, close, failedCount: () => failedCount };
}
const refuse = () => Promise.reject(new HitlineError('LEDGER_FAILED'));

test('a ledger that fails is told at once, whether it was to keep something or to tell it', async () => {
  const { ledger, failedCount } = watched({ append: refuse, states: refuse });
  await expect(ledger.append([])).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
  expect(failedCount()).toBe(1);
  await expect(ledger.states({ stream: 'case', limit: 1 })).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
  expect(failedCount()).toBe(2);
});

test('a ledger that neither keeps nor refuses is told within a second, and again while it does not', async () => {
  let answer: (receipts: readonly Receipt[]) => void = () => undefined;
  const hangs = () => new Promise<readonly Receipt[]>((resolve) => (answer = resolve));
  const { clock, ledger, failedCount } = watched({ append: hangs });
  const kept = ledger.append([]);
  await clock.pass(600);
  expect(failedCount()).toBe(0);
  await clock.pass(100);
  expect(failedCount()).toBe(1);
  await clock.pass(700);
  expect(failedCount()).toBe(2);
  answer([]);
  expect(await kept).toEqual([]);
  await settle();
  await clock.pass(5_000);
  expect(failedCount()).toBe(2);
});

test('refusals of a rule are no failures, and after the end nothing is told', async () => {
  const conflict = () => Promise.reject(new HitlineError('CONFLICT'));
  const { clock, ledger, close, failedCount } = watched({
    append: conflict,
    state: () => new Promise(() => undefined),
  });
  await expect(ledger.append([])).rejects.toMatchObject({ code: 'CONFLICT' });
  void ledger.state('case', 'c-1');
  close();
  await clock.pass(5_000);
  expect(failedCount()).toBe(0);
});
