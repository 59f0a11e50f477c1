import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exampleMessage } from '../../src/formats/example.ts';
import { buildMessage, classOf, parseMessage, readReply } from '../../src/formats/language.ts';
import { checkStateProfile, readStateProfile, stateLexicon } from '../../src/formats/states/state-profile.ts';

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

test('a reply header of a State may carry a stamp of numbers and nothing else, and tells who answers', () => {
  const profile = load('colorado.json');
  const options = { lexicon: stateLexicon(profile), rules: profile.replyRules, recordKinds: profile.recordKinds };
  const read = (text: string) => readReply(text, options);
  const stamp = '00012 01/01/2030 08:00 MST CO0990100';
  const noState = `CCIC PRACTICE RESPONSE ${stamp}\nNO CCIC RECORD LIC/PRAC001\nEND OF CCIC PRACTICE RESPONSE\n`;
  const relayed = `CCIC PRACTICE RELAY OF NCIC ${stamp}\nNO RECORD LIC/PRAC001\n`;
  expect(read(noState)).toMatchObject({ verdict: 'NO RECORD', source: 'STATE' });
  expect(read(relayed)).toMatchObject({ verdict: 'NO RECORD', source: 'NCIC' });
  expect(read(noState + relayed.replace('NO RECORD', 'NO NCIC RECORD'))).toMatchObject({ sources: ['STATE', 'NCIC'] });
  for (const words of ['WARRANT', '00012 WARRANT', 'WANTED 08:00']) {
    expect(read(noState.replace(stamp, words)).verdict).toBe('READ IT');
  }
  expect(read('MKE/CCIC PROTECTION ORDER\nCIC/0000000001\n').records).toMatchObject([{ standing: 'caution' }]);
});

