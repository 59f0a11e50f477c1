import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exampleMessage } from '../../src/formats/example.ts';
import { keyPage } from '../../src/formats/key-page.ts';
import { defineKeys, may, must } from '../../src/formats/key-table.ts';
import {
  buildMessage,
  describeMessage,
  guessLine,
  keyTable,
  maskText,
  parseMessage,
} from '../../src/formats/language.ts';
import { makeLexicon } from '../../src/formats/lexicon.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** A text without the blanks in front of its lines, so that what is indented otherwise is still the same. */
const flat = (text: string): string => text.replace(/^ +/gm, '').trim();

/** The blocks of code in the section about keys. */
function blocks(kind: string): readonly string[] {
  const section = read('CONTRIBUTING.md').split('## Add a message key')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(new RegExp(` *\`\`\`${kind}\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) => flat(text));
}

describe('the example of CONTRIBUTING', () => {
  test('is the row of a real key, word by word', () => {
    expect(blocks('ts')).toHaveLength(1);
    for (const block of blocks('ts')) expect(flat(read('src/formats/keys/permit.ts'))).toContain(block);
  });

  test('is its fixture, word by word', () => {
    expect(blocks('text')).toEqual([flat(read('fixtures/messages/CWQ.txt'))]);
  });
});

test('a row is all a key needs: reading, building, its page, its example, its masking and its description come from it', () => {
  const [row] = defineKeys({ line: 'nlets', family: 'permit', provenance: 'recalled', source: 'made up' }, [
    {
      key: 'ZWP',
      title: 'Made up for this test',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      fields: [must('PER', 15), may('DOB', 8)],
      destinations: { max: 1, kind: 'region', provenance: 'state', source: 'made up' },
      fieldsProvenance: 'state',
    },
  ]);
  if (row === undefined) throw new Error('one row gives one key');
  const lexicon = makeLexicon({ keys: [row] });
  const key = lexicon.keys.get('ZWP');
  if (key === undefined) throw new Error('the key is not in its own lexicon');
  const built = buildMessage(exampleMessage(key, lexicon), { lexicon });
  const text = built.ok ? built.text : '';
  expect(text).toBe('ZWP.CO0990100.WY.*COJ1000001.TXT\nPER/PRACTICE09');
  expect(guessLine(text, { lexicon })).toBe('nlets');
  expect(parseMessage(text, { lexicon })).toMatchObject({ ok: true, message: { key: 'ZWP' } });
  expect(parseMessage(text.replace('PER/PRACTICE09', 'DOB/19700101'), { lexicon })).toMatchObject({
    faults: [{ code: 'FIELD_MISSING', field: 'PER' }],
  });
  expect(keyPage(key, lexicon).join('\n')).toContain('PER     must');
  expect(maskText(text, { lexicon })).not.toContain('PRACTICE09');
  expect(describeMessage(text, { lexicon, reveal: false }).join('\n')).toContain('Made up for this test');
  expect([keyTable('ZWP'), keyTable('ZWP', { lexicon })]).toEqual([undefined, row]);
});
