import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger free`: lets a message out of quarantine by a person's word. */
export const ledgerFreeCommand: CommandRow = {
  name: 'ledger free',
  describe: "Frees a message from quarantine under a person's name, with a reason.",
  configure(command) {
    deskOptions(command)
      .argument('<id>', 'the id of the message')
      .option('--belongs', 'it answers the question that it seemed to contradict')
      .option('--stands-alone', 'it answers no question of ours; it is sorted like anything that comes unasked');
  },
  async run(call) {
    const { options, streams, words } = call;
    const reason = reasonOf(call);
    const belongs = options['belongs'] === true;
    if (belongs === (options['standsAlone'] === true)) throw new UsageError('say one of --belongs and --stands-alone');
    const done = await atDesk(call, (client) => client.call('free', { id: words[0] ?? '', belongs, reason }));
    await writeJson(streams.stdout, { ok: true, ...done });
    return 0;
  },
};
