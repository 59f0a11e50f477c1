import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { readStateProfile } from '../../src/formats/states/state-profile.ts';
import { speak } from '../../src/switch/language.ts';

const clock = { wallMs: () => Date.UTC(2026, 6, 1) };
const root = join(import.meta.dirname, '../../src/switch');

test('no room of the gateway reads, builds or classes a text past the agency’s own language', () => {
  const unbound =
    /\b(parseMessage|buildMessage|readReply|keyTable|keyTables|classOf|classOfMessage|classifyConfirmation|federalLexicon)\b(?=[^;]*from '[./]+formats\/(?:language|lexicon))/;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const breaking = files.filter((name) => {
    const imports = readFileSync(join(root, name), 'utf8').match(/^import[^;]*;/gm) ?? [];
    return name !== 'language.ts' && imports.some((one) => unbound.test(one));
  });
  expect(files.length).toBeGreaterThan(50);
  expect(breaking.map((name) => relative(root, join(root, name)))).toEqual([]);
});

test('the State’s letters of CON are read as its profile says, and only then are sure', () => {
  const letters = { letters: { K: 'confirmed' }, provenance: 'verified' };
  const own = speak(readStateProfile({ state: 'CO', title: 'T', version: 1, confirmation: letters }), clock);
  const yr = { line: 'nlets', key: 'YR', ori: 'WY0990200', destinations: [], fields: { CON: ['K'] } } as const;
  expect(own.classify(yr)).toMatchObject({ proposed: 'confirmed', provenance: 'verified' });
  expect(speak(undefined, clock).classify(yr)).toMatchObject({ proposed: 'unclear', provenance: 'recalled' });
});

test('a State may make a key stricter, and the gateway then holds it', () => {
  const row = { key: 'QW', line: 'ncic', title: 'T', family: 'wanted', action: 'query', form: 'coded' };
  const sure = { provenance: 'state', source: 'S' };
  const stricter = { ...row, ...sure, class: 'history' };
  const own = speak(readStateProfile({ state: 'CO', title: 'T', version: 1, keys: [stricter] }), clock);
  expect([own.classOf('QW'), speak(undefined, clock).classOf('QW')]).toEqual(['history', 'inquiry']);
});
