import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mangleAnswer, mangleSession } from '../../../src/simulator/line/frame-faults.ts';
import { damage } from '../../../src/simulator/reply-damage.ts';
import { type LineFault, loadScript } from '../../../src/simulator/script.ts';
import { decodeText } from '../../../src/wire/charsets/charset.ts';
import type { Frame } from '../../../src/wire/framing/frame.ts';
import { wireProfile } from '../../../src/wire/profiles.ts';
import { fixtures } from '../stage.ts';

const dmpp = wireProfile('dmpp-2020');
const encode = (frame: Frame): Buffer => dmpp.encode(frame);

async function faultOf(name: string): Promise<LineFault> {
  const [fault] = (await loadScript(join(fixtures, `scripts/faults/dmpp-${name}.yaml`))).line;
  if (fault === undefined) throw new Error('the script has no fault');
  return fault;
}

test.each([
  ['permanent-error', 0x0011],
  ['temporary-error', 0x0012],
  ['too-fast', 0x0013],
  ['too-long', 0x0014],
  ['bad-function', 0x0041],
  ['bad-destination', 0x0042],
  ['bad-header', 0x0043],
  ['unsupported', 0x0044],
])('dmpp-%s refuses with status %i and the id of the block', async (name, status) => {
  const frame: Frame = { type: 'nak', exchangeId: 7, reason: '' };
  const { bytes } = mangleAnswer(frame, encode(frame), { fault: await faultOf(name), encode });
  expect(bytes.readUInt16BE(10)).toBe(0x0012);
  expect(bytes.readUInt32BE(12)).toBe(7);
  expect(bytes.readUInt16BE(20)).toBe(status);
});

test.each([
  ['ready', 0x0021],
  ['not-ready', 0x0022],
  ['not-available', 0x0023],
])('dmpp-keepalive-%s answers with status %i', async (name, status) => {
  const frame: Frame = { type: 'heartbeat', exchangeId: 7, reply: true };
  const { bytes } = mangleSession(frame, encode(frame), { fault: await faultOf(`keepalive-${name}`), encode });
  expect(bytes.readUInt16BE(10)).toBe(0x0022);
  expect(bytes.readUInt16BE(20)).toBe(status);
});

test('a garbled text is the same text in EBCDIC, and an undamaged one is left alone', () => {
  const text = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789';
  const garbled = Buffer.from(damage(text, { garbled: true }), 'latin1');
  expect(decodeText(garbled, { charset: 'cp037' })).toEqual({ ok: true, text });
  expect(damage(text)).toBe(text);
});
