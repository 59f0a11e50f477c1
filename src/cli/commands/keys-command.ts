import { makeFault } from '../../faults/fault.ts';
import type { CommandRow } from '../command.ts';
import { lexiconOf, stateOption } from '../state-file.ts';
import { writeJson, writeText } from '../streams.ts';

/** `hitline keys`: every message key, or one of them with all that is known of it. */
export const keysCommand: CommandRow = {
  name: 'keys',
  describe: 'Lists the message keys, or shows one: fields, lengths, codes, an example, and how sure each rule is.',
  configure(command) {
    command.argument('[key]', 'a message key, such as YQ; all keys without it').option(...stateOption);
  },
  async run({ words, options, streams }) {
    const { keyLine, keyPage } = await import('../../formats/key-page.ts');
    const lexicon = await lexiconOf(options['state']);
    const name = words[0]?.toUpperCase();
    if (name === undefined) {
      await writeText(streams, `${[...lexicon.keys.values()].map(keyLine).join('\n')}\n`);
      return 0;
    }
    const key = lexicon.keys.get(name);
    if (key === undefined) {
      await writeJson(streams.stdout, { ok: false, faults: [makeFault('KEY_UNKNOWN')] });
      return 1;
    }
    await writeText(streams, `${keyPage(key, lexicon).join('\n')}\n`);
    return 0;
  },
};
