import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { urgentRequest } from '../../../src/practice/dispatch-center.ts';
import { statusFor } from '../../../src/switch/doors/console-status.ts';
import { roomFault } from '../../../src/switch/intake/room.ts';
import { type Seal, type SealedHead, sealFault, sealType } from '../../../src/switch/ledger/keeping/seal.ts';
import { judgeSpace, reserveBytes, type Space } from '../../../src/switch/ledger/keeping/space.ts';
import type { StoredEvent } from '../../../src/switch/ledger/ledger.ts';
import { type LedgerKeeper, makeLedgerKeeper } from '../../../src/switch/ledger-keeper.ts';
import type { Parts } from '../../../src/switch/parts.ts';
import { settle } from '../../support/virtual-clock.ts';
import { openRooms, type Rooms } from '../rooms.ts';

const inquiry = '1N01DSP1.QW.CO099013N.NAM/SAMPLE, SAM.DOB/19900303.SEX/M.RAC/W';
const minuteMs = 60_000;
let rooms: Rooms;
let freeBytes: number;
let faults: unknown[];
let changes: number;
let signingKey: KeyObject | undefined;

beforeEach(async () => {
  rooms = await openRooms();
  freeBytes = 1e12;
  faults = [];
  changes = 0;
  signingKey = undefined;
});

async function space(): Promise<Space> {
  if (freeBytes < 0) throw new Error('the disk does not tell');
  const nowMs = rooms.clock.wallMs();
  return judgeSpace({ freeBytes, ledgerBytes: 1e9, firstAtMs: nowMs - 100 * 86_400_000, nowMs });
}

/** Every event of the memory's one chain is its row. */
async function chainHeads(): Promise<readonly SealedHead[]> {
  const events = await rooms.ledger.events({ limit: 5_000 });
  return [{ writer: 'A', seq: events.length, hash: 'ab'.repeat(32) }];
}

async function seals(): Promise<readonly StoredEvent[]> {
  const found = await rooms.ledger.events({ stream: 'system', type: sealType, limit: 100 });
  return found.toSorted((a, b) => a.seq - b.seq);
}

async function keep(): Promise<LedgerKeeper> {
  const { clock, parts } = rooms;
  const keeper = makeLedgerKeeper({
    ledger: Object.assign(rooms.ledger, { chainHeads, space }),
    signingKey,
    clock,
    ids: parts.ids,
    change: parts.change,
    onChange: () => {
      changes += 1;
    },
    onFault: (error) => faults.push(error),
  });
  // The rooms ask the keeper, as they do in a gateway.
  Object.assign(parts, { room: keeper });
  await keeper.start();
  return keeper;
}

async function nextMinute(): Promise<void> {
  await rooms.clock.pass(minuteMs);
  for (let turn = 0; turn < 10; turn += 1) await settle();
}

function notices(parts: Parts): readonly string[] {
  const facts = {
    sessions: [],
    upstream: { state: 'up', sinceMs: 0, text: '' },
    scheduler: { kind: 'in-process', ok: true, text: '' },
    isLedgerFailing: false,
    areClocksLate: false,
    steppedMs: 0,
    rawTraces: [],
  } as const;
  return statusFor(parts, 'COJ1', { facts, present: { operator: null, approvers: 0 } }).notices;
}

describe('at the cap of the disk', () => {
  beforeEach(async () => {
    freeBytes = reserveBytes;
    await keep();
  });

  test('a station is refused new work by its own code, what it sent is on file, and its YQ is taken', async () => {
    await rooms.fromStation(inquiry);
    expect((await rooms.notices()).at(-1)).toContain('LEDGER_FULL');
    expect((await rooms.ours()).state).toMatchObject({ status: 'REJECTED', key: 'QW' });
    await rooms.fromStation(urgentRequest);
    expect((await rooms.ours()).state).toMatchObject({ status: 'HELD', key: 'YQ' });
    expect(rooms.link.sent).toEqual([]);
  });

  test('whatever is neither a confirmation nor of a case is refused, be it repeatable or not', () => {
    const { parts } = rooms;
    for (const keyClass of ['inquiry', 'history', 'record', 'tell', 'unknown'] as const) {
      expect(roomFault(parts, { keyClass })).toBe('LEDGER_FULL');
      expect(roomFault(parts, { keyClass, caseId: 'c-1' })).toBeUndefined();
    }
    expect(roomFault(parts, { keyClass: 'confirm' })).toBeUndefined();
  });

  test('what arrives from the switch is filed all the same', async () => {
    await rooms.fromSwitch('ROBIN RECORD WAS SEEN');
    expect(await rooms.inbound()).toHaveLength(1);
  });

  test('one alarm is raised and every screen says so, until there is room well above the reserve', async () => {
    expect(await rooms.alarms()).toEqual(['LEDGER_FULL']);
    expect(notices(rooms.parts)).toContain('LEDGER FULL - only YQ, YR and messages of open cases are taken');
    freeBytes = reserveBytes + 1;
    await nextMinute();
    expect(rooms.parts.room.verdict).toBe('reserve');
    freeBytes = 1e12;
    await nextMinute();
    expect(rooms.parts.room.verdict).toBe('ample');
    expect(notices(rooms.parts).some((one) => one.startsWith('LEDGER FULL'))).toBe(false);
    expect(await rooms.alarms()).toEqual(['LEDGER_FULL']);
    expect(changes).toBe(2);
    await rooms.fromStation(inquiry);
    expect((await rooms.ours()).state).toMatchObject({ key: 'QW', status: 'ACKED' });
  });
});

