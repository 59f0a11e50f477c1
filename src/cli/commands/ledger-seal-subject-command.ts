import type { Takes } from '../../console/contract.ts';
import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';
import { jsonFrom } from './ledger-query.ts';

/** `hitline ledger seal-subject`: hides a subject by order of a court. It is no daily seal. */
export const ledgerSealSubjectCommand: CommandRow = {
  name: 'ledger seal-subject',
  describe: 'Hides all that is on file about a subject (sealing, expungement) from everybody but the custodian.',
  configure(command) {
    deskOptions(command)
      .requiredOption('--order <text>', 'the number of the order, as the court wrote it')
      .requiredOption(
        '--subject <file>',
        'JSON with one or more of `name` ("LAST, FIRST"), `dob`, `fbi`, `nic`, `oca`, `messageIds`; - for standard input',
      )
      .option('--dry-run', 'hides nothing and prints what would be hidden')
      .addHelpText('after', '\nOnly a custodian may. What comes after the order is not covered by it.');
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const subject = (await jsonFrom(streams, String(options['subject']))) as Takes<'sealSubject'>['subject'];
    const dryRun = options['dryRun'] === true;
    const order = String(options['order']);
    const done = await atDesk(call, (client) => client.call('sealSubject', { subject, order, reason, dryRun }));
    await writeJson(streams.stdout, { ok: true, ...done });
    return 0;
  },
};
