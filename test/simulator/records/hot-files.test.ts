/** What every hot file does with a record, by texts alone: each key of each file, from its entry to its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readReply } from '../../../src/formats/language.ts';
import type { Values } from '../../../src/formats/message.ts';
import { type HotFile, hotFiles } from '../../../src/simulator/records/files.ts';
import { type HotRecord, noRecords } from '../../../src/simulator/records/hot-records.ts';
import { type LoadedFiles, loadHotFiles } from '../../../src/simulator/records/load-hot-files.ts';
import { saveHotFiles } from '../../../src/simulator/records/save-hot-files.ts';
import { practiceReplyRules } from '../../../src/simulator/reply-rules.ts';
import { parseScript } from '../../../src/simulator/script.ts';
import { SwitchBench } from '../switch-bench.ts';

const loaded = await loadHotFiles(join(import.meta.dirname, '../../../fixtures/hot-files'));
const empty: LoadedFiles = { ...loaded, records: noRecords };
const owner = 'CO0990100';
const other = 'WY0990200';
const dayMs = 86_400_000;

/** A record of the file as the fixtures have it. */
function sample(file: HotFile): HotRecord {
  const found = [...loaded.records.byNic.values()].find((record) => record.file === file.name);
  if (found === undefined) throw new Error('no fixture');
  return found;
}

/** A switch with empty files, and what a client says to it; each gives the first text that comes back. */
class Desk {
  readonly bench: SwitchBench;

  constructor(over: object = {}, files = empty) {
    this.bench = new SwitchBench(parseScript({ name: 'Test', answers: { order: 'federal-first' }, ...over }), files);
  }

  all(key: string, fields: Values, ori = owner) {
    const coded = Object.entries(fields).flatMap(([code, values]) => values.map((value) => `${code}/${value}`));
    return this.bench.receive(`1N01C1.${key}.${ori}.${coded.join('.')}`);
  }

  say(key: string, fields: Values, ori = owner): string {
    return this.all(key, fields, ori)[0]?.text ?? '';
  }
}

/** The fields by which the fixtures' record is found, named and asked for. */
function words(file: HotFile) {
  const { fields } = sample(file);
  const pick = (codes: readonly string[]): Values =>
    Object.fromEntries(codes.flatMap((code) => (fields[code] === undefined ? [] : [[code, fields[code]]])));
  const set = file.foundBy.find((codes) => codes.every((code) => fields[code] !== undefined)) ?? [];
  return { fields, named: pick(['NAM', 'OCA', 'SER', 'LIC', 'VIN']), asked: pick(set) };
}

const nic = (file: HotFile): string => `${file.letter}990000001`;
const enterKeys = hotFiles.flatMap((file) => file.enter.map((key) => [file.name, key, file] as const));
const located: Values = { DOL: ['20260601'], RCA: ['XX26000001'], DIS: ['EXTR'] };
const cleared: Values = { DCL: ['20260602'], RRI: [owner], RCA: ['XX26000001'] };

/** What some keys ask for beside what the fixtures' record has. */
const juvenile: Values = { DOE: ['20260301'], DOV: ['20260201'] };
const alsoAsked: Readonly<Record<string, Values>> = {
  EWJ: juvenile,
  EWJC: juvenile,
  QWI: { SEX: ['M'], RAC: ['W'], PUR: ['C'], ATN: ['CLERK SAMPLE'] },
};

test.each(enterKeys)('%s: %s enters a record, which gets the next NIC and is found', (_name, key, file) => {
  const desk = new Desk();
  const { fields, asked } = words(file);
  const answer = desk.say(key, { ...fields, ...alsoAsked[key] });
  expect(answer).toContain(`\n\nNIC/${nic(file)}`);
  expect(desk.say(file.query[0] ?? '', asked)).toContain(`NIC/${nic(file)}`);
});

