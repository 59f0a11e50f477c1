import { expect, test } from 'vitest';
import { makeChanger } from '../../../src/switch/change.ts';
import type { Ledger } from '../../../src/switch/ledger/ledger.ts';
import { leaseReferences, type References, referenceForm } from '../../../src/switch/outbound/references.ts';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts';
import { memoryLedger } from '../memory-ledger.ts';

const gatewayOn = (ledger: Ledger, clock: VirtualClock): References =>
  leaseReferences(makeChanger({ ledger, clock, perform: () => undefined }), 'A');

async function take(references: References, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(await references.next());
  return taken;
}

test('each is ten characters of its form, and they sort as they were given, over blocks, starts and a wall set back', async () => {
  const [ledger, clock] = [memoryLedger(), virtualClock()];
  const taken = await take(gatewayOn(ledger, clock), 2_500);
  clock.step(-3_600_000);
  taken.push(...(await take(gatewayOn(ledger, clock), 1_500)));
  expect(taken).toEqual([...new Set(taken)].sort());
  for (const one of taken) expect(one).toMatch(new RegExp(`^${referenceForm}$`));
});

test('asked for side by side, none is given twice', async () => {
  const references = gatewayOn(memoryLedger(), virtualClock());
  const taken = await Promise.all(Array.from({ length: 1_200 }, () => references.next()));
  expect(new Set(taken).size).toBe(1_200);
});

test('a ledger restored from a copy without the newest blocks gives none of theirs again', async () => {
  const clock = virtualClock();
  const first = await take(gatewayOn(memoryLedger(), clock), 2_500);
  // The copy is of before the first block; to put it in its place takes a while.
  await clock.pass(15_000);
  const again = await take(gatewayOn(memoryLedger(), clock), 2_500);
  expect(again.filter((one) => first.includes(one))).toEqual([]);
});