test('a profile may let any words follow a reject, never a banner or a no-record: they could be a record', () => {
  const base = { state: 'CO', title: 'T', version: 1 };
  const rule = { name: 'N', starts: 'CCIC', rest: 'anything', provenance: 'state', source: 'S' };
  expect(() => readStateProfile({ ...base, replyRules: [{ ...rule, kind: 'reject' }] })).not.toThrow();
  for (const kind of ['banner', 'no-record']) {
    expect(() => readStateProfile({ ...base, replyRules: [{ ...rule, kind }] })).toThrow(/replyRules\.0\.rest/);
  }
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

test('every mistake of a profile is found at once and named by its place', () => {
  const row = { key: 'QCW', line: 'state', title: 'T', family: 'f', action: 'query', class: 'inquiry', form: 'coded' };
  const sure = { provenance: 'state', source: 'S' };
  const paths = (data: unknown) => {
    const read = checkStateProfile(data);
    return read.ok ? [] : read.faults.map((one) => one.path.join('.'));
  };
  expect(
    paths({ state: 'Colorado', title: 'T', version: 0, keys: [{ ...row, ...sure, class: 'free' }], odd: 1 }),
  ).toEqual(expect.arrayContaining(['state', 'version', 'keys.0.class', 'odd']));
  const base = { state: 'CO', title: 'T', version: 1 };
  const field = { code: 'QQZ', name: 'N', class: 'code', tables: ['NONE'], edits: ['none'], sensitive: false, ...sure };
  const uses = [
    { code: 'NAM', need: 'must' },
    { code: 'QQQ', need: 'may' },
  ];
  expect(paths({ ...base, keys: [{ ...row, ...sure, fields: uses }], fields: [field] })).toEqual([
    'keys.0.fields.1.code',
    'fields.0.tables.0',
    'fields.0.edits.0',
  ]);
});

test('a profile may not take the place of a key that carries another message, whose inside would no longer be looked at', () => {
  const row = {
    key: 'NCIC',
    line: 'state',
    title: 'T',
    family: 'f',
    action: 'message',
    class: 'tell',
    form: 'free-text',
  };
  const profile = { state: 'OR', title: 'T', version: 1, keys: [{ ...row, provenance: 'state', source: 'S' }] };
  expect(checkStateProfile(profile)).toMatchObject({ ok: false, faults: [{ path: ['keys', 0] }] });
});

test('a State’s own key is known behind the header of the line that carries it', () => {
  const lexicon = stateLexicon(load('colorado.json'));
  const text = '1N01COJ1A000000001.QCW.CO0990100.NAM/SAMPLE, SAM';
  expect(parseMessage(text, { lexicon })).toMatchObject({ ok: true, message: { line: 'state', key: 'QCW' } });
  expect(parseMessage(text)).toMatchObject({ ok: false });
});

describe('a State’s file may say of a key whatever the house’s own tables say', () => {
  const sure = { provenance: 'state', source: 'S' } as const;
  const profile = readStateProfile({
    state: 'CO',
    title: 'T',
    version: 1,
    keys: [
      {
        key: 'EG',
        line: 'ncic',
        title: 'T',
        family: 'gun',
        action: 'enter',
        class: 'record',
        form: 'positional',
        header: '1N01',
        fields: [
          { code: 'SER', need: 'must', max: 11 },
          { code: 'MAK', need: 'must', unless: ['NIC'] },
          { code: 'NIC', need: 'may' },
        ],
        positions: { order: ['MAK', 'SER'], provenance: 'state' },
        rules: ['two-of-three'],
        fieldsProvenance: 'state',
        ...sure,
      },
      {
        key: 'FYQ',
        line: 'nlets',
        title: 'T',
        family: 'hit-confirmation',
        action: 'request',
        class: 'confirm',
        form: 'nlets',
        fields: [
          { code: 'RTY', need: 'must' },
          { code: 'NAM', need: 'may' },
          { code: 'LIC', need: 'may', only: { RTY: ['SL'] } },
        ],
        variants: [{ when: { RTY: 'WP' }, required: ['NAM'], provenance: 'state' }],
        destinations: { max: 1, kind: 'region', only: 'FL', ...sure },
        destinationNeeds: [{ to: 'FL', required: ['NAM'], ...sure }],
        layout: [['RTY'], []],
        fieldsProvenance: 'state',
        ...sure,
      },
    ],
    fields: [{ code: 'ZZA', name: 'N', class: 'date', latest: 'today', sensitive: false, ...sure }],
  });
  const lexicon = stateLexicon(profile);
  const faultsOf = (text: string): readonly string[] => {
    const parsed = parseMessage(text, { lexicon, today: '20260701' });
    return parsed.ok ? [] : parsed.faults.map((one) => `${one.code} ${one.field ?? ''}`);
  };

  test('its own order of values is read and built without doubt, and its named rules are asked', () => {
    const text = '1N01COJ10000001.EG.CO0990100.SW.PRACTICE06';
    const parsed = parseMessage(text, { lexicon });
    expect(parsed.ok ? [] : parsed.faults.map((one) => one.code)).toEqual(['FIELDS_TOO_FEW']);
    expect(parsed.warnings.map((one) => one.code)).not.toContain('POSITION_RECALLED');
    expect(faultsOf('1N01COJ10000001.EG.CO0990100.SER/PRACTICE06.NIC/G000000001')).toEqual(['FIELDS_TOO_FEW ']);
  });

  test('its record types and addresses hold', () => {
    expect(faultsOf('FYQ.CO0990100.FL.TXT\nRTY/WP.LIC/PRAC001')).toEqual([
      'FIELD_NOT_FOR_TYPE LIC',
      'FIELD_MISSING NAM',
      'FIELD_MISSING NAM',
    ]);
    expect(faultsOf('FYQ.CO0990100.WY.TXT\nRTY/WP.NAM/SAMPLE, ALPHA')).toEqual(['DESTINATION_KIND ']);
  });

  test('a rule that does not exist is named by its place', () => {
    const row = { ...profile.keys[0], rules: ['no-such-rule'] };
    expect(() => readStateProfile({ ...profile, keys: [row] })).toThrow(/keys\.0\.rules\.0/);
  });
});
