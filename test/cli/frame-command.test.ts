import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wireProfile } from '../../src/wire/profiles.ts';
import { jsonLines, runHitline, runInside } from './run-hitline.ts';

const profile = wireProfile('foxtalk-1');
const decode = ['frame', 'decode', '--profile', 'foxtalk-1'];
const encode = ['frame', 'encode', '--profile', 'foxtalk-1'];
const connect = 'FF00AA550000002400014359000100000000FDE8000000004E4236344C46202055AA00FF';

test('the real process reads bytes from standard input and prints a line per frame', async () => {
  const ended = await runHitline(decode, Buffer.from(`${connect}FF00AA55000000101B04485955AA00FF`, 'hex'));
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(jsonLines(ended.stdout)).toMatchObject([
    { type: 'connect', exchangeId: 1, terms: { frameBytesMax: 65000, coding: 'B64', newline: 'LF' }, offset: 0 },
    { type: 'heartbeat', exchangeId: 0x1b04, offset: 36 },
  ]);
});

test('the real process turns a payload into bytes', async () => {
  const ended = await runHitline([...encode, '--exchange-id', '535', '-'], 'QW');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.toString('hex')).toBe('ff00aa550000001202174d59515755aa00ff');
});

/** Every frame a foxtalk-1 link can carry. */
const frames = fc.oneof(
  fc.record({
    type: fc.constant('data' as const),
    exchangeId: fc.nat(0xffff),
    final: fc.boolean(),
    payload: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ type: fc.constantFrom('ack' as const, 'heartbeat' as const), exchangeId: fc.nat(0xffff) }),
  fc.record({ type: fc.constant('nak' as const), exchangeId: fc.nat(0xffff), reason: fc.string({ maxLength: 90 }) }),
  fc.record({
    type: fc.constant('connect' as const),
    exchangeId: fc.nat(0xffff),
    terms: fc.record({
      major: fc.nat(3),
      minor: fc.nat(3),
      frameBytesMax: fc.nat(0xffff_ffff),
      maxIdleS: fc.nat(0xffff),
      defaultTimeoutS: fc.nat(0xffff),
      encryption: fc.boolean(),
      coding: fc.constantFrom('NON' as const, 'HEX' as const, 'B64' as const),
      newline: fc.constantFrom('LF' as const, 'CR' as const, 'CRLF' as const),
    }),
  }),
);

test('encode gives back the bytes that decode read, whatever the frames', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 5 }), async (list) => {
      const bytes = Buffer.concat(list.map((frame) => profile.encode(frame)));
      const decoded = await runInside(decode, { input: bytes });
      expect(decoded.code).toBe(0);
      const again = await runInside(encode, { input: decoded.stdout });
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(again.stdout.equals(bytes)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('a frame that its fields do not tell in full comes back byte by byte too', async () => {
  // A nak with a reason no screen may show, and a frame of the encryption hitline does not speak.
  const bytes = Buffer.from('FF00AA550000001200014E591B0755AA00FFFF00AA550000001200014B59010255AA00FF', 'hex');
  const decoded = await runInside(decode, { input: bytes });
  expect(jsonLines(decoded.stdout)).toMatchObject([{ type: 'nak', hex: expect.any(String) }, { type: 'unsupported' }]);
  expect((await runInside(encode, { input: decoded.stdout })).stdout).toEqual(bytes);
});

test('a payload longer than the frame is cut, all but the last marked N, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 17, max: 64 }), async (payload, max) => {
      const words = [...encode, '--text', '--max-frame', String(max), '--exchange-id', '9'];
      const bytes = (await runInside(words, { input: payload })).stdout;
      const parts = jsonLines((await runInside(decode, { input: bytes })).stdout) as {
        final: boolean;
        exchangeId: number;
        payload?: string;
        payloadHex?: string;
      }[];
      const joined = parts.map((part) =>
        Buffer.from(part.payloadHex ?? part.payload ?? '', part.payloadHex ? 'hex' : 'latin1'),
      );
      expect(Buffer.concat(joined).equals(payload)).toBe(true);
      expect(parts.map((part) => part.final)).toEqual(parts.map((_, at) => at === parts.length - 1));
      expect(parts.every((part) => part.exchangeId === 9)).toBe(true);
      expect(parts.length).toBe(Math.max(1, Math.ceil(payload.length / (max - 16))));
    }),
    { numRuns: 40 },
  );
});

test('--end N leaves the exchange open', async () => {
  const { stdout } = await runInside([...encode, '--end', 'N'], { input: 'A' });
  expect(jsonLines((await runInside(decode, { input: stdout })).stdout)).toMatchObject([
    { final: false, payload: 'A' },
  ]);
});

test('types without a payload read no input, and connect carries the wish for a frame', async () => {
  const { stdout } = await runInside([...encode, '--type', 'connect', '--max-frame', '8000']);
  expect(jsonLines((await runInside(decode, { input: stdout })).stdout)).toMatchObject([
    { type: 'connect', terms: { frameBytesMax: 8000, maxIdleS: 0, defaultTimeoutS: 0, encryption: false } },
  ]);
});

test('frames before bad bytes stand; the last line says what is wrong and where', async () => {
  const bytes = Buffer.concat([profile.encode({ type: 'ack', exchangeId: 3 }), Buffer.from('RECORD')]);
  const ended = await runInside(decode, { input: bytes });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([
    { type: 'ack', exchangeId: 3 },
    { ok: false, faults: [{ code: 'FRAME_START', offset: 16 }] },
  ]);
  expect(ended.stdout.toString()).not.toContain('RECORD');
});

test('a stream that ends inside a frame is bad input', async () => {
  const ended = await runInside(decode, { input: profile.encode({ type: 'ack', exchangeId: 3 }).subarray(0, 9) });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code: 'FRAME_CUT' }] }]);
});

test.each([
  ['{"type":"data"', 'INPUT_NOT_JSON'],
  ['{"type":"data","exchangeId":1,"final":true,"payload":"A"}\n{"type":"nothing"}', 'INPUT_SHAPE'],
  ['{"type":"ack","exchangeId":-1}', 'INPUT_SHAPE'],
  ['{"type":"ack","exchangeId":1,"RECORD":"SAMPLE"}', 'INPUT_SHAPE'],
  ['{"type":"data","exchangeId":1,"final":true,"payloadHex":"abc"}', 'INPUT_SHAPE'],
])('bad JSON is refused whole, and its fault does not quote it: %s', async (input, code) => {
  const ended = await runInside(encode, { input });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code }] }]);
  expect(ended.stdout.toString()).not.toMatch(/RECORD|SAMPLE|nothing/);
});

test('a payload that looks like the JSON of a frame is a payload with --text or with an option for payloads', async () => {
  const input = '{"type":"ack","exchangeId":1}';
  for (const words of [['--text'], ['--exchange-id', '2']]) {
    const { stdout } = await runInside([...encode, ...words], { input });
    expect(jsonLines((await runInside(decode, { input: stdout })).stdout)).toMatchObject([
      { type: 'data', payload: input },
    ]);
  }
});
