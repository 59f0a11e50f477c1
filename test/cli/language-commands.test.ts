import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { furtherListNames } from '../../src/cli/commands/further-lists.ts';
import { keyTables } from '../../src/formats/language.ts';
import { federalLexicon } from '../../src/formats/lexicon.ts';
import { jsonLines, runHitline, runInside } from './run-hitline.ts';

test('keys lists every key, one a line', async () => {
  const ended = await runInside(['keys']);
  expect(ended.code).toBe(0);
  const listed = ended.stdout.toString().trimEnd().split('\n');
  expect(listed.map((line) => line.split(' ')[0])).toEqual(keyTables().map((table) => table.key));
});

test('the real process shows a key with its fields, an example and its sources', async () => {
  const ended = await runHitline(['keys', 'YQ']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const page = ended.stdout.toString();
  for (const words of ['RTY     must', 'at most 3 nine-character ORIs', 'YQ.CO0990100.WY0990200', 'NLETS N14']) {
    expect(page).toContain(words);
  }
});

test('a key of a State is known only with the State’s profile', async () => {
  const without = await runInside(['keys', 'QCW']);
  expect(without.code).toBe(1);
  expect(jsonLines(without.stdout)).toMatchObject([{ ok: false, faults: [{ code: 'KEY_UNKNOWN' }] }]);
  const withState = await runInside(['keys', 'QCW', '--state', 'colorado']);
  expect(withState.code).toBe(0);
  expect(withState.stdout.toString()).toContain('fictional');
});

test('codes searches by code and by meaning, and an unknown table is wrong usage', async () => {
  const found = await runInside(['codes', 'OFF', 'minor', 'for', 'ransom']);
  expect(found.stdout.toString()).toBe('1001     KIDNAP MINOR FOR RANSOM\n');
  const spelling = await runInside(['codes', 'HAIR', 'WHT']);
  expect(spelling.stdout.toString()).toBe('WHT      taken for WHI\n');
  const byField = await runInside(['codes', 'HAI', 'WHT']);
  expect(byField.stdout.toString()).toBe('WHT      taken for WHI\n');
  expect(await runInside(['codes', 'NOPE'])).toMatchObject({ code: 2 });
  expect(await runInside(['codes', 'DOB'])).toMatchObject({ code: 2 });
  const unit = await runInside(['codes', 'vehicleepd', 'liter']);
  expect(unit.stdout.toString()).toBe('L        LITER\n');
});

test('every code list of the package can be searched, whether a field names it or not', async () => {
  const folder = join(import.meta.dirname, '../../node_modules/@cityssm/ncic-lookup/data');
  // The list of the lists is none itself.
  const names = readdirSync(folder)
    .map((file) => file.replace(/\.json$/, ''))
    .filter((one) => one !== 'codeTypes');
  expect([...federalLexicon.tables.keys(), ...furtherListNames].sort()).toEqual(names.sort());
  const found = await runInside(['codes', 'aircraft', 'blimp']);
  expect(found.stdout.toString()).toBe('BLM      BLIMP\n');
});

const hit = '1L01COJ10000001\nCO0990100\n\nMKE/PROTECTION ORDER\nORI/WY0990200 NAM/SAMPLE, ALPHA NIC/H000000001\n';

test('describe hides what a record holds unless asked, and says what nobody is arrested on', async () => {
  const masked = (await runInside(['describe'], { input: hit })).stdout.toString();
  expect(masked).toContain('NOT A WANT');
  expect(masked).not.toContain('SAMPLE');
  const shown = (await runInside(['describe', '--reveal'], { input: hit })).stdout.toString();
  expect(shown).toContain('NAM/SAMPLE, ALPHA');
});

test('describe names every fault of a message with its place', async () => {
  const input = 'YQ.CO0990100.WY.TXT\nRTY/WP.RNO/4';
  const lines = (await runInside(['describe'], { input })).stdout.toString();
  expect(lines).toContain('DESTINATION_KIND');
  expect(lines).toMatch(/VALUE_NOT_LISTED RNO at \d+:/);
});
