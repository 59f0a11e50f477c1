import { expect, test } from 'vitest';
import { federalLexicon } from '../../../src/formats/lexicon.ts';
import { composeForm, withPlaces } from '../../../src/terminal/screens/compose.ts';

function marksOf(key: string, typed: Readonly<Record<string, string>> = {}): Record<string, string> {
  const form = composeForm(federalLexicon, key, { caseId: null });
  if (form === undefined) throw new Error(`there is no form of ${key}`);
  const filled = { ...form, fields: form.fields.map((one) => ({ ...one, value: typed[one.name] ?? one.value })) };
  const { fields } = withPlaces(federalLexicon, filled);
  return Object.fromEntries(fields.map(({ name, must, wanted }) => [name, must ? 'must' : wanted ? 'want' : 'may']));
}

test('a form marks as must what a sure rule asks for, and as wanted what is only recalled', () => {
  expect(marksOf('EW')).toMatchObject({ NAM: 'must', DOW: 'must', EYE: 'may' });
  expect(marksOf('EW-C')).toMatchObject({ NAM: 'must', CMC: 'want' });
  expect(marksOf('EA')).toMatchObject({ TYP: 'want', OCA: 'want', BRA: 'may' });
});

test('what the type of record asks for stands as sure as the rule that says so', () => {
  expect(marksOf('YQ', { RTY: 'WP' })).toMatchObject({ NAM: 'must', DOB: 'must', SEX: 'may' });
  expect(marksOf('YQ', { RTY: 'MP' })).toMatchObject({ NAM: 'want', DOB: 'want' });
  expect(marksOf('YQ')).toMatchObject({ RTY: 'must', NAM: 'may' });
});
