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
      .argument('<table>', 'the table, such as OFF, EYE or VMA')
      .argument('[words...]', 'what to look for; the whole table without it')
      .option(...stateOption);
  },
  async run({ words, options, streams }) {
    const { tables } = await lexiconOf(options['state']);
    const [name = '', ...wanted] = words;
    const named = [...tables.keys()].find((one) => one === name || one.toUpperCase() === name.toUpperCase());
    const table = named === undefined ? furtherList(name) : tables.get(named);
    if (table === undefined) {
      const known = [...tables.keys(), ...furtherListNames].sort();
      throw new UsageError(`there is no such table; there are ${known.join(' ')}`);
    }
    const sought = wanted.join(' ').toUpperCase();
    const lines = Object.entries({ ...table.codes, ...spellings(table.synonyms) })
      .filter(([code, meaning]) => code.includes(sought) || meaning.toUpperCase().includes(sought))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([code, meaning]) => `${code.padEnd(8)} ${meaning.replaceAll('%', ' / ')}`);
    await writeText(streams, lines.length === 0 ? '' : `${lines.join('\n')}\n`);
    return 0;
  },
};

function spellings(synonyms: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(synonyms).map(([from, to]) => [from, `taken for ${to}`]));
}