describe.each(hotFiles.map((file) => [file.name, file] as const))('the %s file', (_name, file) => {
  const { fields, named, asked } = words(file);
  const entry = sample(file).key;
  const change: Values = { ...named, NIC: [nic(file)] };
  const entered = (over: object = {}): Desk => {
    const desk = new Desk(over);
    desk.say(entry, fields);
    return desk;
  };

  test('rejects the same entry again and shows the record on file', () => {
    const answer = entered().say(entry, fields);
    expect(answer).toContain('REJ - ON FILE');
    expect(answer).toContain(`NIC/${nic(file)}`);
  });

  test.each(file.query.map((key) => [key]))('is searched by %s, and both sources answer', (key) => {
    const desk = entered();
    const answers = desk.all(key, { ...asked, ...alsoAsked[key] }).filter(({ about }) => about !== 'notice');
    const hits = answers.filter(({ text }) => text.includes(`NIC/${nic(file)}`));
    expect(hits.map(({ about }) => about).toSorted()).toEqual(['federal-answer', 'state-answer']);
    const none = desk.all(key, { NIC: ['W990009999'] });
    expect(none.some(({ text }) => text.includes(nic(file)))).toBe(false);
  });

  test.each(file.modify.map((key) => [key]))('is changed by %s, by the owner alone', (key) => {
    const desk = entered();
    const wanted = { ...change, MIS: ['SYNTHETIC MODIFICATION'] };
    expect(desk.say(key, wanted, other)).toContain('REJ - NOT AUTHORIZED');
    expect(desk.say(key, wanted)).toContain(`MODIFY NIC/${nic(file)}`);
    expect(desk.say(file.query[0] ?? '', asked)).toContain('SYNTHETIC MODIFICATION');
  });

  test.each(file.locate.map((key) => [key]))('is located by %s, which its owner is told and every hit says', (key) => {
    const desk = entered();
    const [answer, notice] = desk.all(key, { ...change, ...located }, other);
    expect(answer?.text).toContain(`LOCATE NIC/${nic(file)}`);
    expect(notice).toMatchObject({ about: 'notice', to: owner });
    expect(notice?.text).toMatch(/\n\n\$\.L\. /);
    expect(desk.say(file.query[0] ?? '', asked)).toContain('MKE/LOCATED ');
    expect(desk.say(key, { ...change, ...located }, other)).toContain('REJ - ALREADY LOCATED');
  });

  test.each([
    ...file.clear.map((key) => [key, 'CLEAR', 'REJ - ALREADY CLEARED'] as const),
    ...file.cancel.map((key) => [key, 'CANCEL', 'REJ - ALREADY CANCELED'] as const),
  ])('is taken off by %s, is found no more, and may be entered again', (key, word, again) => {
    const desk = entered();
    const wanted = word === 'CLEAR' ? { ...change, ...cleared } : change;
    expect(desk.say(key, wanted, other)).toContain('REJ - NOT AUTHORIZED');
    expect(desk.say(key, wanted)).toContain(`${word} NIC/${nic(file)}`);
    expect(desk.say(file.query[0] ?? '', asked)).not.toContain(nic(file));
    expect(desk.say(key, wanted)).toContain(again);
    expect(desk.say(entry, fields)).toContain(`NIC/${file.letter}990000002`);
  });

  test.each((file.supplement ?? []).map((key) => [key]))(
    'takes further values by %s and gives them up again',
    (key) => {
      const desk = entered();
      const cancel = file.cancelSupplement?.[0] ?? '';
      const more = { NIC: [nic(file)], MIS: ['SYNTHETIC SUPPLEMENT'], SOC: ['000000977'] };
      expect(desk.say(key, more, other)).toContain('REJ - NOT AUTHORIZED');
      expect(desk.say(key, more)).toContain(`SUPP NIC/${nic(file)}`);
      expect(desk.say(key, more)).toContain('REJ - SUPPLEMENT ON FILE');
      expect(desk.say(file.query[0] ?? '', asked)).toContain('MIS/SYNTHETIC SUPPLEMENT');
      if (file.foundBy.some((set) => set.join() === 'SOC')) {
        expect(desk.say(file.query[0] ?? '', { SOC: ['000000977'] })).toContain(nic(file));
      }
      expect(desk.say(cancel, more)).toContain(`CANCEL SUPP NIC/${nic(file)}`);
      expect(desk.say(cancel, more)).toContain('REJ - SUPPLEMENT NOT ON FILE');
      expect(desk.say(file.query[0] ?? '', asked)).not.toContain('SYNTHETIC SUPPLEMENT');
    },
  );

  test('gives a record up when its time is over, and tells its owner', () => {
    const desk = entered({ retention: { days: 30 } });
    desk.bench.pass(29 * dayMs);
    expect(desk.say(file.query[0] ?? '', asked)).toContain(nic(file));
    desk.bench.pass(dayMs);
    const sent = desk.all(file.query[0] ?? '', asked);
    const notice = sent.find(({ about }) => about === 'notice');
    expect(notice).toMatchObject({ to: owner });
    expect(notice?.text).toMatch(/\n\n\$\.P\. /);
    const answers = sent.filter(({ about }) => about !== 'notice');
    expect(answers).toHaveLength(2);
    expect(answers.some(({ text }) => text.includes(nic(file)))).toBe(false);
    expect(desk.say(file.modify[0] ?? '', { ...change, MIS: ['X'] })).toContain('REJ - NOT ON FILE');
  });

  test('has its acknowledgements and rejects read by the language as what they are', () => {
    const desk = new Desk();
    const kind = (text: string) => readReply(text, { rules: practiceReplyRules }).kind;
    expect(kind(desk.say(entry, fields))).toBe('acknowledgement');
    expect(kind(desk.say(entry, fields))).toBe('reject');
    for (const key of file.supplement ?? []) {
      expect(kind(desk.say(key, { NIC: [nic(file)], MIS: [`SYNTHETIC ${key}`] }))).toBe('acknowledgement');
    }
    expect(kind(desk.say(file.cancel[0] ?? '', change))).toBe('acknowledgement');
    expect(kind(desk.say(file.cancel[0] ?? '', change))).toBe('reject');
  });
});

