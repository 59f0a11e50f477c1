import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HitlineError } from '../../../src/faults/fault.ts';
import { checkConfig } from '../../../src/switch/config.ts';
import { lineProfile, lineSettings, readBlockKeys } from '../../../src/switch/doors/line-profile.ts';
import { codingOf } from '../../../src/switch/records/line-text.ts';
import { linkSettings } from '../../../src/wire/settings.ts';
import { practiceConfig } from '../config/sample-config.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitline-line-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keyText = (byte: number): string => Buffer.alloc(32, byte).toString('base64');

function keyFile(text: string, mode = 0o600): string {
  const file = join(folder, 'blocks.key');
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return file;
}

function upstreamWith(given: object) {
  const input = practiceConfig();
  return checkConfig({ ...input, upstream: { ...input.upstream, ...given } }, folder);
}

function settingsWith(given: object) {
  const checked = upstreamWith(given);
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  const { upstream } = checked.config;
  return linkSettings(lineProfile(upstream), lineSettings(upstream));
}

function faultPaths(given: object): string[] {
  const checked = upstreamWith(given);
  return checked.ok ? [] : checked.faults.map(({ path }) => path);
}

describe('the figures of a link', () => {
  test('are those of its profile unless given, and nothing is resent but what is repeatable', () => {
    const settings = settingsWith({ profile: 'dmpp-2020' });
    expect(settings).toMatchObject({ window: 1, maxIdleMs: 30_000, defaultTimeoutMs: 5_000, resendAny: false });
  });

  test('are those of the configuration where it gives them', () => {
    const link = { window: 8, ackTimeoutMs: 700, idleMs: 900, frameBytesMax: 4_096, resendAny: true };
    expect(settingsWith({ profile: 'dmpp-2020', link })).toMatchObject({
      window: 8,
      defaultTimeoutMs: 700,
      maxIdleMs: 900,
      frameBytesMax: 4_096,
      resendAny: true,
    });
  });

  test('never let more be under way than the profile can tell apart', () => {
    expect(settingsWith({ profile: 'stx-etx', link: { window: 8 } }).window).toBe(1);
  });
});

describe('the ends of lines', () => {
  const codingWith = (given: object, agreed?: 'LF' | 'CR' | 'CRLF') => {
    const checked = upstreamWith(given);
    if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
    return codingOf(checked.config.upstream, agreed).lineEnd;
  };

  test('are as configured, else as agreed, else as the profile always has them (wire.md 4.2, 5.4)', () => {
    expect(codingWith({})).toBeUndefined();
    expect(codingWith({}, 'CR')).toBe('CR');
    expect(codingWith({ profile: 'dmpp-2020' })).toBe('CRLF');
    expect(codingWith({ text: { lineEnd: 'LF' } }, 'CRLF')).toBe('LF');
    expect(codingWith({ profile: 'dmpp-2020', text: { lineEnd: 'LF' } })).toBe('LF');
  });

  test('that are configured are what the switch is asked for', () => {
    expect(settingsWith({}).wish).toEqual({ minor: 1, coding: 'NON', newline: 'LF' });
    expect(settingsWith({ text: { lineEnd: 'CRLF' } }).wish.newline).toBe('CRLF');
  });
});

describe('the keys of blocks', () => {
  test('come from a file of their own, the first for what is sent', () => {
    const file = keyFile(`# book key value\n1 2 ${keyText(7)}\n1 3 ${keyText(8)}\n`);
    expect(readBlockKeys(file).map(({ bookId, keyId }) => [bookId, keyId])).toEqual([
      [1, 2],
      [1, 3],
    ]);
    const checked = upstreamWith({ profile: 'dmpp-2020', blockKeyFile: 'blocks.key' });
    if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
    const profile = lineProfile(checked.config.upstream);
    const payload = Buffer.from('QW.CO0990100.NAM/SAMPLE,RECORD');
    const bytes = profile.encode({ type: 'data', exchangeId: 1, final: true, payload });
    expect(bytes.includes(payload)).toBe(false);
    const deframer = profile.makeDeframer(4_096);
    deframer.push(bytes);
    expect(deframer.next()).toMatchObject({ type: 'data', payload });
  });

  test.each([
    ['nothing', ''],
    ['a key that is too short', `1 2 ${Buffer.alloc(31).toString('base64')}\n`],
    ['a number that is too large', `1 65536 ${keyText(7)}\n`],
    ['two keys of one name', `1 2 ${keyText(7)}\n1 2 ${keyText(8)}\n`],
  ])('are refused where the file holds %s, without a word of what it holds', (_name, text) => {
    const file = keyFile(text);
    const tried = (): unknown => readBlockKeys(file);
    expect(tried).toThrow(HitlineError);
    expect(tried).not.toThrow(keyText(7));
  });

  test('are refused where others may read the file', () => {
    expect(() => readBlockKeys(keyFile(`1 2 ${keyText(7)}\n`, 0o644))).toThrow(/0600/);
  });

  test('have no place in the configuration, in the data folder, or with another profile', () => {
    expect(faultPaths({ profile: 'dmpp-2020', quirks: { blockKeys: [] } })).toEqual(['upstream.quirks.blockKeys']);
    expect(faultPaths({ profile: 'dmpp-2020', blockKeyFile: 'data/blocks.key' })).toEqual(['upstream.blockKeyFile']);
    expect(faultPaths({ blockKeyFile: 'blocks.key' })).toEqual(['upstream.blockKeyFile']);
  });
});
