import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { profileBytesMax } from '../../../src/switch/config/state-profile-file.ts';
import { checkConfig } from '../../../src/switch/config.ts';
import { practiceConfig } from './sample-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'hitline-profile-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(stateProfile: unknown, more: { readonly dataFolder?: unknown } = {}) {
  const input = practiceConfig();
  return checkConfig({ ...input, ...more, agency: { ...input.agency, stateProfile } }, folder);
}
function written(data: unknown): string {
  writeFileSync(join(folder, 'state.json'), typeof data === 'string' ? data : JSON.stringify(data));
  return 'state.json';
}
function textsOf(checked: ReturnType<typeof check>): readonly string[] {
  return checked.ok ? [] : checked.faults.map((one) => `${one.path}: ${one.text}`);
}
const base = { state: 'CO', title: 'A State', version: 1 };
const row = { key: 'QCP', line: 'state', title: 'T', family: 'f', action: 'query', class: 'inquiry', form: 'coded' };
const sure = { provenance: 'verified', source: 'S' };

test('a profile that comes with hitline is named by its name, any other by its file', () => {
  expect(check('colorado')).toMatchObject({ ok: true, config: { stateProfile: { state: 'CO' } } });
  expect(check(written(base))).toMatchObject({ ok: true, config: { stateProfile: { title: 'A State' } } });
  expect(check(undefined)).toMatchObject({ ok: true });
});

test('every mistake in it is named by its place, beside those of the rest of the configuration, and no value is', () => {
  const bad = { ...row, ...sure, class: 'SECRETCLASS', fields: [{ code: 'BUL', need: 'SECRETNEED' }] };
  const texts = textsOf(check(written({ ...base, version: -1, keys: [bad] }), { dataFolder: 7 }));
  expect(texts).toEqual([
    expect.stringContaining('agency.stateProfile: In the profile, at version:'),
    expect.stringContaining('agency.stateProfile: In the profile, at keys[0].class:'),
    expect.stringContaining('agency.stateProfile: In the profile, at keys[0].fields[0].need:'),
    expect.stringContaining('dataFolder:'),
  ]);
  expect(texts.join()).not.toContain('SECRET');
  const unknown = { ...row, ...sure, fields: [{ code: 'QQQ', need: 'must' }] };
  expect(textsOf(check(written({ ...base, keys: [unknown] })))).toEqual([
    'agency.stateProfile: In the profile, at keys[0].fields[0].code: QQQ is not known.',
  ]);
});

test('a profile that would let go what was held is refused', () => {
  const looser = { ...row, ...sure, key: 'EW', line: 'ncic' };
  expect(textsOf(check(written({ ...base, keys: [looser] })))).toEqual([
    'agency.stateProfile: In the profile, at keys[0].class: EW would be held less than before.',
  ]);
});

test.each([
  ['a file that is not there', () => 'nowhere.json', 'cannot be read'],
  ['a name hitline does not bring', () => 'atlantis', 'cannot be read'],
  ['a file that is no JSON', () => written('{'), 'not well-formed JSON'],
  ['a file too large for a screen', () => written(' '.repeat(profileBytesMax + 1)), 'larger than'],
  ['a profile of another State', () => written({ ...base, state: 'MN' }), 'another State'],
])('%s stops the start', (_what, file, says) => {
  expect(textsOf(check(file()))).toEqual([expect.stringMatching(new RegExp(`^agency.stateProfile: .*${says}`))]);
});