test('the room is judged at the start and each minute; less than 30 days of it is an alarm, and work goes on', async () => {
  const keeper = await keep();
  expect(keeper.verdict).toBe('ample');
  freeBytes = reserveBytes + 20 * 1e7;
  await rooms.clock.pass(minuteMs - 1);
  expect(keeper.verdict).toBe('ample');
  await nextMinute();
  expect(keeper.verdict).toBe('low');
  expect(await rooms.alarms()).toEqual(['LEDGER_SPACE_LOW']);
  expect(roomFault(rooms.parts, { keyClass: 'inquiry' })).toBeUndefined();
  freeBytes = 0;
  await nextMinute();
  expect(await rooms.alarms()).toEqual(['LEDGER_SPACE_LOW', 'LEDGER_FULL']);
});

test('a disk that does not tell is a fault, is asked again, and opens or closes nothing', async () => {
  freeBytes = 0;
  const keeper = await keep();
  freeBytes = -1;
  await nextMinute();
  await nextMinute();
  expect(faults).toHaveLength(2);
  expect(keeper.verdict).toBe('reserve');
  freeBytes = 1e12;
  await nextMinute();
  expect(keeper.verdict).toBe('ample');
});

test('new work is refused although the full disk cannot keep the alarm, which follows as soon as it can', async () => {
  freeBytes = 0;
  rooms.ledger.failing = true;
  const keeper = await keep();
  expect([keeper.verdict, faults.length]).toEqual(['reserve', 1]);
  rooms.ledger.failing = false;
  await nextMinute();
  await nextMinute();
  expect(await rooms.alarms()).toEqual(['LEDGER_FULL']);
});

describe('the daily seal', () => {
  const hourMs = 3_600_000;
  /** The virtual clock begins at 08:00 UTC of 2027-01-15. */
  const hours = (count: number): Promise<void> => rooms.clock.pass(count * hourMs);

  test('is filed for each day once it is over, in UTC, and joins every head of that moment', async () => {
    await keep();
    expect(await seals()).toEqual([]);
    await rooms.fromStation(inquiry);
    await hours(15);
    expect(await seals()).toEqual([]);
    await hours(2);
    const [seal] = await seals();
    expect(seal).toMatchObject({ id: 'seal-2027-01-15', actor: 'system', data: { day: '2027-01-15' } });
    expect(seal?.data['heads']).toEqual([{ writer: 'A', seq: (seal?.seq ?? 0) - 1, hash: 'ab'.repeat(32) }]);
    await hours(48);
    expect((await seals()).map((one) => one.id)).toEqual(['seal-2027-01-15', 'seal-2027-01-16', 'seal-2027-01-17']);
  });

  test('is made up for at the start when yesterday has none, and only once', async () => {
    await rooms.fromStation(inquiry);
    await hours(24 * 5);
    await keep();
    expect((await seals()).map((one) => one.id)).toEqual(['seal-2027-01-19']);
    await keep();
    expect(await seals()).toHaveLength(1);
  });

  test('waits for a ledger that fails, and comes as soon as it can', async () => {
    await rooms.fromStation(inquiry);
    await hours(24);
    rooms.ledger.failing = true;
    await keep();
    expect(faults).toHaveLength(1);
    rooms.ledger.failing = false;
    await nextMinute();
    expect(await seals()).toHaveLength(1);
  });

  test('is signed when there is a key, and is filed although the disk does not tell its room', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    signingKey = privateKey;
    freeBytes = -1;
    await rooms.fromStation(inquiry);
    await hours(24);
    await keep();
    const [seal] = await seals();
    expect(sealFault(seal?.data as unknown as Seal, publicKey)).toBeUndefined();
  });
});

test('closed, it keeps no timer', async () => {
  const keeper = await keep();
  keeper.close();
  expect(rooms.clock.timerCount()).toBe(0);
});
