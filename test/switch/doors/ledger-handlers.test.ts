import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RoleName } from '../../../src/console/contract.ts';
import { makeIds } from '../../../src/host/ids.ts';
import { makeChanger } from '../../../src/switch/change.ts';
import { type ConfigInput, checkConfig } from '../../../src/switch/config.ts';
import type { SeatedSession } from '../../../src/switch/doors/console-calls.ts';
import { ledgerHandlers } from '../../../src/switch/doors/ledger-handlers.ts';
import { checkPacket, type Packet } from '../../../src/switch/ledger/keeping/packet.ts';
import type { Parts } from '../../../src/switch/parts.ts';
import { practiceConfig } from '../config/sample-config.ts';
import { type House, openHouse, password } from './console-house.ts';

const dayMs = 86_400_000;
const secret = 'RECORD, SAMPLE';
const reason = 'audit of the week';
let house: House;
let root: string;
beforeEach(async () => {
  house = await openHouse();
  root = mkdtempSync(join(tmpdir(), 'hitline-handlers-'));
});
afterEach(async () => {
  await house.close();
  rmSync(root, { recursive: true, force: true });
});

/** The handlers over the house's ledger, which holds a case with one message. */
async function desk(ledgerConfig: ConfigInput['ledger'] = {}) {
  const { clock, ledger, people } = house;
  const checked = checkConfig({ ...practiceConfig(), ledger: ledgerConfig }, root);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const change = makeChanger({ ledger, clock, perform: () => undefined });
  const ids = makeIds(clock);
  const at = { version: 1, atMs: clock.wallMs(), monoMs: 0, actor: 'PRACOP' };
  const texts = { text: Buffer.from(secret) };
  const state = { status: 'open', body: {} };
  await ledger.append([
    { entries: [{ ...at, stream: 'case', id: 'c-1', type: 'OPENED', data: {}, state }] },
    {
      entries: [
        { ...at, stream: 'message', id: 'm-1', type: 'IN', data: {}, texts, state: { ...state, parent: 'c-1' } },
        { ...at, stream: 'message', id: 'm-2', type: 'IN', data: {}, texts, state },
      ],
    },
  ]);
  const parts = { config: checked.config, clock, ledger, change, ids } as unknown as Parts;
  return ledgerHandlers({ parts, people, kept: ledger });
}

function session(osn: string, ...roles: readonly RoleName[]): SeatedSession {
  const person = { osn, name: 'PRACTICE, PERSON', roles: [...roles] };
  return { id: 's-1', consoleId: 'REC2', person, device: 'REC2', sinceMs: 0 };
}
const auditor = session('PRACAUD', 'auditor');
const supervisor = session('PRACSUP', 'supervisor');
const shoulderOf = (osn: string) => ({ osn, factor: password });

async function fetched(
  handlers: Awaited<ReturnType<typeof desk>>,
  made: { readonly packetId: string; readonly partCount: number },
): Promise<Packet> {
  const pieces: Buffer[] = [];
  for (let part = 0; part < made.partCount; part += 1) {
    const { base64 } = await handlers.packetPart({ packetId: made.packetId, part }, auditor);
    pieces.push(Buffer.from(base64, 'base64'));
  }
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Packet;
}

