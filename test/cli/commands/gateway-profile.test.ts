import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { practiceConfig } from '../../switch/config/sample-config.ts';
import { runInside } from '../run-hitline.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hitline-profile-cli-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function started(profile: object): Promise<{ readonly code: number | null; readonly said: string }> {
  const input = practiceConfig();
  writeFileSync(join(root, 'state.json'), JSON.stringify(profile));
  const config = { ...input, agency: { ...input.agency, stateProfile: 'state.json' } };
  writeFileSync(join(root, 'gateway.yaml'), JSON.stringify(config));
  const ended = await runInside(['gateway', '--config', join(root, 'gateway.yaml')]);
  return { code: ended.code, said: `${ended.stdout}${ended.stderr}` };
}

test('a bad State profile stops the start of the gateway, each mistake named by its place', async () => {
  const row = {
    key: 'EW',
    line: 'ncic',
    title: 'T',
    family: 'wanted',
    action: 'query',
    class: 'inquiry',
    form: 'coded',
  };
  const keys = [{ ...row, provenance: 'verified', source: 'S', fields: [{ code: 'QQQ', need: 'must' }] }];
  const { code, said } = await started({ state: 'CO', title: 'A State', version: 1, keys });
  expect(code).not.toBe(0);
  expect(said).toContain('CONFIG_INVALID');
  expect(said).toContain('agency.stateProfile');
  expect(said).toContain('keys[0].class');
  expect(said).toContain('keys[0].fields[0].code');
});
