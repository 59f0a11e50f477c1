import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kept, messageEntry, unitOf } from '../../conformance/ledger.ts';
import { manualClock } from '../../console/manual-clock.ts';
import { type SqliteHouse, sqliteHouse } from './sqlite-house.ts';

let house: SqliteHouse;
beforeEach(async () => {
  house = await sqliteHouse();
});
const children = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await house.remove();
});

const writerFile = join(import.meta.dirname, 'burst-writer.ts');

/** Starts the burst and gives each line it prints to `hear`, the opening word included. */
function startBurst(prefix: string, hear: (line: string) => void): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', writerFile, house.folder, house.headsFile, prefix],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.add(child);
  createInterface({ input: child.stdout }).on('line', hear);
  return child;
}

/** Kills a burst after it has printed `lines` receipts; gives every receipt it managed to print. */
async function killAfter(lines: number, prefix: string): Promise<readonly string[]> {
  const receipted: string[] = [];
  const child = startBurst(prefix, (line) => {
    if (line !== 'open') receipted.push(line);
    if (receipted.length === lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return receipted;
}

describe('a process that is killed in a burst', () => {
  test('has lost nothing it gave a receipt for, and the chain verifies', async () => {
    const receipted = [
      ...(await killAfter(3, 'one')),
      ...(await killAfter(170, 'two')),
      ...(await killAfter(61, 'three')),
    ];
    expect(receipted.length).toBeGreaterThanOrEqual(43);
    const ledger = await house.open();
    const found = await Promise.all(receipted.map((id) => ledger.state('message', id)));
    const others = await Promise.all(receipted.map((id) => ledger.state('message', `${id}-b`)));
    expect(found.filter((state) => state?.version !== 2)).toEqual([]);
    expect(others.filter((state) => state?.version !== 1)).toEqual([]);
    expect(await ledger.verify()).toMatchObject({ ok: true });
    await ledger.close();
  });

  test('has no half of a unit on file', async () => {
    await killAfter(40, 'half');
    const ledger = await house.open();
    const states = await ledger.states({ stream: 'message', limit: 5_000 });
    const halves = states.filter((state) => !state.id.endsWith('-b') && state.version !== 2);
    expect(states.length).toBeGreaterThan(40);
    expect(halves).toEqual([]);
    await ledger.close();
  });

  test('frees the lock of the folder', async () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const child = startBurst('lock', open);
    await opened;
    await expect(house.open()).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    child.kill('SIGKILL');
    await once(child, 'close');
    await (await house.open()).close();
  });
});

describe('a second opener', () => {
  test('in the same process is refused until the first has closed', async () => {
    const first = await house.open();
    await expect(house.open()).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
    await first.append([unitOf(messageEntry('a'))]);
    await first.close();
    await (await house.open()).close();
  });

  test('with another master key is refused, and the ledger stays as it was', async () => {
    const first = await house.open();
    await first.append([unitOf(messageEntry('a'))]);
    await first.close();
    const otherKey = new Uint8Array(32).fill(8);
    await expect(house.open('gw1', { masterKey: otherKey })).rejects.toMatchObject({ code: 'LEDGER_KEY_WRONG' });
    await expect(house.open('gw1', { masterKey: new Uint8Array(16) })).rejects.toMatchObject({
      code: 'KEY_FILE_UNUSABLE',
    });
    const again = await house.open();
    expect(await again.verify()).toMatchObject({ ok: true, eventCount: 1 });
    await again.close();
  });
});

describe('a disk that is full', () => {
  test('fails the append whole, and takes appends again when there is room', async () => {
    const ledger = await house.open();
    const big = (id: string) => unitOf(messageEntry(id, { texts: { raw: new Uint8Array(40_000) } }));
    await ledger.append([big('before')]);
    ledger.capPages(1);
    const tries = await Promise.allSettled(['x', 'y', 'z'].map((id) => ledger.append([big(id), big(`${id}2`)])));
    const reasons = tries.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'kept'));
    expect(reasons).toEqual(['LEDGER_FAILED', 'LEDGER_FAILED', 'LEDGER_FAILED']);
    expect((await ledger.states({ stream: 'message', limit: 100 })).map((state) => state.id)).toEqual(['before']);
    ledger.capPages(1_000_000);
    expect(kept((await ledger.append([big('x')]))[0]).seq).toBe(2);
    expect(await ledger.verify()).toMatchObject({ ok: true, eventCount: 2 });
    await ledger.close();
  });

  test('one call that does not fit takes no other call with it that does', async () => {
    const ledger = await house.open();
    await ledger.append([unitOf(messageEntry('before'))]);
    ledger.capPages(200);
    const small = Array.from({ length: 5 }, (_, n) => ledger.append([unitOf(messageEntry(`small-${n}`))]));
    const large = ledger.append([unitOf(messageEntry('large', { texts: { raw: new Uint8Array(4_000_000) } }))]);
    const outcomes = await Promise.allSettled([...small, large]);
    expect(outcomes.at(-1)?.status).toBe('rejected');
    for (const [n, outcome] of outcomes.slice(0, 5).entries()) {
      const there = (await ledger.state('message', `small-${n}`)) !== undefined;
      expect(there).toBe(outcome.status === 'fulfilled');
    }
    expect(await ledger.verify()).toMatchObject({ ok: true });
    await ledger.close();
  });
});

test('beyond the cap of waiting units a caller is told, and what was taken is kept', async () => {
  const ledger = await house.open('gw1', { waitingUnitsMax: 5 });
  const taken = Array.from({ length: 5 }, (_, n) => ledger.append([unitOf(messageEntry(`q-${n}`))]));
  await expect(ledger.append([unitOf(messageEntry('q-5'))])).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  for (const receipts of await Promise.all(taken)) expect(receipts[0]?.ok).toBe(true);
  expect((await ledger.append([unitOf(messageEntry('q-5'))]))[0]?.ok).toBe(true);
  await ledger.close();
});

test('closing waits for everything that was appended', async () => {
  const ledger = await house.open();
  const waiting = Array.from({ length: 50 }, (_, n) => ledger.append([unitOf(messageEntry(`w-${n}`))]));
  await ledger.close();
  for (const receipts of await Promise.all(waiting)) expect(receipts[0]?.ok).toBe(true);
});

test('the head goes to the second place every minute, and a second place that fails only alarms', async () => {
  const clock = manualClock();
  let failedCount = 0;
  let failed: () => void = () => undefined;
  const alarm = new Promise<void>((resolve) => {
    failed = resolve;
  });
  const onHeadsFailed = (): void => {
    failedCount += 1;
    failed();
  };
  const ledger = await house.open('gw1', { clock, headsFile: house.folder, onHeadsFailed });
  clock.advance(60_000);
  await alarm;
  expect(failedCount).toBeGreaterThan(0);
  expect((await ledger.append([unitOf(messageEntry('a'))]))[0]?.ok).toBe(true);
  await ledger.close();
  expect(clock.waiting()).toBe(0);
});

test('the room that is left is told from the disk and the growth', async () => {
  const clock = manualClock();
  const ledger = await house.open('gw1', { clock });
  expect(await ledger.space()).toMatchObject({ growthBytesPerDay: 0 });
  await ledger.append([unitOf(messageEntry('a', { atMs: clock.wallMs() }))]);
  const space = await ledger.space();
  expect(space.freeBytes).toBeGreaterThan(0);
  expect(space.growthBytesPerDay).toBeGreaterThan(0);
  await ledger.close();
});
