import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger sealed-subjects`: the orders that hide a subject, for the custodian alone. */
export const ledgerSealedSubjectsCommand: CommandRow = {
  name: 'ledger sealed-subjects',
  describe: 'Lists the orders that hide a subject, one JSON object a line, the newest first; for a custodian alone.',
  configure: (command) => void deskOptions(command),
  async run(call) {
    const reason = reasonOf(call);
    const { rows } = await atDesk(call, (client) => client.call('sealedSubjects', { reason }));
    for (const row of rows) await writeJson(call.streams.stdout, row);
    return 0;
  },
};
