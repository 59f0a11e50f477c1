import { readSecret } from '../ask-secret.ts';
import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline ledger hold`: a litigation hold is placed by one person and lifted by two. */
export const ledgerHoldCommand: CommandRow = {
  name: 'ledger hold',
  describe: 'Places a litigation hold, under which nothing is purged, or lifts one by the word of two people.',
  configure(command) {
    deskOptions(command)
      .option('--lift <id>', 'the hold to lift; without it a new one is placed and its id printed')
      .option('--approver <osn>', 'to lift: the second person, a supervisor or custodian')
      .option('--approver-password-file <file>', 'his password is its first line (mode 0600); else it is asked for');
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const { lift, approver } = options;
    if ((lift === undefined) !== (approver === undefined)) throw new UsageError('--lift and --approver go together');
    const done = await atDesk(call, async (client) => {
      if (lift === undefined) return client.call('hold', { reason });
      const factor = await readSecret(streams, {
        file: options['approverPasswordFile'],
        option: '--approver-password-file',
        question: "the approver's password",
      });
      return client.call('liftHold', { id: String(lift), reason, approver: { osn: String(approver), factor } });
    });
    await writeJson(streams.stdout, { ok: true, ...done });
    return 0;
  },
};
