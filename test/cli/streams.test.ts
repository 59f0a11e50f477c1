import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeJson, writeText } from '../../src/cli/streams.ts';

/** What reaches standard output; `isTTY` says whether it is a screen. */
async function textOn(text: string, isTTY: boolean): Promise<string> {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  await writeText({ stdin: new PassThrough(), stdout, stderr: new PassThrough() }, text);
  return String(stdout.read() ?? '');
}

/** Everything that can steer a terminal or turn its text round, but for the line feed. */
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const anyText = fc.string({ unit: 'binary', maxLength: 80 }).map((text) => `${text}\u001b[2J\r\u009b\u202e`);

test('on a screen no text can steer it, whatever it holds', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      expect(await textOn(text, true)).not.toMatch(steering);
    }),
  );
});

test('on a screen, lines stay lines and a control character is its picture', async () => {
  expect(await textOn('ONE\u001b[2J\r\nTWO', true)).toBe('ONE␛[2J␍\nTWO\n');
});

test('into a pipe or file a text goes exactly as it is', async () => {
  const text = 'ONE\u001b[2J\r\nTWO';
  expect(await textOn(text, false)).toBe(text);
});

test('a line of JSON steers nothing either, and is still the same object', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const stream = new PassThrough();
      await writeJson(stream, { text });
      const written = String(stream.read());
      expect(written).not.toMatch(steering);
      expect(JSON.parse(written)).toEqual({ text });
    }),
  );
});
