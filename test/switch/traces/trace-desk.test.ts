import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decrypt, openMasterKey } from '../../../src/switch/ledger/cipher.ts';
import { traceLifeMs } from '../../../src/switch/traces/trace.ts';
import { TraceDesk } from '../../../src/switch/traces/trace-desk.ts';
import {
  boundRecord,
  openTraceKey,
  readSealed,
  sealedPath,
  sweepTraces,
  type TraceFolder,
  traceFolder,
} from '../../../src/switch/traces/trace-folder.ts';
import type { Link } from '../../../src/wire/link.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { parseTrace } from '../../../src/wire/trace/trace-format.ts';
import { until } from '../../support/until.ts';
import { openRooms, type Rooms } from '../rooms.ts';

const secret = 'QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19900303';
const hourMs = 3_600_000;
const quarter = 900_000;
const asker = { osn: 'PRACSU1', reason: 'the line drops frames' };
const approver = { osn: 'PRACCU1', reason: 'seen and agreed' };
const master = openMasterKey(new Uint8Array(32).fill(7));
const link = { id: 'station-abc-1', peer: { address: '127.0.0.1', port: 1 } } as unknown as Link;
const otherLink = { id: 'station-abc-2', peer: { address: '127.0.0.2', port: 1 } } as unknown as Link;
const profile = wireProfile('foxtalk-1');
const frame = { type: 'data', exchangeId: 1, final: true, payload: Buffer.from(secret) } as const;

let root: string;
let folder: TraceFolder;
let rooms: Rooms;
let desk: TraceDesk;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'hitline-lines-'));
  rooms = await openRooms();
  await nextLife();
});
afterEach(async () => {
  await desk.close();
  rmSync(root, { recursive: true, force: true });
});

/** The gateway starts, as it does after a stop or a kill. */
async function nextLife(kind: TraceFolder['kind'] = 'practice', key = master): Promise<void> {
  sweepTraces(root, rooms.clock.wallMs());
  folder = traceFolder(root, { kind, master: key });
  desk = new TraceDesk(rooms.parts, {
    folder,
    openLinks: () => [link, otherLink],
    stationOf: ({ peer }) => (peer.address === '127.0.0.1' ? 'dispatch' : undefined),
    onFault: (error) => void rooms.faults.push(error),
  });
  await desk.start();
}

/** What the line does whenever a station says something. */
function passes(on: Link = link): void {
  const bytes = profile.encode(frame);
  desk.tap.onBytes(on, 'in', bytes);
  desk.tap.onFrameIn(on, frame);
}

async function startRaw(durationMs = quarter): Promise<string> {
  const { id } = await desk.ask({ of: 'dispatch', raw: true, durationMs }, asker);
  await desk.approve(id, approver);
  return id;
}

/** Recorded and ended, so that nothing is under way on the disk when a day of virtual time passes at once. */
async function recordedRaw(): Promise<string> {
  const id = await startRaw();
  passes();
  await desk.stop(id, asker);
  return id;
}

/** What was written is on its way to the disk; this waits until so many records are there. */
async function written(id: string, count: number): Promise<void> {
  await until(() => (readSealed(sealedPath(folder, id), 0, 1_000_000)?.records.length ?? 0) >= count, 'it is written');
}

/** The trace in clear, as somebody reads it. */
async function textOf(id: string): Promise<string> {
  const { key, file } = await desk.open(id, { osn: 'PRACAU1', reason: 'to mend the line' });
  const read = readSealed(file, 0, 1_000_000);
  return (read?.records ?? [])
    .map((record, place) => decrypt(key.key, record, boundRecord(folder, key, place))?.toString('latin1') ?? '?')
    .join('');
}

const events = async (id: string) => (await rooms.ledger.history('system', id)).map(({ type }) => type);
const filesOf = (id: string): readonly string[] =>
  readdirSync(folder.path).filter((name) => name.startsWith(`${id}.`) || name.startsWith('.'));
/** Everything that lies below the folder, names and bytes. */
const onDisk = (): string =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .map((path) => path + (statSync(path).isFile() ? readFileSync(path).toString('latin1') : ''))
    .join('\n');

