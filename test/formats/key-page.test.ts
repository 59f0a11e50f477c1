import { expect, test } from 'vitest';
import { keyPage } from '../../src/formats/key-page.ts';
import { federalLexicon, standingOf } from '../../src/formats/lexicon.ts';

const keys = [...federalLexicon.keys.values()];

function pageOf(name: string): readonly string[] {
  const key = federalLexicon.keys.get(name);
  if (key === undefined) throw new Error(`there is no key ${name}`);
  return keyPage(key, federalLexicon);
}

test('the page of every key has each of its fields, its class, an example, and how sure it is', () => {
  for (const key of keys) {
    const page = keyPage(key, federalLexicon).join('\n');
    for (const field of key.fields.values()) {
      const standing = standingOf(field);
      const line = new RegExp(
        `^ {2}${field.code} +${standing === 'one of' ? `one of ${field.use?.group}` : standing}`,
        'm',
      );
      expect(page).toMatch(line);
    }
    expect(page).toContain(`\n  ${key.table.class}: `);
    expect(page).toContain('\n  example:\n');
    expect(page).toContain(`\n  key ${key.table.provenance}, fields `);
    expect(page).toContain(key.table.source);
  }
});

test('what a key asks of addresses and text stands on its page', () => {
  expect(pageOf('RPQ')).toContain('  to: at most 5 two-character codes, not Z1 (verified: NLETS N11)');
  expect(pageOf('RQ')).toContain('  to MO with VIN: needs VMA VYR (verified: NLETS N11)');
  expect(pageOf('IQ')).toContain('  to CN: does not take RAC SOC MNU (verified: NLETS N15)');
  expect(pageOf('TA').join('\n')).toContain('only OD');
  expect(pageOf('HQ').join('\n')).toContain('text: must be there, published: WEATHER');
  expect(pageOf('YR').join('\n')).toContain('text: may stand in place of the fields');
});
