import type { CommandRow } from '../command.ts';
import { write } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline trace read`: a trace in clear on standard output, as `hitline replay` takes it. */
export const traceReadCommand: CommandRow = {
  name: 'trace read',
  describe: 'Prints a trace (.trc) that is not gone yet; reading it is itself filed.',
  configure(command) {
    deskOptions(command)
      .argument('<id>', 'the id of the trace')
      .addHelpText('after', '\nA raw trace comes in clear: what becomes of it then is yours to answer for.');
  },
  async run(call) {
    const { streams, words } = call;
    const asked = { id: words[0] ?? '', reason: reasonOf(call) };
    await atDesk(call, async (client) => {
      const { readId } = await client.call('traceRead', asked);
      for (;;) {
        const { base64 } = await client.call('tracePart', { readId });
        if (base64 === '') return;
        await write(streams.stdout, Buffer.from(base64, 'base64').toString('latin1'));
      }
    });
    return 0;
  },
};
