import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, placeOptions } from './ledger-desk.ts';

/** `hitline trace list`: every trace that is asked for or there. */
export const traceListCommand: CommandRow = {
  name: 'trace list',
  describe: 'Prints one JSON object for each trace that is asked for, running, or not gone yet.',
  configure: (command) => void placeOptions(command),
  async run(call) {
    const { rows } = await atDesk(call, (client) => client.call('traces', {}));
    for (const row of rows) await writeJson(call.streams.stdout, row);
    return 0;
  },
};
