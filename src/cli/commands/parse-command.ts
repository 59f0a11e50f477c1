import type { Line } from '../../formats/message.ts';
import { systemClock } from '../../host/clock.ts';
import type { CommandRow } from '../command.ts';
import { UsageError } from '../command.ts';
import { decodeText } from '../json-input.ts';
import { readInput, writeJson } from '../streams.ts';

const lines = ['ncic', 'iii', 'nlets', 'state', 'reply'] as const satisfies readonly Line[];

/** `hitline parse`: text in, one JSON object out; all faults at once. */
export const parseCommand: CommandRow = {
  name: 'parse',
  describe: 'Reads one message as text and prints it as one JSON object, or all its faults.',
  configure(command) {
    command
      .argument('[file]', 'the text; standard input without it or when it is -')
      .option('--line <line>', `the family of text (${lines.join(', ')}); guessed when not given`);
  },
  async run({ words, options, streams }) {
    const line = options['line'] === undefined ? undefined : lines.find((one) => one === options['line']);
    if (options['line'] !== undefined && line === undefined)
      throw new UsageError(`--line is one of ${lines.join(', ')}`);
    const text = decodeText(await readInput(streams, words[0]));
    const { dayOf, parseMessage } = await import('../../formats/language.ts');
    const today = dayOf(systemClock.wallMs());
    const result = parseMessage(text, line === undefined ? { today } : { line, today });
    if (result.ok) {
      await writeJson(streams.stdout, { ok: true, message: result.message, warnings: result.warnings });
      return 0;
    }
    await writeJson(streams.stdout, { ok: false, faults: result.faults });
    return 1;
  },
};
