import { describe, expect, test } from 'vitest';
import { formatFaults } from '../../src/faults/format-faults.ts';
import { buildMessage, keyTables, parseMessage, readReply } from '../../src/formats/language.ts';
import type { Message, Provenance } from '../../src/formats/message.ts';
import { type FixtureCase, fixtureCases, fixtureNames, fixtureText } from './fixture-file.ts';

/** The day on which every fixture is read and built. */
const today = '20260701';

function said(notes: readonly { code: string; field?: string }[]): string[] {
  return notes.map((one) => (one.field === undefined ? one.code : `${one.code} ${one.field}`));
}

function check(one: FixtureCase): void {
  if (one.kind === 'refuses to build') {
    const built = buildMessage(JSON.parse(one.text) as Message, { today });
    expect(built.ok ? [] : said(built.faults)).toEqual(one.expected);
    return;
  }
  if (one.kind === 'reply warns') {
    expect(said(readReply(one.text).warnings)).toEqual(one.expected);
    return;
  }
  const parsed = parseMessage(one.text, { today });
  if (one.kind === 'bad among') {
    expect(parsed.ok ? [] : said(parsed.faults)).toEqual(expect.arrayContaining([...one.expected]));
    return;
  }
  if (one.kind === 'bad') {
    expect(parsed.ok ? [] : said(parsed.faults)).toEqual(one.expected);
    return;
  }
  expect(parsed.ok ? [] : said(parsed.faults)).toEqual([]);
  expect(said(parsed.warnings)).toEqual(expect.arrayContaining([...one.expected]));
  if (one.kind === 'good' && parsed.ok) expect(buildMessage(parsed.message, { today }).ok).toBe(true);
}

const messageNames = fixtureNames('messages');
const faultNames = fixtureNames('faults');

describe('fixtures/messages', () => {
  test.each(messageNames)('%s', (name) => {
    for (const one of fixtureCases('messages', name)) check(one);
  });

  test('every key has a file, and every file a key', () => {
    expect(messageNames).toEqual(
      keyTables()
        .map((table) => table.key)
        .sort(),
    );
  });

  test('every key has a good example, and for every field it must have an example without it', () => {
    for (const table of keyTables()) {
      const cases = fixtureCases('messages', table.key);
      expect(
        cases.some((one) => one.kind === 'good'),
        `${table.key}: a good example`,
      ).toBe(true);
      for (const use of table.fields.filter((one) => one.need === 'must')) {
        const sure: Provenance = use.provenance ?? table.fieldsProvenance ?? 'recalled';
        const kind = sure === 'recalled' ? 'warns' : 'bad';
        const found = cases.some((one) => one.kind === kind && one.expected.includes(`FIELD_MISSING ${use.code}`));
        expect(found, `${table.key} without ${use.code}`).toBe(true);
      }
    }
  });
});

test('every group of fields of which one must be there has an example without any', () => {
  for (const table of keyTables()) {
    const cases = fixtureCases('messages', table.key);
    const groups = new Set(table.fields.flatMap((use) => use.group ?? []));
    if (groups.size === 0) continue;
    expect(
      cases.some((one) => one.expected.includes('FIELD_GROUP_MISSING')),
      table.key,
    ).toBe(true);
  }
});

describe('what a fixture is told', () => {
  const told = [
    ...messageNames.map((name) => ['messages', name]),
    ...faultNames.map((name) => ['faults', name]),
  ].flatMap(([kind = '', name = '']) =>
    fixtureCases(kind, name).flatMap((one) => {
      if (one.kind === 'reply warns') return [];
      if (one.kind === 'refuses to build') {
        const built = buildMessage(JSON.parse(one.text) as Message, { today });
        return built.ok ? [] : built.faults.map((fault) => ({ one, fault, built: true }));
      }
      const parsed = parseMessage(one.text, { today });
      const notes = parsed.ok ? parsed.warnings : [...parsed.faults, ...parsed.warnings];
      return notes.map((fault) => ({ one, fault, built: false }));
    }),
  );

  test('each fault and warning names its rule and how sure that is', () => {
    for (const { one, fault } of told) expect(fault.text, `${one.file} ${fault.code}`).toMatch(/ \(Rule .+\.\)$/);
  });

  test('each fault of a text says where it is, inside the text or at its end', () => {
    for (const { one, fault, built } of told) {
      if (built || fault.code === 'FAULTS_TOO_MANY' || one.text.startsWith('<')) continue;
      expect(fault.offset, `${one.file} ${fault.code} ${fault.field ?? ''}`).toBeGreaterThanOrEqual(0);
      expect(fault.offset, `${one.file} ${fault.code}`).toBeLessThanOrEqual(one.text.length);
    }
  });
});

describe('fixtures/faults', () => {
  test.each(faultNames)('%s', (name) => {
    for (const one of fixtureCases('faults', name)) check(one);
  });

  test('every fault of the language has a file, and every file a fault', () => {
    expect(faultNames).toEqual(Object.keys(formatFaults).sort());
  });

  test('every file shows the fault it is named after', () => {
    for (const name of faultNames) {
      const shown = fixtureCases('faults', name).flatMap((one) => one.expected);
      expect(
        shown.some((one) => one.startsWith(name)),
        name,
      ).toBe(true);
    }
  });
});

describe('fixtures/replies', () => {
  test.each(fixtureNames('replies'))('%s', (name) => {
    const file = fixtureText('replies', name);
    const end = file.indexOf('\n');
    const expected = JSON.parse(file.slice(1, end)) as Record<string, unknown>;
    const reply = readReply(file.slice(end + 1));
    expect({
      ...reply,
      literals: reply.records.map((one) => one.literal),
      warnings: said(reply.warnings),
    }).toMatchObject(expected);
    for (const one of reply.evidence) expect(one.offset + one.length).toBeLessThanOrEqual(file.length - end - 1);
  });
});