test('an auditor takes a case along as a signed packet that proves itself, and the look is filed with its reason', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(root, 'seal.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const handlers = await desk({ sealKeyFile: 'seal.pem' });
  const made = await handlers.export({ what: 'case', id: 'c-1', reason }, auditor);
  const packet = await fetched(handlers, made);
  expect(checkPacket(packet, publicKey)).toMatchObject({ ok: true, rowCount: 2, signed: true });
  expect(packet).toMatchObject({ madeBy: 'PRACAUD', reason, selection: { case: 'c-1' } });
  expect(packet.rows.map((row) => row.id)).toEqual(['c-1', 'm-1']);
  expect(Buffer.from(packet.rows[1]?.content[0]?.clear ?? '', 'base64').toString()).toBe(secret);
  const [look] = await house.ledger.events({ stream: 'system', type: 'LOOKED', limit: 5 });
  expect(look).toMatchObject({ actor: 'PRACAUD', data: { what: 'export', about: 'c-1' } });
  if (look === undefined) throw new Error('no look');
  expect(Buffer.from((await house.ledger.text(look, 'reason')) ?? []).toString()).toBe(reason);
  expect(JSON.stringify(look.data)).not.toContain(reason);
  // It is given once, and the heads prove where the chains stood.
  await expect(handlers.packetPart({ packetId: made.packetId, part: 0 }, auditor)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(packet.heads).toHaveLength(1);
});

test('an operator takes nothing along, nobody fetches the packet of another, and none waits for ever', async () => {
  const handlers = await desk();
  const ask = { what: 'message', id: 'm-2', reason } as const;
  await expect(handlers.export(ask, session('PRACOP', 'operator'))).rejects.toMatchObject({ code: 'ROLE_MISSING' });
  await expect(handlers.export({ ...ask, id: 'm-9' }, auditor)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await house.ledger.events({ stream: 'system', type: 'LOOKED', limit: 5 })).toEqual([]);
  const { packetId } = await handlers.export(ask, auditor);
  const refused = { code: 'NOT_FOUND' };
  await expect(handlers.packetPart({ packetId, part: 0 }, supervisor)).rejects.toMatchObject(refused);
  await expect(handlers.packetPart({ packetId, part: 1 }, auditor)).rejects.toMatchObject(refused);
  await house.clock.pass(300_000);
  await expect(handlers.packetPart({ packetId, part: 0 }, auditor)).rejects.toMatchObject(refused);
});

test('what an operator sent, and what a week brought, can be taken along as well', async () => {
  const handlers = await desk();
  const at = { version: 1, monoMs: 0, actor: 'PRACOP', type: 'OUT', data: {}, stream: 'message' } as const;
  const state = { status: 'SENT', osn: 'PRACOP', body: {} };
  const nowMs = house.clock.wallMs();
  await house.ledger.append([
    { entries: [{ ...at, id: 'm-3', atMs: nowMs, state }] },
    { entries: [{ ...at, id: 'm-4', atMs: nowMs + 7 * dayMs, state }] },
  ]);
  const ids = async (what: 'operator' | 'week', id: string): Promise<readonly string[]> =>
    (await fetched(handlers, await handlers.export({ what, id, reason }, auditor))).rows.map((row) => row.id);
  // The two he sent, and then what he had a part in.
  expect(await ids('operator', 'PRACOP')).toEqual(['m-3', 'm-4', 'm-2', 'm-1', 'c-1']);
  expect(await ids('week', new Date(nowMs).toISOString().slice(0, 10))).toEqual(['m-1', 'm-2', 'm-3', 'c-1']);
  for (const [what, id] of [
    ['operator', 'NOBODY'],
    ['week', 'last week'],
    ['week', '2026-99-99'],
  ] as const) {
    await expect(ids(what, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('only the newest few packets wait', async () => {
  const handlers = await desk();
  const made = [];
  for (let count = 0; count < 5; count += 1) {
    made.push(await handlers.export({ what: 'message', id: 'm-1', reason }, auditor));
  }
  const outcomes = await Promise.allSettled(
    made.map(({ packetId }) => handlers.packetPart({ packetId, part: 0 }, auditor)),
  );
  expect(outcomes.map((one) => one.status)).toEqual(['rejected', ...Array(4).fill('fulfilled')]);
});

test('only two packets are made at one time, whoever asks, and whoever asks for one more is told', async () => {
  const handlers = await desk();
  const ask = () => handlers.export({ what: 'message', id: 'm-1', reason }, auditor);
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, ask));
  expect(outcomes.map((one) => one.status)).toEqual([...Array(2).fill('fulfilled'), ...Array(4).fill('rejected')]);
  for (const one of outcomes.slice(2)) expect(one).toMatchObject({ reason: { code: 'TOO_MANY_CALLS' } });
  await expect(ask()).resolves.toMatchObject({ partCount: 1 });
  // One that fails gives its place back.
  for (let turn = 0; turn < 3; turn += 1)
    await expect(handlers.export({ what: 'message', id: 'm-none', reason }, auditor)).rejects.toThrow();
  await expect(ask()).resolves.toMatchObject({ partCount: 1 });
});

test('a default install destroys nothing, whoever agrees', async () => {
  const handlers = await desk();
  house.clock.step(4_000 * dayMs);
  const order = { reason, approver: shoulderOf('PRACCUST') };
  await expect(handlers.purge(order, supervisor)).rejects.toMatchObject({ code: 'PURGE_OFF' });
});

test('a purge takes two people who may, and only what the schedule no longer keeps', async () => {
  const handlers = await desk({ purge: true });
  const order = { reason, approver: shoulderOf('PRACCUST') };
  expect(await handlers.purge(order, supervisor)).toEqual({ purgedCount: 0 });
  house.clock.step(1_099 * dayMs);
  const refusals = [
    [() => handlers.purge(order, auditor), 'ROLE_MISSING'],
    [() => handlers.purge({ ...order, approver: shoulderOf('PRACSUP') }, supervisor), 'SAME_PERSON'],
    [() => handlers.purge({ ...order, approver: shoulderOf('PRACOP') }, supervisor), 'ROLE_MISSING'],
    [() => handlers.purge({ reason, approver: { osn: 'PRACCUST', factor: 'wrong' } }, supervisor), 'LOGON_REFUSED'],
  ] as const;
  for (const [call, code] of refusals) await expect(call()).rejects.toMatchObject({ code });
  const [message] = await house.ledger.history('message', 'm-1');
  if (message === undefined) throw new Error('no message');
  expect(await house.ledger.text(message, 'text')).toBeDefined();
  expect(await handlers.purge(order, supervisor)).toEqual({ purgedCount: 2 });
  expect(await house.ledger.text(message, 'text')).toBeUndefined();
  const orders = await house.ledger.events({ stream: 'system', type: 'PURGE_ORDERED', limit: 5 });
  expect(orders[0]).toMatchObject({ actor: 'PRACSUP', data: { agreedBy: 'PRACCUST' }, textNames: ['reason'] });
  // Who may log on still can: what he does it with is kept.
  expect(await house.people.verify('PRACOP', password, { device: 'COJ1', use: 'act' })).toMatchObject({ ok: true });
  expect(await house.ledger.verify()).toMatchObject({ ok: true });
});

test('under a litigation hold nothing is destroyed; one person places it, and it takes two to lift it', async () => {
  const handlers = await desk({ purge: true });
  house.clock.step(1_099 * dayMs);
  const approver = shoulderOf('PRACCUST');
  await expect(handlers.hold({ reason }, auditor)).rejects.toMatchObject({ code: 'ROLE_MISSING' });
  const { id } = await handlers.hold({ reason }, supervisor);
  await expect(handlers.purge({ reason, approver }, supervisor)).rejects.toMatchObject({ code: 'LEDGER_HELD' });
  const alone = { id, reason, approver: shoulderOf('PRACSUP') };
  await expect(handlers.liftHold(alone, supervisor)).rejects.toMatchObject({ code: 'SAME_PERSON' });
  await expect(handlers.liftHold({ id: 'hold-9', reason, approver }, supervisor)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(handlers.purge({ reason, approver }, supervisor)).rejects.toMatchObject({ code: 'LEDGER_HELD' });
  expect(await handlers.liftHold({ id, reason, approver }, supervisor)).toEqual({ status: 'LIFTED' });
  await expect(handlers.liftHold({ id, reason, approver }, supervisor)).rejects.toMatchObject({ code: 'ALREADY_DONE' });
  expect(await handlers.purge({ reason, approver }, supervisor)).toEqual({ purgedCount: 2 });
  expect(await house.ledger.history('system', id)).toMatchObject([
    { type: 'HOLD_PLACED', actor: 'PRACSUP', textNames: ['reason'] },
    { type: 'HOLD_LIFTED', actor: 'PRACSUP', data: { agreedBy: 'PRACCUST' }, textNames: ['reason'] },
  ]);
  expect(await house.ledger.verify()).toMatchObject({ ok: true });
});
