import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/host/clock.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import type { LinkTap } from '../../../src/wire/sockets/socket-link.ts';
import { replayTrace } from '../../../src/wire/trace/replay.ts';
import { scrubbedBytes, scrubPayload } from '../../../src/wire/trace/scrub.ts';
import { formatTraceHeader, formatTraceLine, parseTrace } from '../../../src/wire/trace/trace-format.ts';
import { joinTaps, TraceRecorder } from '../../../src/wire/trace/trace-recorder.ts';
import { BareSocket, connectHex, dial, foxtalk, openDoor, send, Witness } from '../line.ts';

const secret = 'QW.CO0990100.NAM/SAMPLE,RECORD.DOB/19000101.OLN/X1234567';

function recorderOf(pieces: string[], scrub = true): TraceRecorder {
  const write = (text: string): void => void pieces.push(text);
  return new TraceRecorder({ profile: foxtalk, clock: systemClock, by: 'simulator', scrub, write });
}

/** One exchange each way, recorded at the door. */
async function recorded(scrub: boolean): Promise<string> {
  const pieces: string[] = [];
  const recorder = recorderOf(pieces, scrub);
  const door = new Witness();
  const at = await openDoor({ events: door, tap: recorder });
  const link = await dial(at);
  expect(await send(link, secret)).toMatchObject({ type: 'acked' });
  const back = door.messages[0]?.link;
  expect(back && (await send(back, 'HIT NAM/SAMPLE,RECORD'))).toMatchObject({ type: 'acked' });
  await link.close();
  await door.until(({ closed }) => closed.length === 1);
  return pieces.join('');
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
        const by = scrubbed ? ('gateway' as const) : ('simulator' as const);
        const header = { profile: 'foxtalk-1', by, scrubbed, startedAt: '2031-01-02T08:15:00.000Z' };
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
    const head = formatTraceHeader({ profile: 'foxtalk-1', by: 'gateway', scrubbed: true, startedAt: 'now' });
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
    const options = {
      profile: foxtalk,
      clock: systemClock,
      by: 'simulator',
      scrub: false,
      charactersMax: 200,
    } as const;
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

  it('writes nothing of bytes that are no frame, nor of a frame that is cut', async () => {
    const pieces: string[] = [];
    const at = await openDoor({ tap: recorderOf(pieces) });
    const bare = new BareSocket(at.address.port);
    bare.write(connectHex);
    await bare.until(({ received }) => received.length === 36);
    const frame = foxtalk.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.from(secret) });
    bare.write(frame.subarray(0, 40));
    bare.write(frame.subarray(40));
    await bare.until(({ received }) => received.length === 52);
    bare.write(Buffer.concat([Buffer.from(secret), frame]));
    await bare.until(({ ended }) => ended);
    const parsed = parseTrace(pieces.join(''));
    if (!parsed.ok) throw new Error('no trace');
    const came = parsed.trace.lines.filter(({ direction }) => direction === 'in').map(({ bytes }) => bytes.length);
    expect(came).toEqual([36, frame.length]);
  });

  it('may begin in the middle of a frame, and shows the frames that are whole from then on', async () => {
    const pieces: string[] = [];
    let recorder: LinkTap = {};
    const tap: LinkTap = {
      onBytes: (...given) => recorder.onBytes?.(...given),
      onFrameIn: (...given) => recorder.onFrameIn?.(...given),
    };
    const at = await openDoor({ tap });
    const bare = new BareSocket(at.address.port);
    const frame = foxtalk.encode({ type: 'data', exchangeId: 1, final: true, payload: Buffer.from(secret) });
    const heartbeat = foxtalk.encode({ type: 'heartbeat', exchangeId: 2 });
    bare.write(Buffer.concat([Buffer.from(connectHex, 'hex'), heartbeat, frame.subarray(0, 40)]));
    await bare.until(({ received }) => received.length === 52);
    recorder = recorderOf(pieces);
    bare.write(Buffer.concat([frame.subarray(40), heartbeat]));
    await bare.until(({ received }) => received.length === 52 + 32);
    const text = pieces.join('');
    const parsed = parseTrace(text);
    if (!parsed.ok) throw new Error('no trace');
    expect(parsed.trace.lines.map(({ bytes }) => bytes.length)).toEqual([frame.length, heartbeat.length]);
    expect(text).not.toContain(Buffer.from('SAMPLE').toString('hex').toUpperCase());
  });

  it('masks the reason of a refusal too', () => {
    const masked = scrubbedBytes(foxtalk, { type: 'nak', exchangeId: 1, reason: 'NO SUCH NAM SAMPLE' });
    expect(masked.includes('SAMPLE')).toBe(false);
  });

  it('shows nothing of what a frame carries that has no use for a payload, whatever its type', () => {
    const planted = Buffer.from('NAM/SAMPLE,RECORD.\u0001', 'latin1');
    const foxtalkFrame = (type: string): Buffer => {
      const bytes = foxtalk.encode({ type: 'data', exchangeId: 1, final: true, payload: planted });
      bytes.write(type, 10, 'latin1');
      return bytes;
    };
    const dmpp = wireProfile('dmpp-2020');
    const block = (code: number): Buffer => {
      const bytes = dmpp.encode({ type: 'data', exchangeId: 1, final: true, payload: planted });
      bytes.writeUInt16BE(code, 10);
      return bytes;
    };
    const frames = [
      ...[...'MANHCKIE'].map((type) => [foxtalk, foxtalkFrame(type)] as const),
      ...[0x01, 0x02, 0x03, 0x04, 0x11, 0x12, 0x21, 0x22, 0x31, 0x41, 0x51].map((code) => [dmpp, block(code)] as const),
    ];
    let shown = 0;
    for (const [profile, bytes] of frames) {
      const deframer = profile.makeDeframer(65_000);
      deframer.push(bytes);
      const frame = deframer.next();
      if (frame === undefined || frame.type === 'fault') continue;
      shown += 1;
      expect(scrubbedBytes(profile, frame).toString('latin1')).not.toMatch(/SAMPLE|RECORD|NAM/);
    }
    expect(shown).toBeGreaterThan(10);
  });

  it('gives as many bytes as the frame had, and none of its letters and digits, in every profile', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        for (const name of ['foxtalk-1', 'dmpp-2020', 'stx-etx', 'mllp-r2']) {
          const profile = wireProfile(name);
          const payload = Buffer.from(text, 'latin1').filter((byte) => byte >= 0x20);
          const frame = { type: 'data', exchangeId: 1, final: true, payload: Buffer.from(payload) } as const;
          const masked = scrubbedBytes(profile, frame);
          expect(masked.length).toBe(profile.encode(frame).length);
          const deframer = profile.makeDeframer(1_000);
          deframer.push(masked);
          const shown = deframer.next();
          if (shown?.type !== 'data') throw new Error('no frame');
          expect(shown.payload.toString('latin1')).toMatch(/^[X9 ./,\-*]*$/);
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
