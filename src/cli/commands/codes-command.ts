import type { CodeTable } from '../../formats/code-tables.ts';
import type { Lexicon } from '../../formats/lexicon.ts';
import type { CommandRow } from '../command.ts';
import { UsageError } from '../command.ts';
import { lexiconOf, stateOption } from '../state-file.ts';
import { writeText } from '../streams.ts';
import { furtherList, furtherListNames } from './further-lists.ts';

/** `hitline codes`: searches a code table by code or by a word of its meanings. */
export const codesCommand: CommandRow = {
  name: 'codes',
  describe: 'Searches a code table by code or by words of its meanings; prints one code a line.',
  configure(command) {
    command
      .argument('<table>', 'the table, such as OFF or EYE, or a field that has one, such as HAI')
      .argument('[words...]', 'what to look for; the whole table without it')
      .option(...stateOption);
  },
  async run({ words, options, streams }) {
    const lexicon = await lexiconOf(options['state']);
    const [name = '', ...wanted] = words;
    const found = tablesNamed(lexicon, name);
    if (found.length === 0) {
      const known = [...lexicon.tables.keys(), ...furtherListNames].sort();
      throw new UsageError(`there is no such table and no such field with codes; the tables are ${known.join(' ')}`);
    }
    const sought = wanted.join(' ').toUpperCase();
    const lines = found
      .flatMap((table) => Object.entries({ ...table.codes, ...spellings(table.synonyms) }))
      .filter(([code, meaning]) => code.includes(sought) || meaning.toUpperCase().includes(sought))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([code, meaning]) => `${code.padEnd(8)} ${meaning.replaceAll('%', ' / ')}`);
    await writeText(streams, lines.length === 0 ? '' : `${lines.join('\n')}\n`);
    return 0;
  },
};

/** The table of this name, whatever its letters' case; or else the tables of the field of this code. */
function tablesNamed({ tables, fields }: Lexicon, name: string): readonly CodeList[] {
  const wanted = name.toUpperCase();
  const named = [...tables.keys()].find((one) => one.toUpperCase() === wanted);
  const table = named === undefined ? furtherList(name) : tables.get(named);
  if (table !== undefined) return [table];
  return (fields.get(wanted)?.tables ?? []).flatMap((one) => tables.get(one) ?? []);
}

type CodeList = Pick<CodeTable, 'codes' | 'synonyms'>;

function spellings(synonyms: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(synonyms).map(([from, to]) => [from, `taken for ${to}`]));
}