test('a detainer is taken only for a located record, by its owner, once, and is changed and taken off again', () => {
  const desk = new Desk({}, loaded);
  const detainer = { NIC: ['W990000001'], OCA: ['PR26000001'], MIS: ['SYNTHETIC DETAINER'] };
  const ask = (): string => desk.say('QW', { NIC: ['W990000001'] });
  expect(desk.say('DW', detainer)).toContain('REJ - NOT LOCATED');
  desk.say('LW', { NIC: ['W990000001'], NAM: ['PRACTICE, PAT'], ...located }, other);
  expect(desk.say('XDW', { NIC: ['W990000001'] })).toContain('REJ - DETAINER NOT ON FILE');
  expect(desk.say('DW', detainer, other)).toContain('REJ - NOT AUTHORIZED');
  expect(desk.say('DW', detainer)).toContain('DETAINER NIC/W990000001');
  expect(desk.say('DW', detainer)).toContain('REJ - DETAINER ON FILE');
  expect(ask()).toContain('DETAINER ON FILE MIS/SYNTHETIC DETAINER');
  const changed = desk.say('MDW', { ...detainer, MIS: ['SYNTHETIC CHANGE'] });
  expect(changed).toContain('MODIFY DETAINER NIC/W990000001');
  expect(ask()).toContain('DETAINER ON FILE MIS/SYNTHETIC CHANGE');
  expect(desk.say('XDW', { NIC: ['W990000001'] })).toContain('CANCEL DETAINER NIC/W990000001');
  expect(ask()).not.toContain('DETAINER');
  const replies = [changed, desk.say('XDW', { NIC: ['W990000001'] })];
  expect(replies.map((text) => readReply(text, { rules: practiceReplyRules }).kind)).toEqual([
    'acknowledgement',
    'reject',
  ]);
});

test('a located record may have a time of its own, and a script may take a record off at once', () => {
  const desk = new Desk(
    {
      retention: { locatedDays: 5 },
      moments: [{ when: { received: { key: 'ZW' } }, send: [{ purge: { nic: 'W990000002' } }] }],
    },
    loaded,
  );
  desk.say('LW', { NIC: ['W990000001'], NAM: ['PRACTICE, PAT'], ...located }, other);
  desk.bench.pass(5 * dayMs);
  const told = desk.all('QG', { SER: ['SYN9'] }).filter(({ text }) => text.includes('$.P. '));
  expect(told.map(({ to }) => to)).toContain(owner);
  expect(desk.say('QW', { NIC: ['W990000001'] })).not.toContain('MKE/');
  const asked = desk.all('ZW', { NIC: ['W990000002'] });
  expect(asked.find(({ about }) => about === 'notice')).toMatchObject({ to: other });
  expect(desk.say('QW', { NIC: ['W990000002'] })).not.toContain('MKE/');
});

test('what was saved is what is loaded again, with NICs that go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hot-files-'));
  const desk = new Desk({}, loaded);
  desk.say('LW', { NIC: ['W990000001'], NAM: ['PRACTICE, PAT'], ...located }, other);
  desk.say('DW', { NIC: ['W990000001'], MIS: ['SYNTHETIC DETAINER'] });
  desk.say('EN', { NIC: ['W990000001'], AKA: ['SAMPLE, PAT'] });
  desk.say('XW', { NIC: ['W990000002'], NAM: ['RECORD, ROBIN'] }, other);
  const files: LoadedFiles = { records: desk.bench.state.records, registers: desk.bench.state.registers };
  try {
    await saveHotFiles(folder, files);
    const again = await loadHotFiles(folder);
    expect(again.registers).toEqual(files.registers);
    expect(again.records.nextNumber).toEqual(files.records.nextNumber);
    expect(new Map([...again.records.byNic].toSorted())).toEqual(new Map([...files.records.byNic].toSorted()));
  } finally {
    await rm(folder, { recursive: true });
  }
});
