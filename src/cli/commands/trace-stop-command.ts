import type { CommandRow } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline trace stop`: a trace records no more. */
export const traceStopCommand: CommandRow = {
  name: 'trace stop',
  describe: 'Ends a trace before its time; what it recorded can be read until 24 hours after it began.',
  configure(command) {
    deskOptions(command).argument('<id>', 'the id of the trace');
  },
  async run(call) {
    const asked = { id: call.words[0] ?? '', reason: reasonOf(call) };
    const stopped = await atDesk(call, (client) => client.call('traceStop', asked));
    await writeJson(call.streams.stdout, { ok: true, ...stopped });
    return 0;
  },
};
