import { systemClock } from '../../host/clock.ts';
import type { CommandRow } from '../command.ts';
import { decodeJson, decodeText } from '../json-input.ts';
import { readInput, write, writeJson, writeText } from '../streams.ts';

/** `hitline build`: the `message` object of `parse` in, the exact text out. */
export const buildCommand: CommandRow = {
  name: 'build',
  describe: 'Reads a message as JSON, as parse prints it, and prints its exact text, or all its faults.',
  configure(command) {
    command.argument('[file]', 'the JSON; standard input without it or when it is -');
    command.addHelpText('after', '\nTakes the whole object that parse prints, or only its "message".');
  },
  async run({ words, streams }) {
    const value = decodeJson(decodeText(await readInput(streams, words[0])));
    const { readMessageJson } = await import('./message-json.ts');
    const { buildMessage, dayOf } = await import('../../formats/language.ts');
    const result = buildMessage(readMessageJson(value), { today: dayOf(systemClock.wallMs()) });
    if (!result.ok) {
      await writeJson(streams.stdout, { ok: false, faults: result.faults });
      return 1;
    }
    await writeText(streams, result.text);
    for (const warning of result.warnings) await write(streams.stderr, `warning: ${warning.code}: ${warning.text}\n`);
    return 0;
  },
};
