import { type CommandRow, UsageError } from '../command.ts';
import { writeJson } from '../streams.ts';
import { atDesk, deskOptions, reasonOf } from './ledger-desk.ts';
import { given, limitOf, nameFrom, textOf, timeOf } from './ledger-query.ts';

const parties = ['name', 'requestor', 'recipient'] as const;

/** `hitline ledger search`: finds messages on file, as a person logged on at the gateway. */
export const ledgerSearchCommand: CommandRow = {
  name: 'ledger search',
  describe: 'Finds messages on file through the running gateway; one JSON object a line, the newest first.',
  configure(command) {
    deskOptions(command)
      .option('--key <key>', 'message key, such as QH')
      .option('--ori <ori>', 'ORI')
      .option('--by <osn>', 'OSN of who sent it')
      .option('--nic <nic>', 'NIC number')
      .option('--name', 'by a name: asked for at the terminal, else the first line of standard input')
      .option('--purpose <code>', 'of criminal-history requests: the purpose code')
      .option('--requestor', 'of criminal-history requests: who asked (the attention field), read as --name is')
      .option('--recipient', 'of criminal-history requests: who was given it afterwards, read as --name is')
      .option('--from <time>', 'not before this time (ISO 8601, such as 2026-11-02T00:00:00Z)')
      .option('--until <time>', 'before this time')
      .option('--limit <count>', 'at most so many', '100')
      .addHelpText('after', '\nThe search itself is filed under your name with its reason.');
  },
  async run(call) {
    const { options, streams } = call;
    const reason = reasonOf(call);
    const limit = limitOf(options['limit']);
    const asked = parties.filter((one) => options[one] === true);
    const [party] = asked;
    if (asked.length > 1) throw new UsageError('say one of --name, --requestor and --recipient');
    const said = {
      key: textOf(options['key']),
      ori: textOf(options['ori']),
      osn: textOf(options['by']),
      nic: textOf(options['nic']),
      purpose: textOf(options['purpose']),
      fromMs: timeOf(options['from'], '--from'),
      untilMs: timeOf(options['until'], '--until'),
    };
    const person = party === undefined ? {} : { [party]: await nameFrom(streams, party) };
    const { rows, sealed = [] } = await atDesk(call, (client) =>
      client.call('search', { ...given(said), ...person, limit, reason }),
    );
    for (const row of rows) await writeJson(streams.stdout, row);
    // Told to a custodian alone: what hides that which was searched for.
    for (const one of sealed) await writeJson(streams.stdout, { sealed: one });
    return 0;
  },
};
