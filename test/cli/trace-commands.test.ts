import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTraceFile, type TraceFile } from '../../src/cli/trace-file.ts';
import { systemClock } from '../../src/host/clock.ts';
import { urgentRequest } from '../../src/practice/dispatch-center.ts';
import { practiceInput } from '../../src/practice/world.ts';
import { wireProfile } from '../../src/wire/profiles.ts';
import { parseTrace } from '../../src/wire/trace/trace-format.ts';
import { TraceRecorder } from '../../src/wire/trace/trace-recorder.ts';
import { Stage } from '../scenarios/stage.ts';
import { runInside } from './run-hitline.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-trace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

test('a gateway traces the line or station that is named, and starts not at all when there is none of that name', async () => {
  const input = await practiceInput({
    folder,
    simulatorPort: 9,
    credentials: [],
    clocks: { confirmRoutineMs: 60_000 },
    redis: { mode: 'none' },
  });
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, JSON.stringify(input));
  const file = join(folder, 'line.trc');
  const start = ['gateway', '--config', config];
  expect((await runInside([...start, '--trace', file, '--trace-of', 'NOBODY'])).code).toBe(2);
  expect((await runInside([...start, '--trace-of', 'DISPATCH'])).code).toBe(2);
  expect(existsSync(file)).toBe(false);
});

test('what a station and the gateway say is masked as it is written, whatever else is on the lines', async () => {
  const name = join(folder, 'station.trc');
  const file: TraceFile = await openTraceFile(name);
  const profile = wireProfile('foxtalk-1');
  const tap = new TraceRecorder({ profile, clock: systemClock, by: 'gateway', scrub: true, write: file.write });
  const stage = await Stage.open({
    inside: true,
    script: { name: 'Silent', listeners: ['WY0990200'] },
    ports: { trace: { of: 'DISPATCH', tap } },
  });
  try {
    await stage.upstreamUp();
    await stage.requestHeld(urgentRequest);
  } finally {
    await stage.close();
    await file.close();
  }
  const text = readFileSync(name, 'latin1');
  const parsed = parseTrace(text);
  if (!parsed.ok) throw new Error('no trace');
  expect(parsed.trace.header).toMatchObject({ by: 'gateway', scrubbed: true });
  expect(new Set(parsed.trace.lines.map(({ link }) => link.split('-')[0]))).toEqual(new Set(['station']));
  const said = Buffer.concat(parsed.trace.lines.map(({ bytes }) => bytes)).toString('latin1');
  expect(said).toContain('XX.XX999999X.XX9999999.*XXXX999999.XXX');
  expect(said).not.toMatch(/RECORD|ROBIN|19800202|HITLINE/);
});

test('words of the trace commands are wrong usage where they are wrong', async () => {
  const desk = ['--console', join(folder, 'none.yaml'), '--osn', 'PRACSU1', '--reason', 'to mend the line'];
  for (const words of [
    ['start', '--of', 'upstream', '--minutes', '0', ...desk],
    ['start', '--of', 'upstream', '--minutes', '241', ...desk],
    ['start', ...desk],
    ['approve', ...desk],
    ['read', 'trace-1', '--console', 'x', '--osn', 'PRACSU1'],
  ]) {
    expect((await runInside(['trace', ...words])).code).toBe(2);
  }
});
