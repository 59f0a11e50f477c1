import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';

/** `hitline trace start`: asks a running gateway for a trace of one of its lines. */
export const traceStartCommand: CommandRow = {
  name: 'trace start',
  describe: 'Has a running gateway record a line, masked; with --raw it waits until another person approves.',
  configure(command) {
    deskOptions(command)
      .requiredOption('--of <name>', 'upstream, the id of a station, or the id of a link as the log has it')
      .option('--minutes <number>', 'how long it records, 1 to 240; 15 when not given')
      .option('--raw', 'record what is said, in clear to whoever may read it: two people, sealed on disk')
      .addHelpText('after', '\nPrints its id. Whatever it is, it is gone 24 hours after it began.');
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const minutes = Number(options['minutes'] ?? 15);
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > 240) {
      throw new UsageError('--minutes is a whole number from 1 to 240');
    }
    const wish = { of: String(options['of']), raw: options['raw'] === true, minutes, reason };
    const started = await atDesk(call, (client) => client.call('traceStart', wish));
    await writeJson(streams.stdout, { ok: true, ...started });
    return 0;
  },
};
