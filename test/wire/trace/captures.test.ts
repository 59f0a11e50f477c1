import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { loadHotFiles } from '../../../src/simulator/records/load-hot-files.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { replayTrace } from '../../../src/wire/trace/replay.ts';
import { parseTrace, type Trace } from '../../../src/wire/trace/trace-format.ts';
import { closeAfter } from '../line.ts';

/**
 * Only what the simulated switch said and heard may become a fixture. `fixtures/captures` is a test: a file put there adds
 * a case, and stays only when its header says who recorded it, every agency in it is ours, and the switch says it all again.
 */
const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'fixtures/captures');
const captures = readdirSync(folder);

/** The agencies of the practice world (DESIGN, section 1), and nobody else. */
const ourOris = new Set(['CO0990100', 'CO099013N', 'WY0990200', 'WY0990300', 'CO0990000', 'WY0990000', 'DC0990000']);

function readCapture(name: string): Trace {
  const parsed = parseTrace(readFileSync(join(folder, name), 'latin1'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.trace;
}

/** Everything that was said in either direction. */
function textsOf({ header, lines }: Trace): readonly string[] {
  const profile = wireProfile(header.profile);
  const texts: string[] = [];
  for (const direction of ['in', 'out'] as const) {
    const deframer = profile.makeDeframer(profile.frameBytesMax);
    for (const line of lines) if (line.direction === direction) deframer.push(line.bytes);
    for (let item = deframer.next(); item !== undefined; item = deframer.next()) {
      if (item.type === 'fault') throw new Error(`${item.code} at ${item.offset}`);
      if (item.type === 'data') texts.push(item.payload.toString('latin1'));
    }
  }
  return texts;
}

/** Why a trace may not be a fixture; nothing when it may. */
function whyNot(trace: Trace): readonly string[] {
  const why: string[] = [];
  if (trace.header.by !== 'simulator') why.push('it was not recorded by the simulated switch');
  for (const text of textsOf(trace)) {
    const strangers = (text.match(/\b[A-Z]{2}\d{6}[0-9A-Z]\b/g) ?? []).filter((ori) => !ourOris.has(ori));
    if (strangers.length > 0) why.push('it names an agency that is none of ours');
  }
  return why;
}

describe('captures that are fixtures', () => {
  it('there are some, and no trace lies anywhere else', () => {
    expect(captures.length).toBeGreaterThan(0);
    const elsewhere = ['src', 'test', 'docs', 'fixtures', 'bin', '.ci']
      .flatMap((name) =>
        readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((at) => `${name}/${at}`),
      )
      .filter((path) => path.endsWith('.trc') && !path.includes('node_modules'));
    expect(elsewhere.toSorted()).toEqual(captures.map((name) => `fixtures/captures/${name}`).toSorted());
  });

  it.each(captures)('%s was recorded by the simulated switch and names no agency but ours', (name) => {
    expect(whyNot(readCapture(name))).toEqual([]);
  });

  it('one of a gateway, or of somebody else’s agency, is refused', () => {
    const trace = readCapture(captures[0] ?? '');
    expect(whyNot({ ...trace, header: { ...trace.header, by: 'gateway' } })).toHaveLength(1);
    const profile = wireProfile(trace.header.profile);
    const payload = Buffer.from('QW.TX1234567.NAM/SAMPLE,RECORD');
    const bytes = profile.encode({ type: 'data', exchangeId: 1, final: true, payload });
    const foreign = { ...trace, lines: [{ atMs: 0, link: 'a', direction: 'in' as const, bytes }] };
    expect(whyNot(foreign)).toHaveLength(1);
  });

  it.each(captures)('%s comes again from the switch, frame by frame', async (name) => {
    const trace = readCapture(name);
    const files = await loadHotFiles(join(root, 'fixtures/hot-files'));
    const profile = trace.header.profile;
    const simulator = await startSimulator({
      port: 0,
      profile: wireProfile(profile).name,
      clock: systemClock,
      files,
      seed: 1,
    });
    closeAfter(() => simulator.close());
    const target = { ...simulator.address, profile: wireProfile(profile), clock: systemClock };
    const report = await replayTrace({ ...target, trace, side: 'in', answerMs: 5_000 });
    expect(report.steps.filter(({ what }) => what !== 'sent' && what !== 'same')).toEqual([]);
    expect(report.ok).toBe(true);
  });
});
