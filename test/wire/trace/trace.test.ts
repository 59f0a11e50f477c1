import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { replayTrace } from '../../../src/wire/trace/replay.ts';
import { Scrubber, scrubPayload } from '../../../src/wire/trace/scrub.ts';
import { formatTraceHeader, formatTraceLine, parseTrace } from '../../../src/wire/trace/trace-format.ts';
import { joinTaps, TraceRecorder } from '../../../src/wire/trace/trace-recorder.ts';
import { cut, places } from '../arbitraries.ts';
import { dial, foxtalk, openDoor, send, Witness } from '../line.ts';

const secret = 'QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19000101.OLN/X1234567';

/** One exchange each way, recorded at the door. */
async function recorded(scrub: boolean): Promise<string> {
  let text = '';
  const recorder = new TraceRecorder({
    profile: foxtalk,
    clock: systemClock,
    scrub,
    write: (more) => {
      text += more;
    },
  });
  const door = new Witness();
  const at = await openDoor({ events: door, tap: recorder });
  const link = await dial(at);
  expect(await send(link, secret)).toMatchObject({ type: 'acked' });
  const back = door.messages[0]?.link;
  expect(back && (await send(back, 'HIT NAM/SAMPLE,RECORD'))).toMatchObject({ type: 'acked' });
  await link.close();
  await door.until(({ closed }) => closed.length === 1);
  return text;
}

describe('a trace', () => {
  it('is read as it was written', () => {
    const line = fc.record({
      atMs: fc.nat(10_000_000).map((one) => one / 1_000),
      link: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
      direction: fc.constantFrom('in' as const, 'out' as const),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 50 }).map((one) => Buffer.from(one)),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), fc.boolean(), (lines, scrubbed) => {
        const header = { profile: 'foxtalk-1', scrubbed, startedAt: '2031-01-02T08:15:00.000Z' };
        const text = formatTraceHeader(header) + lines.map(formatTraceLine).join('');
        expect(parseTrace(text)).toEqual({ ok: true, trace: { header, lines } });
      }),
    );
  });

  it('that is none is refused with the places of what is wrong, and any text at all is survived', () => {
    expect(parseTrace('hello\n')).toMatchObject({
      ok: false,
      faults: [
        { code: 'TRACE_HEADER', offset: 0 },
        { code: 'TRACE_LINE', offset: 0 },
      ],
    });
    const head = formatTraceHeader({ profile: 'foxtalk-1', scrubbed: true, startedAt: 'now' });
    expect(parseTrace(`${head}# remark\n\n0.000 a in FF0\n`)).toMatchObject({
      faults: [{ code: 'TRACE_LINE', offset: head.length + 10 }],
    });
    fc.assert(fc.property(fc.string(), (text) => void parseTrace(text)));
  });

  it('of practice holds the bytes; a scrubbed one holds as many and shows nothing of what was said', async () => {
    const raw = parseTrace(await recorded(false));
    const scrubbed = parseTrace(await recorded(true));
    if (!raw.ok || !scrubbed.ok) throw new Error('no trace');
    const bytesOf = (trace: typeof raw.trace) => Buffer.concat(trace.lines.map(({ bytes }) => bytes));
    expect(bytesOf(raw.trace).includes('SAMPLE,RECORD')).toBe(true);
    expect(bytesOf(scrubbed.trace).length).toBe(bytesOf(raw.trace).length);
    const shown = bytesOf(scrubbed.trace).toString('latin1');
    for (const word of ['SAMPLE', 'RECORD', '19000101', 'X1234567', 'CO0990100', 'HIT'])
      expect(shown).not.toContain(word);
    expect(shown).toContain('XX.XX9999999.XXX/XXXXXX,XXXXXX.XXX/99999999.XXX/X9999999');
  });

  it('stops at its cap and says so', () => {
    let text = '';
    const options = { profile: foxtalk, clock: systemClock, scrub: false, charactersMax: 200 };
    const recorder = new TraceRecorder({
      ...options,
      write: (more) => {
        text += more;
      },
    });
    const link = { id: 'a' } as Parameters<TraceRecorder['onBytes']>[0];
    for (let count = 0; count < 100; count += 1) recorder.onBytes(link, 'in', Buffer.alloc(20));
    expect(text.length).toBeLessThan(250);
    expect(text.endsWith('# the trace is full\n')).toBe(true);
  });

  it('can share the links with other taps', () => {
    const seen: string[] = [];
    const link = { id: 'a' } as Parameters<TraceRecorder['onBytes']>[0];
    const tap = joinTaps(
      { onBytes: () => seen.push('one'), onFrameOut: () => Buffer.from('A') },
      {
        onBytes: () => seen.push('two'),
        onFrameOut: (_link, _frame, bytes) => Buffer.concat([bytes, Buffer.from('B')]),
      },
    );
    tap.onBytes?.(link, 'in', Buffer.alloc(1));
    const left = tap.onFrameOut?.(link, { type: 'ack', exchangeId: 1 }, Buffer.from('X'));
    expect([seen, left?.toString()]).toEqual([['one', 'two'], 'AB']);
  });
});

