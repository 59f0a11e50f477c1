import { readSecret } from '../ask-secret.ts';
import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger purge`: destroys what the retention schedule no longer keeps, by the word of two people. */
export const ledgerPurgeCommand: CommandRow = {
  name: 'ledger purge',
  describe: 'Destroys the texts of what the retention schedule no longer keeps; two people must agree.',
  configure(command) {
    deskOptions(command)
      .requiredOption('--approver <osn>', 'the second person, a supervisor or custodian')
      .option('--approver-password-file <file>', 'his password is its first line (mode 0600); else it is asked for')
      .addHelpText(
        'after',
        '\nThe rows and their digests stay; a tombstone keeps the chain provable. It cannot be undone.',
      );
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const osn = String(options['approver']);
    const gone = await atDesk(call, async (client) => {
      const factor = await readSecret(streams, {
        file: options['approverPasswordFile'],
        option: '--approver-password-file',
        question: "the approver's password",
      });
      return client.call('purge', { reason, approver: { osn, factor } });
    });
    await writeJson(streams.stdout, { ok: true, ...gone });
    return 0;
  },
};
