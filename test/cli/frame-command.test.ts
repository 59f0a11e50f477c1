import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Frame } from '../../src/wire/framing/frame.ts';
import { type ProfileName, profileNames, wireProfile } from '../../src/wire/profiles.ts';
import { asciiFrame, dmppFrame, foxtalkFrame, mllpFrame } from '../wire/arbitraries.ts';
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

const framesOf = {
  'foxtalk-1': foxtalkFrame,
  'dmpp-2020': dmppFrame,
  'stx-etx': asciiFrame,
  'mllp-r2': mllpFrame,
} as const satisfies Record<ProfileName, fc.Arbitrary<Frame>>;

test.each(profileNames)('%s: encode gives back the bytes that decode read, whatever the frames', async (name) => {
  await fc.assert(
    fc.asyncProperty(fc.array(framesOf[name], { minLength: 1, maxLength: 5 }), async (list) => {
      const bytes = Buffer.concat(list.map((frame) => wireProfile(name).encode(frame)));
      const decoded = await runInside(['frame', 'decode', '--profile', name], { input: bytes });
      expect(decoded.code).toBe(0);
      const again = await runInside(['frame', 'encode', '--profile', name], { input: decoded.stdout });
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(again.stdout.equals(bytes)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['stx-etx', 'A\u0003B', 'PAYLOAD_BYTE'],
  ['mllp-r2', 'A\u001cB', 'PAYLOAD_BYTE'],
  ['mllp-r2', '\u0006', 'FRAME_TYPE'],
])('%s cannot carry the payload %j, and says so rather than send another frame', async (name, input, code) => {
  const ended = await runInside(['frame', 'encode', '--profile', name], { input });
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code }] }]);
});

test.each([
  ['stx-etx', 'heartbeat'],
  ['mllp-r2', 'connect'],
  ['dmpp-2020', 'connect'],
])('%s has no %s frame, and none is made', async (name, type) => {
  const ended = await runInside(['frame', 'encode', '--profile', name, '--type', type]);
  expect(ended.code).toBe(1);
  expect(jsonLines(ended.stdout)).toMatchObject([{ ok: false, faults: [{ code: 'FRAME_TYPE' }] }]);
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
