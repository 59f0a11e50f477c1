import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exampleMessage } from '../../src/formats/example.ts';
import { buildMessage, classOf, parseMessage, readReply } from '../../src/formats/language.ts';
import { readStateProfile, stateLexicon } from '../../src/formats/states/state-profile.ts';

const folder = join(import.meta.dirname, '../../src/formats/states');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const load = (file: string) => readStateProfile(JSON.parse(readFileSync(join(folder, file), 'utf8')));

describe.each(files)('%s', (file) => {
  const profile = load(file);
  const lexicon = stateLexicon(profile);

  test('every key it brings has an example that parses and builds', () => {
    for (const row of profile.keys) {
      const key = lexicon.keys.get(row.key);
      if (key === undefined) throw new Error(`${row.key} is missing from the tables`);
      const message = exampleMessage(key, lexicon);
      const built = buildMessage(message, { lexicon });
      expect(built).toMatchObject({ ok: true });
      expect(built.ok && parseMessage(built.text, { lexicon })).toMatchObject({ ok: true, message });
    }
  });

  test('its keys are unknown without it, and known keys stay as they were', () => {
    for (const row of profile.keys) expect(classOf(row.key)).toBeUndefined();
    expect(classOf('EW', { lexicon })).toBe('record');
  });
});

test('a State’s own wording is read by its own rules, and stays recalled until the State says otherwise', () => {
  const profile = load('colorado.json');
  const options = { lexicon: stateLexicon(profile), rules: profile.replyRules, recordKinds: profile.recordKinds };
  const text = 'CCIC PRACTICE RESPONSE\nNO CCIC RECORD LIC/PRAC001\n';
  expect(readReply(text)).toMatchObject({ verdict: 'READ IT' });
  expect(readReply(text, options)).toMatchObject({
    verdict: 'NO RECORD',
    source: 'STATE',
    warnings: [{ code: 'REPLY_RULE_RECALLED' }],
  });
  expect(readReply('MKE/CCIC WARRANT\nNAM/SAMPLE, ALPHA CIC/0000000001\n', options)).toMatchObject({
    verdict: 'HIT',
    records: [{ standing: 'want', file: 'state-wanted' }],
  });
});

test('a profile may not let a key go that was held, nor name what does not exist', () => {
  const base = { state: 'CO', title: 'T', version: 1 };
  const row = {
    key: 'EW',
    line: 'ncic',
    title: 'T',
    family: 'wanted',
    action: 'query',
    class: 'inquiry',
    form: 'coded',
  };
  const sure = { provenance: 'state', source: 'S' };
  expect(() => readStateProfile({ ...base, keys: [{ ...row, ...sure }] })).toThrow(/EW would be held less/);
  const strange = { ...row, ...sure, key: 'QCW', fields: [{ code: 'QQQ', need: 'may' }] };
  expect(() => readStateProfile({ ...base, keys: [strange] })).toThrow(/QQQ is not known/);
  expect(() => readStateProfile({ ...base, keys: [{ ...row, form: 'SECRET' }] })).toThrow(/keys\.0\.form/);
  expect(() => readStateProfile({ ...base, keys: [{ ...row, form: 'SECRET' }] })).not.toThrow(/SECRET/);
});
