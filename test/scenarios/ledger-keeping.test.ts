import { afterEach, beforeEach, expect, test } from 'vitest';
import { sealType } from '../../src/switch/ledger/keeping/seal.ts';
import { Stage } from './stage.ts';

const dayMs = 86_400_000;
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ script: { name: 'Silent', agencies: [] }, inside: true });
});
afterEach(() => stage.close());

test('a gateway that starts seals yesterday when it has no seal, over the chain as it stands, once', async () => {
  const sealed = () => stage.gateway.ledger.events({ stream: 'system', type: sealType, limit: 10 });
  expect(await sealed()).toEqual([]);
  await stage.stopGateway();
  const atMs = Date.now() - dayMs;
  const ledger = await stage.openLedger();
  const entry = { stream: 'system', id: 'yesterday', version: 1, type: 'NOTED', monoMs: 0, actor: 'system' } as const;
  await ledger.append([{ entries: [{ ...entry, atMs, data: {} }] }]);
  await ledger.close();
  await stage.startGateway();
  const [seal] = await sealed();
  expect(seal?.data).toMatchObject({ day: new Date(atMs).toISOString().slice(0, 10), heads: [{ writer: 'A' }] });
  await stage.stopGateway();
  await stage.startGateway();
  expect(await sealed()).toHaveLength(1);
  await stage.stopGateway();
});
