import { readSecret } from '../ask-secret.ts';
import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline trace approve`: the second person starts a raw trace that another has asked for. */
export const traceApproveCommand: CommandRow = {
  name: 'trace approve',
  describe: 'Starts a raw trace that somebody else has asked for.',
  configure(command) {
    deskOptions(command)
      .argument('<id>', 'the id of the trace')
      .option('--approver <osn>', 'who approves over the shoulder of who is logged on; else that person approves')
      .option('--approver-password-file <file>', 'his password is its first line (mode 0600); else it is asked for');
  },
  async run(call) {
    const { options, streams, words } = call;
    const reason = reasonOf(call);
    const { approver } = options;
    const approved = await atDesk(call, async (client) => {
      const asked = { id: words[0] ?? '', reason };
      if (approver === undefined) return client.call('traceApprove', asked);
      const factor = await readSecret(streams, {
        file: options['approverPasswordFile'],
        option: '--approver-password-file',
        question: "the approver's password",
      });
      return client.call('traceApprove', { ...asked, approver: { osn: String(approver), factor } });
    });
    await writeJson(streams.stdout, { ok: true, ...approved });
    return 0;
  },
};