describe('the scrubber', () => {
  it('masks every byte that is not a separator, in any charset, and keeps the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const masked = scrubPayload(Buffer.from(bytes));
        expect(masked.length).toBe(bytes.length);
        expect(masked.toString('latin1')).toMatch(/^[X9 ./,\-*\r\n]*$/);
      }),
    );
  });

  it('gives nothing of bytes that are no frame, nor of a frame that is cut', () => {
    const scrubber = new Scrubber(foxtalk, 1_000);
    const frame = foxtalk.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.from(secret) });
    expect(scrubber.push(frame.subarray(0, 40))).toEqual([]);
    expect(Buffer.concat(scrubber.push(frame.subarray(40))).length).toBe(frame.length);
    expect(scrubber.push(Buffer.from(secret))).toEqual([]);
    expect(scrubber.push(frame)).toEqual([]);
  });

  it('masks the reason of a refusal too', () => {
    const nak = foxtalk.encode({ type: 'nak', exchangeId: 1, reason: 'NO SUCH NAM SAMPLE' });
    expect(Buffer.concat(new Scrubber(foxtalk, 1_000).push(nak)).includes('SAMPLE')).toBe(false);
  });

  it('gives frames that decode, however the bytes were cut', () => {
    fc.assert(
      fc.property(places, fc.string({ maxLength: 60 }), (where, text) => {
        for (const name of ['foxtalk-1', 'dmpp-2020', 'stx-etx', 'mllp-r2']) {
          const profile = wireProfile(name);
          const payload = Buffer.from(text, 'latin1').filter((byte) => byte >= 0x20);
          const bytes = profile.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.from(payload) });
          const scrubber = new Scrubber(profile, 1_000);
          const masked = Buffer.concat(cut(bytes, where).flatMap((chunk) => scrubber.push(chunk)));
          expect(masked.length).toBe(bytes.length);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('replay', () => {
  it('plays the client’s side against a door and finds the same frames', async () => {
    const parsed = parseTrace(await recorded(false));
    if (!parsed.ok) throw new Error('no trace');
    const door = new Witness((incoming) => {
      incoming.acknowledge();
      const link = door.opened.at(-1);
      if (link !== undefined && incoming.payload.includes('QW')) void send(link, 'ANOTHER HIT');
    });
    const at = await openDoor({ events: door });
    const target = { host: '127.0.0.1', port: at.address.port, profile: foxtalk, clock: systemClock };
    const report = await replayTrace({ ...target, trace: parsed.trace, side: 'in', answerMs: 5_000 });
    expect(report.steps.map(({ what, expected }) => `${what} ${expected}`)).toEqual([
      'sent connect',
      'same connect',
      'sent data',
      'same ack',
      'same data',
      'sent ack',
    ]);
    expect(report.ok).toBe(true);
    await door.until(({ closed }) => closed.length === 1);
    expect(door.notices).toEqual([]);
  });

  it('says what came differently or not at all', async () => {
    const parsed = parseTrace(await recorded(false));
    if (!parsed.ok) throw new Error('no trace');
    const at = await openDoor({ events: new Witness((incoming) => incoming.refuse('NO')) });
    const target = { host: '127.0.0.1', port: at.address.port, profile: foxtalk, clock: systemClock };
    const report = await replayTrace({ ...target, trace: parsed.trace, side: 'in', answerMs: 100 });
    expect(report.ok).toBe(false);
    expect(report.steps.slice(3).map(({ what, got }) => `${what} ${got}`)).toEqual([
      'different nak',
      'missing nothing',
    ]);
  });
});
