import { systemClock } from '../../host/clock.ts';
import type { CommandRow } from '../command.ts';
import { decodeText } from '../json-input.ts';
import { lexiconOf, readProfile, stateOption } from '../state-file.ts';
import { readInput, writeText } from '../streams.ts';

/** `hitline describe`: any message or reply explained line by line; values are masked unless asked for. */
export const describeCommand: CommandRow = {
  name: 'describe',
  describe: 'Explains a message or reply line by line; sensitive values are masked unless --reveal.',
  configure(command) {
    command
      .argument('[file]', 'the text; standard input without it or when it is -')
      .option('--reveal', 'show every value')
      .option(...stateOption);
  },
  async run({ words, options, streams }) {
    const text = decodeText(await readInput(streams, words[0]));
    const { dayOf, describeMessage } = await import('../../formats/language.ts');
    const profile = await readProfile(options['state']);
    const lines = describeMessage(text, {
      reveal: options['reveal'] === true,
      today: dayOf(systemClock.wallMs()),
      lexicon: await lexiconOf(options['state']),
      ...(profile === undefined ? {} : { rules: profile.replyRules, recordKinds: profile.recordKinds }),
    });
    await writeText(streams, `${lines.join('\n')}\n`);
    return 0;
  },
};
