import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger show`: one message with its text and history. */
export const ledgerShowCommand: CommandRow = {
  name: 'ledger show',
  describe: 'Prints one message on file with its text and history, through the running gateway.',
  configure(command) {
    deskOptions(command).argument('<id>', 'the id of the message, as "ledger search" prints it');
  },
  async run(call) {
    const reason = reasonOf(call);
    const view = await atDesk(call, (client) => client.call('show', { id: call.words[0] ?? '', reason }));
    await writeJson(call.streams.stdout, view);
    return 0;
  },
};
