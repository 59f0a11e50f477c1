import { describe, expect, test } from 'vitest';
import { formatFaults } from '../../src/faults/format-faults.ts';
import { buildMessage, keyTables, parseMessage, readReply } from '../../src/formats/language.ts';
import type { Message, Provenance } from '../../src/formats/message.ts';
import { type FixtureCase, fixtureCases, fixtureNames, fixtureText } from './fixture-file.ts';

function said(notes: readonly { code: string; field?: string }[]): string[] {
  return notes.map((one) => (one.field === undefined ? one.code : `${one.code} ${one.field}`));
}

function check(one: FixtureCase): void {
  if (one.kind === 'refuses to build') {
    const built = buildMessage(JSON.parse(one.text) as Message);
    expect(built.ok ? [] : said(built.faults)).toEqual(one.expected);
    return;
  }
  if (one.kind === 'reply warns') {
    expect(said(readReply(one.text).warnings)).toEqual(one.expected);
    return;
  }
  const parsed = parseMessage(one.text);
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
  if (one.kind === 'good' && parsed.ok) expect(buildMessage(parsed.message).ok).toBe(true);
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