describe('a raw trace', () => {
  test('runs by the word of two people: who asked cannot approve, and nothing is recorded before', async () => {
    const { id, state } = await desk.ask({ of: 'dispatch', raw: true, durationMs: quarter }, asker);
    expect(state.status).toBe('ASKED');
    passes();
    expect(filesOf(id)).toEqual([]);
    await expect(desk.approve(id, asker)).rejects.toMatchObject({ code: 'SAME_PERSON' });
    expect(filesOf(id)).toEqual([]);
    expect((await desk.approve(id, approver)).status).toBe('RUNNING');
    passes();
    await desk.stop(id, asker);
    const parsed = parseTrace(await textOf(id));
    expect(parsed.ok && parsed.trace.lines.map(({ bytes }) => bytes.includes(secret))).toEqual([true]);
  });

  test('leaves every act in the ledger with who did it, and the reasons encrypted', async () => {
    const id = await startRaw();
    await desk.stop(id, asker);
    await textOf(id);
    const history = await rooms.ledger.history('system', id);
    expect(history.map(({ type, actor, textNames }) => [type, actor, textNames])).toEqual([
      ['TRACE_ASKED', 'PRACSU1', ['reason']],
      ['TRACE_STARTED', 'PRACCU1', ['reason']],
      ['TRACE_ENDED', 'PRACSU1', ['reason']],
      ['TRACE_READ', 'PRACAU1', ['reason']],
    ]);
    expect(JSON.stringify(history.map(({ data }) => data))).not.toContain('frames');
    expect(await rooms.alarms()).toEqual(['RAW_TRACE']);
  });

  test('puts no clear byte on any disk, neither what was said nor the key', async () => {
    const id = await startRaw();
    for (let count = 0; count < 50; count += 1) passes();
    await desk.stop(id, asker);
    const lying = onDisk();
    for (const word of ['SAMPLE', 'RECORD', '19900303', Buffer.from('SAMPLE').toString('hex'), 'hitline-trace']) {
      expect(lying).not.toContain(word);
      expect(lying).not.toContain(word.toUpperCase());
    }
    const key = openTraceKey(folder, id)?.key.export();
    expect(key).toHaveLength(32);
    expect(lying).not.toContain(key?.toString('latin1'));
    expect(lying).not.toContain(key?.toString('base64'));
    expect(statSync(sealedPath(folder, id)).mode & 0o777).toBe(0o600);
  });

  test('is said on every console for as long as it runs, and a masked one is not', async () => {
    await desk.ask({ of: 'dispatch', raw: false, durationMs: quarter }, asker);
    expect(desk.rawNotices()).toEqual([]);
    const id = await startRaw();
    expect(desk.rawNotices()).toEqual([
      expect.stringMatching(/^RAW TRACE of dispatch until \d\d:\d\d UTC - asked for by PRACSU1, approved by PRACCU1$/),
    ]);
    await desk.stop(id, asker);
    expect(desk.rawNotices()).toEqual([]);
  });

  test('lapses when nobody approves it in ten minutes', async () => {
    const { id } = await desk.ask({ of: 'dispatch', raw: true, durationMs: quarter }, asker);
    await rooms.clock.pass(600_000);
    expect(await events(id)).toEqual(['TRACE_ASKED', 'TRACE_LAPSED']);
    await expect(desk.approve(id, approver)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('ends at its time, and whatever passes then is not recorded', async () => {
    const id = await startRaw();
    await rooms.clock.pass(quarter - 1);
    passes();
    await rooms.clock.pass(1);
    await until(async () => (await events(id)).at(-1) === 'TRACE_ENDED', 'the trace has ended');
    passes();
    expect((await rooms.ledger.history('system', id)).at(-1)).toMatchObject({
      type: 'TRACE_ENDED',
      data: { end: 'time' },
    });
    const parsed = parseTrace(await textOf(id));
    expect(parsed.ok && parsed.trace.lines).toHaveLength(1);
  });
});

describe('a masked trace', () => {
  test('is started by one person, of a station or a link, and shows nothing of what was said', async () => {
    for (const of of ['dispatch', link.id]) {
      const { id, state } = await desk.ask({ of, raw: false, durationMs: quarter }, asker);
      expect(state.status).toBe('RUNNING');
      passes();
      passes(otherLink);
      await desk.stop(id, asker);
      const text = await textOf(id);
      const parsed = parseTrace(text);
      expect(parsed.ok && parsed.trace.header).toMatchObject({ by: 'gateway', scrubbed: true });
      expect(parsed.ok && parsed.trace.lines.map((line) => line.link)).toEqual([link.id]);
      expect(text).not.toContain(Buffer.from('SAMPLE').toString('hex').toUpperCase());
    }
  });

  test('of something that is no line, station or open link is refused, and so is one too many', async () => {
    const ask = (of: string) => desk.ask({ of, raw: false, durationMs: quarter }, asker);
    await expect(ask('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (let count = 0; count < 8; count += 1) await ask('upstream');
    await expect(ask('upstream')).rejects.toMatchObject({ code: 'TRACES_FULL' });
  });
});

describe('a trace is gone 24 hours after it began', () => {
  const expectGone = async (id: string, cause: string): Promise<void> => {
    await until(async () => (await events(id)).at(-1) === 'TRACE_GONE', 'the trace is gone');
    expect(filesOf(id)).toEqual([]);
    expect((await rooms.ledger.history('system', id)).at(-1)).toMatchObject({ type: 'TRACE_GONE', data: { cause } });
    await expect(desk.open(id, approver)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  };

  test('by its timer: the key is written over and removed, and the file with it', async () => {
    const id = await recordedRaw();
    await rooms.clock.pass(traceLifeMs - 1);
    expect(filesOf(id)).toHaveLength(2);
    await rooms.clock.pass(1);
    await expectGone(id, 'time');
  });

  test('although nobody could file that it ended: the day is over all the same', async () => {
    const id = await startRaw(2 * traceLifeMs);
    passes();
    await written(id, 2);
    await rooms.clock.pass(traceLifeMs);
    await expectGone(id, 'time');
    passes();
    expect(filesOf(id)).toEqual([]);
  });

  test('although the wall steps meanwhile, forward or back', async () => {
    for (const stepMs of [30 * hourMs, -30 * hourMs]) {
      rooms = await openRooms();
      await nextLife();
      const id = await recordedRaw();
      await rooms.clock.pass(hourMs);
      rooms.clock.step(stepMs);
      await rooms.clock.pass(23 * hourMs - 1);
      expect(filesOf(id)).toHaveLength(2);
      await rooms.clock.pass(1);
      await expectGone(id, 'time');
    }
  });

  test('although the ledger fails at that moment: it is destroyed first, and filed once the ledger can', async () => {
    const id = await recordedRaw();
    await rooms.clock.pass(traceLifeMs - 1);
    rooms.ledger.failing = true;
    await rooms.clock.pass(1_000);
    await until(() => filesOf(id).length === 0, 'its files are gone');
    rooms.ledger.failing = false;
    await rooms.clock.pass(60_000);
    await expectGone(id, 'time');
  });

  test('although the gateway is down over the moment: at the next start, before anything else', async () => {
    const id = await startRaw();
    passes();
    await desk.close();
    await rooms.clock.pass(traceLifeMs);
    expect(filesOf(id)).toHaveLength(2);
    sweepTraces(root, rooms.clock.wallMs());
    expect(readdirSync(folder.path)).toEqual([]);
    await nextLife();
    await expectGone(id, 'start');
  });

  test('although the gateway is killed while it runs: the next life ends it, and keeps its hour', async () => {
    const id = await startRaw();
    passes();
    await written(id, 2);
    await rooms.clock.pass(hourMs / 10);
    await nextLife();
    expect((await rooms.ledger.history('system', id)).at(-1)).toMatchObject({ data: { end: 'restart' } });
    expect(await textOf(id)).toContain(Buffer.from('SAMPLE').toString('hex').toUpperCase());
    await rooms.clock.pass(traceLifeMs - hourMs / 10 - 1);
    expect(filesOf(id)).toHaveLength(2);
    await rooms.clock.pass(1);
    await expectGone(id, 'time');
  });

  test('although the clock went back before a start: whose age nobody knows is destroyed at once', async () => {
    const id = await startRaw();
    await desk.close();
    await rooms.clock.pass(23 * hourMs);
    await rooms.fromStation('SOMETHING THAT MOVES THE LEDGER ON');
    rooms.clock.step(-20 * hourMs);
    await nextLife();
    await expectGone(id, 'start');
    const second = await startRaw();
    await desk.close();
    rooms.clock.step(-30 * hourMs);
    sweepTraces(root, rooms.clock.wallMs());
    expect(filesOf(second)).toEqual([]);
  });

  test('although somebody changes its beginning: then its key opens nothing, and it is destroyed', async () => {
    const id = await startRaw();
    await desk.close();
    const file = join(folder.path, `${id}.key`);
    const key = JSON.parse(readFileSync(file, 'utf8')) as { startedAtMs: number };
    writeFileSync(file, JSON.stringify({ ...key, startedAtMs: key.startedAtMs + hourMs }), { mode: 0o600 });
    await rooms.clock.pass(2 * hourMs);
    expect(openTraceKey(folder, id)).toBeUndefined();
    await nextLife();
    await expectGone(id, 'start');
  });
});

test('what belongs to no trace on file is destroyed at a start, and so is what a dead process left half made', async () => {
  writeFileSync(join(folder.path, 'stranger.trace'), 'x');
  writeFileSync(join(folder.path, '.trace-1.key.0a0b0c'), 'x');
  await nextLife();
  expect(readdirSync(folder.path)).toEqual([]);
});

test('a trace of practice opens nowhere in a live system, nor under another master key', async () => {
  const id = await startRaw();
  await desk.close();
  for (const given of [
    { kind: 'live', master } as const,
    { kind: 'practice', master: openMasterKey(new Uint8Array(32).fill(8)) } as const,
  ]) {
    expect(openTraceKey({ ...folder, ...given }, id)).toBeUndefined();
  }
  expect(openTraceKey(folder, id)).toBeDefined();
});

test('a record opens in its own place only', async () => {
  const id = await startRaw();
  passes();
  passes();
  await desk.stop(id, asker);
  const { key, file } = await desk.open(id, approver);
  const [first, second] = readSealed(file, 0, 1_000_000)?.records ?? [];
  if (first === undefined || second === undefined) throw new Error('no records');
  expect(decrypt(key.key, first, boundRecord(folder, key, 0))).toBeDefined();
  expect(decrypt(key.key, second, boundRecord(folder, key, 0))).toBeUndefined();
});

test('a folder that cannot take the file ends the trace at once, and says so', async () => {
  rmSync(folder.path, { recursive: true });
  await expect(desk.ask({ of: 'dispatch', raw: false, durationMs: quarter }, asker)).rejects.toThrow();
  expect(existsSync(folder.path)).toBe(false);
  expect(desk.list()).toEqual([]);
});
