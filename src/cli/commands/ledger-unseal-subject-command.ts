import { readSecret } from '../ask-secret.ts';
import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger unseal-subject`: lifts the seal of a subject by the word of two people. */
export const ledgerUnsealSubjectCommand: CommandRow = {
  name: 'ledger unseal-subject',
  describe: 'Lifts the seal of a subject by the word of two people: all is seen and found again.',
  configure(command) {
    deskOptions(command)
      .argument('<id>', 'the id of the seal, as "ledger sealed-subjects" prints it')
      .requiredOption('--approver <osn>', 'the second person, a supervisor or custodian')
      .option('--approver-password-file <file>', 'his password is its first line (mode 0600); else it is asked for');
  },
  async run(call) {
    const { options, streams, words } = call;
    const reason = reasonOf(call);
    const osn = String(options['approver']);
    const done = await atDesk(call, async (client) => {
      const factor = await readSecret(streams, {
        file: options['approverPasswordFile'],
        option: '--approver-password-file',
        question: "the approver's password",
      });
      return client.call('unsealSubject', { id: words[0] ?? '', reason, approver: { osn, factor } });
    });
    await writeJson(streams.stdout, { ok: true, ...done });
    return 0;
  },
};
